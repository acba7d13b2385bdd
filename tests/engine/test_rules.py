"""The table of rules: forward against 50-digit arithmetic, every derivative against difference quotients.

The tests run over `engine.RULES`: a new row is tested by itself. It needs one line in exact.py, its definition.
"""

import math
import random
from fractions import Fraction

import numpy as np
import pytest

import engine
from engine import RULES, Value, gradient
from tests.engine.exact import DEFINITIONS, exactly
from tests.engine.helpers import bits, partial
from tests.engine.points import BUILT_IN, points, slopes

nan = math.nan
POINTS = [
    pytest.param(row, point, id=f"{row.name}-{i}") for row in BUILT_IN.values() for i, point in enumerate(points(row))
]
LISTS = [row for row in BUILT_IN.values() if row.lists]
RULE = pytest.mark.parametrize("row", BUILT_IN.values(), ids=BUILT_IN)


@RULE
def test_a_rule_has_enough_points(row):
    assert len(points(row)) >= 3


@RULE
def test_a_domain_ends_where_the_operation_does(row):
    """At a finite end the number or its slope grows beyond bounds."""
    middle = [points(row)[0][i] for i in range(len(row.domain))] if not row.lists else []
    for i, (low, high) in enumerate(row.domain):
        assert low < high
        for end, inside in ((low, 1e-13), (high, -1e-13)):
            if math.isfinite(end):
                point = [end + inside if j == i else x for j, x in enumerate(middle)]
                assert max(abs(row(*point)), *map(abs, slopes(row, tuple(point)))) > 1e4


def test_every_operation_is_defined_in_exact_arithmetic():
    assert DEFINITIONS.keys() == BUILT_IN.keys(), "a new row needs its definition in exact.py"


@pytest.mark.parametrize(("row", "point"), POINTS)
def test_forward_is_exact_to_the_last_digits(row, point):
    args = row.nest(point)
    assert row(*args) == pytest.approx(exactly(row.name, args), rel=1e-14, abs=1e-15)


@pytest.mark.parametrize(
    ("name", "x"),
    [
        *[
            (name, x)
            for name in ("sigmoid", "softplus", "tanh", "gelu", "atan", "sinh", "cosh", "sin", "cos")
            for x in (-12.5, -6.0, 9.0)
        ],
        *[
            (name, x)
            for name in ("log1p", "expm1", "tanh", "erf", "asin", "sinh", "gelu", "softplus")
            for x in (1e-12, -1e-9)
        ],
        ("log", 1e-300),
        ("sqrt", 1e300),
        ("erf", 3.5),
        ("gelu", -5.0),
        ("exp", -40.0),
        ("exp", 700.0),
    ],
)
def test_forward_is_exact_far_out_and_near_zero(name, x):
    assert BUILT_IN[name](x) == pytest.approx(exactly(name, (x,)), rel=2e-14)


@pytest.mark.parametrize("row", LISTS, ids=lambda row: row.name)
@pytest.mark.parametrize("length", [1, 2, 40])
def test_lists_of_any_length(row, length):
    draw = random.Random(length)
    point = tuple(
        draw.uniform(-2, 2) for i in range(len(row.parameters)) for _ in range(length if i < row.lists else 1)
    )
    args = row.nest(point)
    assert row(*args) == pytest.approx(exactly(row.name, args), rel=1e-13, abs=1e-14)
    assert row(*row.nest(tuple(map(Value, point)))).data == row(*args)


@RULE
@pytest.mark.parametrize(
    "kind", [int, bool, Fraction, np.float64, np.float32, np.int64, np.array, float], ids=lambda kind: kind.__name__
)
def test_any_kind_of_real_number_gives_a_float(row, kind):
    args = row.nest(tuple([1] * len(points(row)[0])))
    expected = row(*row.each(float, args)) if row.name not in ("tan", "log1p") else None
    found = row(*row.each(kind, args))
    assert type(found) is float
    assert expected is None or found == expected


def test_lists_may_be_any_iterable():
    assert engine.total(x for x in (1, 2.5)) == 3.5
    assert engine.total(np.array([1.0, 2.5])) == 3.5
    assert engine.total(Value(x) for x in (1, 2.5)).data == 3.5


@RULE
def test_nan_is_never_swallowed(row):
    """The one exception: `where` chooses by c > 0, and nan > 0 is false, so only what it chose can be nan."""
    point = (
        (1.5, 2.5, 3.5, 4.5, 5.5, 6.5, 7.5)[: len(points(row)[0])]
        if row.name not in ("asin", "acos", "tan")
        else (0.5,)
    )
    for index in range(len(point)):
        spoilt = (*point[:index], nan, *point[index + 1 :])
        if (row.name, index) in {("where", 0), ("where", 2), ("leaky_relu", 1)}:
            continue  # what is not chosen: below
        assert math.isnan(row(*row.nest(spoilt))), f"nan in input {index}"
        assert math.isnan(row(*row.nest(tuple(map(Value, spoilt)))).data)


def test_what_is_not_chosen_does_not_matter():
    assert engine.where(1.0, 2.0, nan) == 2.0
    assert engine.where(-1.0, nan, 2.0) == 2.0
    assert math.isnan(engine.where(nan, 1.0, 2.0))  # what is chosen is not known
    assert engine.leaky_relu(3.0, nan) == 3.0
    assert math.isnan(engine.leaky_relu(0.0, nan))  # at 0 the factor is chosen


# Derivatives


@pytest.mark.parametrize(("row", "point"), POINTS)
def test_first_derivatives(row, point):
    found = slopes(row, point)
    assert len(found) == len(point)
    for index, slope in enumerate(found):
        numeric, error = partial(lambda *x: row(*row.nest(x)), point, index)
        assert slope == pytest.approx(numeric, rel=1e-8, abs=1e-8 + 10 * error), f"input {index} at {point}"


@pytest.mark.parametrize(("row", "point"), POINTS)
def test_second_derivatives(row, point):
    xs = tuple(map(Value, point))
    for i, slope in enumerate(gradient(row(*row.nest(xs)), *xs, as_values=True)):
        assert bits(slope.data) == bits(slopes(row, point)[i]) or slope.data == pytest.approx(
            slopes(row, point)[i], rel=1e-14
        )
        for j, second in enumerate(gradient(slope, *xs)):
            numeric, error = partial(lambda *x, i=i: slopes(row, x)[i], point, j)
            assert second == pytest.approx(numeric, rel=1e-7, abs=1e-7 + 10 * error), f"inputs {i} and {j} at {point}"


@pytest.mark.parametrize(
    "row", [row for row in BUILT_IN.values() if len(row.parameters) == 1 and not row.lists], ids=lambda row: row.name
)
def test_third_derivatives(row):
    def second(x: float) -> float:
        x = Value(x)
        (first,) = gradient(row(x), x, as_values=True)
        return gradient(first, x)[0]

    for point in points(row):
        x = Value(point[0])
        (first,) = gradient(row(x), x, as_values=True)
        (then,) = gradient(first, x, as_values=True)
        numeric, error = partial(second, point, 0)
        assert gradient(then, x)[0] == pytest.approx(numeric, rel=1e-6, abs=1e-6 + 10 * error), point


@pytest.mark.parametrize(("x", "y"), [(-1.5, 2.0), (2.0, -0.7), (-3.0, -1.25)], ids=lambda number: f"{number}")
def test_a_negative_divisor(x, y):
    """Beyond the interval that the row states, which keeps the difference quotients away from y = 0."""
    row = RULES["div"]
    for index, slope in enumerate(slopes(row, (x, y))):
        assert slope == pytest.approx(partial(row, (x, y), index)[0], rel=1e-8)


@pytest.mark.parametrize(("x", "n"), [(-2.0, 3), (-1.5, 2), (-0.5, -1), (-3.0, 1), (-3.0, 0)])
def test_a_negative_base_with_a_whole_exponent(x, n):
    base = Value(x)
    (slope,) = gradient(base**n, base, as_values=True)
    assert slope.data == pytest.approx(n * x ** (n - 1), rel=1e-14)
    assert gradient(slope, base)[0] == pytest.approx(n * (n - 1) * x ** (n - 2), rel=1e-14)
