"""What of a graph is shown: the nodes nearest the result, as much as there is room for. A graph may have a million."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from engine.pictures.folding import Box, Folding
from engine.value import Value

__all__ = ["Excerpt", "Link", "nearest"]


class Link(NamedTuple):
    """What leads into a box from another one: one edge, or several that are drawn as one."""

    tail: Box | float
    """Where from; a float is a constant."""
    edges: list[tuple[Value, int]]
    """The node that takes the input, and which of its inputs it is."""


@dataclass(frozen=True)
class Excerpt:
    """A part of a graph: the boxes nearest the result, and of what leads into them as much as there is room for."""

    shown: dict[Box, list[Link]]
    """The boxes, nearest first, each a node or a closed group, with the links into it from what is shown too."""
    left_out: dict[Box, int]
    """The boxes with edges from what is not shown, and how many."""
    covered: int
    """How many nodes are shown, those in closed groups too."""


def nearest(folding: Folding, y: Value, boxes: int, edges: int) -> Excerpt:
    """The boxes nearest y: at most so many, where a constant takes a box at each use, joined by at most so many
    links."""
    shown: dict[Box, list[Link]] = {folding.box(y): []}
    left_out: dict[Box, int] = {}
    boxes -= 1
    queue = list(shown)
    for head in queue:
        for link in links_into(folding, head):
            tail = link.tail
            new = isinstance(tail, float) or tail not in shown
            if edges == 0 or (new and boxes == 0):
                left_out[head] = left_out.get(head, 0) + len(link.edges)
                continue
            shown[head].append(link)
            edges -= 1
            boxes -= new
            if new and not isinstance(tail, float):
                shown[tail] = []
                queue.append(tail)
    return Excerpt(shown, left_out, sum(len(folding.nodes(box)) for box in shown))


def links_into(folding: Folding, head: Box) -> list[Link]:
    """What leads into a box, in order: every edge by itself between two nodes, those from or to a closed group in
    one link."""
    links: list[Link] = []
    merged: dict[Box, Link] = {}
    for node in folding.nodes(head):
        for index, x in enumerate(node.inputs):
            tail = folding.box(x) if isinstance(x, Value) else x
            if node is head and tail is x:
                links.append(Link(x, [(node, index)]))
            elif tail is not head and not isinstance(tail, float):
                if tail not in merged:
                    merged[tail] = Link(tail, [])
                    links.append(merged[tail])
                merged[tail].edges.append((node, index))
    return links
