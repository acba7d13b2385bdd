"""Questions about a graph, against brute force."""

import math
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine import Value, count_paths, depth, gradient, names, paths, topological_order, total, users
from engine.graph import Node, sweep
from engine.scope import looking_on
from tests.engine.helpers import examples


@st.composite
def graphs(draw: st.DrawFn) -> list[Value]:
    """Nodes in the order they were made: a few leaves, then sums, products, negations and totals of any earlier
    nodes."""
    nodes = [Value(float(i + 1)) for i in range(draw(st.integers(1, 3)))]
    for _ in range(draw(st.integers(0, 8))):
        pick = [nodes[draw(st.integers(0, len(nodes) - 1))] for _ in range(3)]
        kind = draw(st.sampled_from(["add", "mul", "neg", "constant", "total"]))
        if kind == "add":
            nodes.append(pick[0] + pick[1])
        elif kind == "mul":
            nodes.append(0.5 * pick[0] if pick[0] is pick[1] else pick[0] * pick[1])
        elif kind == "neg":
            nodes.append(-pick[0])
        elif kind == "constant":
            nodes.append(2.0 - pick[0])
        else:
            nodes.append(total(pick))
    return nodes


def below(y: Value) -> set[Value]:
    return {y}.union(*[below(x) for x in y.inputs if isinstance(x, Value)])


def walks(y: Value, x: Value) -> Iterator[tuple[tuple[Value, int], ...]]:
    """Every path from x up to y, by recursion."""
    if x is y:
        yield ()
    for index, node in enumerate(y.inputs):
        if isinstance(node, Value):
            yield from ((*walk, (y, index)) for walk in walks(node, x))


@examples(150)
@given(graphs())
def test_a_topological_order_has_every_node_once_after_its_inputs(nodes):
    y = nodes[-1]
    order = topological_order(y)
    place = {node: i for i, node in enumerate(order)}
    assert len(place) == len(order)
    assert set(order) == below(y)
    assert all(place[x] < place[node] for node in order for x in node.inputs if isinstance(x, Value))
    assert order[-1] is y


@examples(150)
@given(graphs(), st.data())
def test_paths_and_their_number(nodes, data):
    y, x = nodes[-1], data.draw(st.sampled_from(nodes))
    expected = list(walks(y, x))
    found = [tuple(path) for path in paths(y, x)]
    assert len(found) == len(expected) == count_paths(y, x)
    assert set(found) == set(expected)


@examples(150)
@given(graphs(), st.data())
def test_the_sum_over_paths_is_the_gradient(nodes, data):
    y, x = nodes[-1], data.draw(st.sampled_from(nodes))
    products = [math.prod([node.slopes[index] for node, index in path]) for path in paths(y, x)]
    assert math.fsum(products) == pytest.approx(gradient(y, x)[0], rel=1e-12, abs=1e-12 * math.fsum(map(abs, products)))


@examples(150)
@given(graphs())
def test_depth_is_the_longest_path(nodes):
    y = nodes[-1]
    assert depth(y) == max(len(walk) for leaf in below(y) if leaf.rule is None for walk in walks(y, leaf))


@examples(150)
@given(graphs())
def test_users_are_the_edges_the_other_way(nodes):
    y = nodes[-1]
    found = users(y)
    assert found.keys() == below(y)
    edges = {(x, node, index) for node in below(y) for index, x in enumerate(node.inputs) if isinstance(x, Value)}
    assert {(x, node, index) for x, places in found.items() for node, index in places} == edges
    assert sum(map(len, found.values())) == len(edges)


def test_the_order_takes_inputs_from_left_to_right():
    a, b, c = Value(1.0), Value(2.0), Value(3.0)
    product = b * c
    y = a + product
    assert topological_order(y) == [a, b, c, product, y]


def test_the_order_of_several_results():
    a, b = Value(1.0), Value(2.0)
    first, second = a * 2, a * b
    assert topological_order(first, second) == [a, first, b, second]
    assert topological_order() == []
    assert topological_order(a, a) == [a]


def test_a_node_used_twice_has_two_users_and_two_paths():
    x = Value(3.0)
    y = x * x
    assert users(y)[x] == [(y, 0), (y, 1)]
    assert count_paths(y, x) == 2


def test_paths_that_are_not_there():
    x, z = Value(3.0), Value(4.0)
    y = x * 2
    assert (count_paths(y, z), list(paths(y, z))) == (0, [])
    assert (count_paths(y, y), list(paths(y, y))) == (1, [[]])
    assert (count_paths(x, y), list(paths(x, y))) == (0, [])


def test_exponentially_many_paths_are_counted_exactly_and_walked_lazily():
    x = y = Value(1.0)
    for _ in range(200):
        y = y + y
    assert count_paths(y, x) == 2**200
    assert len(next(paths(y, x))) == 200


def test_names_are_stable_unique_and_keep_what_the_user_said():
    def graph() -> list[str]:
        x, taken = Value(3.0, "x"), Value(1.0, "v2")
        y = (x * 2 + taken) * x
        return list(names(y).values())

    first = graph()
    Value(0.0) * 2  # other nodes do not count
    assert graph() == first
    assert len(set(first)) == len(first)
    assert first == ["x", "v1", "v2", "v2′", "v3"]


def test_names_of_several_results_do_not_clash():
    x = Value(3.0)
    a, b = x * 2, x * 3
    assert list(names(a, b)) == [x, a, b]
    assert len(set(names(a, b).values())) == 3


@examples(100)
@given(graphs())
def test_names_are_one_per_node(nodes):
    found = names(nodes[-1])
    assert found.keys() == below(nodes[-1])
    assert len(set(found.values())) == len(found)


def test_the_sweep_needs_nothing_but_inputs_and_slopes():
    """f = (a + b) · b at a = 2, b = 3 as bare lines of numbers."""
    a, b = Node((), ()), Node((), ())
    total = Node((a, b), (1.0, 1.0))
    f = Node((total, b), (3.0, 5.0))
    assert [(node.inputs, node.slopes) for node in (a, f)] == [((), ()), ((total, b), (3.0, 5.0))]
    adjoints = {a: 0.0, b: 0.0, total: 0.0, f: 1.0}
    assert list(sweep(adjoints)) == []
    assert list(adjoints.values()) == [3.0, 8.0, 3.0, 1.0]
    adjoints = dict.fromkeys(adjoints, 0.0) | {f: 1.0}
    steps = [(step.input, step.upstream, step.local) for step in sweep(adjoints, observed=True)]
    assert steps == [(total, 1.0, 3.0), (b, 1.0, 5.0), (a, 3.0, 1.0), (b, 3.0, 1.0)]
    assert list(adjoints.values()) == [3.0, 8.0, 3.0, 1.0]


def test_who_looks_on_sees_every_step_of_a_sweep_that_yields_none():
    x = Value(3.0, "x")
    y = x * x + x
    seen = []
    with looking_on(step=seen.append):
        assert list(sweep(dict.fromkeys(topological_order(y), 0.0) | {y: 1.0})) == []
    assert [(step.node, step.index, step.contribution) for step in seen] == [
        (step.node, step.index, step.contribution) for step in y.backward_steps()
    ]
    assert [step.contribution for step in seen if step.input is x] == [1.0, 3.0, 3.0]
