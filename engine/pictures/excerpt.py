"""What of a graph is shown, and in which words: read by everything that shows a graph, whether it draws or writes.

A graph may have a million nodes and a name may have five thousand characters, or be written to do harm. Here both
become something that fits on a screen: the nodes nearest the result, and short text of printable characters.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from engine.formulas.notation import shorten, show_number
from engine.formulas.terms import formula
from engine.pictures.folding import Box, Folding
from engine.readers.check import Checked
from engine.readers.structure import names
from engine.scope import Group
from engine.value import Value, require_fresh

__all__ = ["Account", "Excerpt", "Link", "nearest", "plural", "printable", "show"]

NAME_LENGTH = 24
FORMULA_LENGTH = 44
VERDICTS = {"ok": "✓", "wrong": "✗ wrong"}
PLURALS = {"leaf": "leaves"}
JOINERS = "\u200c\u200d"  # they hold emoji and some scripts together


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


class Account:
    """The words for the graph of a result: what its nodes are called, and what is to be said of it as a whole.

    Attributes:
        y: the result.
        number: every node's place in topological order, from 0.
        folding: which groups are drawn as one box; all open at first.
        stale: what is wrong with a graph whose data was changed after it was made; empty for any other.
        gradients: what is shown for gradients; None for the `grad` of the nodes.
        checked: what `check` found at nodes that were checked.
    """

    def __init__(self, y: Value, gradients: Mapping[Value, float] | None = None) -> None:
        self.y, self.gradients = y, gradients
        self.checked: dict[Value, Checked] = {}
        self._names = names(y)
        self.number = {node: i for i, node in enumerate(self._names)}
        self.folding = Folding(self._names)
        self.stale = ""
        try:
            require_fresh(y)
        except ValueError as error:
            self.stale = shorten(printable(str(error)), 300)

    def name(self, node: Value) -> str:
        """What the node is called, in few characters: its name, or v1, v2, ... as in the formulas that use it."""
        return shorten(printable(self._names[node]), NAME_LENGTH)

    def headline(self, node: Value) -> str:
        """The name of a leaf; of any other node the operation too, as in `a = tanh(z)`."""
        if node.rule is None:
            return self.name(node)
        called = {x: self.name(x) for x in node.inputs if isinstance(x, Value)}
        operation: Any = formula(node, called)
        text = printable(operation.text()).replace("⋯", "…")  # fewer fonts have the former
        return f"{self.name(node)} = {shorten(text, FORMULA_LENGTH)}"

    def grad(self, node: Value) -> float | None:
        """The gradient that is shown for a node; None for none yet."""
        return node.grad if self.gradients is None else self.gradients.get(node)

    def verdict(self, node: Value) -> str:
        """What the check found, in few characters; empty for a node that was not checked."""
        row = self.checked.get(node)
        if row is None:
            return ""
        return (
            f"check {show(row.numeric)} {VERDICTS[row.verdict]}" if row.verdict in VERDICTS else f"check: {row.verdict}"
        )

    def warnings(self, node: Value) -> dict[str, str]:
        """Where a slope is a matter of convention: the words for the box, and a sentence."""
        rule = node.rule
        if rule is None:
            return {}
        found: dict[str, str] = {}
        if rule.kink and rule.kink(*rule.each(lambda x: x.data if isinstance(x, Value) else x, node.args)) == 0:
            found["at its kink"] = f"at its kink: {rule.convention or 'its slope jumps here'}"
        for x, slope in zip(node.inputs, node.slopes, strict=True):
            if slope is not None and not math.isfinite(slope) and f"slope {show(slope)}" not in found:
                words = f"∂{self.name(node)}/∂{self.name(x)} is {show_number(slope)}"
                found[f"slope {show(slope)}"] = f"{words}: {rule.convention}" if rule.convention else words
        return found

    def kind(self, node: Value) -> str:
        """One of leaf, frozen, operation and result."""
        if node.rule is None:
            return "frozen" if node.frozen else "leaf"
        return "result" if node is self.y else "operation"

    def box_name(self, box: Box) -> str:
        """What a box is called: a closed group by its name and those of the groups around it."""
        if isinstance(box, Value):
            return self.name(box)
        return " / ".join(shorten(printable(name), NAME_LENGTH) for name in box.path)

    def missing(self, part: Excerpt) -> str:
        """The words for what the part leaves out; empty if it is the whole graph."""
        more = len(self.number) - part.covered
        if more:
            return f"and {plural(more, 'more node')}"
        return "and more inputs" if part.left_out else ""

    def remarks(self, part: Excerpt, unasked: bool = False) -> list[str]:
        """Sentences that a reader of that part must not miss; `unasked` groups were folded for want of room."""
        nodes = f"{len(self.number):,} nodes, too many to show"
        folded = sum(isinstance(box, Group) for box in part.shown)
        found = [self.stale]
        if self.missing(part):
            closed = f" and {plural(folded, 'folded group')}" if folded else ""
            found.append(f"{nodes}: these are the {len(part.shown) - folded}{closed} nearest the result")
        elif unasked and folded:
            found.append(f"{nodes} one by one: {plural(folded, 'group')} folded to one box each")
        return [remark for remark in found if remark]


def show(x: float | None) -> str:
    """A number in four significant digits; – for none yet, and a mark that nobody misses on what is not finite."""
    if x is None:
        return "–"
    return show_number(x, 4) if math.isfinite(x) else f"{show_number(x)} ‼"


def plural(count: int, thing: str) -> str:
    """That many things in words: 1 node, 2,000 nodes."""
    return f"{count:,} {thing if count == 1 else PLURALS.get(thing, f'{thing}s')}"


def printable(text: Any) -> str:
    r"""The text on one line, without characters that do not show or that reorder what does: those become escapes such
    as \x00.

    >>> printable("two\nlines, \x00")
    'two lines, \\x00'
    """
    line = " ".join(str(text).split()) or ("␣" if text else "")
    return "".join(c if c.isprintable() or c in JOINERS else repr(c)[1:-1] for c in line)
