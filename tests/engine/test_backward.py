"""`backward()`, its steps, and graphs whose data was changed."""

import math

import pytest

from engine import Tape, Value, gradient, weighted_sum
from engine.value import require_fresh

inf, nan = math.inf, math.nan


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
    assert [(step.node, step.index, step.input) for step in steps] == [
        (y, 0, a),
        (y, 1, b),
        (b, 0, a),
        (a, 0, x),
        (a, 1, x),
    ]
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


LIMITS = {
    "ln 0": (lambda x: x.log(), 0.0, -inf),
    "ln -1": (lambda x: x.log(), -1.0, nan),
    "ln(1 - 1)": (lambda x: x.log1p(), -1.0, -inf),
    "ln(1 + 1)": (lambda x: x.log1p(), 1.0, math.log(2)),
    "ln(1 - 2)": (lambda x: x.log1p(), -2.0, nan),
    "1 / 0": (lambda x: 1.0 / x, 0.0, inf),
    "1 / -0": (lambda x: 1.0 / x, -0.0, -inf),
    "0 ** -1": (lambda x: x**-1.0, 0.0, inf),
    "(-1) ** 0.5": (lambda x: x**0.5, -1.0, nan),
    "sqrt -1": (lambda x: x.sqrt(), -1.0, nan),
    "e ** 1000": (lambda x: x.exp(), 1000.0, inf),
}


@pytest.mark.parametrize("name", LIMITS)
def test_outside_its_domain_an_operation_has_a_limit_or_none(name):
    make, changed, limit = LIMITS[name]
    x = Value(4.0)
    y = make(x)
    x.data = changed
    with pytest.raises(ValueError, match=f"it would be {limit!r};"):
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


def test_a_constant_gets_no_step():
    x = Value(3.0)
    square = x * x
    y = 2.0 - weighted_sum([square, 4.0], [0.5, x], 1.0)
    assert [(step.node.rule.name, step.index, step.local) for step in y.backward_steps()] == [
        ("sub", 1, -1.0),
        ("weighted_sum", 0, 0.5),
        ("weighted_sum", 3, 4.0),
        ("mul", 0, 3.0),
        ("mul", 1, 3.0),
    ]
