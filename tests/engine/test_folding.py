"""Folded groups: boxes, nodes and edges of a picture add up to those that a walk over the graph counts."""

from __future__ import annotations

import copy
import json
import pickle
import random
import re
from collections import Counter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import engine
from engine import Group, Value, draw, group, weighted_sum
from nn import MLP, l2
from tests.engine.helpers import examples
from tests.engine.svg import below, heading, of_kind, parse, parts


def nested_graph(seed: int, size: int) -> Value:
    """Operations in groups within groups, some entered again under the same name, on leaves that some of them own."""
    rng = random.Random(seed)
    leaves = [Value(rng.uniform(-1, 1), f"x{i}") for i in range(5)]
    nodes, made = leaves[:], 0
    while made < size:
        with group(rng.choice("AB"), *rng.sample(leaves, 2)):
            for _ in range(rng.randrange(3)):
                nodes.append(rng.choice(nodes) * rng.choice([2.0, *nodes]))
            with group(rng.choice("AC"), [rng.choice(leaves)]):
                nodes.append(rng.choice(nodes) - rng.choice(nodes))
        nodes.append(rng.choice(nodes) + rng.choice(nodes[-3:]))
        made += 3
    return engine.total(nodes)


def groups_around(node: Value) -> list[Group]:
    """The groups that a node is in, the outermost first, those of a parameter found by a walk of the test's own."""
    around, inner = [], node.group
    while inner:
        around.insert(0, inner)
        inner = inner.parent
    return around


def home(node: Value, nodes: list[Value]) -> list[Group]:
    """As `groups_around`, for a leaf the groups that all its users are in and one of which owns it."""
    if node.inputs or node.group:
        return groups_around(node)
    users = [user for user in nodes if any(x is node for x in user.inputs)]
    common = (
        [group for group in groups_around(users[0]) if all(group in groups_around(user) for user in users)]
        if users
        else []
    )
    owning = [[group for group in groups_around(user) if any(x is node for x in flat(group.owned))] for user in users]
    if not owning or not all(owning) or any(found[-1] is not owning[0][-1] for found in owning):
        return []
    return common[: common.index(owning[0][-1]) + 1]


def flat(owned: Any) -> list[Value]:
    return [owned] if isinstance(owned, Value) else [x for part in owned for x in flat(part)]


def count(part: Any) -> int:
    """How many nodes a folded box says it holds, or edges an arrow says it is."""
    found = re.search(r"^([\d,]+) (node|leaf|leaves|edge)", part.texts[-1])[1]  # type: ignore[index]
    return int(found.replace(",", ""))


@pytest.mark.slow
@given(st.integers(0, 10**6), st.sampled_from([3, 9, 15]), st.sampled_from([1, 2, "A", "C", "A / C", ["B", 2]]))
@examples(40)
def test_boxes_nodes_and_edges_add_up(seed: int, size: int, folded: Any) -> None:
    y = nested_graph(seed, size)
    nodes = below(y)
    homes = {node: home(node, nodes) for node in nodes}
    wanted = folded if isinstance(folded, list) else [folded]

    def meant(what: Any, group: Group) -> bool:
        path = " / ".join(group.path)
        return len(group.path) == what or path == what or path.endswith(f" / {what}")

    def closed(group: Group) -> bool:
        return any(meant(what, group) for what in wanted)

    if not all(any(meant(what, group) for groups in homes.values() for group in groups) for what in wanted):
        with pytest.raises(ValueError, match="this graph has no group"):
            draw(y, folded=folded)
        return
    box: dict[Value, Any] = {node: next((group for group in homes[node] if closed(group)), node) for node in nodes}
    picture = parts(draw(y, folded=folded))
    kinds = {
        kind: [part for part in of_kind("node", picture).values() if part.classes[1] == kind]
        for kind in ("folded", "constant")
    }
    inside = Counter(group for group in box.values() if isinstance(group, Group))
    assert sorted(map(count, kinds["folded"])) == sorted(inside.values())
    assert len(of_kind("node", picture)) - len(kinds["constant"]) == len(set(box.values()))
    constants = [x for node in nodes if box[node] is node for x in node.inputs if isinstance(x, float)]
    assert len(kinds["constant"]) == len(constants)
    crossing = [
        (box[x], box[node]) for node in nodes for x in node.inputs if isinstance(x, Value) and box[x] is not box[node]
    ]
    arrows = of_kind("edge", picture).values()
    merged = [part for part in arrows if "merged" in part.classes]
    assert sum(map(count, merged)) + len(arrows) - len(merged) - len(constants) == len(crossing)
    plain = sum(isinstance(tail, Value) and isinstance(head, Value) for tail, head in crossing)
    assert len(arrows) - len(constants) == plain + len(
        {ends for ends in crossing if any(isinstance(end, Group) for end in ends)}
    )
    frames = {group for node in nodes for group in homes[node] if not any(map(closed, group_path(group)))}
    assert len(of_kind("cluster", picture)) == len(frames)


def group_path(group: Group | None) -> list[Group]:
    return [*group_path(group.parent), group] if group else []


@given(st.integers(0, 10**6))
@examples(10)
def test_opened_again_it_is_the_picture_before(seed: int) -> None:
    y = nested_graph(seed, 9)
    before = draw(y).source
    draw(y, folded=1)
    assert draw(y, folded=[]).source == draw(y).source == before


def test_a_group_keeps_its_id_whether_it_is_open_or_folded() -> None:
    y = MLP(2, [2, 2])([1.0, 2.0])[0] * 2.0
    opened = {identity: part.texts[0] for identity, part in of_kind("cluster", parts(draw(y, folded=[]))).items()}
    folded = {
        identity: part.texts[0]
        for identity, part in parts(draw(y, folded=["layer 1", "neuron 1"])).items()
        if identity in opened
    }
    assert folded == {identity: name for identity, name in opened.items() if identity in folded}
    assert sorted(folded.values()) == ["layer 1", "layer 2", "neuron 1"]


def test_the_picture_of_a_known_network() -> None:
    model = MLP(2, [3, 1])
    x = [Value(1.0, "x1"), Value(2.0, "x2")]
    y = model(x)
    picture = parts(draw(y, folded=1))
    assert {part.texts[:2] for part in of_kind("node", picture).values()} == {
        ("x1", "data 1"), ("x2", "data 2"), ("layer 1", "15 nodes"), ("layer 2", "5 nodes")
    }  # fmt: skip
    called = {part.texts[0]: part.title for part in of_kind("node", picture).values()}
    assert {(part.title, part.texts) for part in of_kind("edge", picture).values()} == {
        (f"{called['x1']}->{called['layer 1']}", ("3 edges",)),
        (f"{called['x2']}->{called['layer 1']}", ("3 edges",)),
        (f"{called['layer 1']}->{called['layer 2']}", ("3 edges",)),
    }
    result = next(part for part in picture.values() if part.texts[:1] == ("layer 2",))
    assert result.classes == ("node", "folded", "result")
    assert result.tooltip.split("\n") == ["layer 2", "4 leaves, 1 operation"]


def test_what_folds() -> None:
    """The object, its name and its path fold the same group; a name folds all of that name."""
    with group("outer") as outer:
        with group("inner") as first:
            a = Value(1.0) * 2.0
        with group("inner") as second:
            b = a * 3.0
        c = b + 1.0
    y = c * c
    for folded in (outer, "outer", 1, [outer, "inner"], {"outer"}):
        assert draw(y, folded=folded).folded == (outer,)
    for folded in ("inner", "outer / inner", 2, (first, second)):  # type: ignore[assignment]
        assert set(draw(y, folded=folded).folded) == {first, second}
    assert draw(y, folded=second).folded == (second,)
    assert draw(y).folded == draw(y, folded=[]).folded == ()
    assert draw(y, folded=outer).copy().folded == (outer,)


GROUPED = "this graph has no group {} to fold; its groups are layer 1, layer 1 / neuron 1, layer 1 / neuron 2, "
GROUPED += "layer 2, layer 2 / neuron 1"
EXPECTED = r"folded takes groups, their names or paths \('layer 1 / neuron 2'\), or a depth from 1 up, got "


@pytest.mark.parametrize(
    "folded, error, words",
    [
        ("neuron 3", ValueError, GROUPED.format("'neuron 3'")),
        ("euron 1", ValueError, GROUPED.format("'euron 1'")),
        (["layer 1", "layer 2 / neuron 2"], ValueError, GROUPED.format("'layer 2 / neuron 2'")),
        (0, ValueError, GROUPED.format("0")),
        (3, ValueError, GROUPED.format("3")),
        (True, ValueError, GROUPED.format("True")),
        (Group("layer 1"), ValueError, GROUPED.format("<group layer 1>")),
        (1.5, TypeError, EXPECTED + "float 1.5"),
        ([None], TypeError, EXPECTED + "NoneType None among them"),
    ],
)
def test_what_does_not_fold(folded: Any, error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        draw(MLP(1, [2, 1])([1.0]), folded=folded)


def test_a_graph_without_groups_has_none_to_fold() -> None:
    with pytest.raises(ValueError, match="no group 1 to fold; its groups are none"):
        draw(Value(1.0) * 2.0, folded=1)


def inside(diagram: Any) -> dict[str, set[str]]:
    """The first lines of the nodes in each frame, by its name."""
    picture = json.loads(diagram.pipe("json"))
    lines = {
        thing["_gvid"]: re.split(r"[|\\{ ]", thing["label"])[0] for thing in picture["objects"] if "nodes" not in thing
    }
    return {
        thing["label"]: {lines[i] for i in thing["nodes"]}
        for thing in picture["objects"]
        if thing["name"].startswith("cluster")
    }


def test_parameters_are_inside_their_neurons_and_inputs_are_not() -> None:
    frames = inside(draw(MLP(2, [2], activation="tanh", output="tanh")([Value(1.0, "x1"), Value(2.0, "x2")])[1]))
    assert frames["neuron 2"] == {"w1_2_1", "w1_2_2", "b1_2", "z1_2", "a1_2"}


def test_of_a_neuron_alone_too() -> None:
    assert inside(draw(MLP(1, [1])([Value(1.0, "x")])))["neuron 1"] == {"w1_1_1", "b1_1", "z1_1"}


def test_parameters_that_are_used_elsewhere_too_are_in_no_neuron() -> None:
    model = MLP(1, [1])
    assert inside(draw(model([2.0]) + l2(0.1)(model.weights())))["neuron 1"] == {"b1_1", "z1_1", "2"}
    assert inside(draw(model([2.0]) + model([3.0])))["neuron 1"] in ({"z1_1", "2"}, {"z1_1", "3"})


def test_groups_of_ones_own_say_which_parameters_are_theirs() -> None:
    w, x, b = Value(0.5, "w"), Value(2.0, "x"), Value(1.0, "b")
    with group("layer"), group("neuron", [w], b) as made:
        z = weighted_sum([w], [x], b)
    z.name = "z"
    assert made.owned == ([w], b)
    assert inside(draw(z)) == {"layer": {"w", "b", "z"}, "neuron": {"w", "b", "z"}}
    for twin in (copy.deepcopy(z), pickle.loads(pickle.dumps(z))):
        assert draw(twin).source.count("cluster") == 2


@pytest.mark.slow
@pytest.mark.parametrize("sizes, rows", [([30, 30, 1], 1), ([16, 16, 1], 8), ([40], 3)])
def test_a_big_graph_folds_by_itself_and_accounts_for_every_node(sizes: list[int], rows: int) -> None:
    model = MLP(10, sizes, elementary=True)
    y = engine.total(
        [out * out for i in range(rows) for out in model.outputs([Value(i + 0.1 * j, f"x{j}") for j in range(10)])]
    )
    diagram = draw(y)
    drawn = diagram.pipe(encoding="utf-8")
    boxes = of_kind("node", parse(drawn))
    size = len(below(y))
    assert f"{size:,} nodes, too many to show one by one: " in heading(drawn)
    assert len(boxes) <= 300
    assert len(of_kind("edge", parse(drawn))) <= 600
    folded = [part for part in boxes.values() if part.classes[1] == "folded"]
    assert f"{len(folded)} groups folded" in heading(drawn)
    assert (
        sum(map(count, folded)) + sum(part.classes[1] in ("leaf", "operation", "result") for part in boxes.values())
        == size
    )
    assert {group.name for group in diagram.folded} <= {part.texts[0] for part in folded}
    assert set(draw(y, folded=diagram.folded).folded) == set(diagram.folded)


@pytest.mark.slow
def test_more_groups_than_there_is_room_for() -> None:
    y = Value(1.0)
    for i in range(1_000):
        with group(f"step {i}"):
            for _ in range(20):
                y = y.sin()
    drawn = draw(y).pipe(encoding="utf-8")
    boxes = of_kind("node", parse(drawn))
    assert len(boxes) == 301
    more = int(boxes.pop("more").texts[0].split()[1].replace(",", ""))
    assert "20,001 nodes, too many to show: these are the 0 and 300 folded groups nearest the result" in heading(drawn)
    assert {part.texts[0] for part in boxes.values()} == {f"step {i}" for i in range(700, 1_000)}
    assert sum(map(count, boxes.values())) + more == 20_001


def test_groups_within_groups_within_groups_fold_at_every_depth() -> None:
    from contextlib import ExitStack

    with ExitStack() as stack:
        for i in range(3_000):
            stack.enter_context(group(f"level {i}"))
        y = Value(1.0) * 2.0
    for depth in (1, 12):
        (box,) = [part for part in parts(draw(y, folded=depth)).values() if "folded" in part.classes]
        assert box.texts == (f"level {depth - 1}", "1 node")


def test_a_path_that_goes_out_of_a_group_and_in_again() -> None:
    """Folded, two boxes can depend on each other."""
    x = Value(1.0, "x")
    with group("A") as a:
        p = x.sin()
    q = p.cos()
    q.name = "q"
    q.group = None
    with group("B"):
        r = q.exp()
    r.group = a
    picture = parts(draw(r, folded="A"))
    assert {part.title for part in of_kind("edge", picture).values()} == {"v0->g0", "g0->v2", "v2->g0"}
