"""What is to stand out in a drawing: edges, given as a path, a step of the chain rule, or several of these."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from typing import Any

from engine.formulas.notation import shorten
from engine.value import Value

__all__ = ["Edge", "edges_of"]

Edge = tuple[Value, int]
EXPECTED = (
    "highlight takes a Step, a path (of engine.paths or explain), (node, index of the input) pairs, or several of these"
)


def edges_of(highlight: Any, graph: Collection[Value]) -> set[Edge]:
    """The edges of a highlight, each as (node, which of its inputs).

    Args:
        highlight: whatever has `node` and `index` (a `Step`), `factors` (a path of `explain`) or `paths` (an
            `Explanation`); a (node, index) pair; an iterable of these.
        graph: the nodes that may be meant.

    Raises:
        TypeError: for anything else.
        ValueError: for an edge that is not in the graph.
    """
    found = set(edges_in(highlight))
    for node, index in found:
        if node not in graph or not 0 <= index < len(node.inputs):
            raise ValueError(f"highlight: this graph has no input {index} of {node!r}")
    return found


def edges_in(highlight: Any) -> Iterator[Edge]:
    if (
        isinstance(highlight, tuple)
        and len(highlight) == 2
        and isinstance(highlight[0], Value)
        and isinstance(highlight[1], int)
    ):
        yield highlight
    elif hasattr(highlight, "node") and hasattr(highlight, "index"):
        yield highlight.node, highlight.index
    elif isinstance(
        parts := getattr(highlight, "factors", getattr(highlight, "paths", highlight)), Iterable
    ) and not isinstance(parts, str):
        for part in parts:
            yield from edges_in(part)
    else:
        raise TypeError(f"{EXPECTED}, got {type(highlight).__name__} {shorten(repr(highlight))}")
