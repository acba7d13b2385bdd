"""Samples that change during a run are learned from as they are, compiled as eagerly."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest

from engine import Value, total
from nn import MLP, Module, fit, train
from tests.nn.helpers import COMPILED, numbers

X = [[x / 8 - 1.0] for x in range(16)]


class Means(Module):
    """A network for rows of any length."""

    def __init__(self) -> None:
        self.w, self.b = Value(0.5, "w"), Value(0.1, "b")

    def outputs(self, x: Any, rng: Any = None) -> list[Any]:
        return [(self.w * total(x) * (1.0 / len(x)) + self.b).tanh()]


class Drawn(Sequence[Any]):
    """A sequence whose samples are others in each epoch, as those are that are cut out of pictures."""

    def __init__(self) -> None:
        self.epoch = 0

    def __len__(self) -> int:
        return 8

    def __getitem__(self, index: Any) -> Any:
        if not 0 <= index < 8:
            raise IndexError(index)
        return [index / 8 + self.epoch / 100], [0.3 * index - 0.1 * self.epoch]


def pairs(kind: Callable[[list[float]], Any] = list) -> list[Any]:
    return [(kind([x]), [0.7 * x]) for (x,) in X]


def set_in_a_row(data: Any) -> None:
    data[3][0][0] += 0.5


def set_in_a_target(data: Any) -> None:
    data[5][1][0] = -2.0


def set_a_sample(data: Any) -> None:
    data[0] = ([0.9], [0.1])


def add(data: Any) -> None:
    data.extend([([0.2], [1.0])] * 3)


def take_away(data: Any) -> None:
    del data[5:]


def lengthen(data: Any) -> None:
    data[2][0].append(0.25)


def add_noise(data: Any) -> None:
    for x, _ in data:
        x += 0.125


def turn(data: Any) -> None:
    data.reverse()


def draw(data: Any) -> None:
    data.epoch += 1


def set_in_the_block(data: Any) -> None:
    np.asarray(data.inputs)[4, 0] = 3.0


def set_a_sign(data: Any) -> None:
    data[8][0][0] = -0.0  # it was 0.0


CASES = [
    (pairs, set_in_a_row), (pairs, set_in_a_target), (pairs, set_a_sample), (pairs, add), (pairs, take_away),
    (pairs, lengthen), (pairs, turn), (pairs, set_a_sign), (lambda: pairs(np.array), add_noise),
    (lambda: pairs(tuple), set_a_sample), (Drawn, draw),
]  # fmt: skip


def course(data: Any, change: Any, backend: str, **settings: Any) -> tuple[list[Any], str]:
    """Losses and parameters of a run whose samples change after epochs 2, 3 and 7."""
    model = settings.pop("model", Means)()
    settings = {"optimizer": "adam", "epochs": 9, "batch_size": 3, **settings}
    run, found = train(model, data, backend=backend, **settings), []
    for epoch in run:
        found.append([epoch.loss, *([] if epoch.validation is None else [epoch.validation]), *numbers(model)])
        if epoch.number in (2, 3, 7):
            change(run.data)
    return found, run.backend


@pytest.mark.parametrize("backend", COMPILED)
@pytest.mark.parametrize(("make", "change"), CASES)
@pytest.mark.parametrize("batch_size", [None, 3])
def test_a_loop_may_change_them(make, change, batch_size, backend):
    mine, runs_by = course(make(), change, backend, batch_size=batch_size)
    eager, _ = course(make(), change, "eager", batch_size=batch_size)
    assert np.ravel(mine) == pytest.approx(np.ravel(eager), rel=1e-11)
    assert runs_by == backend


@pytest.mark.parametrize("backend", COMPILED)
def test_it_may_change_the_block_of_a_table(backend):
    block, targets = np.array(X), np.array([[0.7 * x] for (x,) in X])
    found = []
    for path in (backend, "eager"):
        model = MLP(1, [3, 1], dropout=0.3)
        run = train(model, block, targets, epochs=6, batch_size=5, backend=path)
        for epoch in run:
            if epoch.number in (1, 4):
                set_in_the_block(run.data)
        found.append(numbers(model))
        assert run.backend == path
    assert found[0] == pytest.approx(found[1], rel=1e-11)


@pytest.mark.parametrize("backend", COMPILED)
@pytest.mark.parametrize("change", [set_in_a_row, set_in_a_target, take_away])
def test_it_may_change_those_it_is_validated_on(change, backend):
    found = []
    for path in (backend, "eager"):
        validation = pairs()
        found.append(course(pairs(), lambda _, there=validation: change(there), path, validation=validation)[0])
    assert np.ravel(found[0]) == pytest.approx(np.ravel(found[1]), rel=1e-11)


@pytest.mark.parametrize("backend", COMPILED)
def test_so_may_a_schedule_in_fit(backend):
    found = []
    for path in (backend, "eager"):
        data, model = pairs(), Means()

        def schedule(epoch: int, data: Any = data) -> float:
            data[1][0][0] = epoch / 10
            return 1.0

        fit(model, data, schedule=schedule, epochs=8, batch_size=4, backend=path, progress=False)
        found.append(numbers(model))
    assert found[0] == pytest.approx(found[1], rel=1e-11)


@pytest.mark.parametrize("backend", COMPILED)
def test_what_cannot_be_taken_any_more_raises_what_eager_steps_raise(backend):
    data = [([x], i % 3) for i, (x,) in enumerate(X)]
    run = train(MLP(1, [3]), data, loss="cross_entropy", epochs=5, backend=backend)
    next(run)
    data[4] = ([0.5], 7)
    with pytest.raises(ValueError, match="cross_entropy with 3 logits takes a class from 0 to 2, got 7"):
        next(run)


@pytest.mark.parametrize("backend", COMPILED)
def test_samples_that_are_gone_in_the_midst_of_an_epoch_are_missed(backend):
    data = pairs()

    def schedule(epoch: int) -> float:
        if epoch == 1:
            del data[1:]
        return 1.0

    run = train(Means(), data, schedule=schedule, epochs=4, batch_size=2, backend=backend)
    next(run)
    with pytest.raises(IndexError, match="list index out of range"):
        next(run)


@pytest.mark.parametrize("backend", COMPILED)
def test_so_is_one_alone(backend):
    """It is not the one that is compared, nor one of the next step."""
    data = pairs()
    run = train(Means(), data, schedule=lambda epoch: data.pop() and 1.0 if epoch and len(data) > 15 else 1.0,
                epochs=4, batch_size=2, backend=backend)  # fmt: skip
    next(run)
    with (
        pytest.warns(RuntimeWarning, match="there are 15 samples now"),
        pytest.raises(IndexError, match="list index out of range"),
    ):
        next(run)
