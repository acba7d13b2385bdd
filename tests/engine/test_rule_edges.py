"""Kinks and edges: what holds there is stated, not left to rounding; and errors beyond."""

import math

import pytest

import engine
from engine import RULES, Value, gradient
from tests.engine.helpers import bits
from tests.engine.points import BUILT_IN, points, slopes

inf, nan = math.inf, math.nan
RULE = pytest.mark.parametrize("row", BUILT_IN.values(), ids=BUILT_IN)


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
    ("pow", (0.0, 0.0), (0.0, -inf)),
    ("pow", (nan, 0.0), (0.0, nan)),
    ("pow", (0.0, 200.0), (0.0, 0.0)),
    ("pow", (-1.0, 2.0**53 + 2), (-(2.0**53 + 2), nan)),
    ("pow", (-1.0, -(2.0**53 + 2)), (2.0**53 + 2, nan)),
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
    ("gelu", (-inf,), (0.0,)),
    ("gelu", (inf,), (1.0,)),
    ("tanh", (inf,), (0.0,)),
    ("sigmoid", (-inf,), (0.0,)),
    ("expm1", (-inf,), (0.0,)),
    ("erf", (inf,), (0.0,)),
    ("erf", (1000.0,), (0.0,)),
    ("exp", (-1000.0,), (0.0,)),
    ("atan", (1e200,), (0.0,)),
    ("log", (5e-324,), (inf,)),
]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "point", "expected"), CONVENTIONS, ids=[f"{name}{point}" for name, point, _ in CONVENTIONS]
)
def test_slopes_at_kinks_and_edges(name, point, expected):
    assert slopes(RULES[name], point) == pytest.approx(expected, rel=1e-15, abs=0, nan_ok=True)
    xs = tuple(map(Value, point))
    again = gradient(RULES[name](*xs), *xs, as_values=True)
    assert tuple(x.data for x in again) == pytest.approx(expected, rel=1e-15, abs=0, nan_ok=True)


@pytest.mark.parametrize("number", [5e-324, 1e-200, 0.1, 3.0, 0.7e10, 1e300])
def test_an_exponent_of_one_has_the_slope_one_to_the_last_bit(number):
    x = Value(number)
    assert (x ** Value(1.0)).slopes[0] == (x**1).slopes[0] == gradient(x**1, x, as_values=True)[0].data == 1.0


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


@pytest.mark.parametrize(
    ("f", "at", "expected"), [edge[1:] for edge in EDGES], ids=[f"{edge[0]} at {edge[2]}" for edge in EDGES]
)
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
        ([1.7e308, 1.7e308], 1.7e308, [0.5, 0.5]),
        ([1.75e308, 1.72e308], 1.75e308, [1.0, 0.0]),
        ([1.7e308, -inf], 1.7e308, [1.0, 0.0]),
        ([-inf, 0.0], 0.0, [0.0, 1.0]),
        ([7.0], 7.0, [1.0]),
        ([0.0] * 100, math.log(100), [0.01] * 100),
    ],
)
def test_logsumexp_of_extremes(xs, value, expected):
    y = engine.logsumexp([Value(x) for x in xs])
    assert y.data == pytest.approx(value, rel=1e-15)
    assert y.slopes == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize(
    ("xs", "value", "expected"),
    [
        ([inf, 1.0], inf, [1.0, 0.0]),
        ([inf, 1.0, inf], inf, [0.5, 0.0, 0.5]),
        ([-inf, -inf], -inf, [0.5, 0.5]),
        ([nan, 1.0], nan, [nan, nan]),
    ],
)
def test_logsumexp_of_infinities(xs, value, expected):
    values = [Value(x) for x in xs]
    y = engine.logsumexp(values)
    assert engine.logsumexp(xs) == pytest.approx(value, nan_ok=True)
    assert y.slopes == pytest.approx(expected, nan_ok=True)
    assert [x.data for x in gradient(y, *values, as_values=True)] == pytest.approx(expected, nan_ok=True)


def test_logsumexp_of_nothing_within_another():
    x = Value(-inf)
    assert gradient(engine.logsumexp([engine.logsumexp([x, Value(-inf)]), 2.0]), x) == (0.0,)


@pytest.mark.parametrize("far", [1e10, -1e10, 1e16])
def test_the_slopes_of_logsumexp_far_from_zero(far):
    y = engine.logsumexp([Value(far), Value(far), Value(far - 2.0)])
    part = math.exp(-2.0)
    assert y.slopes == pytest.approx([1 / (2 + part), 1 / (2 + part), part / (2 + part)], rel=1e-14)


def test_logsumexp_keeps_what_the_others_add():
    assert engine.logsumexp([0.0, -40.0]) == pytest.approx(4.248354255291589e-18, rel=1e-15)


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


@pytest.mark.parametrize(
    ("name", "point", "error"), NOT_DEFINED, ids=[f"{name}{point}" for name, point, _ in NOT_DEFINED]
)
def test_outside_the_domain_is_an_error_that_names_the_numbers(name, point, error):
    for args in point, tuple(map(Value, point)):
        with pytest.raises(error, match=r"is not defined|is too large") as caught:
            RULES[name](*args)
        for number in point:
            assert repr(number) in str(caught.value)


def test_no_numbers_to_add_up():
    for empty in ([], (), iter([])):
        with pytest.raises(ValueError, match=r"^logsumexp takes at least one number, got an empty list$"):
            engine.logsumexp(empty)
    assert engine.total([]) == 0.0


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: engine.total(5), "total takes a list of numbers as xs, got int 5"),
        (lambda: engine.total(Value(5.0)), r"total takes a list of numbers as xs, got Value Value\(5.0\)"),
        (lambda: engine.logsumexp(None), "logsumexp takes a list of numbers as xs, got NoneType None"),
        (lambda: engine.weighted_sum(2, [1.0], 0.0), "weighted_sum takes a list of numbers as ws, got int 2"),
        (lambda: engine.weighted_sum([Value(1.0)], 2.5), "weighted_sum takes a list of numbers as xs, got float 2.5"),
        (lambda: engine.total(len(x) for x in [[], 3]), r"object of type 'int' has no len\(\)"),  # the caller's own
    ],
)
def test_what_is_no_list(call, words):
    with pytest.raises(TypeError, match=f"^{words}$"):
        call()


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
    with pytest.raises(ValueError, match=r"equal length, got lengths .*2.*1"):
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
