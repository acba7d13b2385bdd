"""A Value where a float is expected: conversions, comparisons, texts, errors."""

import math
import operator
from fractions import Fraction

import numpy as np
import pytest

from engine import RULES, Value
from tests.engine.helpers import bits, raised

inf, nan = math.inf, math.nan


class Stranger:
    """Knows nothing of Values, but how to be compared with anything."""

    def __lt__(self, other: object) -> str:
        return "asked the stranger"

    __le__ = __gt__ = __ge__ = __eq__ = __lt__
    __hash__ = None  # type: ignore[assignment]


@pytest.mark.parametrize("number", [0.0, 1.5, -2.7, 1e300, inf, nan])
def test_conversions_are_those_of_the_float(number):
    x = Value(number)
    assert bits(float(x)) == bits(number)
    assert bool(x) is bool(number)
    assert raised(lambda: int(x)) == raised(lambda: int(number))
    for spec in (".3f", ">12.2e", "+g", "08.3f"):
        assert format(x, spec) == format(number, spec)
    assert f"{x}" == str(x) == repr(x)


@pytest.mark.parametrize("f", [math.floor, math.sqrt, math.isfinite], ids=lambda f: f.__name__)
def test_the_math_module_sees_the_number(f):
    assert f(Value(2.25)) == f(2.25)


COMPARISONS = [operator.lt, operator.le, operator.gt, operator.ge]


@pytest.mark.parametrize("compare", COMPARISONS, ids=lambda f: f.__name__)
def test_order_comparisons_compare_data(compare):
    for left in (-1.5, 0.0, 2.0, nan, inf):
        for right in (-1.5, 0.0, 2.0, nan):
            for other in (Value(right), right, np.float64(right)):
                found = compare(Value(left), other), compare(other, Value(left))
                assert found == (compare(left, right), compare(right, left))
                assert {type(answer) for answer in found} == {bool}
    assert compare(Value(0.5), Fraction(1, 3)) == compare(0.5, Fraction(1, 3))
    assert compare(Value(0.5), True) == compare(0.5, True)


@pytest.mark.parametrize("method", ["__lt__", "__le__", "__gt__", "__ge__", "__eq__", "__ne__"])
@pytest.mark.parametrize(
    "other", ["3", None, [3.0], 3j, object(), pytest.approx(3.0)], ids=lambda other: type(other).__name__
)
def test_comparisons_with_strangers_are_left_to_them(method, other):
    assert getattr(Value(3.0), method)(other) is NotImplemented


@pytest.mark.parametrize("compare", [*COMPARISONS, operator.eq], ids=lambda f: f.__name__)
def test_a_stranger_is_asked(compare):
    assert compare(Value(3.0), Stranger()) == "asked the stranger"
    if compare is not operator.eq:
        with pytest.raises(TypeError):
            compare(Value(3.0), "3")


def test_equality_is_identity():
    x = Value(2.0)
    assert x == x
    assert x != Value(2.0)
    assert x != 2.0
    assert isinstance(x == pytest.approx(2.0), bool)
    assert {x: "key", Value(2.0): "another"}[x] == "key"
    assert x not in [Value(2.0)]


@pytest.mark.parametrize(
    "x", [Value(0.1), Value(-3, "a"), Value(1e-300, 'it\'s "w"', frozen=True), Value(inf, "")], ids=lambda x: repr(x)
)
def test_repr_reads_back(x):
    twin = eval(repr(x), {"Value": Value, "inf": inf})
    assert (twin.data, twin.name, twin.frozen) == (x.data, x.name, x.frozen)


def test_repr_shows_the_gradient_once_there_is_one():
    x = Value(3.0, "x")
    y = x * 2
    assert "grad" not in repr(x)
    y.backward()
    assert "grad=2.0" in repr(x)


# Errors


@pytest.mark.parametrize(
    ("make", "error", "words"),
    [
        (lambda p: p.log(), ValueError, ["ln(-1.0)", "not defined", "node 'p'"]),
        (lambda p: p.sqrt(), ValueError, ["sqrt(-1.0)", "not defined", "node 'p'"]),
        (lambda p: p**0.5, ValueError, ["-1.0 ** 0.5", "not defined", "node 'p'"]),
        (lambda p: p / 0, ZeroDivisionError, ["-1.0 / 0.0", "not defined", "node 'p'"]),
        (lambda p: p / Value(0.0, "q"), ZeroDivisionError, ["-1.0 / 0.0", "node 'p'", "node 'q'"]),
        (lambda p: 1 / (p + 1), ZeroDivisionError, ["1.0 / 0.0", "a node without a name"]),
        (lambda p: (p * -1000).exp(), OverflowError, ["exp(1000.0)", "too large"]),
        (lambda p: RULES["log"](p), ValueError, ["ln(-1.0)", "node 'p'"]),
    ],
)
def test_an_error_names_the_operation_the_node_and_the_numbers(make, error, words):
    with pytest.raises(error) as caught:
        make(Value(-1.0, "p"))
    for word in words:
        assert word in str(caught.value)


# In a notebook


def test_a_value_shows_itself_by_whoever_can_draw(monkeypatch):
    x = Value(3.0, "x")
    monkeypatch.setattr(Value, "display", None)
    assert x._repr_mimebundle_() == {"text/plain": repr(x)}
    monkeypatch.setattr(Value, "display", lambda value: {"text/plain": f"picture of {value.name}"})
    assert x._repr_mimebundle_() == {"text/plain": "picture of x"}
