"""Validation runs by the recording of the training loss only where both do just the same."""

from __future__ import annotations

from typing import Any

import pytest

import engine
from engine import Value, minimum
from nn import MLP, Module, l2, train
from tests.nn.helpers import COMPILED

DATA = [([x / 4 - 1.0], [0.5 * x]) for x in range(8)]
VALIDATION = [([0.3], [1.0]), ([-0.9], [2.0]), ([0.7], [-1.0])]


class Straight(Module):
    """A line that is trained; what else it does without a generator is said by its heirs."""

    def __init__(self) -> None:
        self.w, self.b = Value(0.3, "w"), Value(0.1, "b")

    def outputs(self, x: Any, rng: Any = None) -> list[Any]:
        z = self.w * x[0] + self.b
        return [z if rng else self.evaluated(z)]

    def evaluated(self, z: Any) -> Any:
        return z


class Doubled(Straight):
    def evaluated(self, z):
        return z * 2.0


class Capped(Straight):
    """The same numbers as in training for all that is compared in the beginning."""

    def evaluated(self, z):
        return minimum(z, 0.9)


class Offset(Straight):
    """As many operations in training and in validation, with another number."""

    def outputs(self, x, rng=None):
        return [self.w * x[0] + self.b + (1.0 if rng else 1.5)]


class Turned(Straight):
    """The same operations on the same Values, which change their places."""

    def outputs(self, x, rng=None):
        w, b = (self.w, self.b) if rng else (self.b, self.w)
        return [w * x[0] + b]


class Beside(Straight):
    """The same operations on another Value, which has the same number until it gets one of its own."""

    def __init__(self):
        super().__init__()
        self.places = {True: Value(1.0), False: Value(1.0)}

    def outputs(self, x, rng=None):
        return [(self.w * x[0] + self.b) * self.places[bool(rng)]]


class Counting(Straight):
    """It keeps something from one validation to the next, and is another after some."""

    calls = 0

    def evaluated(self, z):
        self.calls += 1
        return z * (1.0 if self.calls < 40 else 3.0)


def validated(kind: type[Straight], backend: str) -> list[Any]:
    model, found = kind(), []
    for epoch in train(model, DATA, optimizer="adam", epochs=20, validation=VALIDATION, backend=backend):
        found.append((epoch.loss, epoch.validation))
        if isinstance(model, Beside) and epoch.number == 3:
            model.places[False].data = 5.0
    return found


@pytest.mark.parametrize("backend", COMPILED)
@pytest.mark.parametrize("kind", [Straight, Doubled, Capped, Offset, Turned, Beside])
def test_the_validation_loss_is_that_of_eager_steps(kind, backend):
    for mine, eager in zip(validated(kind, backend), validated(kind, "eager"), strict=True):
        assert mine == pytest.approx(eager, rel=1e-11)


@pytest.mark.parametrize("backend", COMPILED)
def test_one_that_keeps_something_is_not_recorded(backend):
    with pytest.raises(engine.RecordingError, match="changes 'calls' each time it is called"):
        train(Counting(), DATA, validation=VALIDATION, backend=backend)


@pytest.mark.parametrize("backend", COMPILED)
@pytest.mark.parametrize(
    ("model", "shared"),
    [(MLP(1, [3, 1]), True), (MLP(1, [3, 1], dropout=0.5), False), (Straight(), True), (Doubled(), False),
     (Capped(), False), (Offset(), False), (Turned(), False), (Beside(), False)],
)  # fmt: skip
def test_what_is_planned_once_runs_both(model, shared, backend):
    recorded: Any = train(model, DATA, validation=VALIDATION, regularizer=l2(0.1), backend=backend).steps.recorded
    assert (recorded.validation.shapes[0] is recorded.samples.shapes[0]) == shared


def test_each_length_is_planned_once():
    data = [([0.5] * n, 1.0) for n in (1, 2, 3, 2)]
    run = train(Sum(), data, loss=lambda y, t: (y[0] - t) ** 2, validation=data[1:], backend="numpy")
    recorded: Any = run.steps.recorded
    assert len(recorded.samples.shapes) == 3
    assert recorded.validation.shapes == recorded.samples.shapes[1:]


class Sum(Module):
    def __init__(self) -> None:
        self.w = Value(0.5)

    def outputs(self, x: Any, rng: Any = None) -> list[Any]:
        return [self.w * engine.total(x)]
