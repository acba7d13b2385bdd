"""Losses, softmax, norms and regularisers against 60-digit arithmetic over the range of doubles, far from zero, and
where they saturate: the sweep, the NumPy program and the kernel.

Within 8 units in the last place, or 1e-14 of what the numbers of the answer are made of: of a gradient its length, of a
probability 1, of a norm the numbers over their deviation. The difference of two logits is rounded, and where a loss is
about e^difference, so is it: half a unit of the difference is allowed.
"""

from __future__ import annotations

import importlib.util
import itertools
import math
import os
import random
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any, NamedTuple

import pytest
from mpmath import mp, mpf

import engine
from engine import Value, gradient, hessian, logsumexp
from nn import (
    binary_cross_entropy,
    cross_entropy,
    elastic,
    hinge,
    huber,
    l1,
    l2,
    layer_norm,
    mae,
    mse,
    rms_norm,
    softmax,
)
from tests.engine.machines import Program, kernel_of, of_function
from tests.engine.precise import BITS, STEP, units_off

pytestmark = pytest.mark.slow

WITHIN = 8
RANDOM = 40 if os.environ.get("RANTAI_PRECISION") == "all" else 3
TARGETS, SOFT = (0.5, 0.1, -3.0), {2: (0.25, 0.75), 3: (0.25, 0.625, 0.125)}
EPSILON = mpf(1e-5)
SMALLEST = mpf(5e-324) * 10**14  # of which 1e-14 is one of the smallest floats
CUBES, SQUARES, DIFFERENCES, ALL = 1e100, 1e150, 8e307, 1.8e308  # of what is larger these are no floats


def mean(xs: Sequence[Any]) -> Any:
    return sum(xs) / len(xs)


def errors(ys: Sequence[Any]) -> list[Any]:
    return [abs(y - mpf(t)) for y, t in zip(ys, TARGETS, strict=False)]


def log_sum(zs: Sequence[Any]) -> Any:
    return max(zs) + mp.log(sum(mp.exp(z - max(zs)) for z in zs))


def deviation(xs: Sequence[Any]) -> Any:
    return mp.sqrt(mean([x * x for x in xs]) + EPSILON)


def centred(xs: Sequence[Any]) -> list[Any]:
    return [x - mean(xs) for x in xs]


class Case(NamedTuple):
    """A function of a list of Values, and of a list of exact numbers by its textbook definition."""

    ours: Callable[[Any], Any]
    exact: Callable[[Any], Any]
    largest: float
    value_scale: Callable[[Any], Any] = lambda xs: 0
    slope_scale: Callable[[Any], Any] = lambda xs: 0
    rounds: bool = False  # differences, and then takes their exponential


CASES = {
    "logsumexp": Case(logsumexp, log_sum, ALL),
    "mse": Case(lambda y: mse(y, TARGETS[: len(y)]), lambda y: mean([e * e for e in errors(y)]), SQUARES),
    "mae": Case(lambda y: mae(y, TARGETS[: len(y)]), lambda y: mean(errors(y)), ALL),
    "huber": Case(
        lambda y: huber(y, TARGETS[: len(y)], 1.5),
        lambda y: mean([e * e / 2 if e < 1.5 else 1.5 * (e - mpf(0.75)) for e in errors(y)]),
        1e308,
    ),
    "hinge, 1": Case(lambda y: hinge(y[:1], 1), lambda y: max(mpf(0), 1 - y[0]), ALL),
    "hinge, -1": Case(lambda y: hinge(y[:1], -1), lambda y: max(mpf(0), 1 + y[0]), ALL),
    "binary, 1": Case(lambda y: binary_cross_entropy(y[:1], 1), lambda y: log_sum([mpf(0), -y[0]]), ALL),
    "binary, 0": Case(lambda y: binary_cross_entropy(y[:1], 0), lambda y: log_sum([mpf(0), y[0]]), ALL),
    "binary, 0.25": Case(
        lambda y: binary_cross_entropy(y[:1], 0.25), lambda y: log_sum([mpf(0), y[0]]) - y[0] / 4, 1e308
    ),
    "class 0": Case(lambda z: cross_entropy(z, 0), lambda z: log_sum(z) - z[0], DIFFERENCES, rounds=True),
    "last class": Case(lambda z: cross_entropy(z, len(z) - 1), lambda z: log_sum(z) - z[-1], DIFFERENCES, rounds=True),
    "one-hot": Case(
        lambda z: cross_entropy(z, [1.0, *[0.0] * (len(z) - 1)]),
        lambda z: log_sum(z) - z[0],
        DIFFERENCES,
        rounds=True,
    ),
    "soft": Case(
        lambda z: cross_entropy(z, SOFT[len(z)]),
        lambda z: sum(t * (log_sum(z) - x) for t, x in zip(SOFT[len(z)], z, strict=True)),
        DIFFERENCES,
        rounds=True,
    ),
    "softmax": Case(
        lambda z: softmax(z)[0], lambda z: mp.exp(z[0] - log_sum(z)), DIFFERENCES, lambda z: 1, rounds=True
    ),
    "rms_norm": Case(
        lambda x: rms_norm(x)[0], lambda x: x[0] / deviation(x), CUBES, slope_scale=lambda x: 1 / deviation(x)
    ),
    "layer_norm": Case(
        lambda x: layer_norm(x)[0],
        lambda x: centred(x)[0] / deviation(centred(x)),
        CUBES,
        lambda x: max(max(map(abs, centred(x))), SMALLEST) / deviation(centred(x)),
        lambda x: 1 / deviation(centred(x)),
    ),
    "l1": Case(l1(0.001), lambda w: mpf(0.001) * sum(map(abs, w)), 5e307),
    "l2": Case(l2(0.001), lambda w: mpf(0.001) * sum(x * x for x in w), SQUARES),
    "elastic": Case(elastic(0.001, 0.02), lambda w: sum(mpf(0.001) * abs(x) + mpf(0.02) * x * x for x in w), SQUARES),
}

CORNERS = [(1e16, 1e16, 1e16), (1e10, 1e10 + 1, 3.0), (40.0, 0.0), (0.0, 40.0), (-40.0, 745.0), (0.5, 0.125),
           (0.5 + 2**-53, 0.1), (2.0, -1.4), (1.7e308, 1.7e308), (1.7e308, -1.7e308), (1e308, 1e308, -1e308),
           (-8e307, 8e307), (8e307, 8e307, 7e307), (1e150, -1e150, 3e149), (5e-324, 2e-310),
           (1e-160, 3e-170, 0.0)]  # fmt: skip


def points(name: str, length: int) -> list[tuple[float, ...]]:
    """Corners and random points: of every size, near each other far from zero, saturated."""
    chance = random.Random(name)
    found = [point for point in CORNERS if len(point) == length]
    for _ in range(RANDOM):
        size, far = 10 ** chance.uniform(-320, 308), chance.choice([1, -1]) * 10 ** chance.uniform(1, 15)
        found += [tuple(size * chance.uniform(-1, 1) for _ in range(length)) for _ in range(2)]
        found.append(tuple(far + chance.uniform(-30, 30) for _ in range(length)))
        found += [tuple(chance.uniform(-width, width) for _ in range(length)) for width in (2, 40, 800)]
    return [point for point in found if max(map(abs, point)) <= CASES[name].largest]


@cache
def truth(name: str, point: tuple[float, ...]) -> list[tuple[Any, Any]]:
    """The value and the slopes, each with the scale of what it may be off by 1e-14 of."""
    case = CASES[name]
    with mp.workprec(BITS):
        xs = [mpf(x) for x in point]
        value, slopes = case.exact(xs), []
        for i, x in enumerate(xs):
            step = STEP * min(max(abs(x), mpf(5e-324)), 1)
            above, below = ([*xs[:i], x + side, *xs[i + 1 :]] for side in (step, -step))
            slopes.append((case.exact(above) - case.exact(below)) / (2 * step))
        length = max(mp.sqrt(sum(slope * slope for slope in slopes)), case.slope_scale(xs))
        rounded = (max(xs) - min(xs)) * mpf(2) ** -53 / mpf(1e-14) if case.rounds else 0
        scales = [max(case.value_scale(xs), rounded * abs(value)), *[length * max(1, rounded) for _ in slopes]]
        return list(zip([value, *slopes], scales, strict=True))


def assert_right(name: str, point: tuple[float, ...], found: Sequence[float]) -> None:
    for number, (exact, scale) in zip(found, truth(name, point), strict=True):
        off = units_off(number, exact, scale)
        assert off <= WITHIN, f"{name}{point}: {number!r}, right is {mp.nstr(exact, 18)}: {off:.3g} units off"


CASE = pytest.mark.parametrize("name", CASES)


@CASE
def test_value_and_slopes(name):
    for point in points(name, 2) + points(name, 3):
        xs = [Value(x) for x in point]
        y = CASES[name].ours(xs)
        assert_right(name, point, [y.data, *gradient(y, *xs)])
        as_values = [slope.data for slope in gradient(y, *xs, as_values=True)]
        assert_right(name, point, [y.data, *as_values])


def second(name: str, xs: list[Any], i: int, j: int) -> Any:
    found = mpf(0)
    for one, other in itertools.product((1, -1), repeat=2):
        moved = list(xs)
        moved[i] += one * STEP
        moved[j] += other * STEP
        found += one * other * CASES[name].exact(moved)
    return found / (4 * STEP * STEP)


@pytest.mark.parametrize("name", ["logsumexp", "class 0", "one-hot", "soft", "binary, 1", "binary, 0.25", "mse"])
def test_second_derivatives(name):
    for point in points(name, 2):
        zs = [Value(z) for z in point]
        found = hessian(CASES[name].ours(zs), *zs)
        with mp.workprec(BITS):
            exact = [[second(name, list(map(mpf, point)), i, j) for j in range(2)] for i in range(2)]
            length = mp.sqrt(sum(x * x for row in exact for x in row))
            rounded = abs(point[0] - point[1]) * mpf(2) ** -53 / mpf(1e-14) if CASES[name].rounds else 0
        for i, j in itertools.product(range(2), repeat=2):
            off = units_off(found[i][j], exact[i][j], length * max(1, rounded))
            assert off <= WITHIN, f"{name}{point}, {i} and {j}: {found[i][j]!r}, right is {mp.nstr(exact[i][j], 18)}"


@CASE
@pytest.mark.parametrize("machine", [Program, kernel_of], ids=["NumPy program", "kernel"])
def test_compiled(machine, name):
    if machine is kernel_of and importlib.util.find_spec("numba") is None and os.environ.get("CI") != "true":
        pytest.skip("the kernel needs the package numba")
    for length in (2, 3):
        chosen = points(name, length)
        results = of_function(machine, CASES[name].ours, chosen)
        for point, (value, *slopes, together) in zip(chosen, results, strict=True):
            if all(map(math.isfinite, [value, *slopes])):  # else it is computed again eagerly
                assert_right(name, point, [value, *slopes])
                assert_right(name, point, [together, *slopes])


def looked_up(backend: str, n: int) -> tuple[list[Value], Any]:
    """Logits, and what computes their cross entropy for samples that say which class is right."""
    zs = [Value(0.0) for _ in range(n)]
    return zs, engine.compile(lambda s: cross_entropy([z * s[1] for z in zs], s[0]), zs, backend=backend)


MACHINE = pytest.mark.parametrize("backend", ["numpy", "kernel"])


@MACHINE
@pytest.mark.parametrize("samples", [1, 9])
def test_compiled_with_the_right_class_in_the_sample(backend, samples):
    for n in (2, 3):
        zs, compiled = looked_up(backend, n)
        for point, right in itertools.product(points("class 0", n), range(n)):
            for z, number in zip(zs, point, strict=True):
                z.data = number
            result = compiled.run([[right, 1.0]] * samples)
            others = [k for k in range(n) if k != right]
            slopes = [float(result.gradient[k]) for k in (right, *others)]
            for loss in map(float, result.losses):
                if all(map(math.isfinite, [loss, *slopes])):
                    assert_right("class 0", (point[right], *(point[k] for k in others)), [loss, *slopes])


@MACHINE
def test_compiled_infinite_logits_are_as_in_the_sweep(backend):
    for point in itertools.product((-math.inf, 0.5, math.inf), repeat=3):
        zs, compiled = looked_up(backend, 3)
        for z, number in zip(zs, point, strict=True):
            z.data = number
        for right in range(3):
            expected = cross_entropy(zs, right)
            slopes = gradient(expected, *zs)
            for samples in (1, 9):
                result = compiled.run([[right, 1.0]] * samples)
                assert list(result.losses) == pytest.approx([float(expected)] * samples, nan_ok=True), (point, right)
                assert list(result.gradient) == pytest.approx(list(map(float, slopes)), nan_ok=True), (point, right)
