"""`gradient`, `hessian`, `jacobian`: closed forms, higher orders, purity."""

import math

import pytest

from engine import (
    Value,
    cos,
    exp,
    gradient,
    hessian,
    jacobian,
    log,
    logsumexp,
    no_grad,
    sin,
    sqrt,
    tanh,
    topological_order,
    total,
    weighted_sum,
    where,
)

inf = math.inf


def nth(f, at: float, order: int) -> float:
    """The derivative of that order of f at a point, by differentiating gradients."""
    x = Value(at)
    y = f(x)
    for _ in range(order):
        (y,) = gradient(y, x, as_values=True)
    return y.data


CLOSED_FORMS = [
    ("x^5", lambda x: x**5, 1.3, [1.3**5, 5 * 1.3**4, 20 * 1.3**3, 60 * 1.3**2, 120 * 1.3, 120.0, 0.0]),
    ("x·x·x", lambda x: x * x * x, -2.0, [-8.0, 12.0, -12.0, 6.0, 0.0]),
    ("sin", sin, 0.7, [math.sin(0.7), math.cos(0.7), -math.sin(0.7), -math.cos(0.7), math.sin(0.7)]),
    ("e^(2x)", lambda x: exp(2 * x), 0.3, [2**n * math.exp(0.6) for n in range(6)]),
    ("2^x", lambda x: 2**x, 0.3, [math.log(2) ** n * 2**0.3 for n in range(5)]),
    ("ln", log, 2.0, [math.log(2), 1 / 2, -1 / 4, 2 / 8, -6 / 16, 24 / 32]),
    ("1/x", lambda x: 1 / x, 2.0, [1 / 2, -1 / 4, 2 / 8, -6 / 16, 24 / 32]),
    ("1/x^2", lambda x: x**-2, -2.0, [1 / 4, 2 / 8, 6 / 16, 24 / 32]),
    ("x^x", lambda x: x**x, 2.0, [4.0, 4 * (1 + math.log(2)), 4 * ((1 + math.log(2)) ** 2 + 1 / 2)]),
    ("sqrt", sqrt, 4.0, [2.0, 1 / 4, -1 / 32, 3 / 256]),
    ("tanh", tanh, 0.0, [0.0, 1.0, 0.0, -2.0, 0.0, 16.0]),
    ("e^(-x^2)", lambda x: exp(-(x**2)), 0.0, [1.0, 0.0, -2.0, 0.0, 12.0]),
    ("a·x + b", lambda x: weighted_sum([x, 2.0], [3.0, x], 1.0), 5.0, [26.0, 5.0, 0.0]),
    ("x·x, as a weighted sum", lambda x: weighted_sum([x], [x], 0.0), 5.0, [25.0, 10.0, 2.0, 0.0]),
    ("3x, as a total", lambda x: total([x, x, x]), 5.0, [15.0, 3.0, 0.0]),
    ("ln(2 e^x)", lambda x: logsumexp([x, x]), 5.0, [5 + math.log(2), 1.0, 0.0]),
    ("x^2 or x^3", lambda x: where(x, x**3, x**2), -2.0, [4.0, -4.0, 2.0, 0.0]),
    ("5", lambda x: x * 0 + 5, 2.0, [5.0, 0.0, 0.0]),
]  # fmt: skip


@pytest.mark.parametrize(
    ("f", "at", "expected"), [case[1:] for case in CLOSED_FORMS], ids=[case[0] for case in CLOSED_FORMS]
)
def test_derivatives_of_any_order(f, at, expected):
    found = [nth(f, at, order) for order in range(len(expected))]
    assert found == pytest.approx(expected, rel=1e-12, abs=1e-12)


@pytest.mark.parametrize("point", [(-1.2, 1.0), (1.0, 1.0), (0.3, -2.0)])
def test_rosenbrock(point):
    x, y = map(Value, point)
    f = (1 - x) ** 2 + 100 * (y - x**2) ** 2
    a, b = point
    assert gradient(f, x, y) == pytest.approx(
        (-2 * (1 - a) - 400 * a * (b - a**2), 200 * (b - a**2)), rel=1e-13, abs=1e-12
    )
    assert hessian(f, x, y) == [
        pytest.approx([2 - 400 * b + 1200 * a**2, -400 * a], rel=1e-13),
        pytest.approx([-400 * a, 200.0], rel=1e-13),
    ]


def test_a_hessian_is_symmetric():
    xs = [Value(number) for number in (0.3, -0.7, 1.1, 0.2)]
    a, b, c, d = xs
    y = tanh(a * b + c / (2 + d)) * exp(a - c) + logsumexp([a, b * c, d]) ** 3
    found = hessian(y, *xs)
    for i in range(4):
        assert found[i] == pytest.approx([found[j][i] for j in range(4)], rel=1e-12, abs=1e-14)


def test_the_hessian_of_logsumexp():
    """The slopes of log-sum-exp are the softmax p, its second derivatives diag(p) - p p^T."""
    xs = [Value(number) for number in (0.5, -1.0, 2.0)]
    p = [math.exp(x.data) for x in xs]
    p = [e / sum(p) for e in p]
    y = logsumexp(xs)
    assert gradient(y, *xs) == pytest.approx(p, rel=1e-14)
    for i, row in enumerate(hessian(y, *xs)):
        assert row == pytest.approx([p[i] * (i == j) - p[i] * p[j] for j in range(3)], rel=1e-13, abs=1e-15)


def test_the_jacobian_of_polar_coordinates():
    r, t = Value(2.0), Value(0.6)
    found = jacobian([r * cos(t), r * sin(t)], r, t)
    assert found == [
        pytest.approx([math.cos(0.6), -2 * math.sin(0.6)], rel=1e-15),
        pytest.approx([math.sin(0.6), 2 * math.cos(0.6)], rel=1e-15),
    ]
    assert jacobian([], r) == []


def test_the_gradient_is_pure():
    x, w = Value(3.0), Value(2.0)
    y = (x * w).sin()
    y.backward()
    before = [(node.data, node.grad, node.inputs, node.slopes) for node in topological_order(y)]
    gradient(y, x, w)
    gradient(y, x, w, as_values=True)
    hessian(y, x, w)
    assert [(node.data, node.grad, node.inputs, node.slopes) for node in topological_order(y)] == before


def test_the_gradient_in_any_node():
    x = Value(3.0)
    a = x * x
    y = a * x
    assert gradient(y, y, a, x, Value(1.0)) == (1.0, 3.0, 27.0, 0.0)
    assert gradient(y) == ()
    assert gradient(y, x, x) == (27.0, 27.0)
    assert gradient(x, x, y) == (1.0, 0.0)


def test_what_does_not_depend_has_slope_zero_at_every_order():
    x, z = Value(3.0), Value(4.0)
    y = x**2
    (slope,) = gradient(y, z, as_values=True)
    assert isinstance(slope, Value)
    assert (slope.data, slope.inputs, slope.frozen) == (0.0, (), True)
    assert gradient(slope, z, x) == (0.0, 0.0)
    assert hessian(y, z, x) == [[0.0, 0.0], [0.0, 2.0]]


def test_gradients_as_values_are_ordinary_nodes():
    x = Value(3.0, "x")
    (slope,) = gradient(x**3, x, as_values=True)
    penalty = slope**2
    penalty.backward()
    assert slope.data == 27.0
    assert x.grad == pytest.approx(2 * 27 * 18, rel=1e-14)


def test_gradients_as_values_have_no_empty_operations():
    """No 1 · x and no x + 0: the graph of a derivative can be looked at."""
    x, w, b = Value(0.5), Value(2.0), Value(0.1)
    for y in (tanh(w * x + b), weighted_sum([w, 1.0], [x, x], b), (x - w) / b):
        for slope in gradient(y, x, w, b, as_values=True):
            for node in topological_order(slope):
                operation = node.rule.name if node.rule else ""
                assert not (operation == "mul" and 1.0 in node.inputs), node
                assert not (operation in ("add", "sub") and 0.0 in node.inputs), node


def test_a_frozen_leaf_can_be_asked_for():
    x = Value(3.0, frozen=True)
    assert gradient(x**2, x) == (6.0,)
    assert gradient(x**2, x, as_values=True)[0].data == 6.0


def test_inside_no_grad():
    """The graph was recorded outside; its derivatives are the same wherever they are asked for."""
    x = Value(3.0)
    y = x**3
    with no_grad():
        assert gradient(y, x) == (27.0,)
        assert hessian(y, x) == [[18.0]]
        assert (x * 2).rule is None
    assert hessian(y, x) == [[18.0]]


def test_infinite_slopes_are_numbers_and_only_inside():
    x = Value(0.0)
    y = sqrt(x)
    assert gradient(y, x) == (inf,)
    assert gradient(y, x, as_values=True)[0].data == inf
    with pytest.raises(ValueError, match="not defined"):
        log(x)


def test_an_error_on_the_way_ends_the_extended_line():
    x = Value(3.0)
    y = x**2
    x.data = 4.0
    with pytest.raises(ValueError, match="stale"):
        gradient(y, x, as_values=True)
    with pytest.raises(ValueError, match="not defined"):
        log(Value(-1.0))


@pytest.mark.parametrize(
    "call",
    [
        lambda x: gradient(3.0, x),
        lambda x: gradient(x, 3.0),
        lambda x: gradient(x, [x]),
        lambda x: gradient(x, "x", as_values=True),
        lambda x: hessian(3.0, x),
        lambda x: hessian(x, None),
        lambda x: jacobian([x, 3.0], x),
        lambda x: jacobian([x], 3.0),
    ],
)
def test_only_values_have_gradients(call):
    with pytest.raises(TypeError, match=r"takes Values, got (float 3\.0|list \[|str 'x'|NoneType None)"):
        call(Value(2.0))
