"""Graphs of any wished size: what memory a node takes, and how time grows with the number of nodes."""

import gc
import tracemalloc
from collections.abc import Callable
from operator import add, mul, sub, truediv
from typing import Any

from engine import Value, relu, sigmoid, sin, tanh, total

__all__ = ["OPERATIONS", "SHAPES", "bytes_per_node"]

OPERATIONS: dict[str, Callable[[Any, Any], Any]] = {"+": add, "-": sub, "*": mul, "/": truediv}


def bytes_per_node(number: Callable[[float], Any], operations: str, width: int, rows: int) -> float:
    """What a node of two inputs takes after a backward pass, with the graph alive.

    Args:
        number: makes a leaf: a class `Value`.
        operations: those used, in turn from row to row: "+ - * /".
        width: nodes in a row. Each combines a node of the row before with a leaf, of which there are `width`, too few
            to count.
        rows: how many; few enough for an engine that recurses.
    """
    leaves = row = [number(1.0 + i / width / 100) for i in range(width)]
    gc.collect()
    tracemalloc.start()
    for level in range(rows):
        operation = OPERATIONS[operations.split()[level % len(operations.split())]]
        row = [operation(node, leaf) for node, leaf in zip(row, leaves, strict=True)]
    y = sum_in_pairs(row)
    y.backward()
    gc.collect()
    taken, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return taken / (width * rows + width - 1)


def sum_in_pairs(nodes: list[Any]) -> Any:
    """Their sum by `len(nodes) - 1` additions, a shallow tree."""
    while len(nodes) > 1:
        nodes = [x + y for x, y in zip(nodes[::2], nodes[1::2], strict=False)] + ([nodes[-1]] if len(nodes) % 2 else [])
    return nodes[0]


def chain(nodes: int) -> None:
    """y·a + b, again and again: as deep as it is large."""
    a, b = Value(0.999), Value(0.001)
    y = a
    for _ in range(nodes // 2):
        y = y * a + b
    y.backward()


def wide_sum(nodes: int) -> None:
    """One node that adds up a·x over many leaves x: two edges deep."""
    a = Value(0.5)
    leaves = [Value(float(i)) for i in range(nodes // 2)]
    total([a * x for x in leaves]).backward()


def by_functions(nodes: int) -> None:
    """A chain of functions of one input, called as functions."""
    y = Value(0.5)
    for _ in range(nodes // 4):
        y = relu(sigmoid(sin(tanh(y))))
    y.backward()


def by_methods(nodes: int) -> None:
    """The same, called as methods."""
    y = Value(0.5)
    for _ in range(nodes // 4):
        y = y.tanh().sin().sigmoid().relu()
    y.backward()


class Link:
    """An object with as many fields as a stored-slopes Value, and nothing else."""

    __slots__ = ("data", "grad", "slope", "x")

    def __init__(self, x: "Link | None", data: float) -> None:
        self.x, self.data, self.grad, self.slope = x, data, 0.0, data


def links(nodes: int) -> None:
    """No engine at all: a chain of bare objects. How much slower a larger one gets is Python's share of the growth."""
    y = None
    for i in range(nodes):
        y = Link(y, float(i))
    while y is not None:  # taken apart link by link
        y = y.x


SHAPES: dict[str, Callable[[int], None]] = {
    "chain": chain,
    "wide sum": wide_sum,
    "functions": by_functions,
    "methods": by_methods,
    "bare objects": links,
}
"""Forward and backward on a graph of about so many nodes."""
