"""`Value`: what gets in, and its operators."""

import math
import operator
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest

from engine import RULES, Value, gradient, symbol, topological_order

inf = math.inf


class Celsius(float):
    pass


@pytest.mark.parametrize(
    "number",
    [
        3,
        3.0,
        -0.0,
        inf,
        True,
        Fraction(1, 3),
        Celsius(21.5),
        np.float64(0.1),
        np.float32(0.1),
        np.int8(-3),
        np.bool_(True),
        np.array(2.5),
    ],
    ids=lambda number: f"{type(number).__name__} {number}",
)
def test_every_real_number_becomes_a_float(number):
    x = Value(number)
    assert type(x.data) is float
    assert x.data == float(number)


@pytest.mark.parametrize(
    ("data", "shown"),
    [
        ("3", "str '3'"),
        (b"3", "bytes b'3'"),
        (None, "NoneType None"),
        (Value(2.0), "Value Value(2.0)"),
        (1 + 2j, "complex (1+2j)"),
        (np.complex128(1.0), "complex (1+0j)"),
        ([1.0], "list [1.0]"),
        ((), "tuple ()"),
        (np.array([1.0, 2.0]), "ndarray array([1., 2.])"),
        (np.array([1.0]), "ndarray array([1.])"),
        (np.str_("3"), "str '3'"),
        (Decimal(1), "Decimal Decimal('1')"),
        (symbol("a"), "Term"),
    ],
    ids=lambda data: type(data).__name__,
)
def test_nothing_else_gets_in(data, shown):
    with pytest.raises(TypeError) as caught:
        Value(data)
    assert str(caught.value).startswith("expected a real number, got ")
    assert shown in str(caught.value)


ASSIGNED = [
    3,
    True,
    Fraction(1, 3),
    Celsius(21.5),
    np.float32(0.1),
    np.uint8(100),
    np.array(2.5),
    np.float64(inf),
    -inf,
]


@pytest.mark.parametrize("number", ASSIGNED, ids=lambda number: f"{type(number).__name__} {number}")
def test_what_is_assigned_becomes_a_float(number):
    x = Value(2.0)
    x.data = number
    assert type(x.data) is float
    assert x.data == float(number)


def test_arithmetic_on_what_was_assigned_is_that_of_floats():
    """Small integers of NumPy wrap around, and 1 / 0 is inf there."""
    x = Value(1.0)
    x.data = np.uint8(100)
    assert (x - 200).data == x.data - 200 == -100.0
    x.data -= np.float32(0.5)
    assert type(x.data) is float
    x.data = np.float64(0.0)
    with pytest.raises(ZeroDivisionError):
        1 / x


def test_nan_may_be_assigned():
    x = Value(1.0)
    x.data = math.nan
    assert math.isnan(x.data)


@pytest.mark.parametrize(
    "given",
    ["3", None, Value(2.0), 1j, [1.0], (), np.array([1.0]), np.array([1.0, 2.0]), symbol("a"), float],
    ids=lambda given: type(given).__name__,
)
def test_nothing_else_is_assigned(given):
    x = Value(3.0)
    with pytest.raises(TypeError, match=f"expected a real number as data, got {type(given).__name__}"):
        x.data = given
    assert x.data == 3.0


def test_a_number_of_any_kind_gives_the_same_training_as_a_float():
    def trained(kind):
        x = Value(kind(0.5))
        for _ in range(20):
            x.grad = None
            (x * x * 3 + x).backward()
            x.data = kind(x.data) - 0.1 * kind(x.grad)
        return x.data

    assert trained(np.float64) == trained(float)


def test_an_error_does_not_repeat_endless_data():
    with pytest.raises(TypeError) as caught:
        Value("x" * 10_000)
    assert len(str(caught.value)) < 200


@pytest.mark.parametrize("name", [5, ("a", "b"), {Value(1.0)}, True, b"x"], ids=lambda name: type(name).__name__)
def test_a_name_is_a_string(name):
    """Other engines take the inputs of a node in this place."""
    with pytest.raises(TypeError, match=f"a name is a string, got {type(name).__name__}"):
        Value(2.0, name)


def test_a_whole_number_beyond_all_floats():
    with pytest.raises(OverflowError):
        Value(10**400)


def test_a_new_leaf():
    x = Value(2, "x")
    assert (x.data, x.name, x.grad, x.rule, x.inputs, x.slopes, x.args, x.frozen, x.group) == (
        2.0,
        "x",
        None,
        None,
        (),
        (),
        (),
        False,
        None,
    )
    assert Value(2).name is None
    assert Value(2, frozen=True).frozen
    assert not hasattr(x, "__dict__")
    with pytest.raises(AttributeError):
        x.gradient = 3.0  # a misspelt attribute


# Operators

OPERATORS = [
    ("add", operator.add),
    ("sub", operator.sub),
    ("mul", operator.mul),
    ("div", operator.truediv),
    ("pow", operator.pow),
]
OPERATOR = pytest.mark.parametrize(("name", "operate"), OPERATORS, ids=[name for name, _ in OPERATORS])
NUMBERS = [5, 5.5, True, Fraction(7, 2), Celsius(1.5), np.float64(0.3), np.float32(0.5), np.int64(2), np.array(1.5)]


@OPERATOR
def test_two_values(name, operate):
    x, y = Value(1.7), Value(0.6)
    z = operate(x, y)
    assert (z.rule, z.inputs) == (RULES[name], (x, y))
    assert z.data == operate(1.7, 0.6)


@OPERATOR
@pytest.mark.parametrize("other", NUMBERS, ids=lambda number: type(number).__name__)
def test_a_value_and_a_number(name, operate, other):
    x, number = Value(1.7), float(other)
    right, left = operate(x, other), operate(other, x)
    assert (right.rule, right.inputs, right.data) == (RULES[name], (x, number), operate(1.7, number))
    assert (left.rule, left.inputs, left.data) == (RULES[name], (number, x), operate(number, 1.7))
    assert [type(i) for i in (*right.inputs, *left.inputs)] == [Value, float, float, Value]
    assert right.slopes[1] is None
    assert left.slopes[0] is None


@OPERATOR
@pytest.mark.parametrize(
    "other", [np.array([1.0, 2.0]), np.array([[1.0]]), np.array([])], ids=lambda array: f"shape {array.shape}"
)
def test_arrays_are_refused_on_both_sides_with_advice(name, operate, other):
    for f in (lambda: operate(Value(2.0), other), lambda: operate(other, Value(2.0))):
        with pytest.raises(TypeError, match="each element") as caught:
            f()
        assert str(other.shape) in str(caught.value)


def test_numpy_functions_are_refused():
    with pytest.raises(TypeError):
        np.sin(Value(1.0))
    with pytest.raises(TypeError):
        np.add(np.array([1.0]), Value(1.0))


@OPERATOR
@pytest.mark.parametrize("other", ["3", None, 1j, Decimal(1), object()], ids=lambda other: type(other).__name__)
def test_strangers_are_refused(name, operate, other):
    for f in (lambda: operate(Value(2.0), other), lambda: operate(other, Value(2.0))):
        with pytest.raises(TypeError, match=r"unsupported operand|can only concatenate|can't multiply"):
            f()


def test_a_stranger_may_know_how_to_operate():
    class Unit:
        def __rmul__(self, other: object) -> str:
            return "a quantity"

    assert Value(2.0) * Unit() == "a quantity"


def test_augmented_assignment_makes_a_new_node():
    x = start = Value(2.0)
    x += 3
    x *= 2
    assert (x.data, start.data) == (10.0, 2.0)
    assert gradient(x, start) == (2.0,)


def test_signs():
    x = Value(-2.0)
    assert +x is x
    assert (-x).rule is RULES["neg"]
    assert (-x).data == 2.0
    assert abs(x).rule is RULES["abs"]
    assert abs(x).data == 2.0


@pytest.mark.parametrize("operate", [operator.sub, operator.truediv], ids=["sub", "div"])
def test_no_operation_hides_another(operate):
    a, b = Value(6.0), Value(3.0)
    assert len(topological_order(operate(a, b))) == 3


def test_a_sum_starts_without_a_node():
    a, b = Value(6.0), Value(3.0)
    y = sum([a, b])
    assert (y.rule, y.inputs) == (RULES["add"], (a, b))
    assert sum([a]) is a
    assert (0 + a) is (0.0 + a) is a
    assert (a + 0).inputs == (a, 0.0)


def test_a_square_has_two_edges():
    x = Value(3.0)
    y = x * x
    assert (y.inputs, y.slopes) == ((x, x), (3.0, 3.0))
    assert [(step.index, step.contribution) for step in y.backward_steps()] == [(0, 3.0), (1, 3.0)]
    y.backward()
    assert x.grad == 6.0


def test_an_operation_on_lists_is_one_node():
    w, x = Value(2.0), Value(3.0)
    y = RULES["weighted_sum"]([w, 1.0], [x, 5], 0.5)
    assert y.inputs == (w, 1.0, x, 5.0, 0.5)
    assert y.args == ((w, 1.0), (x, 5.0), 0.5)
    assert y.slopes == (3.0, None, 2.0, None, None)
