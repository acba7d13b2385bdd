"""How wide a picture will be, before there is one: a notebook makes a wide picture small, and its text with it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from engine.pictures.account import Account, plural, show
from engine.pictures.folding import Box, Folding
from engine.pictures.style import APART, GRAPH, width_of
from engine.scope import Group
from engine.value import Value

__all__ = ["READABLE_WIDTH", "close_to_width", "estimated_width"]

READABLE_WIDTH = 1000 * 14 / 12 / 96
"""Inches: in a cell of a notebook, about 1,000 pixels wide, text of 14 pixels is then still one of 12."""
TYPICAL = 0.87  # of the inches that a text takes at most
MARGINS = 16 / 72  # inches that a field has around its text


def close_to_width(account: Account) -> None:
    """Close groups, the innermost first, until the picture would be narrow enough to read. A group that has none
    beside it stays open, for it would be all that there is to see, and so do those that take less room open."""
    folding = account.folding
    if not folding.groups:
        return
    width = estimated_width(account)
    for depth in range(max((len(folding.frames(group)) for group in folding.groups), default=0), 0, -1):
        level = {
            group for group in folding.groups if len(folding.frames(group)) == depth and len(folding.nodes(group)) > 1
        }
        if width <= READABLE_WIDTH or len(level) < 2:
            return
        before = set(folding.closed)
        folding.closed |= level
        narrower = estimated_width(account)
        if narrower >= width:
            folding.closed = before
            return
        width = narrower


def estimated_width(account: Account) -> float:
    """The inches from the left to the right of a picture whose arrows lead to the right: each column is as wide as the
    widest box in it, and as the words at arrows that several edges are drawn as."""
    folding = account.folding
    column, several = columns(folding, account.number)
    widest: dict[int, float] = {}
    for box, place in column.items():
        widest[place] = max(widest.get(place, 0.0), box_width(account, box))
    gap = float(GRAPH["ranksep"] if len(folding.groups) < 2 else APART)
    return sum(widest.values()) + (len(widest) - 1) * gap + len(several) * typical("16 edges")


def columns(folding: Folding, nodes: Iterable[Value]) -> tuple[dict[Box, int], set[int]]:
    """The column of each box: that after the last of its inputs, and for a leaf that before its first user; and the
    columns into which arrows lead that several edges are drawn as."""
    column: dict[Box, int] = {}
    first: dict[Box, int] = {}
    edges: Counter[tuple[Box, Box]] = Counter()
    for node in nodes:  # inputs come first
        box = folding.box(node)
        tails = [tail for x in node.inputs if isinstance(x, Value) and (tail := folding.box(x)) is not box]
        column[box] = max([column.get(box, 0), *(column[tail] + 1 for tail in tails)])
        for tail in tails:
            first[tail] = min(first.get(tail, column[box]), column[box])
        edges.update((tail, box) for tail in tails if isinstance(tail, Group) or isinstance(box, Group))
    leaves = [box for box in column if isinstance(box, Value) and box.rule is None and box in first]
    several = {column[head] for (_, head), count in edges.items() if count > 1}
    return column | {box: first[box] - 1 for box in leaves}, several


def box_width(account: Account, box: Box) -> float:
    """The inches that a box takes across."""
    if not isinstance(box, Value):
        name, count = account.box_name(box).rpartition(" / ")[2], plural(len(account.folding.nodes(box)), "node")
        return max(typical(name), typical(count)) + MARGINS
    numbers = typical(f"data {show(box.data)}grad {show(account.grad(box))}") + 2 * MARGINS
    return max(typical(account.headline(box)) + MARGINS, numbers)


def typical(text: str) -> float:
    return TYPICAL * width_of(text)
