"""Steps that the kernel takes by itself: what is recorded for them, and how many of them are taken in a call."""

from __future__ import annotations

import functools
import math
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from nn import MLP, OPTIMIZERS, SGD, l2, train
from nn.training import fused_steps
from nn.training.fused_steps import FusedSteps, moves_arrays
from tests.nn.helpers import COMPILED, WITHOUT_NUMBA, numbers

DATA = [([x / 8 - 1.0], [0.2 - 0.7 * (x / 8 - 1.0)]) for x in range(16)]

needs_the_kernel = pytest.mark.skipif(WITHOUT_NUMBA, reason="the kernel needs the package numba")


class Descender:
    """In the kernel's place: its steps take as long as is said, and the last `missing` of a call are not taken."""

    def __init__(self, seconds: float, missing: int = 0) -> None:
        self.seconds, self.missing, self.now = seconds, missing, 0.0

    def descender(self, *_: Any) -> Descender:
        return self

    def run(self, vector: Any, gradient: Any, order: Any, size: int, *_: Any) -> Any:
        steps = math.ceil(len(order) / size) - self.missing
        self.now += steps * self.seconds
        return SimpleNamespace(steps=steps)


def chunks(kernel: Descender, calls: int, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many steps the next call may have, before the first and after each of so many."""
    monkeypatch.setattr(fused_steps, "perf_counter", lambda: kernel.now)
    fused = FusedSteps(kernel, None, SGD(0.1))
    found = [fused.chunk]
    for _ in range(calls):
        fused.steps(np.zeros(2), np.zeros(2), {}, np.zeros(3 * fused.chunk - 1, np.int64), 3, 1.0, 2)
        found.append(fused.chunk)
    return found


@needs_the_kernel
@pytest.mark.parametrize(
    ("seconds", "end"),
    [(1 / 1024, 51), (1 / 64, 3), (1.0, 1), (1e3, 1)],  # so that a run can be interrupted every twentieth of a second
)
def test_a_call_takes_as_many_steps_as_a_pause_allows(seconds, end, monkeypatch):
    assert chunks(Descender(seconds), 3, monkeypatch)[1:] == [end] * 3


@needs_the_kernel
def test_a_call_is_at_most_eight_times_as_long_as_the_one_before(monkeypatch):
    """Where the clock has not moved at all too."""
    first, *others = chunks(Descender(0.0), 2, monkeypatch)
    assert others == [8 * first, 64 * first]


@needs_the_kernel
def test_a_call_that_stopped_says_nothing_about_the_next(monkeypatch):
    first, *others = chunks(Descender(1.0, missing=1), 2, monkeypatch)
    assert others == [first] * 2


OTHER = {"rate": 0.03, "momentum": 0.5, "nesterov": True, "beta": 0.9, "beta1": 0.5, "beta2": 0.9, "epsilon": 1e-3,
         "decay": 0.2}  # fmt: skip
HEAVY = functools.partial(SGD, momentum=0.9)
CHANGES = [
    *[(kind, name, OTHER[name]) for kind in OPTIMIZERS.values() for name in vars(kind(0.05))
      if name not in ("steps", "states", "nesterov")],
    (HEAVY, "nesterov", True), (HEAVY, "momentum", 0.5), (HEAVY, "momentum", 0.0),
]  # fmt: skip


@pytest.mark.parametrize("backend", COMPILED)
@pytest.mark.parametrize(("kind", "setting", "number"), CHANGES)
def test_a_setting_of_the_optimizer_may_change_between_epochs(kind, setting, number, backend):
    found = []
    for path in ("eager", backend):
        model = MLP(1, [3, 1], seed=2)
        run = train(model, DATA, optimizer=kind(0.05), epochs=6, batch_size=5, backend=path)
        for epoch in run:
            if epoch.number == 3:
                setattr(run.optimizer, setting, number)
        assert run.backend == path
        found.append(numbers(model))
    assert found[1] == pytest.approx(found[0], rel=1e-11)


@needs_the_kernel
def test_an_update_is_recorded_once_for_its_settings(monkeypatch):
    recordings, plain = [], fused_steps.recorded
    monkeypatch.setattr(
        fused_steps, "recorded", lambda optimizer: recordings.append(repr(optimizer)) or plain(optimizer)
    )
    run = train(MLP(1, [3, 1], seed=2), DATA, optimizer=SGD(0.05), epochs=9, batch_size=5, backend="kernel")
    for epoch in run:
        if epoch.number == 3:
            run.optimizer.rate = 0.1  # which is asked for anew at each step
        if epoch.number == 6:
            run.optimizer.momentum = 0.5
    assert recordings == [repr(SGD(0.05)), repr(SGD(0.1, momentum=0.5))]


@needs_the_kernel
def test_an_update_that_is_no_longer_the_recorded_one_is_noticed():
    pull = 0.0

    class Pulled(SGD):
        def move(self, p: Any, g: Any, state: Any, rate: Any, t: int) -> Any:
            return p - rate * g - pull * p

    run = train(MLP(1, [3, 1], seed=2), DATA, optimizer=Pulled(0.05), epochs=9, batch_size=5, backend="kernel")
    next(run)
    pull = 0.01
    with pytest.warns(RuntimeWarning, match="step 1 of epoch 2 .* the optimizer does not move parameters as it did"):
        next(run)
    assert run.backend == "eager"


@needs_the_kernel
@pytest.mark.parametrize(("frozen", "together"), [(None, True), (1, True), (0, False)])
def test_steps_are_taken_together_where_the_first_parameters_move(frozen, together, monkeypatch):
    monkeypatch.setattr(fused_steps, "perf_counter", lambda: 0.0)
    model, calls = MLP(1, [3, 1], seed=2), []
    if frozen is not None:
        model.layers[frozen].freeze()
    run = train(model, DATA, optimizer="adam", epochs=20, batch_size=2, backend="kernel")
    plain = FusedSteps.steps
    monkeypatch.setattr(FusedSteps, "steps", lambda self, *given: calls.append(given) or plain(self, *given))
    list(run)
    steps = [math.ceil(len(order) / size) for _, _, _, order, size, *_ in calls]
    assert (sum(steps), max(steps, default=0)) == ((20 * 8, 8) if together else (0, 0))


class Slowing(SGD):
    """Asks for the number of the step, which no recording has."""

    def move(self, p: Any, g: Any, state: Any, rate: Any, t: int) -> Any:
        return p - rate / math.sqrt(t) * g


class Normed(SGD):
    """Gives for an array of gradients something else than for each of them."""

    def move(self, p: Any, g: Any, state: Any, rate: Any, t: int) -> Any:
        return p - rate * g / (1.0 + np.linalg.norm(g))


class Asking(SGD):
    """Asks where a gradient is, which an array cannot answer for all."""

    def move(self, p: Any, g: Any, state: Any, rate: Any, t: int) -> Any:
        return p - rate * g if g > 0.0 else p


class Stepping(SGD):
    """Has a step of its own."""

    def step(self, *given: Any, **more: Any) -> None:
        super().step(*given, **more)


def test_which_updates_are_done_on_arrays():
    assert [moves_arrays(kind(0.05)) for kind in (*OPTIMIZERS.values(), Slowing)] == [True] * 5
    assert [moves_arrays(kind(0.05)) for kind in (Normed, Asking, Stepping)] == [False] * 3


@pytest.mark.parametrize("backend", COMPILED)
@pytest.mark.parametrize("optimizer", [Slowing, Normed])
def test_an_update_that_cannot_be_recorded_or_done_on_arrays_gives_what_it_gives_eagerly(optimizer, backend):
    found = []
    for path in ("eager", backend):
        model = MLP(1, [3, 1], seed=2, dropout=0.2)
        settings = {"optimizer": optimizer(0.05), "epochs": 6, "batch_size": 5, "regularizer": l2(0.1)}
        run = train(model, DATA, backend=path, **settings)
        assert len(list(run)) == 6
        assert run.backend == path
        found.append(numbers(model))
    assert found[1] == pytest.approx(found[0], rel=1e-11)
