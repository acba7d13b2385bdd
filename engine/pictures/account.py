"""In which words a graph is shown: read by everything that shows one, whether it draws or writes.

A name may have five thousand characters, or be written to do harm. Here it becomes short text of printable characters.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from engine.formulas.notation import shorten, show_number
from engine.formulas.terms import formula
from engine.pictures.excerpt import Excerpt
from engine.pictures.folding import Box, Folding
from engine.readers.check import Checked
from engine.readers.structure import names
from engine.scope import Group
from engine.value import Value, require_fresh

__all__ = ["NAME_LENGTH", "Account", "plural", "printable", "show"]

NAME_LENGTH = 24
FORMULA_LENGTH = 44
VERDICTS = {"ok": "✓", "wrong": "✗ wrong"}
PLURALS = {"leaf": "leaves"}
JOINERS = "\u200c\u200d"  # they hold emoji and some scripts together


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
        # its own too: where a name is missing, formula asks all nodes below which letters are free
        called = {x: self.name(x) for x in (node, *node.inputs) if isinstance(x, Value)}
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
        if rule.kink and rule.kink(*rule.each(float, node.args)) == 0:
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
            found.append(f"{nodes} one by one: {plural(folded, 'group')} folded to one box each, folded=[] opens all")
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
