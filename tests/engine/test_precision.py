"""Every value and slope against 60-digit arithmetic over the whole range of doubles, on every machine: the sweep,
derivatives as Values and theirs again, the NumPy program, the kernel, and the page's JavaScript, run by Node.

Within 8 units in the last place. A unit is at least five of the smallest floats, and where terms of the formula truly
cancel (`terms`) at least an eighth of 1e-14 of the largest of them. Second derivatives are looked at where they are
above 1e-290. RANTAI_PRECISION=all takes ten times as many random numbers.
"""

import importlib.util
import math
import os
import random
from typing import Any

import pytest
from mpmath import mp, mpf

from engine import RULES, Value, gradient
from tests.engine.machines import NODE, Program, kernel_of, of_rule, on_the_page
from tests.engine.precise import FUNCTIONS, derivative, units_off

WITHIN = 8
RANDOM = 20 if os.environ.get("RANTAI_PRECISION") == "all" else 2
ONE = [name for name in FUNCTIONS if len(RULES[name].parameters) == 1 and name != "neg"]
TWO = ["mul", "div", "pow"]

PLACES = [0.0, 5e-324, 2.3e-308, 1e-200, 1e-20, 1e-8, 0.1, 0.49, 0.51, 0.86, 0.99, 0.99999, 1 - 2**-53, 1.0, 1 + 2**-52,
          1.3, 3.0, 8.0, 10.0, 17.3, 20.0, 26.5, 37.0, 38.5, 40.0, 354.9, 372.5, 690.0, 709.7, 710.4, 745.0, 1e6, 1e10,
          1e22, 1e100, 1e155, 1e160, 1e300, 1.7e308]  # fmt: skip


def within(name: str, x: float) -> bool:
    """Inside the domain, where a slope is a number."""
    low, high = RULES[name].domain[0] if name != "tan" else (-math.inf, math.inf)
    return low < x < high


def points(name: str) -> list[tuple[float, ...]]:
    chance = random.Random(name)
    if name in TWO:
        bases = [10 ** chance.uniform(-320, 308) for _ in range(12 * RANDOM)]
        others = [chance.choice([1, -1]) * 10 ** chance.uniform(-3, 2) for _ in bases]
        found = [
            *zip(bases, others, strict=True),
            (1e-320, 1e-5),
            (1e-320, 3e-5),
            (1e-300, 1.05),
            (1e300, 0.1),
            (1.001, 1e5),
        ]
        found += [(1e300, -1e-3), (1e-310, 1.5), (0.999, 1e5), (1e-155, -1.9), (5e-324, 0.5)]
        found += [(0.0251, 200.0), (1 + 157 * 2**-52, 2.0**53 + 2)]  # x ** (y - 1) is subnormal; y - 1 is no float
        return found
    span = [chance.uniform(0, 1) for _ in range(RANDOM)] + [chance.uniform(0, 40) for _ in range(2 * RANDOM)]
    span += [chance.uniform(0, 800) for _ in range(RANDOM)] + [10 ** chance.uniform(-320, 308) for _ in range(RANDOM)]
    return [(x,) for size in PLACES + span for x in (size, -size) if within(name, x)]


def terms(name: str, order: int, point: tuple[float, ...]) -> Any:
    """The largest term of a formula whose terms truly cancel."""
    x = mpf(point[0])
    if order == 1 and name == "gelu":
        return FUNCTIONS["normal_cdf"](x)
    if order == 2 and name in ("gelu", "normal_pdf"):
        return 2 * FUNCTIONS["normal_pdf"](x)
    if order == 2 and name in ("sigmoid", "softplus"):
        return derivative(name, point, 0) if abs(x) < 2 else 0
    if order == 2 and name == "pow":
        y = mpf(point[1])
        return abs(x ** (y - 1)) * (1 + abs(y * mp.log(x)))
    return 0


def assert_right(name: str, order: int, point: tuple[float, ...], found: float, exact: Any) -> None:
    off = units_off(found, exact, terms(name, order, point))
    assert off <= WITHIN, f"{name}{point}, order {order}: {found!r}, right is {mp.nstr(exact, 18)}: {off:.3g} units off"


def computable(name: str, point: tuple[float, ...]) -> bool:
    try:
        RULES[name](*point)
    except (ValueError, ArithmeticError):
        return False
    return True


TRUTH: dict[str, list[tuple[tuple[float, ...], Any, list[Any]]]] = {}


def truth(name: str) -> list[tuple[tuple[float, ...], Any, list[Any]]]:
    """At each point what is right: the value, and the slopes."""
    if name not in TRUTH:
        computed = [point for point in points(name) if computable(name, point)]
        TRUTH[name] = [
            (point, derivative(name, point), [derivative(name, point, i) for i in range(len(point))])
            for point in computed
        ]
    return TRUTH[name]


RULE = pytest.mark.parametrize("name", [*ONE, *TWO])
pytestmark = pytest.mark.slow


@RULE
def test_values_and_slopes(name):
    for point, value, slopes in truth(name):
        xs = tuple(map(Value, point))
        y = xs[0] ** xs[1] if name == "pow" else RULES[name](*xs)
        assert_right(name, 0, point, y.data, value)
        as_values = [slope.data for slope in gradient(y, *xs, as_values=True)]
        for found in (y.slopes, gradient(y, *xs), as_values):
            for slope, exact in zip(found, slopes, strict=True):
                assert_right(name, 1, point, slope, exact)


@RULE
def test_second_derivatives(name):
    for point, _, _ in truth(name)[::2]:
        xs = tuple(map(Value, point))
        if abs(point[0]) < 1e-290 and name in ("pow", "div"):
            continue  # 1 / x is infinite on the way
        for i, slope in enumerate(gradient(RULES[name](*xs), *xs, as_values=True)):
            for j, found in enumerate(gradient(slope, *xs)):
                if abs(found) > 1e-290:
                    assert_right(name, 2, point, found, derivative(name, point, i, j))


@RULE
@pytest.mark.parametrize("machine", [Program, kernel_of], ids=["NumPy program", "kernel"])
def test_compiled(machine, name):
    if machine is kernel_of and importlib.util.find_spec("numba") is None and os.environ.get("CI") != "true":
        pytest.skip("the kernel needs the package numba")
    results = of_rule(machine, RULES[name], [point for point, _, _ in truth(name)])
    for (point, value, slopes), (alone, *found, together) in zip(truth(name), results, strict=True):
        assert_right(name, 0, point, alone, value)
        assert_right(name, 0, point, together, value)
        for slope, exact in zip(found, slopes, strict=True):
            assert_right(name, 1, point, slope, exact)


@RULE
def test_on_the_page(name):
    if NODE is None and os.environ.get("CI") != "true":
        pytest.skip("the page's arithmetic needs Node")
    results = on_the_page(RULES[name], [point for point, _, _ in truth(name)])
    for (point, value, slopes), found in zip(truth(name), results, strict=True):
        for order, (number, exact) in enumerate(zip(found, [value, *slopes], strict=True)):
            assert_right(name, min(order, 1), point, number, exact)
