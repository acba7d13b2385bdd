"""`Value`: what gets in, its operators, comparisons and errors, and the backward pass."""

import asyncio
import math
import operator
import threading
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest

from engine import RULES, Group, Tape, Value, gradient, group, no_grad, rule, symbol, topological_order
from engine.value import require_fresh
from tests.engine.helpers import bits, raised

inf, nan = math.inf, math.nan


class Celsius(float):
    pass


class Stranger:
    """Knows nothing of Values, but how to be compared with anything."""

    def __lt__(self, other: object) -> str:
        return "asked the stranger"

    __le__ = __gt__ = __ge__ = __eq__ = __lt__
    __hash__ = None  # type: ignore[assignment]


# What gets in


@pytest.mark.parametrize(
    "number",
    [3, 3.0, -0.0, inf, True, Fraction(1, 3), Celsius(21.5), np.float64(0.1), np.float32(0.1), np.int8(-3), np.bool_(True), np.array(2.5)],
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

OPERATORS = [("add", operator.add), ("sub", operator.sub), ("mul", operator.mul), ("div", operator.truediv), ("pow", operator.pow)]
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
@pytest.mark.parametrize("other", [np.array([1.0, 2.0]), np.array([[1.0]]), np.array([])], ids=lambda array: f"shape {array.shape}")
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
@pytest.mark.parametrize("other", ["3", None, [1.0], 1j, Decimal(1), object()], ids=lambda other: type(other).__name__)
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


# As a float


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
@pytest.mark.parametrize("other", ["3", None, [3.0], 3j, object(), pytest.approx(3.0)], ids=lambda other: type(other).__name__)
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


@pytest.mark.parametrize("x", [Value(0.1), Value(-3, "a"), Value(1e-300, 'it\'s "w"', frozen=True), Value(inf, "")], ids=lambda x: repr(x))
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


# The backward pass


def diamond() -> tuple[Value, Value, Value, Value]:
    x = Value(3.0, "x")
    a = x * x
    b = a.sin()
    return x, a, b, a * b


def test_backward_sets_the_gradient_of_every_node():
    x, a, b, y = diamond()
    y.backward()
    assert (y.grad, b.grad) == (1.0, 9.0)
    assert a.grad == pytest.approx(math.sin(9) + 9 * math.cos(9), rel=1e-15)
    assert x.grad == pytest.approx(6 * (math.sin(9) + 9 * math.cos(9)), rel=1e-15)


def test_backward_twice_doubles_leaves_exactly_and_replaces_the_rest():
    x, *inner = diamond()
    inner[-1].backward()
    before = x.grad, *[node.grad for node in inner]
    for times in (2, 3):
        inner[-1].backward()
        assert x.grad == sum([before[0]] * times)
        assert [node.grad for node in inner] == list(before[1:])


def test_gradients_of_two_results_add_up_in_a_shared_leaf():
    x = Value(3.0)
    (2 * x).backward()
    (5 * x).backward()
    assert x.grad == 7.0


def test_backward_on_a_leaf():
    x = Value(3.0)
    x.backward()
    assert x.grad == 1.0


def test_backward_from_an_interior_node_leaves_the_rest_alone():
    x, a, b, y = diamond()
    a.backward()
    assert (x.grad, a.grad, b.grad, y.grad) == (6.0, 1.0, None, None)


def test_an_exception_leaves_every_gradient_as_it_was():
    x, a, b, y = diamond()
    y.backward()
    z = y * x
    object.__setattr__(b, "_dx", "no number")
    before = [node.grad for node in (x, a, b, y)]
    with pytest.raises(TypeError):
        z.backward()
    assert [node.grad for node in (x, a, b, y, z)] == [*before, None]


def test_steps_are_the_backward_pass_and_write_nothing():
    x, a, b, y = diamond()
    steps = list(y.backward_steps())
    assert [(step.node, step.index, step.input) for step in steps] == [(y, 0, a), (y, 1, b), (b, 0, a), (a, 0, x), (a, 1, x)]
    assert all(step.contribution == step.upstream * step.local for step in steps)
    assert all(step.after == step.before + step.contribution for step in steps)
    assert [node.grad for node in (x, a, b, y)] == [None] * 4
    y.backward()
    assert {step.input: step.after for step in steps} == {node: node.grad for node in (x, a, b)}


def test_zero_grad():
    x, a, b, y = diamond()
    y.backward()
    a.zero_grad()
    assert (x.grad, a.grad, b.grad, y.grad) == (None, None, 9.0, 1.0)


def test_a_frozen_leaf_gets_no_gradient_and_no_step():
    x, w = Value(3.0, frozen=True), Value(2.0)
    y = x * w
    y.backward()
    assert (x.grad, w.grad, y.frozen) == (None, 3.0, False)
    assert [step.input for step in y.backward_steps()] == [w]
    assert gradient(y, x) == (2.0,)


def test_a_leaf_can_be_frozen_between_two_passes():
    x = Value(3.0)
    y = x * 2
    y.backward()
    x.frozen = True
    y.backward()
    assert x.grad == 2.0


def test_detach_cuts_the_graph():
    x = Value(3.0, "x")
    cut = (x * x).detach()
    y = cut * x
    y.backward()
    assert (cut.data, cut.inputs, cut.rule, cut.frozen) == (9.0, (), None, True)
    assert x.grad == 9.0
    assert x.detach().name == "x"


# no_grad


def recorded() -> bool:
    return (Value(2.0) * 3).rule is not None


def test_no_grad_records_nothing():
    x = Value(2.0)
    with no_grad():
        results = [x * 3, 3 - x, x**2, x.tanh(), RULES["total"]([x, x]), RULES["where"](x, x, 1.0)]
    for y in results:
        assert (y.rule, y.inputs, y.frozen) == (None, (), True)
    assert [y.data for y in results] == [6.0, 1.0, 4.0, math.tanh(2), 4.0, 2.0]
    assert recorded()


def test_no_grad_nests_and_ends_with_an_exception():
    with no_grad():
        with no_grad():
            assert not recorded()
        assert not recorded()
        with pytest.raises(ValueError, match="mine"), no_grad():
            raise ValueError("mine")
        assert not recorded()
    assert recorded()


def test_no_grad_holds_for_its_own_thread():
    found = []
    with no_grad():
        thread = threading.Thread(target=lambda: found.append(recorded()))
        thread.start()
        thread.join()
        assert not recorded()
    assert found == [True]


def test_no_grad_holds_for_its_own_task():
    async def quiet(inside: asyncio.Event, done: asyncio.Event) -> bool:
        with no_grad():
            inside.set()
            await done.wait()
            return recorded()

    async def loud(inside: asyncio.Event, done: asyncio.Event) -> bool:
        await inside.wait()
        found = recorded()
        done.set()
        return found

    async def both() -> list[bool]:
        events = asyncio.Event(), asyncio.Event()
        return await asyncio.gather(quiet(*events), loud(*events))

    assert asyncio.run(both()) == [False, True]


# Groups


def test_groups_are_nested_and_every_entry_is_one_of_its_own():
    x = Value(2.0)
    with group("layer") as layer:
        a = x * 2
        with group("neuron") as first:
            b = a.tanh()
        with group("neuron") as second:
            c = RULES["total"]([a, b])
        d = c + b
    e = d * 3
    assert [node.group for node in (x, a, b, c, d, e)] == [None, layer, first, second, layer, None]
    assert first is not second
    assert isinstance(first, Group)
    assert (first.name, first.parent, first.path) == ("neuron", layer, ("layer", "neuron"))
    assert (layer.parent, layer.path) == (None, ("layer",))
    assert "layer" in repr(first)


def test_a_group_can_be_entered_again_inside_itself():
    block = group("block")
    with block as outer:
        with block as inner:
            a = Value(2.0) * 2
        b = a * 2
    assert (a.group, b.group, (a * b).group) == (inner, outer, None)
    assert inner.path == ("block", "block")


def test_a_group_ends_with_an_exception():
    with pytest.raises(ValueError, match="mine"), group("broken"):
        raise ValueError("mine")
    assert (Value(2.0) * 2).group is None


# Changed data


def test_a_backward_pass_stays_right_after_data_changed():
    x, w = Value(3.0), Value(2.0)
    y = (x * w).sin()
    x.data, w.data = 100.0, nan
    y.backward()
    assert (x.grad, w.grad) == (2.0 * math.cos(6.0), 3.0 * math.cos(6.0))
    assert gradient(y, x) == (2.0 * math.cos(6.0),)


READERS = [lambda y, x: Tape(y), lambda y, x: gradient(y, x, as_values=True), lambda y, x: require_fresh(y)]


@pytest.mark.parametrize("read", READERS, ids=["Tape", "gradient as values", "require_fresh"])
@pytest.mark.parametrize("changed", [7.0, nan, -1.0, inf])
def test_who_reads_data_again_notices_that_it_changed(read, changed):
    x = Value(3.0, "x")
    product = x * 2
    product.name = "product"
    y = product.log()
    x.data = changed
    with pytest.raises(ValueError, match=r"stale.*'product' holds 6\.0"):
        read(y, x)
    x.data = 3.0
    read(y, x)


def test_a_stale_node_without_a_name_is_called_by_its_operation():
    x = Value(3.0)
    y = x * 2
    x.data = 4.0
    with pytest.raises(ValueError, match=r"made by mul holds 6\.0.*would be 8\.0"):
        require_fresh(y)


def test_a_graph_with_nan_is_not_stale():
    x = Value(nan)
    require_fresh((x * 2).tanh())


def test_a_changed_interior_node_is_noticed():
    x = Value(3.0)
    a = x * 2
    y = a + 1
    a.data = 5.0
    with pytest.raises(ValueError, match="stale"):
        require_fresh(y)


# In a notebook


def test_a_value_shows_itself_by_whoever_can_draw(monkeypatch):
    x = Value(3.0, "x")
    monkeypatch.setattr(Value, "display", None)
    assert x._repr_mimebundle_() == {"text/plain": repr(x)}
    monkeypatch.setattr(Value, "display", lambda value: {"text/plain": f"picture of {value.name}"})
    assert x._repr_mimebundle_() == {"text/plain": "picture of x"}


def test_a_rule_of_ones_own_makes_nodes_like_any_other():
    double = rule("double", "2{0}", lambda x: 2 * x, lambda x, z: 2.0)
    with no_grad():
        assert double(Value(3.0)).rule is None
    with group("mine") as mine:
        assert double(Value(3.0)).group is mine
