"""Explanations: their products and sums are the gradient, their formulas evaluate to their numbers, their texts are
well formed."""

import math
from itertools import pairwise
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine import RULES, Value, explain, gradient, paths, relu, total, weighted_sum


def neuron():
    w, x, b = Value(0.5, "W"), Value(2.0, "x"), Value(-0.25, "b")
    z = weighted_sum([w], [x], b)
    a = z.tanh()
    loss = (a - 1.0) ** 2
    z.name, a.name, loss.name = "z", "a", "L"
    return loss, a, w


def edges(path):
    return [(factor.node, factor.index) for factor in reversed(path.factors)]


def test_the_formula_of_the_textbook():
    """dL/dW = dL/da · da/dz · dz/dW, with da/dz = 1 - a² and dz/dW = x, and the numbers of a hand calculation."""
    loss, a, w = neuron()
    e = explain(a, w)
    assert str(e).splitlines()[0].split() == ["da/dW", "=", "∂a/∂z", "·", "∂z/∂W"]
    (path,) = e.paths
    assert [factor.value for factor in path.factors] == [1 - math.tanh(0.75) ** 2, 2.0]
    assert [str(factor.formula) for factor in path.factors] == ["1 - a ** 2", "x"]
    assert explain(loss, w).gradient == pytest.approx(2 * (math.tanh(0.75) - 1) * (1 - math.tanh(0.75) ** 2) * 2.0)


@st.composite
def graphs(draw):
    """A small graph with reuse: each node an operation on earlier ones."""
    nodes = [Value(draw(st.floats(-2, 2)), f"x{i}") for i in range(3)]
    for _ in range(draw(st.integers(1, 9))):
        left, right = (nodes[draw(st.integers(0, len(nodes) - 1))] for _ in range(2))
        operation = draw(st.sampled_from(["add", "sub", "mul", "tanh", "total"]))
        made = {"add": lambda a, b: a + b, "sub": lambda a, b: a - b, "mul": lambda a, b: a * b, "tanh": lambda a,
                b: a.tanh(), "total": lambda a, b: total([a, b, a])}[operation](left, right)  # fmt: skip
        nodes.append(made)
    return nodes


@settings(max_examples=150, deadline=None)
@given(graphs(), st.data())
def test_the_sum_over_paths_is_the_gradient(nodes, data):
    y, x = nodes[-1], data.draw(st.sampled_from(nodes))
    e = explain(y, x, most=100_000)
    assert len(e.paths) == e.number_of_paths == len(list(paths(y, x)))
    assert math.fsum(path.product for path in e.paths) == pytest.approx(gradient(y, x)[0], rel=1e-9, abs=1e-12)
    assert {tuple(edges(path)) for path in e.paths} == {tuple(path) for path in paths(y, x)}
    sizes = [abs(path.product) for path in e.paths]
    assert all(a >= b * (1 - 1e-12) for a, b in pairwise(sizes))


@settings(max_examples=100, deadline=None)
@given(graphs(), st.integers(1, 5))
def test_the_listed_paths_are_the_largest_and_the_rest_is_the_remainder(nodes, most):
    y, x = nodes[-1], nodes[0]
    few, every = explain(y, x, most=most), explain(y, x, most=100_000)
    expected = [abs(path.product) for path in every.paths[:most]]
    assert [abs(path.product) for path in few.paths] == pytest.approx(expected)
    assert math.fsum(path.product for path in few.paths) + few.remainder == pytest.approx(
        every.gradient, rel=1e-9, abs=1e-12
    )


def test_more_paths_than_anyone_could_walk():
    """Each step adds the number to itself: 2^200 paths, each of slope 1."""
    x = y = Value(1.0, "x")
    for _ in range(200):
        y = y + y
    e = explain(y, x, most=3)
    assert e.number_of_paths == 2**200
    assert [path.product for path in e.paths] == [1.0] * 3
    assert e.remainder == float(2**200 - 3)
    assert len(str(e)) < 10_000


@settings(max_examples=60, deadline=None)
@given(graphs())
def test_each_formula_evaluates_to_its_number(nodes):
    y = nodes[-1]
    e = explain(y, nodes[0])
    numbers = {name: node.data for node, name in e.names.items()}
    for path in e.paths:
        for factor in path.factors:
            assert eval(factor.formula.python(), dict(RULES), numbers) == pytest.approx(factor.value, rel=1e-12)


def test_the_same_input_twice_is_two_paths_told_apart():
    x = Value(3.0, "x")
    e = explain(x * x, x)
    assert [path.nodes for path in e.paths] == [["x", "v1 (input 1)"], ["x", "v1 (input 2)"]]
    assert e.gradient == 6.0


def test_no_path_and_no_distance():
    x, stranger = Value(3.0, "x"), Value(1.0, "s")
    assert explain(x * 2.0, stranger).gradient == 0.0
    assert "does not depend" in str(explain(x * 2.0, stranger))
    assert explain(x, x).gradient == 1.0 and explain(x, x).number_of_paths == 1


def test_an_infinite_slope_is_shown():
    x = Value(0.0, "x")
    e = explain(x.sqrt() * 2.0 + x, x)
    assert e.gradient == math.inf and e.paths[0].product == math.inf
    assert "inf" in str(e)


HOSTILE = [
    "<script>alert(1)</script>",
    'a"b',
    r"x_1^2\frac",
    "🐧",
    "n" * 5000,
    "a&b",
    r"}\input{x}",
    "{0}",
    "two\nlines",
]


@pytest.mark.parametrize("name", HOSTILE, ids=lambda name: name[:20])
def test_hostile_names_do_no_harm(name):
    x = Value(2.0, name)
    y = x * x + relu(x)
    y.name = name
    e = explain(y, x)
    tree = ElementTree.fromstring(e.mathml())
    assert {element.tag for element in tree.iter()} <= set(
        "math mtable mtr mtd mfrac mrow mo mn mi msub msup mtext".split()
    )
    latex = e.latex()
    assert "<script" not in e.mathml() and r"\input" not in latex.replace(r"\textbackslash{}input", "")
    unescaped = latex.replace(r"\{", "").replace(r"\}", "")
    assert unescaped.count("{") == unescaped.count("}")
    assert max(map(len, (latex, str(e), e.mathml()))) < 60_000


def test_wrong_arguments_and_stale_graphs():
    x = Value(2.0, "x")
    y = x * 3.0
    with pytest.raises(TypeError, match=r"float 3\.0"):
        explain(y, 3.0)
    with pytest.raises(ValueError, match="most=0"):
        explain(y, x, most=0)
    x.data = 5.0
    with pytest.raises(ValueError, match="stale"):
        explain(y, x)
