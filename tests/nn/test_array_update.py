"""The update of all parameters as arrays, block by block, against that of Values, one by one."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from engine import Value
from nn import SGD, Adam, AdamW, Optimizer, RMSProp
from nn.training import array_update
from nn.training.array_update import ArrayUpdate

RNG = np.random.default_rng(3)
COUNT, STEPS = 11, 4
GRADIENTS = RNG.normal(size=(STEPS, COUNT))


class InPlace(Optimizer):
    """One that writes to what it is given."""

    def move(self, p: Any, g: Any, state: dict[str, Any], rate: Any, t: int) -> Any:
        velocity = state.setdefault("velocity", 0.0 * g)
        velocity *= 0.5
        velocity += g
        state["velocity"] = velocity
        p -= rate * velocity
        return p


OPTIMIZERS = [
    lambda: SGD(0.1), lambda: SGD(0.1, momentum=0.8), lambda: SGD(0.1, momentum=0.8, nesterov=True),
    lambda: Adam(0.1), lambda: AdamW(0.1, decay=0.1), lambda: RMSProp(0.1), lambda: InPlace(0.1),
]  # fmt: skip


def move(update: ArrayUpdate, optimizer: Optimizer, vector: Any, moving: Any, gradient: Any, state: Any) -> Any:
    length = math.sqrt(float(gradient @ gradient))
    return update.move(optimizer, optimizer.rate, vector, moving, gradient, length, state)


MOVING = {"all": slice(None), "some": np.array([0, 2, 3, 7, 10]), "the first": slice(0, 6)}


@pytest.mark.parametrize("block", [1, 4, 64])
@pytest.mark.parametrize("moving", MOVING.values(), ids=MOVING)
@pytest.mark.parametrize("make", OPTIMIZERS, ids=lambda make: repr(make()))
def test_it_moves_as_the_steps_of_values_do(make, moving, block, monkeypatch):
    monkeypatch.setattr(array_update, "BLOCK", block)
    vector = RNG.normal(size=COUNT)
    values = [Value(p) for p in vector.tolist()]
    for i in set(range(COUNT)) - set(np.arange(COUNT)[moving].tolist()):
        values[i].frozen = True
    one_by_one, at_once, update, state = make(), make(), ArrayUpdate(), {}
    for gradient in GRADIENTS:
        for value, slope in zip(values, gradient.tolist(), strict=True):
            value.grad = slope
        one_by_one.step(values)
        state = move(update, at_once, vector, moving, gradient[moving], state)
        at_once.steps += 1
        np.testing.assert_allclose(vector, [value.data for value in values], rtol=1e-13)
        for name, numbers in state.items():
            found = [one_by_one.states[i][name] for i in np.arange(COUNT)[moving].tolist()]
            np.testing.assert_allclose(numbers, found, rtol=1e-13)


@pytest.mark.parametrize("make", OPTIMIZERS, ids=lambda make: repr(make()))
def test_nothing_has_changed_where_a_parameter_would_not_be_finite(make, monkeypatch):
    monkeypatch.setattr(array_update, "BLOCK", 4)
    vector, optimizer, update = RNG.normal(size=COUNT), make(), ArrayUpdate()
    state = move(update, optimizer, vector, slice(None), GRADIENTS[0], {})
    before, remembered = vector.copy(), {name: numbers.copy() for name, numbers in state.items()}
    for where in (0, 5, COUNT - 1):
        gradient = GRADIENTS[1].copy()
        gradient[where] = math.nan
        assert move(update, optimizer, vector, slice(None), gradient, state) is None
        np.testing.assert_array_equal(vector, before)
        for name, numbers in state.items():
            np.testing.assert_array_equal(numbers, remembered[name])


@pytest.mark.parametrize(
    ("rate", "largest", "slope"),
    [(1e200, 1.0, 1e149), (1.0, -1.7e308, 1e308), (1e149, 1.0, 1e200), (1e149, -1.7976931348623157e308, 1e149)],
)
def test_nothing_has_changed_where_finite_numbers_would_give_one_that_is_not(rate, largest, slope, monkeypatch):
    monkeypatch.setattr(array_update, "BLOCK", 4)
    vector, gradient = RNG.normal(size=COUNT), GRADIENTS[0].copy()
    vector[-1], gradient[-1] = largest, slope
    before = vector.copy()
    with np.errstate(over="ignore"):  # as the steps of a training do
        assert move(ArrayUpdate(), SGD(rate), vector, slice(None), gradient, {}) is None
    np.testing.assert_array_equal(vector, before)


def test_nothing_has_changed_where_what_is_remembered_is_too_large():
    vector, state = RNG.normal(size=COUNT), {"velocity": np.full(COUNT, 1e308)}
    before = vector.copy()
    with np.errstate(over="ignore"):  # as the steps of a training do
        assert move(ArrayUpdate(), SGD(1e10, momentum=0.9), vector, slice(None), GRADIENTS[0], state) is None
    np.testing.assert_array_equal(vector, before)
    np.testing.assert_array_equal(state["velocity"], np.full(COUNT, 1e308))


def test_nothing_has_changed_where_the_update_is_interrupted(monkeypatch):
    monkeypatch.setattr(array_update, "BLOCK", 4)

    class Interrupted(InPlace):
        calls = 0

        def move(self, *given: Any) -> Any:
            self.calls += 1
            if self.calls == 5:  # three blocks are moved in a step
                raise KeyboardInterrupt
            return super().move(*given)

    vector, optimizer, update = RNG.normal(size=COUNT), Interrupted(0.1), ArrayUpdate()
    state = move(update, optimizer, vector, slice(None), GRADIENTS[0], {})
    before, remembered = vector.copy(), state["velocity"].copy()
    with pytest.raises(KeyboardInterrupt):
        move(update, optimizer, vector, slice(None), GRADIENTS[1], state)
    np.testing.assert_array_equal(vector, before)
    np.testing.assert_array_equal(state["velocity"], remembered)


def test_large_arrays_are_not_made_anew():
    """After some steps the same arrays hold what is remembered, in turn."""
    vector, optimizer, update = RNG.normal(size=COUNT), Adam(0.1), ArrayUpdate()
    state, seen = {}, set()
    kept = []
    for gradient in np.tile(GRADIENTS, (3, 1)):
        state = move(update, optimizer, vector, slice(None), gradient, state)
        seen |= {id(numbers) for numbers in state.values()}
        kept.append(state)  # so that no number of an array is given to another
    assert set(state) == {"mean", "square"}
    assert len(seen) == 4


def test_a_block_is_smaller_than_what_the_allocator_maps_anew():
    """The C library maps 128 KB and more anew each time, unless it is told otherwise."""
    assert array_update.BLOCK * np.dtype(float).itemsize < 128 << 10


def test_parameters_may_be_so_large_that_their_squares_are_not_finite():
    vector, update = np.array([1e200, -1e300, 2.0]), ArrayUpdate()
    with np.errstate(over="ignore"):  # as the steps of a training do
        assert move(update, SGD(1.0), vector, slice(None), np.array([0.0, 1e300, 1.0]), {}) == {}
    np.testing.assert_array_equal(vector, [1e200, -2e300, 1.0])


class Counted(np.ndarray):
    """Numbers that count how often they are copied."""

    copies = 0

    def copy(self, order: Any = "C") -> Any:
        Counted.copies += 1
        return super().copy(order)


@pytest.mark.parametrize(("make", "copies"), [(lambda: SGD(0.1, momentum=0.8), 0), (lambda: InPlace(0.1), 1)])
def test_what_is_remembered_is_copied_only_for_an_optimizer_that_may_write_to_it(make, copies, monkeypatch):
    monkeypatch.setattr(Counted, "copies", 0)
    state = {"velocity": np.ones(COUNT).view(Counted)}
    move(ArrayUpdate(), make(), RNG.normal(size=COUNT), slice(None), GRADIENTS[0], state)
    assert Counted.copies == copies
