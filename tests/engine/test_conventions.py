"""Conventions that all readers share: a factor of 0 passes nothing on, slopes at nan, constants outside the domain of a
slope."""

import itertools
import math
import os
import sys

import pytest

import engine
from engine import (
    RULES,
    Tape,
    Value,
    asin,
    check,
    explain,
    gradcheck,
    gradient,
    hessian,
    leaky_relu,
    log,
    maximum,
    minimum,
    relu,
    slope_formulas,
    sqrt,
    topological_order,
    total,
    weighted_sum,
    where,
)
from engine.graph import passed_on
from engine.scope import extended_line
from tests.engine.helpers import bits
from tests.engine.machines import NODE, Program, kernel_of, of_rule, on_the_page
from tests.engine.points import BUILT_IN

inf, nan = math.inf, math.nan

# name, function, point, gradient: by hand, from what the function is beside the point
CASES = [
    ("where, sqrt not taken", lambda x: where(1 - x, x, sqrt(x)), (0.0,), (1.0,)),
    ("where, sqrt taken", lambda x: where(x - 1, x, sqrt(x)), (0.0,), (inf,)),
    ("where, nested", lambda x: where(x - 1, sqrt(x), where(-x - 1, asin(x), 3 * x)), (0.0,), (3.0,)),
    ("maximum", lambda x: maximum(x + 1, sqrt(x)), (0.0,), (1.0,)),
    ("minimum", lambda x: minimum(2 * x - 1, sqrt(x)), (0.0,), (2.0,)),
    ("relu of sqrt", lambda x: relu(sqrt(x) - 1) + x, (0.0,), (1.0,)),
    ("leaky_relu with 0", lambda x: leaky_relu(sqrt(x) - 1, 0.0), (0.0,), (0.0,)),
    ("sqrt of relu", lambda x: sqrt(relu(x)), (-1.0,), (0.0,)),
    ("sqrt of |x|", lambda x: sqrt(abs(x)), (0.0,), (0.0,)),
    ("sqrt of maximum", lambda x: sqrt(maximum(x, 0.0)), (-1.0,), (0.0,)),
    ("0 times sqrt", lambda x: 0 * sqrt(x), (0.0,), (0.0,)),
    ("0 times sqrt times x", lambda w, x: w * sqrt(x) * 5, (0.0, 0.0), (0.0, 0.0)),
    ("0 times asin", lambda x: 0.0 * asin(x) + x, (1.0,), (1.0,)),
    ("0 times nan", lambda x: 0 * x**3.0 * 0 + 0 * (-2.0) ** x, (2.0,), (0.0,)),
    ("x sqrt(x)", lambda x: x * sqrt(x), (0.0,), (0.0,)),
    ("the length of (0, 0)", lambda x, y: sqrt(x * x + y * y), (0.0, 0.0), (0.0, 0.0)),
    ("t - t", lambda x: (lambda t: t - t)(sqrt(x)), (0.0,), (0.0,)),
    ("total", lambda x, y: total([0 * sqrt(x), y, y]), (0.0, 1.0), (0.0, 2.0)),
    ("weighted_sum", lambda w, x: weighted_sum([w, 2.0], [sqrt(x), w], 0.0), (0.0, 0.0), (2.0, 0.0)),
    ("0 to a power", lambda b: 0.0**b, (2.0,), (0.0,)),
    ("an exponent of 0", lambda x: x**0 + x, (0.0,), (1.0,)),
]  # fmt: skip
CASE = pytest.mark.parametrize(("f", "at", "expected"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])


@CASE
def test_every_reader_passes_on_the_same(f, at, expected):
    xs = [Value(x, f"x{i}") for i, x in enumerate(at)]
    y = f(*xs)
    y.backward()
    tape, received = Tape(y), dict.fromkeys(xs, 0.0)
    received.update({step.input: step.after for step in y.backward_steps()})
    assert tuple(x.grad for x in xs) == expected
    assert gradient(y, *xs) == expected
    assert tuple(received[x] for x in xs) == expected
    assert tuple(x.data for x in gradient(y, *xs, as_values=True)) == expected
    assert tuple(tape.adjoints[tape.leaves.index(x)] for x in xs) == expected
    again = tape.replay({})
    assert tuple(again.adjoints[tape.leaves.index(x)] for x in xs) == expected
    for x, slope in zip(xs, expected, strict=True):
        assert explain(y, x).gradient == slope
    hessian(y, *xs)  # and again; it is no error


@CASE
@pytest.mark.parametrize("backend", ["numpy", pytest.param("kernel", marks=pytest.mark.slow)])
def test_machines_pass_on_the_same(f, at, expected, backend):
    if f(*map(Value, at)).slopes == ():
        return
    xs = [Value(x) for x in at]
    result = engine.compile(lambda sample: f(*xs) + 0.0 * sample[0], xs, backend=backend).run([(1.0,), (2.0,)])
    assert tuple(result.gradient.tolist()) == expected


def test_a_factor_of_0():
    for number in (0.0, -0.0, 2.0, -2.0, inf, -inf, nan):
        assert passed_on(0.0, number) == passed_on(number, 0.0) == 0.0
    assert passed_on(2.0, -inf) == -inf
    assert math.isnan(passed_on(nan, 1.0))


def test_a_step_says_where_the_convention_decided():
    x = Value(0.0)
    steps = list(where(1 - x, x, sqrt(x)).backward_steps())
    assert [step.by_convention for step in steps] == [step.local == inf for step in steps]
    assert not any(step.by_convention for step in (Value(2.0) * 0.0 * Value(3.0)).backward_steps())


def test_second_derivatives_where_a_factor_is_0():
    """u · l has the slopes l and u even where its number is 0 by convention: w sqrt(x) at 0, 0."""
    w, x = Value(0.0, "w"), Value(0.0, "x")
    assert hessian(w * sqrt(x), w, x) == [[0.0, inf], [inf, 0.0]]
    x = Value(0.0)
    assert hessian(where(1 - x, x * x, sqrt(x)), x) == [[2.0]]
    assert hessian(sqrt(relu(x - 1)) + x**3, x) == [[0.0]]
    (slope,) = gradient(where(1 - x, x, sqrt(x)), x, as_values=True)
    assert gradient(gradient(slope, x, as_values=True)[0], x) == (0.0,)


def test_a_changed_graph_is_still_found_stale():
    x = Value(-1.0)
    y = relu(x) * 2.0
    x.data = nan
    with pytest.raises(ValueError, match="stale"):
        Tape(y)
    w, x = Value(0.0), Value(2.0)
    y = w * x
    w.data = 3.0
    with pytest.raises(ValueError, match="stale"):
        Tape(y)


# Numbers that are nan

FORMULAS = {  # row and input that is nan: the slopes that are not nan for all that, as the formula has them
    ("add", 0): (1.0, 1.0), ("add", 1): (1.0, 1.0), ("sub", 0): (1.0, -1.0), ("sub", 1): (1.0, -1.0),
    ("neg", 0): (-1.0,), ("total", 0): (1.0, 1.0), ("total", 1): (1.0, 1.0),
    ("mul", 0): (0.5, nan), ("mul", 1): (nan, 0.5), ("div", 0): (2.0, nan),
    ("leaky_relu", 1): (1.0, 0.0),
    ("where", 0): (0.0, nan, nan), ("where", 1): (0.0, 1.0, 0.0), ("where", 2): (0.0, 1.0, 0.0),
    ("weighted_sum", 0): (0.5, 0.5, nan, 0.5, 1.0), ("weighted_sum", 1): (0.5, 0.5, 0.5, nan, 1.0),
    ("weighted_sum", 2): (nan, 0.5, 0.5, 0.5, 1.0), ("weighted_sum", 3): (0.5, nan, 0.5, 0.5, 1.0),
    ("weighted_sum", 4): (0.5, 0.5, 0.5, 0.5, 1.0),
}  # fmt: skip


@pytest.mark.parametrize("row", BUILT_IN.values(), ids=BUILT_IN)
def test_slopes_at_nan_are_nan_or_their_formula(row):
    count = len(row.parameters) + row.lists  # lists of two
    for place in range(count):
        xs = [Value(nan if i == place else 0.5) for i in range(count)]
        y = row(*row.nest(tuple(xs)))
        expected = FORMULAS.get((row.name, place), (nan,) * count)
        assert bits(*y.slopes) == bits(*expected)
        assert bits(*[x.data for x in gradient(y, *xs, as_values=True)]) == bits(*expected)
        assert bits(*Value.apply(row, row.nest(tuple(xs))).slopes) == bits(*expected)


@pytest.mark.parametrize(
    "row", [row for row in BUILT_IN.values() if row.kink or row.name == "pow"], ids=lambda r: r.name
)
@pytest.mark.parametrize("backend", ["numpy", pytest.param("kernel", marks=pytest.mark.slow)])
def test_pieces_at_nan_on_the_machines(row, backend):
    for place in range(len(row.parameters)):
        xs = [Value(nan if i == place else 0.5) for i in range(len(row.parameters))]
        y = row(*xs)
        result = engine.compile(lambda sample, xs=xs: row(*xs) * sample[0], xs, backend=backend).run([(1.0,)])
        assert bits(*result.losses) == bits(y.data)
        assert bits(*result.gradient) == bits(*y.slopes)


def test_a_power_at_nan():
    assert bits(*(Value(nan) ** Value(2.0)).slopes) == bits(nan, nan)
    assert bits(*(Value(2.0) ** Value(nan)).slopes) == bits(nan, nan)
    assert (Value(nan) ** 0).slopes == (0.0, None)
    assert bits(*RULES["pow"].all_slopes((nan, 0.0), 1.0)) == bits(0.0, nan)


LAST = sys.float_info.max
ENDS = list(itertools.product((inf, LAST, math.nextafter(LAST, 0.0), 0.0, -LAST, -inf, nan), repeat=2))


def shares(name, a, b):
    """The slopes of maximum and minimum: a tie of infinities is a tie, and a nan is none."""
    if a != a or b != b:
        return nan, nan
    ahead = (a > b) - (a < b) if name == "maximum" else (a < b) - (a > b)
    return 0.5 + 0.5 * ahead, 0.5 - 0.5 * ahead


@pytest.mark.parametrize("name", ["maximum", "minimum"])
def test_ties_of_infinities_are_ties(name):
    for a, b in ENDS:
        x, y = Value(a), Value(b)
        z = RULES[name](x, y)
        assert bits(*z.slopes) == bits(*shares(name, a, b))
        assert bits(*[slope.data for slope in gradient(z, x, y, as_values=True)]) == bits(*shares(name, a, b))
        assert math.isnan(z.data) if a != a or b != b else z.data == (max(a, b) if name == "maximum" else min(a, b))
        assert bits(*Tape(z).replay({}).adjoints[:2]) == bits(*shares(name, a, b))


@pytest.mark.parametrize("name", ["maximum", "minimum"])
@pytest.mark.parametrize("machine", [Program, pytest.param(kernel_of, marks=pytest.mark.slow)])
def test_ties_of_infinities_on_the_machines(machine, name):
    for (a, b), (_, *found, _) in zip(ENDS, of_rule(machine, RULES[name], ENDS), strict=True):
        assert bits(*found) == bits(*shares(name, a, b))


@pytest.mark.slow
@pytest.mark.parametrize("name", ["maximum", "minimum"])
def test_ties_of_infinities_on_the_page(name):
    if NODE is None and os.environ.get("CI") != "true":
        pytest.skip("the page's arithmetic needs Node")
    for (a, b), (_, *found) in zip(ENDS, on_the_page(RULES[name], ENDS), strict=True):
        assert bits(*found) == bits(*shares(name, a, b))


# Constants outside the domain of a slope


@pytest.mark.parametrize(
    ("f", "at", "slope", "second"),
    [
        (lambda b: 0.0**b, 2.0, 0.0, 0.0),
        (lambda b: (-2.0) ** b, 3.0, nan, nan),
        (lambda b: 5.0 * b + 0.0**b, 2.0, 5.0, 0.0),
    ],
)
def test_constants_outside_the_domain_of_a_slope(f, at, slope, second):
    b = Value(at, "b")
    y = f(b)
    assert bits(*gradient(y, b)) == bits(slope)
    assert bits(gradient(y, b, as_values=True)[0].data) == bits(slope)
    assert bits(*hessian(y, b)[0]) == bits(second)
    assert bits(explain(y, b).gradient) == bits(slope)
    assert str(explain(y, b))
    if not math.isnan(slope):
        assert gradcheck(f, at)


def test_constants_of_rules_of_ones_own():
    split = engine.rule(
        "split_by", r"{0} / {1}", lambda x, c: x / c if c else 0.0, lambda x, c, z: 1 / c, lambda x, c, z: -z / c
    )
    try:
        x = Value(2.0, "x")
        y = split(x, 0.0)
        assert gradient(y, x) == (inf,)
        (slope,) = gradient(y, x, as_values=True)
        assert slope.data == inf
        assert [leaf.frozen for leaf in topological_order(slope) if leaf.rule is None] == [True]  # the constant is none
        assert hessian(y, x) == [[0.0]]
        assert [str(slope) for slope in slope_formulas(y)] == ["1 / 0", "None"]
    finally:
        del RULES["split_by"]


def test_a_branch_outside_its_domain_says_what_to_do():
    x = Value(0.0, "x")
    with pytest.raises(ValueError, match=r"^ln\(0.0\) is not defined; its input is node 'x'") as caught:
        where(x - 2, log(x), 2 * x)
    (note,) = caught.value.__notes__
    assert "a branch of where" in note and "log(maximum(x, 1e-300))" in note
    assert where(x - 2, log(maximum(x, 1e-300)), 2 * x).data == 0.0


def test_a_number_that_is_too_large_gets_no_advice_about_domains():
    with pytest.raises(OverflowError) as caught:
        Value(1000.0).exp()
    assert not hasattr(caught.value, "__notes__")


def test_the_slope_of_values_is_a_value_where_a_constant_is_at_an_edge():
    """What the table says of itself: fed with Values a slope is a graph; and its constants get no gradient."""
    b = Value(2.0)
    with extended_line():
        z = 0.0**b
        _, slope = RULES["pow"].all_slopes((0.0, b), z, (0.0, b))
    assert (slope.data, gradient(slope, b)) == (0.0, (0.0,))
    assert [leaf.frozen for leaf in topological_order(slope) if leaf.rule is None and leaf is not b] != []
    assert all(leaf.frozen for leaf in topological_order(slope) if leaf.rule is None and leaf is not b)


# Kinks of two inputs


@pytest.mark.parametrize("name", ["maximum", "minimum"])
def test_the_kink_of_maximum_and_minimum_is_a_tie(name):
    row = RULES[name]
    for x, y in ((2.0, 1.0), (1.0, 2.0), (1.0, -1.0), (-3.0, 3.0)):
        assert row.kink(x, y) * (x - y) > 0.0
    assert row.kink(2.0, 2.0) == row.kink(-1.5, -1.5) == 0.0
    for x, y, verdict in ((1.0, -1.0, "ok"), (0.5, 0.5, "kink"), (-2.0, -2.0, "kink"), (2.0, 1.0, "ok")):
        a, b = Value(x, "a"), Value(y, "b")
        report = check(row(a, b))
        assert {report["a"].verdict, report["b"].verdict} == {verdict}
