"""What of a graph is shown, and in which words: read by everything that shows a graph, whether it draws or writes.

A graph may have a million nodes and a name may have five thousand characters, or be written to do harm. Here both become something
that fits on a screen: the nodes nearest the result, and short text of printable characters.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from engine.graph import names
from engine.terms import formula, shorten, show_number
from engine.value import Value, require_fresh

__all__ = ["Account", "Excerpt", "nearest", "plural", "printable", "show"]

NAME_LENGTH = 24
FORMULA_LENGTH = 44
JOINERS = "\u200c\u200d"  # they hold emoji and some scripts together


@dataclass(frozen=True)
class Excerpt:
    """A part of a graph: the nodes nearest the result, and of their inputs as many as there is room for."""

    shown: dict[Value, list[int]]
    """The nodes, nearest first, each with the indices of those inputs that are shown too."""
    left_out: dict[Value, int]
    """The nodes with inputs that are not shown, and how many."""


def nearest(y: Value, boxes: int, edges: int) -> Excerpt:
    """The nodes nearest y: at most so many boxes, where a constant takes a box at each use, joined by at most so many edges."""
    shown: dict[Value, list[int]] = {y: []}
    left_out: dict[Value, int] = {}
    boxes -= 1
    queue = [y]
    for node in queue:
        for index, x in enumerate(node.inputs):
            new = isinstance(x, float) or x not in shown
            if edges == 0 or (new and boxes == 0):
                left_out[node] = left_out.get(node, 0) + 1
                continue
            shown[node].append(index)
            edges -= 1
            boxes -= new
            if new and not isinstance(x, float):
                shown[x] = []
                queue.append(x)
    return Excerpt(shown, left_out)


class Account:
    """The words for the graph of a result: what its nodes are called, and what is to be said of it as a whole.

    Attributes:
        y: the result.
        number: every node's place in topological order, from 0.
        stale: what is wrong with a graph whose data was changed after it was made; empty for any other.
    """

    def __init__(self, y: Value) -> None:
        self.y = y
        self._names = names(y)
        self.number = {node: i for i, node in enumerate(self._names)}
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

    def kind(self, node: Value) -> str:
        """One of leaf, frozen, operation and result."""
        if node.rule is None:
            return "frozen" if node.frozen else "leaf"
        return "result" if node is self.y else "operation"

    def missing(self, part: Excerpt) -> str:
        """The words for what the part leaves out; empty if it is the whole graph."""
        more = len(self.number) - len(part.shown)
        if more:
            return f"and {plural(more, 'more node')}"
        return "and more inputs" if part.left_out else ""

    def remarks(self, part: Excerpt) -> list[str]:
        """Sentences that a reader of that part must not miss."""
        partly = f"{len(self.number):,} nodes, too many to show: these are the {len(part.shown)} nearest the result"
        return [remark for remark in (self.stale, partly if self.missing(part) else "") if remark]


def show(x: float | None) -> str:
    """A number in four significant digits; – for none yet, and a mark that nobody misses on what is not finite."""
    if x is None:
        return "–"
    return show_number(x, 4) if math.isfinite(x) else f"{show_number(x)} ‼"


def plural(count: int, thing: str) -> str:
    """That many things in words: 1 node, 2,000 nodes."""
    return f"{count:,} {thing}{'s' * (count != 1)}"


def printable(text: Any) -> str:
    r"""The text on one line, without characters that do not show or that reorder what does: those become escapes such as \x00.

    >>> printable("two\nlines, \x00")
    'two lines, \\x00'
    """
    line = " ".join(str(text).split()) or ("␣" if text else "")
    return "".join(c if c.isprintable() or c in JOINERS else repr(c)[1:-1] for c in line)
