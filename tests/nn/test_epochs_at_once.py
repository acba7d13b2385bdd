"""Epochs of one step that `fit` takes in one call: the same, to the last bit, as those that a loop takes one by one."""

from __future__ import annotations

from typing import Any

import pytest

from engine.compiler.comparisons import Comparisons
from nn import MLP, SGD, Adam, Diverged, EarlyStopping, History, clip_norm, cosine, fit, l2, train
from nn.training import fused_steps
from nn.training.compiled_steps import CompiledSteps
from tests.nn.helpers import WITHOUT_NUMBA, bits, numbers

pytestmark = pytest.mark.skipif(WITHOUT_NUMBA, reason="the kernel needs the package numba")

DATA = [([x / 8 - 1.0], [0.2 - 0.7 * (x / 8 - 1.0)]) for x in range(16)]
AT_ONCE: dict[str, dict[str, Any]] = {
    "plain": {},
    "momentum": {"optimizer": SGD(0.05, momentum=0.9)},
    "adam and a penalty": {"optimizer": "adam", "regularizer": l2(0.01)},
}
ONE_BY_ONE: dict[str, dict[str, Any]] = {
    "mini-batches": {"batch_size": 5},
    "validation": {"validation": DATA[:5]},
    "early stopping": {"validation": DATA[:5], "early_stopping": EarlyStopping(3)},
    "a schedule": {"schedule": cosine(300)},
    "a clip": {"clip": clip_norm(0.1)},
    "dropout": {"dropout": 0.25},
}


def network(dropout: float = 0.0) -> MLP:
    return MLP(1, [4, 1], seed=3, dropout=dropout)


def figures(history: History) -> list[Any]:
    return [(e.number, bits([e.loss, e.penalty, e.rate, e.gradient]), e.validation) for e in history]


def counted(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many epochs each call took that was asked for them."""
    calls, plain = [], CompiledSteps.epochs

    def epochs(self: CompiledSteps, most: int) -> Any:
        taken = plain(self, most)
        calls.append(len(taken))
        return taken

    monkeypatch.setattr(CompiledSteps, "epochs", epochs)
    return calls


@pytest.mark.parametrize("case", [*AT_ONCE, *ONE_BY_ONE])
def test_they_are_those_of_a_loop(case, monkeypatch):
    settings = dict((AT_ONCE | ONE_BY_ONE)[case])
    dropout, calls = settings.pop("dropout", 0.0), counted(monkeypatch)
    model, looped = network(dropout), network(dropout)
    history = fit(model, DATA, epochs=300, backend="kernel", progress=False, **settings)
    run = train(looped, DATA, epochs=300, backend="kernel", **settings)
    for _ in run:
        pass
    assert figures(history) == figures(run.history)
    assert bits(numbers(model)) == bits(numbers(looped))
    assert sum(calls) > 200 if case in AT_ONCE else not any(calls)


def test_as_many_as_the_next_comparison_and_a_pause_allow(monkeypatch):
    """The first by itself, and so those before which what is recorded is compared, 4, 16, 64 and 256; in between 8
    times as many in each call as in the one before, where the clock does not move."""
    monkeypatch.setattr(fused_steps, "perf_counter", lambda: 0.0)
    calls = counted(monkeypatch)
    fit(network(), DATA, epochs=300, backend="kernel", progress=False)
    assert calls == [0, 2, 0, 8, 3, 0, 8, 39, 0, 8, 64, 119, 0, 8, 36]


def test_their_order_is_made_anew_only_for_more_of_them_than_there_ever_were(monkeypatch):
    monkeypatch.setattr(fused_steps, "perf_counter", lambda: 0.0)
    calls, orders, plain = counted(monkeypatch), [], CompiledSteps.epochs

    def epochs(self: CompiledSteps, most: int) -> Any:
        taken = plain(self, most)
        orders.append(self.again)
        return taken

    monkeypatch.setattr(CompiledSteps, "epochs", epochs)
    fit(network(), DATA, epochs=300, backend="kernel", progress=False)
    assert calls.count(8) > 1
    for i in range(1, len(calls)):
        assert (orders[i] is not orders[i - 1]) == (calls[i] > max(calls[:i]))


def test_a_part_of_a_run_goes_on_where_it_was(tmp_path):
    path, model, straight = tmp_path / "run.json", network(), network()
    settings: dict[str, Any] = {"optimizer": Adam(0.01), "backend": "kernel", "progress": False}
    for epochs in (100, 250):
        history = fit(model, DATA, epochs=epochs, checkpoint=path, **settings)
        model = model if epochs == 250 else network()
    assert figures(history) == figures(fit(straight, DATA, epochs=250, **settings))
    assert bits(numbers(model)) == bits(numbers(straight))


def test_one_that_is_not_finite_says_where(monkeypatch):
    calls, found = counted(monkeypatch), []
    for backend in ("kernel", "eager"):
        with pytest.raises(Diverged) as caught:
            fit(network(), DATA, loss=steep, optimizer=SGD(0.3), epochs=5000, backend=backend, progress=False)
        found.append((len(caught.value.history), caught.value.__notes__))
    assert found[0] == found[1]
    assert any(calls)


def steep(outputs: Any, targets: Any) -> Any:
    """It has no minimum: the further down, the faster, and at last beyond all numbers."""
    return (outputs[0] * -0.05).exp() * 0.0 - outputs[0] * outputs[0] * outputs[0] * 0.01 - outputs[0]


def test_what_is_recorded_is_compared_before_the_same_steps(monkeypatch):
    plain, found = Comparisons.due, []

    def due(self: Comparisons, asked: bool) -> str:
        how = plain(self, asked)
        found[-1].extend([(self.steps, how)] * bool(how))
        return how

    monkeypatch.setattr(Comparisons, "due", due)
    for one_by_one in (False, True):
        if one_by_one:
            monkeypatch.setattr(CompiledSteps, "epochs", lambda *_: [])
        found.append([])
        fit(network(), DATA, epochs=2000, backend="kernel", progress=False)
    for each in found:
        assert {steps for steps, _ in each} >= {0, 3, 15, 63, 255, 1023}
