"""Pictures into which somebody will write: room for every number, and which nodes are in which box."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from engine import Value, draw, topological_order
from tests.browser.graphs import GRAPHS
from tests.engine.svg import heading, of_kind, parse, parts

LARGE: list[Callable[[], Value]] = [GRAPHS["neuron"], GRAPHS["layers"], lambda: chain(400)]


def chain(length: int) -> Value:
    y = Value(0.5, "x")
    for _ in range(length):
        y = y.sin()
    return y


@pytest.mark.parametrize("rankdir", ["LR", "TB"])
def test_every_box_has_room_for_the_widest_number(rankdir: str) -> None:
    widest = -0.0001234
    wide = parts(draw(Value(widest, "x") * 1.0, roomy=True, rankdir=rankdir))
    narrow = parts(draw(Value(1.0, "x") * 1.0, roomy=True, rankdir=rankdir))
    assert {part.texts[-2:] for identity, part in narrow.items() if identity in {"v0", "v1"}} == {
        (f"data {widest}", f"grad {widest}")
    }
    assert [part.outline.attrib for part in narrow.values()] == [part.outline.attrib for part in wide.values()]


@pytest.mark.parametrize("make", LARGE)
@pytest.mark.parametrize("folded", [None, [], 1])
def test_boxes_hold_nodes_and_every_node_that_is_shown_is_in_one(make: Callable[[], Value], folded: object) -> None:
    y = make()
    if folded == 1 and not any(node.group for node in topological_order(y)):
        return
    diagram = draw(y, folded=folded, roomy=True)
    drawn = of_kind("node", parts(diagram))
    assert diagram.boxes.keys() == {identity for identity in drawn if identity[0] in "vg"}
    places = [place for box in diagram.boxes.values() for place in box]
    assert len(places) == len(set(places))
    assert ("more" in drawn) == (len(places) < len(topological_order(y)))
    for identity, inside in diagram.boxes.items():
        assert identity[0] == "g" or inside == [int(identity[1:])]
        if identity[0] == "g":
            assert f"{len(inside)} node" in " ".join(drawn[identity].texts)


def test_it_has_no_title() -> None:
    assert "too many to show" in heading(draw(chain(400)).pipe("svg", encoding="utf-8"))
    assert not heading(draw(chain(400), roomy=True).pipe("svg", encoding="utf-8"))


def test_a_copy_knows_the_boxes_too() -> None:
    diagram = draw(GRAPHS["neuron"]())
    assert diagram.copy().boxes == diagram.boxes != {}
    assert parse(diagram.pipe("svg")).keys() >= diagram.boxes.keys()
