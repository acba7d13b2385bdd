"""The museum of bugs. Every number here was worked out by hand; what is right is also measured by central
differences."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine import Value, check, gradient, names, tanh, topological_order, weighted_sum
from engine.museum import BUGS, right
from engine.museum import broken as engines
from tests.engine.helpers import bits, examples
from tests.engine.programs import programs

# For each bug the graph with its gradients by hand: node, right, broken.
BY_HAND = {
    # L = p(p + a), p = ab at a = 2, b = 3: ∂L/∂p = 2p + a, ∂L/∂a = 2ab² + 2ab, ∂L/∂b = 2a²b + a². With = each node has
    # its last arrow only.
    "overwrites": {"a": (48, 6 * 3), "b": (28, 6 * 2), "p": (14, 6), "s": (6, 6), "L": (1, 1)},
    # c = 4a. b passes on 2 along two arrows, in each of two visits.
    "recursive": {"a": (4, 2 * (2 + 2)), "b": (2, 2), "c": (1, 1)},
    # c = a⁴ at 2: 4a³. b passes on the first 4 of its 8, along two arrows with slope 2.
    "depth_first": {"a": (32, 4 * 2 + 4 * 2), "b": (8, 8), "c": (1, 1)},
    # L = p + p², p = ab at a = 2, b = 3: ∂L/∂p = 1 + 2p. p passes on the first 1 of its 13.
    "breadth_first": {"a": (39, 3), "b": (26, 2), "p": (13, 13), "s": (1, 1), "L": (1, 1)},
    # L = (w - 3)² at 1.5, and -6 from w = 0.
    "not_zeroed": {"w": (-3, -3 - 6), "e": (-3, -3), "L": (1, 1)},
    # y = x³ at 3; s = x² holds 3 from each pass.
    "second_pass": {"x": (27, 9 + (3 + 3) * 6), "s": (3, 3 + 3), "y": (1, 1)},
    # y = ab at a = 0, b = 3.
    "drawn_early": {"a": (3, 0), "b": (0, 0), "y": (1, 0)},
    # L = (5 - wx)² at w = 1, x = 3.
    "plus_for_minus": {"w": (-12, 12), "x": (-4, 4), "p": (-4, 4), "e": (4, 4), "L": (1, 1)},
    # L = vwx at w = 2, x = 3, v = 5; read late, v is -1.
    "late_slopes": {"w": (15, -3), "x": (10, -2), "v": (6, 6), "h": (5, -1), "L": (1, 1)},
}  # fmt: skip

# What is to be replaced in the source of each engine to mend it.
MENDED = {
    "overwrites": [("grads[x] = grads", "grads[x] += grads")],
    "recursive": [("visit(x)", "pass"), ("visit(y)", "for node in reversed(topological_order(y)): visit(node)")],
    "depth_first": [("visit(x)", "pass"), ("visit(y)", "for node in reversed(topological_order(y)): visit(node)")],
    "breadth_first": [("in queue", "in reversed(topological_order(y))")],
    "not_zeroed": [("node.grad or 0.0", "0.0")],
    "second_pass": [("node.grad or 0.0", "0.0")],
    "drawn_early": [("return {", "y.zero_grad(); y.backward(); return {")],
    "plus_for_minus": [("slope = 1.0", "pass")],
    "late_slopes": [("node.rule.all_slopes(numbers, node.data, node.inputs)", "node.slopes")],
}
every = pytest.mark.parametrize("bug", BUGS.values(), ids=BUGS)


def chain_rule(y):
    nodes = topological_order(y)
    return dict(zip(nodes, gradient(y, *nodes), strict=True))


def by_name(y, grads):
    return {name: grads[node] for node, name in names(y).items()}


def state(y):
    return [(node.name, node.data, node.grad, node.slopes) for node in topological_order(y)]


def test_every_bug_is_worked_out_here():
    assert set(BUGS) == set(BY_HAND) == set(MENDED) == set(engines.__all__) - {"right", "edges"}
    assert [bug.name for bug in BUGS.values()] == list(BUGS)


@every
def test_the_gradients_are_those_worked_out_by_hand(bug):
    expected = BY_HAND[bug.name]
    y = bug.example()
    assert by_name(y, chain_rule(y)) == {node: true for node, (true, _) in expected.items()}
    assert by_name(y, bug.broken(y)) == {node: said for node, (_, said) in expected.items()}
    shown = bug.show()
    assert {node: shown[node] for node in expected} == expected
    assert bug.answer == expected[bug.asked][1]


@every
def test_the_check_passes_the_right_gradients_and_finds_the_wrong_ones(bug):
    expected = BY_HAND[bug.name]
    differ = {node for node, (true, said) in expected.items() if true != said}
    shown = bug.show()
    assert sorted(shown.wrong) == sorted(bug.wrong) == sorted(differ)
    assert bug.asked in differ
    assert not shown
    assert {row.verdict for row in shown.report.checked} == {"ok", "wrong"}

    y = bug.graph()
    report = check(y, gradients={node: expected[name][0] for node, name in names(y).items()})
    assert report
    assert {row.name for row in report.checked} == set(expected)


@every
def test_nothing_is_written_on_the_nodes(bug):
    y = bug.example()
    before = state(y)
    bug.broken(y)
    assert state(y) == before
    shown = bug.show()
    assert str(shown) and shown.pictures
    assert state(shown.y) == before


@every
def test_what_the_comment_calls_the_bug_is_all_that_is_wrong(bug):
    source = bug.code
    assert source.count("the bug: ") == 1
    assert '"""' in source
    for said, meant in MENDED[bug.name]:
        assert source.count(said) == 1
        source = source.replace(said, meant)
    mended = dict(vars(engines))
    exec(f"from __future__ import annotations\n{source}", mended)
    y = bug.example()
    assert mended[bug.name](y) == pytest.approx(chain_rule(y), rel=1e-15)


@pytest.mark.parametrize("name", ["not_zeroed", "second_pass", "late_slopes"])
def test_where_something_happens_to_the_graph_that_is_the_cause(name):
    bug = BUGS[name]
    y = bug.graph()
    assert state(y) != state(bug.example())
    assert bug.broken(y) == chain_rule(y)


@every
def test_there_is_a_graph_on_which_it_does_no_harm(bug):
    y = bug.harmless()
    assert y.rule is not None
    assert bug.broken(y) == chain_rule(y)


@given(programs())
@examples(60)
def test_the_right_engine_is_the_engine(program):
    _, y = program.on_values()
    expected = chain_rule(y)
    assert bits(*right(y).values()) == bits(*expected.values())


OPERATIONS = [
    lambda x, y: x + y,
    lambda x, y: x * y,
    lambda x, y: tanh(x) * y,
    lambda x, y: weighted_sum([x], [0.5], y),
    lambda x, y: x / y,
]


@given(st.lists(st.tuples(st.sampled_from(OPERATIONS), st.floats(0.5, 2.0), st.booleans()), min_size=1, max_size=8))
@examples(60)
def test_where_every_node_is_used_once_any_order_will_do_and_so_will_replacing(steps):
    y = Value(0.7)
    for operation, x, first in steps:
        y = operation(y, Value(x)) if first else operation(Value(x), y)
    for name in ("overwrites", "recursive", "depth_first", "breadth_first"):
        assert BUGS[name].broken(y) == pytest.approx(chain_rule(y), rel=1e-12)


# Training with gradients that are not emptied


def test_a_weight_whose_gradients_are_kept_swings_and_does_not_settle():
    """With e = w - 3 and G for what w.grad holds: G' = G + 2e and e' = e - G'/4. Such a step keeps 2e² + eG/2 + G²/4
    as it is."""
    w = Value(0.0, "w")
    invariants, errors = [], []
    for _ in range(200):
        e = w.data - 3.0
        kept = w.grad or 0.0
        invariants.append(2 * e**2 + e * kept / 2 + kept**2 / 4)
        errors.append(e)
        loss = (w - 3.0) ** 2
        said = BUGS["not_zeroed"].broken(loss)[w]
        loss.backward()
        assert w.grad == said  # the engine of this project adds leaves up, as PyTorch does
        w.data -= 0.25 * said
    assert max(abs(e) for e in errors[-20:]) > 2
    assert invariants == pytest.approx([invariants[0]] * 200, rel=1e-9)
