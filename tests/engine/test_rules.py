"""The table of rules: forward against 50-digit arithmetic, every derivative against difference quotients, and what holds at the edges.

The tests run over `engine.RULES`: a new row is tested by itself. It needs one line in exact.py, its definition.
"""

import copy
import math
import pickle
import random
from fractions import Fraction

import numpy as np
import pytest

import engine
from engine import RULES, Rule, Value, gradient, rule
from tests.engine.exact import DEFINITIONS, exactly
from tests.engine.helpers import bits, partial

inf, nan = math.inf, math.nan
BUILT_IN = dict(RULES)


def within(low: float, high: float, part: float) -> float:
    """A number inside an interval that may be endless, for a part between 0 and 1."""
    if math.isinf(low):
        low = high - 6.0 if math.isfinite(high) else -3.0
        return low + 5.9 * part
    if math.isinf(high):
        return low + 0.1 + 3.0 * part
    return low + (high - low) * (0.05 + 0.9 * part)


def points(row: Rule, length: int = 3) -> list[tuple[float, ...]]:
    """Arguments (those in lists one after the other) at fixed and at random places of the domain, away from kinks."""
    domain = [interval for i, interval in enumerate(row.domain) for _ in range(length if i < row.lists else 1)]
    draw = random.Random(row.name)
    places = [[part] * len(domain) for part in (0.12, 0.55, 0.93)]
    places += [[draw.random() for _ in domain] for _ in range(6)]
    found = [tuple(within(*interval, part) for interval, part in zip(domain, place, strict=True)) for place in places]
    return [point for point in found if row.kink is None or abs(row.kink(*row.nest(point))) > 0.1]


def slopes(row: Rule, point: tuple[float, ...]) -> tuple[float, ...]:
    """The slope in every input, as a node records them."""
    return row(*row.nest(tuple(map(Value, point)))).slopes


POINTS = [pytest.param(row, point, id=f"{row.name}-{i}") for row in BUILT_IN.values() for i, point in enumerate(points(row))]
LISTS = [row for row in BUILT_IN.values() if row.lists]
RULE = pytest.mark.parametrize("row", BUILT_IN.values(), ids=BUILT_IN)


# Values


@RULE
def test_a_rule_has_enough_points(row):
    assert len(points(row)) >= 3


def test_every_operation_is_defined_in_exact_arithmetic():
    assert DEFINITIONS.keys() == BUILT_IN.keys(), "a new row needs its definition in exact.py"


@pytest.mark.parametrize(("row", "point"), POINTS)
def test_forward_is_exact_to_the_last_digits(row, point):
    args = row.nest(point)
    assert row(*args) == pytest.approx(exactly(row.name, args), rel=1e-14, abs=1e-15)


@pytest.mark.parametrize(
    ("name", "x"),
    [
        *[(name, x) for name in ("sigmoid", "softplus", "tanh", "gelu", "atan", "sinh", "cosh", "sin", "cos") for x in (-12.5, -6.0, 9.0)],
        *[(name, x) for name in ("log1p", "expm1", "tanh", "erf", "asin", "sinh", "gelu", "softplus") for x in (1e-12, -1e-9)],
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
    point = tuple(draw.uniform(-2, 2) for i in range(len(row.parameters)) for _ in range(length if i < row.lists else 1))
    args = row.nest(point)
    assert row(*args) == pytest.approx(exactly(row.name, args), rel=1e-13, abs=1e-14)
    assert row(*row.nest(tuple(map(Value, point)))).data == row(*args)


@RULE
@pytest.mark.parametrize("kind", [int, bool, Fraction, np.float64, np.float32, np.int64, np.array, float], ids=lambda kind: kind.__name__)
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
    point = (1.5, 2.5, 3.5, 4.5, 5.5, 6.5, 7.5)[: len(points(row)[0])] if row.name not in ("asin", "acos", "tan") else (0.5,)
    for index in range(len(point)):
        spoilt = (*point[:index], nan, *point[index + 1 :])
        if (row.name, index) in {("where", 0), ("where", 2), ("leaky_relu", 1)}:
            continue  # what is not chosen: below
        assert math.isnan(row(*row.nest(spoilt))), f"nan in input {index}"
        assert math.isnan(row(*row.nest(tuple(map(Value, spoilt)))).data)


def test_what_is_not_chosen_does_not_matter():
    assert engine.where(1.0, 2.0, nan) == 2.0
    assert engine.where(-1.0, nan, 2.0) == 2.0
    assert engine.where(nan, 1.0, 2.0) == 2.0
    assert engine.leaky_relu(3.0, nan) == 3.0


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
        assert bits(slope.data) == bits(slopes(row, point)[i]) or slope.data == pytest.approx(slopes(row, point)[i], rel=1e-14)
        for j, second in enumerate(gradient(slope, *xs)):
            numeric, error = partial(lambda *x, i=i: slopes(row, x)[i], point, j)
            assert second == pytest.approx(numeric, rel=1e-7, abs=1e-7 + 10 * error), f"inputs {i} and {j} at {point}"


@pytest.mark.parametrize("row", [row for row in BUILT_IN.values() if len(row.parameters) == 1 and not row.lists], ids=lambda row: row.name)
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


# Kinks and edges: what holds there is stated, not left to rounding.

CONVENTIONS = [
    ("relu", (0.0,), (0.0,)),
    ("relu", (-0.0,), (0.0,)),
    ("relu", (inf,), (1.0,)),
    ("abs", (0.0,), (0.0,)),
    ("abs", (-0.0,), (0.0,)),
    ("leaky_relu", (0.0, 0.25), (0.25, 0.0)),
    ("maximum", (2.0, 2.0), (0.5, 0.5)),
    ("maximum", (2.0, 1.0), (1.0, 0.0)),
    ("maximum", (1.0, 2.0), (0.0, 1.0)),
    ("minimum", (2.0, 2.0), (0.5, 0.5)),
    ("minimum", (2.0, 1.0), (0.0, 1.0)),
    ("minimum", (1.0, 2.0), (1.0, 0.0)),
    ("where", (0.0, 5.0, 7.0), (0.0, 0.0, 1.0)),
    ("where", (1e-300, 5.0, 7.0), (0.0, 1.0, 0.0)),
    ("where", (-1.0, 5.0, 7.0), (0.0, 0.0, 1.0)),
    ("pow", (0.0, 3.0), (0.0, 0.0)),
    ("pow", (0.0, 2.0), (0.0, 0.0)),
    ("pow", (0.0, 1.5), (0.0, 0.0)),
    ("pow", (0.0, 1.0), (1.0, 0.0)),
    ("pow", (0.0, 0.5), (inf, 0.0)),
    ("pow", (-2.0, 3.0), (12.0, nan)),
    ("pow", (-2.0, 2.0), (-4.0, nan)),
    ("pow", (3.0, 0.0), (0.0, math.log(3.0))),
    ("sqrt", (0.0,), (inf,)),
    ("asin", (1.0,), (inf,)),
    ("asin", (-1.0,), (inf,)),
    ("acos", (1.0,), (-inf,)),
    ("acos", (-1.0,), (-inf,)),
    ("tanh", (1000.0,), (0.0,)),
    ("tanh", (-1000.0,), (0.0,)),
    ("sigmoid", (1000.0,), (0.0,)),
    ("sigmoid", (-1000.0,), (0.0,)),
    ("softplus", (1000.0,), (1.0,)),
    ("softplus", (-1000.0,), (0.0,)),
    ("gelu", (1000.0,), (1.0,)),
    ("gelu", (-1000.0,), (0.0,)),
    ("gelu", (0.0,), (0.5,)),
    ("erf", (1000.0,), (0.0,)),
    ("exp", (-1000.0,), (0.0,)),
    ("atan", (1e200,), (0.0,)),
    ("log", (5e-324,), (inf,)),
]  # fmt: skip


@pytest.mark.parametrize(("name", "point", "expected"), CONVENTIONS, ids=[f"{name}{point}" for name, point, _ in CONVENTIONS])
def test_slopes_at_kinks_and_edges(name, point, expected):
    assert slopes(RULES[name], point) == pytest.approx(expected, rel=1e-15, abs=0, nan_ok=True)
    xs = tuple(map(Value, point))
    again = gradient(RULES[name](*xs), *xs, as_values=True)
    assert tuple(x.data for x in again) == pytest.approx(expected, rel=1e-15, abs=0, nan_ok=True)


def test_a_constant_exponent_of_zero():
    for number in (0.0, -3.0, 2.0):
        x = Value(number)
        y = x**0
        y.backward()
        assert (y.data, x.grad) == (1.0, 0.0)


def test_a_constant_takes_no_slope():
    """The slope in the exponent of (-7)**2 would be log(-7)."""
    x = Value(-7.0)
    assert (x**2).slopes == (-14.0, None)
    assert (2 ** Value(3.0)).slopes == (None, pytest.approx(8 * math.log(2)))


EDGES = [
    ("x**2", lambda x: x**2, 0.0, (0.0, 2.0, 0.0)),
    ("x**3", lambda x: x**3, 0.0, (0.0, 0.0, 6.0)),
    ("x**1", lambda x: x**1, 0.0, (1.0, 0.0, 0.0)),
    ("x**0", lambda x: x**0, 0.0, (0.0, 0.0, 0.0)),
    ("x*x", lambda x: x * x, 0.0, (0.0, 2.0, 0.0)),
    ("x**1.5", lambda x: x**1.5, 0.0, (0.0, inf)),
    ("x**0.5", lambda x: x**0.5, 0.0, (inf, -inf)),
    ("sqrt", lambda x: x.sqrt(), 0.0, (inf, -inf)),
    ("relu", lambda x: x.relu(), 0.0, (0.0, 0.0, 0.0)),
    ("abs", lambda x: abs(x), 0.0, (0.0, 0.0, 0.0)),
    ("relu squared", lambda x: x.relu() ** 2, 0.0, (0.0, 0.0)),
    ("tanh", lambda x: x.tanh(), 1000.0, (0.0, 0.0, 0.0)),
    ("sigmoid", lambda x: x.sigmoid(), 1000.0, (0.0, 0.0, 0.0)),
    ("sigmoid", lambda x: x.sigmoid(), -1000.0, (0.0, 0.0, 0.0)),
    ("softplus", lambda x: x.softplus(), 1000.0, (1.0, 0.0, 0.0)),
    ("maximum(x, x)", lambda x: engine.maximum(x, x), 2.0, (1.0, 0.0)),
]  # fmt: skip


@pytest.mark.parametrize(("f", "at", "expected"), [edge[1:] for edge in EDGES], ids=[f"{edge[0]} at {edge[2]}" for edge in EDGES])
def test_higher_orders_at_edges(f, at, expected):
    x = Value(at)
    y = f(x)
    for order, slope in enumerate(expected, 1):
        (y,) = gradient(y, x, as_values=True)
        assert y.data == slope, f"order {order}"


@pytest.mark.parametrize(
    ("xs", "value", "expected"),
    [
        ([1000.0, 1000.0], 1000 + math.log(2), [0.5, 0.5]),
        ([1000.0, 0.0], 1000.0, [1.0, 0.0]),
        ([-1000.0, -1000.0], -1000 + math.log(2), [0.5, 0.5]),
        ([-800.0, 0.0], 0.0, [0.0, 1.0]),
        ([1e308, 1e308], 1e308, [0.5, 0.5]),
        ([-inf, 0.0], 0.0, [0.0, 1.0]),
        ([7.0], 7.0, [1.0]),
        ([0.0] * 100, math.log(100), [0.01] * 100),
    ],
)
def test_logsumexp_of_extremes(xs, value, expected):
    y = engine.logsumexp([Value(x) for x in xs])
    assert y.data == pytest.approx(value, rel=1e-15)
    if xs[0] < 1e300:  # where neighbouring floats are further apart than log 2, no slope can be right
        assert y.slopes == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize(("xs", "value"), [([inf, 1.0], inf), ([-inf, -inf], -inf)])
def test_logsumexp_of_infinities(xs, value):
    assert engine.logsumexp(xs) == value


def test_every_kink_states_its_convention():
    for row in BUILT_IN.values():
        assert row.convention or row.kink is None, row.name


NOT_DEFINED = [
    ("log", (0.0,), ValueError),
    ("log", (-1.0,), ValueError),
    ("sqrt", (-1e-300,), ValueError),
    ("asin", (1.5,), ValueError),
    ("acos", (-1.5,), ValueError),
    ("log1p", (-1.0,), ValueError),
    ("div", (1.0, 0.0), ZeroDivisionError),
    ("div", (0.0, 0.0), ZeroDivisionError),
    ("pow", (-8.0, 1 / 3), ValueError),
    ("pow", (0.0, -1.0), ValueError),
    ("exp", (1000.0,), OverflowError),
    ("expm1", (1000.0,), OverflowError),
    ("sinh", (-1000.0,), OverflowError),
    ("cosh", (1000.0,), OverflowError),
    ("pow", (10.0, 400.0), OverflowError),
    ("sin", (inf,), ValueError),
]  # fmt: skip


@pytest.mark.parametrize(("name", "point", "error"), NOT_DEFINED, ids=[f"{name}{point}" for name, point, _ in NOT_DEFINED])
def test_outside_the_domain_is_an_error_that_names_the_numbers(name, point, error):
    for args in point, tuple(map(Value, point)):
        with pytest.raises(error, match=r"is not defined|is too large") as caught:
            RULES[name](*args)
        for number in point:
            assert repr(number) in str(caught.value)


def test_no_numbers_to_add_up_in_logsumexp():
    with pytest.raises(ValueError, match="logsumexp"):
        engine.logsumexp([])
    assert engine.total([]) == 0.0


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: engine.tanh(), "tanh takes .x., got 0"),
        (lambda: engine.maximum(1.0), "maximum takes .x, y., got 1"),
        (lambda: engine.tanh(1.0, 2.0), "tanh takes .x., got 2"),
        (lambda: engine.total(1.0, 2.0), "total takes .xs., got 2"),
        (lambda: engine.tanh("1"), "real number, got str"),
        (lambda: engine.tanh(None), "real number, got NoneType"),
        (lambda: engine.maximum(Value(1.0), "1"), "real number, got str"),
        (lambda: engine.total([Value(1.0), None]), "real number, got NoneType"),
        (lambda: engine.total([1.0, [2.0]]), "real number, got list"),
    ],
)
def test_wrong_arguments(call, words):
    with pytest.raises(TypeError, match=words):
        call()


def test_lists_of_unequal_length():
    with pytest.raises(ValueError, match="lengths 2 and 1"):
        engine.weighted_sum([1.0, 2.0], [Value(3.0)], 0.0)


def test_arguments_left_out_have_their_defaults():
    assert engine.leaky_relu(-2.0) == -0.02
    assert Value(-2.0).leaky_relu().data == -0.02
    assert engine.weighted_sum([2.0, 3.0], [10.0, 100.0]) == 320.0


@RULE
def test_every_row_is_a_public_function_and_most_are_methods(row):
    operators = {"add", "sub", "mul", "div", "neg"}
    assert row.name in operators or getattr(engine, row.name) is row
    if len(row.parameters) == 1 and not row.lists and row.name != "neg":
        x = Value(points(row)[0][0])
        assert bits(getattr(x, row.name)().data) == bits(row(x).data) == bits(row(x.data))


# Rules of one's own


def cube(name: str = "cube", **columns: object) -> Rule:
    return rule(name, "{0}^3", lambda x: x * x * x, lambda x, z: 3.0 * x * x, **columns)


def test_a_rule_of_ones_own_differentiates():
    cube()
    x = Value(2.0)
    y = RULES["cube"](x)
    assert (y.data, y.rule, y.slopes) == (8.0, RULES["cube"], (12.0,))
    assert gradient(gradient(y, x, as_values=True)[0], x) == (12.0,)


def test_a_rule_of_two_inputs_with_a_constant():
    hypot = rule("hypot", r"\sqrt{{{0}^2 + {1}^2}}", math.hypot, lambda x, y, z: x / z, lambda x, y, z: y / z)
    x, y = Value(3.0), Value(4.0)
    assert gradient(hypot(x, y), x, y) == (0.6, 0.8)
    assert hypot(x, 4).slopes == (0.6, None)
    assert hypot(3, 4) == 5.0


def test_a_rule_on_lists():
    product = rule("product", r"\prod {0}", math.prod, lambda xs, z: ([z / x for x in xs],), lists=1)
    xs = [Value(2.0), Value(3.0), 5]
    y = product(xs)
    assert (y.data, y.inputs, y.slopes) == (30.0, (*xs[:2], 5.0), (15.0, 10.0, None))
    (slope,) = gradient(y, xs[0], as_values=True)
    assert gradient(slope, *xs[:2]) == (pytest.approx(0.0, abs=1e-15), pytest.approx(5.0))


def test_ones_own_rule_can_be_replaced_and_old_graphs_keep_the_old_one():
    old = cube()
    y = old(Value(2.0))
    new = cube(convention="none")
    assert RULES["cube"] is new
    assert y.rule is old


@pytest.mark.parametrize("name", BUILT_IN)
def test_a_built_in_row_is_never_replaced(name):
    for forward in (lambda x: x, math.tanh, math.exp, BUILT_IN[name].forward):
        with pytest.raises(ValueError, match=name):
            rule(name, "{0}", forward, lambda x, z: 1.0)
    assert RULES[name] is BUILT_IN[name]


@pytest.mark.parametrize("name", ["", "2x", "a b", "a-b", "f()"])
def test_a_name_must_be_an_identifier(name):
    with pytest.raises(ValueError, match="identifier"):
        cube(name)


def two(x: float, y: float) -> float:
    return x * y


@pytest.mark.parametrize(
    ("forward", "slopes", "columns", "words"),
    [
        (two, (), {}, "each slope .* got None"),
        (two, (lambda x, y, z: y,), {}, "takes 2 slopes, got 1"),
        (two, (lambda x, y, z: y,) * 3, {}, "takes 2 slopes, got 3"),
        (two, (lambda x, y, z: y, lambda x, z: x), {}, "each slope"),
        (math.sin, (math.cos,), {}, "each slope .* function cos"),
        (two, (lambda x, y, z: y, lambda x, y, z: x), {"domain": [(0.0, 1.0)]}, "takes 2 intervals of the domain, got 1"),
        (sum, (lambda xs, z: [1.0], lambda xs, z: [1.0]), {"lists": 1}, "takes 1 slopes, got 2"),
    ],
)
def test_a_row_with_wrong_columns(forward, slopes, columns, words):
    with pytest.raises(ValueError, match=words):
        rule("mine", "{0}", forward, *slopes, **columns)
    assert "mine" not in RULES


@pytest.mark.parametrize("wrong", [lambda x: (-x) ** 0.5, lambda x: None, lambda x: "1", lambda x: [x]])
def test_a_forward_function_that_gives_no_real_number(wrong):
    row = rule("mine", "{0}", wrong, lambda x, z: 1.0)
    for x in (2.0, Value(2.0)):
        with pytest.raises(TypeError, match="mine"):
            row(x)


@pytest.mark.parametrize("wrong", [lambda x, z: None, lambda x, z: "1", lambda x, z: 1j])
def test_a_slope_that_is_no_real_number(wrong):
    row = rule("mine", "{0}", lambda x: x, wrong)
    assert row(2.0) == 2.0
    with pytest.raises(TypeError, match="mine"):
        row(Value(2.0))


@pytest.mark.parametrize(
    "wrong", [lambda xs, z: [1.0] * len(xs), lambda xs, z: ([1.0],), lambda xs, z: ([1.0] * len(xs), 1.0), lambda xs, z: 1.0]
)
def test_slopes_of_a_list_that_do_not_fit(wrong):
    row = rule("mine", "{0}", math.fsum, wrong, lists=1)
    with pytest.raises(TypeError, match="mine"):
        row([Value(2.0), Value(3.0)])


def test_whole_numbers_become_floats():
    step = rule("step", "[{0}]", lambda x: 1 if x > 0 else 0, lambda x, z: 0)
    y = step(Value(3.0))
    assert (type(y.data), type(y.slopes[0]), type(step(3.0))) == (float, float, float)


def test_an_error_in_a_rule_names_the_node():
    half = rule("half", "{0}/2", lambda x: math.log(x), lambda x, z: 1 / x)
    with pytest.raises(ValueError, match=r"half\(-1.0\) is not defined; its input is node 'p'"):
        half(Value(-1.0, "p"))


def test_a_rule_travels_by_its_name():
    mine = cube()
    for row in (*BUILT_IN.values(), mine):
        assert pickle.loads(pickle.dumps(row)) is row
        assert copy.deepcopy(row) is row
    content = pickle.dumps(mine)
    del RULES["cube"]
    with pytest.raises(KeyError, match="no rule 'cube' here"):
        pickle.loads(content)


def test_a_rule_shows_its_formula():
    assert repr(RULES["mul"]) == "<rule mul: x * y>"
    assert "weighted_sum(ws, xs, b)" in repr(RULES["weighted_sum"])
