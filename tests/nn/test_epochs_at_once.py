"""Epochs of one step that `fit` takes in one call: the same, to the last bit, as those that a loop takes one by one."""

from __future__ import annotations

from typing import Any

import pytest

from engine import Value, total
from engine.compiler.comparisons import Comparisons
from nn import MLP, SGD, Adam, Diverged, EarlyStopping, History, Module, clip_norm, cosine, fit, l2, train, warmup
from nn.training import fused_steps
from nn.training.compiled_steps import CompiledSteps
from nn.training.epochs import EpochsAtOnce
from tests.nn.helpers import WITHOUT_NUMBA, bits, numbers

pytestmark = pytest.mark.skipif(WITHOUT_NUMBA, reason="the kernel needs the package numba")


class Waiting(EarlyStopping):
    """It may look at the parameters."""


DATA = [([x / 8 - 1.0], [0.2 - 0.7 * (x / 8 - 1.0)]) for x in range(16)]
AT_ONCE: dict[str, dict[str, Any]] = {
    "plain": {},
    "momentum": {"optimizer": SGD(0.05, momentum=0.9)},
    "adam and a penalty": {"optimizer": "adam", "regularizer": l2(0.01)},
    "a schedule": {"schedule": cosine(300)},
    "mini-batches": {"batch_size": 4, "seed": 8, "optimizer": "adam", "regularizer": l2(0.01)},
    "mini-batches, the last one smaller": {"batch_size": 5, "seed": 8, "regularizer": l2(0.01)},
    "one batch of all, shuffled": {"batch_size": 20},
    "validation": {"validation": DATA[:5]},
    "validation of a share": {"validation": 0.25, "batch_size": 3, "schedule": warmup(20)},
    "early stopping that does not come": {"validation": DATA[:5], "early_stopping": EarlyStopping(3)},
}
ONE_BY_ONE: dict[str, dict[str, Any]] = {
    "a schedule of one's own": {"schedule": lambda epoch: 1.0},
    "early stopping of one's own": {"validation": DATA[:5], "early_stopping": Waiting(3)},
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
    calls, orders, plain = counted(monkeypatch), [], EpochsAtOnce.take

    def take(self: EpochsAtOnce, most: int) -> Any:
        taken = plain(self, most)
        orders.append(self.again)
        return taken

    monkeypatch.setattr(EpochsAtOnce, "take", take)
    fit(network(), DATA, epochs=300, backend="kernel", progress=False)
    taken = [number for number in calls if number]
    assert len(taken) == len(orders) and taken.count(8) > 1
    for i in range(1, len(taken)):
        assert (orders[i] is not orders[i - 1]) == (taken[i] > max(taken[:i]))


def test_one_with_its_validation_is_longer():
    """So that a run can be interrupted as often."""
    found = []
    for times in (0, 1, 100):
        steps: Any = train(network(), DATA, epochs=9, batch_size=4, validation=DATA * times, backend="kernel").steps
        found.append(EpochsAtOnce(steps.task, steps.recorded, steps.flat, steps.fused).length)
    assert found[0] == 4 < found[1]
    assert found[2] > 2 * found[1]


@pytest.mark.parametrize("case", ["plain", "mini-batches, the last one smaller", "validation of a share"])
def test_a_part_of_a_run_goes_on_where_it_was(case, tmp_path):
    path, model, straight = tmp_path / "run.json", network(), network()
    settings: dict[str, Any] = {"optimizer": Adam(0.01), "backend": "kernel", "progress": False, **AT_ONCE[case]}
    for epochs in (100, 250):
        history = fit(model, DATA, epochs=epochs, checkpoint=path, **settings)
        model = model if epochs == 250 else network()
    assert figures(history) == figures(fit(straight, DATA, epochs=250, **settings))
    assert bits(numbers(model)) == bits(numbers(straight))


@pytest.mark.parametrize("batch_size", [None, 5])
def test_early_stopping_is_at_the_same_epoch(batch_size, monkeypatch):
    """What is validated is another line, which the network comes near to on its way and leaves again."""
    found, calls = [], counted(monkeypatch)
    for backend in ("kernel", "eager"):
        model, stop = network(), EarlyStopping(20)
        history = fit(model, DATA, validation=[([0.5], [-0.1])], early_stopping=stop, batch_size=batch_size,
                      optimizer=SGD(0.02), epochs=2000, backend=backend, progress=False)  # fmt: skip
        assert history.stopped == "early stopping" and numbers(model) == stop.best_data
        assert len(history) == history.best + 20
        found.append((history.best, stop.best_epoch, pytest.approx(numbers(model), rel=1e-9)))
    assert found[0][:2] == found[1][:2] and found[0][2].expected == found[1][2]
    assert any(calls)


@pytest.mark.parametrize("settings", [{"batch_size": 2}, {"batch_size": 3, "validation": 0.25}, {"validation": 0.5}])
def test_samples_of_several_lengths(settings, monkeypatch):
    data = [([0.1 * i, -0.3, 0.2][: 1 + i % 3], 0.3 * i) for i in range(8)]
    found, calls = [], counted(monkeypatch)
    for run in (fit, looped):
        model = Sum()
        history = run(model, data, loss=lambda y, t: (y[0] - t) ** 2, epochs=100, backend="kernel", **settings)
        found.append((figures(history), bits(numbers(model))))
    assert found[0] == found[1]
    assert sum(calls) > 50


def test_an_epoch_that_a_call_left_in_its_middle_is_gone_on_with():
    """The square of a slope is beyond all numbers, so the kernel stops before that step; the slope is not."""
    data = [([1.0], 0.5), ([2.0], 0.1), ([1e160], 0.3 * 1e160), ([3.0], 0.2)]
    found = []
    for run in (fit, looped):
        model = Sum()
        history = run(model, data, loss=lambda y, t: y[0] - t, optimizer=SGD(1e-300), batch_size=1, epochs=9,
                      backend="kernel")  # fmt: skip
        found.append(figures(history))
    assert found[0] == found[1]
    assert [e.loss for e in history] == pytest.approx([0.25] * 9)


def test_the_sum_of_losses_that_are_minus_0_is_0():
    """As it is where a loop adds them to 0."""
    run: dict[str, Any] = {"loss": lambda y, t: y[0] * t, "epochs": 9, "backend": "kernel", "progress": False}
    history = fit(Sum(), [([1.0], -0.0)] * 4, optimizer=SGD(0.1), **run)
    assert bits([e.loss for e in history]) == bits([0.0] * 9)


def test_the_time_of_an_epoch_is_its_share_of_the_call(monkeypatch):
    monkeypatch.setattr(fused_steps, "perf_counter", lambda: 0.0)
    times, calls = iter(range(1000)), counted(monkeypatch)
    monkeypatch.setattr("nn.training.epochs.perf_counter", lambda: float(next(times)))
    history = fit(network(), DATA, epochs=60, backend="kernel", progress=False)
    first = sum(calls[:4]) + 2  # the epochs before the fourth call, and two that were taken step by step
    assert calls[1] == 2 and [e.seconds for e in history][1:3] == [0.5, 0.5]
    assert [e.seconds for e in history][first : first + calls[4]] == [1 / calls[4]] * calls[4]


class Sum(Module):
    def __init__(self) -> None:
        self.w = Value(0.3, "w")

    def outputs(self, x: Any, rng: Any = None) -> list[Any]:
        return [total([self.w * number for number in x])]


def looped(*given: Any, **settings: Any) -> History:
    run = train(*given, **settings)
    for _ in run:
        pass
    return run.history


@pytest.mark.parametrize("settings", [{}, {"batch_size": 5}, {"batch_size": 4}, {"validation": DATA[:2]}])
def test_one_that_is_not_finite_says_where(settings, monkeypatch):
    calls, found = counted(monkeypatch), []
    for backend in ("kernel", "eager"):
        with pytest.raises(Diverged) as caught:
            fit(network(), DATA, loss=steep, optimizer=SGD(0.3), epochs=5000, backend=backend, progress=False,
                **settings)  # fmt: skip
        found.append((len(caught.value.history), str(caught.value), getattr(caught.value, "__notes__", [])))
    assert found[0] == found[1]
    assert any(calls)


@pytest.mark.parametrize("batch_size", [None, 1])
def test_a_validation_loss_that_is_not_finite_is_that_of_the_same_epoch(batch_size, monkeypatch):
    """The weight grows by the same in every step; where it is 2.4 the exponential of 300 times it is beyond all
    numbers."""
    calls, found = counted(monkeypatch), []
    for backend in ("kernel", "eager"):
        model = Sum()
        with pytest.raises(Diverged, match="the validation loss") as caught:
            fit(model, [([1.0], 0.0)] * 2, loss=lambda y, t: (y[0] * t).exp() - y[0], validation=[([1.0], 300.0)],
                optimizer=SGD(0.01), epochs=5000, batch_size=batch_size, backend=backend, progress=False)  # fmt: skip
        found.append((len(caught.value.history), str(caught.value), model.w.data))
    assert found[0][:2] == found[1][:2] and found[0][2] == pytest.approx(found[1][2], rel=1e-12)
    assert found[0][0] > 50 and any(calls)


def steep(outputs: Any, targets: Any) -> Any:
    """It has no minimum: the further down, the faster, and at last beyond all numbers."""
    return (outputs[0] * -0.05).exp() * 0.0 - outputs[0] * outputs[0] * outputs[0] * 0.01 - outputs[0]


@pytest.mark.parametrize("settings", [{}, {"batch_size": 5}, {"validation": DATA[:5]}])
def test_what_is_recorded_is_compared_before_the_same_steps(settings, monkeypatch):
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
        fit(network(), DATA, epochs=2000, backend="kernel", progress=False, **settings)
    for each in found:
        assert {steps for steps, _ in each} >= {0, 3, 15, 63, 255, 1023}
