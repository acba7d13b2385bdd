"""The validation part, and stopping by it."""

from __future__ import annotations

import math

import pytest

from engine import Value
from nn import MLP, SGD, EarlyStopping, fit, train
from nn.data import moons
from tests.nn.helpers import bits, numbers

LINE = [([x], 2.0 * x + 1.0) for x in (0.0, 0.5, 1.0, 2.0)]


@pytest.mark.parametrize("share", [0.2, 0.5])
def test_a_share_is_set_aside_for_validation(share):
    run = train(MLP(2, [2]), moons(n=100, test_fraction=0).train, validation=share, loss="cross_entropy", seed=5)
    parts = [list(run.data), list(run.validation)]
    assert [len(part) for part in parts] == [100 - 100 * share, 100 * share]
    assert sorted(map(repr, parts[0] + parts[1])) == sorted(map(repr, moons(n=100, test_fraction=0).train))
    again = train(
        MLP(2, [2]), list(moons(n=100, test_fraction=0).train), validation=share, loss="cross_entropy", seed=5
    )
    assert list(again.validation) == parts[1]
    other = train(MLP(2, [2]), moons(n=100, test_fraction=0).train, validation=share, loss="cross_entropy", seed=6)
    assert list(other.validation) != parts[1]


def test_early_stopping_waits_and_goes_back_to_the_best():
    """The validation sample contradicts the line: its loss falls until the model passes it, then rises."""
    model, stop = MLP(1, [1], init="zeros"), EarlyStopping(patience=4)
    settings = {"optimizer": SGD(0.02), "validation": [([1.0], 1.5)], "progress": False}
    history = fit(model, LINE, epochs=200, early_stopping=stop, **settings)
    losses = history.column("validation")
    best = losses.index(min(losses)) + 1
    assert history.stopped == "early stopping"
    assert stop.best_epoch == history.best == best
    assert len(history) == best + 4 < 200
    assert stop.best_loss == min(losses)
    twin = MLP(1, [1], init="zeros")
    fit(twin, LINE, epochs=best, **settings)
    assert bits(numbers(model)) == bits(numbers(twin))


def test_a_run_that_ends_before_goes_back_to_the_best_too():
    model, twin = (MLP(1, [1], init="zeros") for _ in range(2))
    settings = {"optimizer": SGD(0.02), "validation": [([1.0], 1.5)], "progress": False}
    history = fit(model, LINE, epochs=30, early_stopping=100, **settings)
    assert history.stopped == ""
    assert len(history) == 30 > history.best
    fit(twin, LINE, epochs=history.best, **settings)
    assert bits(numbers(model)) == bits(numbers(twin))


def test_early_stopping_can_be_used_for_run_after_run():
    stop = EarlyStopping(patience=3)
    for width in (1, 2):
        model = MLP(1, [width, 1], "linear", init="constant", seed=1)
        history = fit(
            model, LINE, epochs=100, optimizer=SGD(0.01), validation=[([1.0], 2.5)], early_stopping=stop, progress=False
        )
        assert stop.best_epoch == history.best
        assert len(stop.best_data) == len(model.parameters())


def test_an_equal_loss_is_no_better():
    stop = EarlyStopping(patience=2)
    assert [stop.watch(epoch, 0.5, [Value(float(epoch))]) for epoch in (1, 2, 3)] == [False, False, True]
    assert (stop.best_epoch, stop.best_data) == (1, [1.0])


def test_a_margin_says_how_much_better_counts():
    stop = EarlyStopping(patience=2, margin=0.1)
    p = [Value(1.0)]
    verdicts = []
    for epoch, loss in enumerate([1.0, 0.95, 0.89, 0.85, 0.80], 1):
        p[0].data = loss
        verdicts.append(stop.watch(epoch, loss, p))
    assert verdicts == [False, False, False, False, True]
    assert (stop.best_epoch, stop.best_loss, stop.best_data) == (3, 0.89, [0.89])
    stop.restore(p)
    assert p[0].data == 0.89


@pytest.mark.parametrize("validation", [None, [], 0.0])
def test_early_stopping_needs_validation(validation):
    with pytest.raises(ValueError, match=r"early stopping watches the validation loss: give validation="):
        train(MLP(1, [1]), LINE, early_stopping=3, validation=validation)


@pytest.mark.parametrize("patience", [0, -1, math.nan, 2.5, True])
def test_patience_is_at_least_an_epoch(patience):
    error = ValueError if type(patience) is int else TypeError
    with pytest.raises(error, match=f"patience must be a whole number from 1 up, got {patience}"):
        EarlyStopping(patience)


@pytest.mark.parametrize("margin", [-0.1, math.nan])
def test_a_margin_is_no_negative_number(margin):
    with pytest.raises(ValueError, match=f"margin must be 0 or more, got {margin}"):
        EarlyStopping(3, margin)
