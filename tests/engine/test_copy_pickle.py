"""Copies and pickles of nodes, graphs and tapes."""

import copy
import pickle

import pytest

from engine import RULES, Rule, Tape, Value, depth, group, logsumexp, rule, topological_order, value
from tests.engine.helpers import bits, python


def graph() -> tuple[Value, Value, Value, Value]:
    x, w = Value(2.0, "x"), Value(-3.0, "w", frozen=True)
    with group("layer"), group("neuron"):
        shared = (x * w + 1).tanh()
        y = logsumexp([shared * shared, x, 0.5])
    y.backward()
    return x, w, shared, y


def content(node: Value) -> tuple[object, ...]:
    """All that a node holds, its inputs aside."""
    group = node.group.path if node.group else None
    return (*bits(node.data), node.grad, node.name, node.rule, node.frozen, node.slopes, group)


def assert_same_graph(y: Value, twin: Value) -> None:
    """The same shape, edge by edge, with the same content, and no node in common."""
    order, twins = topological_order(y), topological_order(twin)
    place = {node: i for i, node in enumerate(order)} | {node: i for i, node in enumerate(twins)}
    assert not set(order) & set(twins)
    assert [content(node) for node in order] == [content(node) for node in twins]
    assert [[place.get(x, x) for x in node.inputs] for node in order] == [
        [place.get(x, x) for x in node.inputs] for node in twins
    ]


PROTOCOLS = range(2, pickle.HIGHEST_PROTOCOL + 1)
TWINS = [copy.deepcopy, *[lambda y, p=p: pickle.loads(pickle.dumps(y, p)) for p in PROTOCOLS]]
TWIN = pytest.mark.parametrize("twin_of", TWINS, ids=["deepcopy", *[f"pickle protocol {p}" for p in PROTOCOLS]])


@TWIN
def test_a_twin_is_the_same_graph(twin_of):
    *_, y = graph()
    assert_same_graph(y, twin_of(y))


@TWIN
def test_a_twin_is_independent(twin_of):
    x, _, _, y = graph()
    twin = twin_of(y)
    before = x.grad
    twin.zero_grad()
    twin.backward()
    assert x.grad == before
    assert next(node for node in topological_order(twin) if node.name == "x").grad == before


@TWIN
def test_identities_are_kept_in_containers(twin_of):
    x, w, shared, y = graph()
    twins = twin_of({"nodes": [x, w, shared, y], "again": (y, shared)})
    assert twins["again"][0] is twins["nodes"][3]
    assert twins["again"][1] is twins["nodes"][2]
    assert twins["nodes"][0] in topological_order(twins["again"][1])
    assert_same_graph(y, twins["nodes"][3])


def test_a_shallow_copy_is_a_new_node_on_the_same_inputs():
    x, _, shared, _ = graph()
    twin = copy.copy(shared)
    assert twin is not shared
    assert content(twin) == content(shared)
    assert twin.inputs == shared.inputs
    leaf = copy.copy(x)
    leaf.data = 7.0
    assert (x.data, leaf.name, leaf.rule) == (2.0, "x", None)


@pytest.mark.slow
def test_a_deep_copy_of_a_deep_graph_that_shares_everything():
    x = y = Value(1e-3)
    for _ in range(20_000):
        y = 0.5 * y + 0.5 * y
    twin = copy.deepcopy([x, y])
    twin[1].backward()
    assert twin[0].grad == pytest.approx(1.0)
    assert x.grad is None
    assert len(topological_order(twin[1])) == len(topological_order(y))


def chain(length: int, y: Value | None = None) -> Value:
    y = y or Value(1.0)
    for _ in range(length):
        y = y + 1.0
    return y


def test_the_deepest_graph_that_pickle_takes():
    for step in (lambda y: y * 1.001, lambda y: logsumexp([y, 0.5])):
        y = Value(1.0)
        for _ in range(100):
            y = step(y)
        assert_same_graph(y, pickle.loads(pickle.dumps(y)))


@pytest.mark.parametrize("deep", [101, *[pytest.param(deep, marks=pytest.mark.slow) for deep in (5_000, 50_000)]])
def test_a_graph_too_deep_for_pickle_says_what_to_do(deep):
    y = chain(deep)
    with pytest.raises(RecursionError, match=f"{deep} operations deep.*Tape"):
        pickle.dumps(y)
    tape = pickle.loads(pickle.dumps(Tape(y)))
    assert (tape.value, tape.adjoints[0], len(tape)) == (deep + 1.0, 1.0, deep + 1)


def test_how_deep_a_graph_is_is_asked_once_and_then_forgotten(monkeypatch):
    """Were nodes still waited for, another node that comes to lie where one of them lay would not be asked."""
    asked = []
    monkeypatch.setattr(value, "depth", lambda node: asked.append(node) or depth(node))
    *_, y = graph()
    for times in (1, 2):
        pickle.dumps(y)
        assert asked == [y] * times
        assert value._checked.to_come == set()


@pytest.mark.slow
def test_whether_a_graph_is_too_deep_is_asked_anew_for_every_graph():
    """A new node may lie at the address of an old one that was pickled: here, in a fresh process, all of them do."""
    code = """
import pickle
from engine import Value, logsumexp

def chain(length):
    y = Value(1.0)
    for _ in range(length):
        y = y + 1.0
    return y

for _ in range(3):
    wide = logsumexp([chain(1) for _ in range(30_000)])
    pickle.dumps(wide)
    del wide
    try:
        pickle.dumps(chain(1_000))
    except RecursionError as error:
        print("Tape" in str(error))
"""
    assert python(code).stdout.split() == ["True"] * 3


@pytest.mark.slow
def test_a_wide_graph_is_pickled_in_linear_time():
    """20,000 nodes at most 3 deep: were every node's depth asked for on its own, this would take minutes."""
    x = Value(0.5)
    y = logsumexp([(x * i).tanh() for i in range(10_000)])
    assert_same_graph(y, pickle.loads(pickle.dumps(y)))


def test_a_pickle_is_read_in_another_process():
    *_, y = graph()
    code = f"import pickle\ny = pickle.loads({pickle.dumps(y)!r})\n"
    code += "y.zero_grad()\ny.backward()\nprint(y.inputs[1].grad.hex(), y.group)"
    x = y.inputs[1]
    assert python(code).stdout.split(maxsplit=1) == [x.grad.hex(), "<group layer / neuron>\n"]


def cube() -> Rule:
    return rule("cube", "{0}^3", lambda x: x * x * x, lambda x, z: 3.0 * x * x)


def test_a_graph_with_a_rule_of_ones_own():
    y = cube()(Value(2.0))
    content = pickle.dumps(y)
    assert_same_graph(y, pickle.loads(content))
    del RULES["cube"]
    with pytest.raises(KeyError, match="cube"):
        pickle.loads(content)


class Noted(Value):
    """A class of the user's own: with attributes, one of them in a slot, and arguments of its own."""

    __slots__ = ("__dict__", "unit")

    def __init__(self, data: float, unit: str) -> None:
        super().__init__(data, "q")
        self.unit, self.notes = unit, ["measured"]
        self.itself = self


@pytest.mark.parametrize("twin_of", [copy.copy, *TWINS], ids=["copy", "deepcopy", *map(str, PROTOCOLS)])
def test_a_value_of_a_class_of_ones_own_keeps_class_and_attributes(twin_of):
    x = Noted(2.0, "m")
    x.grad = 0.5
    twin = twin_of(x)
    assert type(twin) is Noted
    assert (content(twin), twin.unit, twin.notes) == (content(x), "m", ["measured"])
    assert (twin.notes is x.notes) is (twin_of is copy.copy)
    assert twin.itself is (x if twin_of is copy.copy else twin)
    y = twin * 3.0
    y.backward()
    assert (twin.grad, x.grad) == (3.5, 0.5)


@pytest.mark.parametrize("make", [lambda: Value(2.0), lambda: Noted(2.0, "m")], ids=["Value", "of one's own"])
def test_a_copy_is_in_the_group_of_its_original(make):
    """The same one, not another of its name: a drawing shows both in one frame."""
    x = make()
    with group("layer") as layer:
        x.group = layer
    assert copy.copy(x).group is copy.deepcopy(x).group is layer


@TWIN
def test_a_class_of_ones_own_within_a_graph(twin_of):
    x = Noted(2.0, "m")
    y = (x * Value(3.0)).tanh()
    twin = twin_of(y)
    assert_same_graph(y, twin)
    leaf = twin.inputs[0].inputs[0]
    assert (type(leaf), leaf.unit, leaf.notes) == (Noted, "m", ["measured"])


def test_tapes_travel_whole():
    x, _, _, y = graph()
    tape = Tape(y)
    for twin in (copy.deepcopy(tape), pickle.loads(pickle.dumps(tape))):
        assert str(twin) == str(tape)
        assert [leaf.name for leaf in twin.leaves] == [leaf.name for leaf in tape.leaves]
        assert (
            twin.replay({"x": 0.25}).adjoints
            == tape.replay({x: 0.25}).adjoints
            == twin.replay({twin.leaves[0]: 0.25}).adjoints
        )


def test_a_pickled_tape_holds_no_graph():
    y = chain(5_000)
    leaf = copy.copy(y)  # a node of a deep graph ...
    leaf.rule = leaf._x = leaf._y = leaf._dx = leaf._dy = None
    with group("layer"):
        z = leaf * 2
    assert len(pickle.dumps(Tape(z))) < 2_000
