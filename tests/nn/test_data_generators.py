"""Problems made by a rule."""

from __future__ import annotations

import math
import random
from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nn.data import blobs, circles, load, moons, parabola, sine, spirals, stairs, xor
from tests.nn.helpers import examples

ALL = [xor, moons, circles, spirals, blobs, sine, parabola, stairs]
CLASSIFIED = [xor, moons, circles, spirals, blobs]


def points(data) -> np.ndarray:
    """Every example as a row x, y, class, in a fixed order."""
    rows = [[*x, y] for x, y in [*data.train, *data.test]]
    return np.array(sorted(np.round(rows, 9).tolist()))


def of_sklearn(made) -> np.ndarray:
    x, y = made
    return np.array(sorted(np.round(np.column_stack([x, y]), 9).tolist()))


@pytest.mark.parametrize("n", [2, 7, 100])
def test_moons_without_noise_are_those_of_scikit_learn(n):
    from sklearn.datasets import make_moons

    ours = points(moons(n=n, noise=0))
    theirs = of_sklearn(make_moons(((n + 1) // 2, n // 2), shuffle=False))
    assert np.allclose(ours, theirs, atol=1e-8)


@pytest.mark.parametrize("n", [2, 7, 100])
def test_circles_without_noise_are_those_of_scikit_learn(n):
    from sklearn.datasets import make_circles

    ours = points(circles(n=n, noise=0, factor=0.3))
    theirs = of_sklearn(make_circles(((n + 1) // 2, n // 2), shuffle=False, factor=0.3))
    assert np.allclose(ours, theirs, atol=1e-8)


def test_the_table_of_exclusive_or():
    data = xor(n=4, noise=0, test_fraction=0)
    table = {tuple(x): data.classes[y] for x, y in data.train}
    assert table == {
        (-1.0, -1.0): "same",
        (1.0, 1.0): "same",
        (-1.0, 1.0): "different",
        (1.0, -1.0): "different",
    }
    assert len(data.test) == 0


def test_exclusive_or_fills_its_corners_evenly():
    data = xor(n=100, noise=0, test_fraction=0)
    assert set(Counter(map(tuple, data.train.inputs)).values()) == {25}


@pytest.mark.parametrize("turns, classes", [(1.0, 2), (1.5, 3)])
def test_points_of_a_spiral_have_the_angle_of_their_radius(turns, classes):
    data = spirals(n=90, noise=0, turns=turns, classes=classes)
    for (x, y), arm in [*data.train, *data.test]:
        r = math.hypot(x, y)
        assert 0 < r < 1 + 1e-12
        angle = math.atan2(y, x) - 2 * math.pi * (arm / classes + turns * r)
        assert math.cos(angle) == pytest.approx(1.0, abs=1e-9)


def test_blobs_lie_around_centres_evenly_on_a_circle():
    data = blobs(n=8000, classes=4, noise=0.5, test_fraction=0, seed=1)
    rows = points(data)
    for label, centre in enumerate([(2, 0), (0, 2), (-2, 0), (0, -2)]):
        cloud = rows[rows[:, 2] == label, :2]
        # Four standard errors of a mean, and of a deviation, of 2000 numbers.
        assert np.allclose(cloud.mean(axis=0), centre, atol=4 * 0.5 / math.sqrt(2000))
        assert np.allclose(cloud.std(axis=0), 0.5, atol=4 * 0.5 / math.sqrt(4000))


def test_sine_follows_its_curve():
    exact = sine(n=50, noise=0, test_fraction=0).train
    assert exact.inputs[0] == [-math.pi]
    assert exact.inputs[-1] == [math.pi]
    assert all(y == pytest.approx(math.sin(x), abs=1e-15) for (x,), (y,) in exact)
    noisy = sine(n=4000, noise=0.2, test_fraction=0).train
    spread = np.std([y - math.sin(x) for (x,), (y,) in noisy])
    assert spread == pytest.approx(0.2, abs=4 * 0.2 / math.sqrt(8000))


def test_curves_go_through_their_points():
    assert {x: y for (x,), (y,) in parabola(n=7, noise=0, test_fraction=0).train} == {
        -1.5: 1.25, -1.0: 0.0, -0.5: -0.75, 0.0: -1.0, 0.5: -0.75, 1.0: 0.0, 1.5: 1.25
    }  # fmt: skip
    steps = {x: y for (x,), (y,) in stairs(n=5, noise=0, test_fraction=0).train}
    assert steps == {-3.0: -1.0, -1.5: -1.0, 0.0: 0.0, 1.5: 1.0, 3.0: 1.0}


@pytest.mark.slow
@pytest.mark.parametrize("make", ALL)
@given(n=st.integers(3, 60), seed=st.integers())
@examples(100)
def test_sizes_and_the_seed(make, n, seed):
    data = make(n=n, seed=seed, test_fraction=0.25)
    assert len(data.train) + len(data.test) == n
    assert len(data.test) == max(1, round(n / 4))
    assert data == make(n=n, seed=seed, test_fraction=0.25)
    assert data == make(n=n, seed=random.Random(seed), test_fraction=0.25)
    if data.classes:
        sizes = Counter(data.train.targets + data.test.targets)
        assert set(sizes) == set(range(len(data.classes)))
        assert max(sizes.values()) - min(sizes.values()) <= 1


@pytest.mark.parametrize("make", ALL)
def test_another_seed_gives_other_points(make):
    assert make(seed=0) != make(seed=1)


@pytest.mark.parametrize("make", ALL)
def test_the_global_generator_is_left_alone(make):
    state = random.getstate()
    make()
    assert random.getstate() == state


@pytest.mark.parametrize("make", CLASSIFIED)
def test_both_parts_are_mixed(make):
    data = make(n=100)
    assert set(data.train.targets) == set(data.test.targets) == set(range(len(data.classes)))
    assert data.train.targets != sorted(data.train.targets)


@pytest.mark.parametrize("make", ALL)
def test_can_be_standardised(make):
    data = make().standardised()
    inputs = np.array(data.train.inputs)
    assert np.allclose(inputs.mean(axis=0), 0, atol=1e-12)
    assert np.allclose(inputs.std(axis=0), 1)


def test_load_knows_them_by_name():
    assert load("moons", n=10, noise=0.0, seed=4) == moons(n=10, noise=0.0, seed=4)


@pytest.mark.parametrize("make", ALL)
@pytest.mark.parametrize(
    "options, error, message",
    [
        ({"n": 1}, ValueError, "n must be a whole number from 2 up, got 1"),
        ({"n": 2.0}, TypeError, "n must be a whole number from 2 up, got 2.0"),
        ({"n": True}, TypeError, "n must be a whole number from 2 up, got True"),
        ({"noise": -1.0}, ValueError, "noise is -1.0"),
        ({"noise": math.nan}, ValueError, "noise is nan"),
        ({"seed": None}, TypeError, "seed must be a whole number or a random.Random, got None"),
        ({"test_fraction": 1.0}, ValueError, "fraction is 1.0"),
    ],
)
def test_errors(make, options, error, message):
    with pytest.raises(error, match=message):
        make(**options)


@pytest.mark.parametrize(
    "make, options, message",
    [
        (circles, {"factor": 1.0}, "factor is 1.0; a number between 0 and 1"),
        (circles, {"factor": 0}, "factor is 0"),
        (spirals, {"turns": 0}, "turns is 0"),
        (spirals, {"classes": 1}, "classes must be a whole number from 2 up, got 1"),
        (blobs, {"n": 3, "classes": 4}, "n is 3; at least one point for each of the 4 classes"),
    ],
)
def test_errors_of_their_own(make, options, message):
    with pytest.raises(ValueError, match=message):
        make(**options)
