"""The drawings of its foldings that a page carries: which they are, what is in them, and that they stay within
bounds."""

from __future__ import annotations

import itertools
import re

import pytest

from engine import Value, draw, group, topological_order
from engine.pages.packing import unpack
from engine.pictures.account import Account
from engine.stepper.drawings import MOST_DRAWINGS, drawings_of
from nn import MLP
from tests.benchmarks.page import network
from tests.browser.graphs import GRAPHS
from tests.engine.svg import of_kind, parse

pytestmark = pytest.mark.slow  # a page has a drawing for each folding


def unpacked(text: str) -> str:
    return text if text.startswith("<") else unpack(text)


def boxes(y: Value, opened: list[int]) -> set[str]:
    """The ids of what is drawn with just these groups open, by the engine."""
    folding = Account(y).folding
    diagram = draw(y, folded=[each for i, each in enumerate(folding.groups) if i not in opened])
    return {
        identity
        for identity, part in parse(diagram.pipe("svg")).items()
        if part.classes[0] in {"node", "edge", "cluster"}
    }


@pytest.mark.parametrize("make", [GRAPHS["neuron"], GRAPHS["layers"], lambda: network(60)])
def test_each_drawing_has_the_boxes_arrows_and_frames_of_its_folding(make):
    y = make()
    for drawing in drawings_of(y)["drawings"]:
        assert parse(unpacked(drawing["drawing"])).keys() == boxes(y, drawing["open"])


def test_the_first_is_what_draw_draws():
    for y in [GRAPHS["layers"](), network(400)]:
        first = drawings_of(y)["drawings"][0]
        assert (
            of_kind("node", parse(first["drawing"])).keys()
            == of_kind("node", parse(draw(y, roomy=True).pipe("svg"))).keys()
        )
    first = drawings_of(GRAPHS["layers"](), folded="neuron 2")["drawings"][0]
    names = [each["name"] for each in drawings_of(GRAPHS["layers"]())["groups"]]
    assert [names[i] for i in range(len(names)) if i not in first["open"]] == ["neuron 2", "neuron 2"]


def test_the_foldings_of_three_layers():
    """All open, all closed, layers open, each group alone open and alone closed."""
    sent = drawings_of(GRAPHS["layers"]())
    parents = [each["parent"] for each in sent["groups"]]
    assert parents == [None, 0, 0, 0, None, 4, 4, None, 7]
    every = set(range(9))
    expected = [every, set(), {0, 4, 7}]
    expected += [{i} if parents[i] is None else {i, parents[i]} for i in every]
    expected += [{j for j in every if j != i and parents[j] != i} for i in every]
    found = [set(drawing["open"]) for drawing in sent["drawings"]]
    assert len(found) == len(set(map(frozenset, found)))
    assert set(map(frozenset, found)) == set(map(frozenset, expected))


@pytest.mark.parametrize("count", [1, 2, 3, 4])
def test_of_few_groups_every_way_is_carried(count):
    y = Value(0.5, "x")
    for i in range(count):
        with group(f"part {i}"):
            y = (y * 2.0).tanh()
    found = {frozenset(drawing["open"]) for drawing in drawings_of(y)["drawings"]}
    assert found == {
        frozenset(chosen) for size in range(count + 1) for chosen in itertools.combinations(range(count), size)
    }


def test_groups_know_all_nodes_inside_them():
    y = GRAPHS["layers"]()
    order = topological_order(y)
    for each in drawings_of(y)["groups"]:
        assert all(order[node].group for node in each["nodes"])
        outer = {order[node].group.path[0] for node in each["nodes"]}
        assert len(outer) == 1
        if each["parent"] is None:
            assert each["nodes"] == [i for i, node in enumerate(order) if node.group and node.group.path[0] in outer]


def large() -> Value:
    model = MLP(2, [16, 16, 1], activation="tanh", init="xavier", seed=0)
    losses = [model([Value(0.1 * i), Value(0.2)]) ** 2 for i in range(12)]
    return sum(losses[1:], losses[0])


@pytest.mark.parametrize("make", [lambda: network(300), lambda: network(1000), large])
def test_a_page_stays_within_bounds(make):
    """Of a graph with more foldings than a page can carry it carries some, in a megabyte or so; each shows its open
    groups whole."""
    y = make()
    sent = drawings_of(y)
    assert len(sent["drawings"]) <= MOST_DRAWINGS
    assert sum(len(drawing["drawing"]) for drawing in sent["drawings"]) < 2e6
    for drawing in sent["drawings"][1:]:
        shown = parse(unpacked(drawing["drawing"])).keys()
        for i in drawing["open"]:
            inner = [j for j, each in enumerate(sent["groups"]) if each["parent"] == i]
            direct = set(sent["groups"][i]["nodes"]) - {node for j in inner for node in sent["groups"][j]["nodes"]}
            assert {f"v{node}" for node in direct} | {f"g{j}" for j in inner} <= shown


def test_leaves_that_a_crowded_picture_puts_into_one_box_are_told():
    y = network(1000)
    assert drawings_of(y)["drawings"][0]["merged"] == {}
    leaves = [Value(0.1, f"x{i}") for i in range(400)]
    with group("sum"):
        y = sum(leaves[1:], leaves[0]) * 1.0
    first = drawings_of(y)["drawings"][0]
    order = topological_order(y)
    assert {order[node] for nodes in first["merged"].values() for node in nodes} == set(leaves)
    assert first["merged"].keys() <= parse(first["drawing"]).keys()


def test_a_drawing_carries_nothing_that_the_page_says_itself():
    for drawing in drawings_of(GRAPHS["layers"]())["drawings"]:
        assert not re.search("<title|<a |<!--|font-family|xlink:title", unpacked(drawing["drawing"]))


@pytest.mark.parametrize(("folded", "error"), [("no such group", ValueError), (2.5, TypeError)])
def test_what_draw_refuses_is_refused(folded, error):
    with pytest.raises(error):
        drawings_of(GRAPHS["neuron"](), folded)
