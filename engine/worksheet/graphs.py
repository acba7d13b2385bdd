"""Graphs made for paper: few nodes, something used twice, and numbers that stay short forwards and back."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from engine.formulas.notation import show_number
from engine.graph import depth, topological_order
from engine.readers.structure import count_paths, users
from engine.value import Value
from engine.worksheet.lots import Lots

__all__ = ["Graph", "Operation", "draw_graph", "gradients", "is_short", "written"]

NAMES = "pqrsu"
"""What operations are called, the first one first; the result is L."""
LEAVES = ("abc", "xyz", "wxb", "vwx")
NUMBERS = (-3.0, -2.0, -1.5, -1.0, -0.5, 0.5, 1.0, 1.5, 2.0, 2.5, 3.0, 4.0)
OPERATIONS: dict[str, tuple[Callable[..., Any], str]] = {
    "mul": (lambda x, y: x * y, "{0} * {1}"),
    "add": (lambda x, y: x + y, "{0} + {1}"),
    "sub": (lambda x, y: x - y, "{0} - {1}"),
    "square": (lambda x: x**2, "{0} ** 2"),
    "relu": (lambda x: x.relu(), "relu({0})"),
}
LOTS = ("mul", "mul", "mul", "add", "add", "add", "sub", "sub", "square", "relu")
AT_MOST = {"square": 1, "relu": 1, "mul": 3, "add": 2, "sub": 2}
LARGEST, LONGEST = 60.0, 5
"""Of a number on paper, and of how it is written, in characters."""
MOST_PATHS, DEEPEST = 4, 4
"""From a node to the result; and the operations one after another: so many fit on a page beside each other."""


class Operation(NamedTuple):
    """A line of a graph: `s = p + a`."""

    name: str
    kind: str
    inputs: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.name} = {OPERATIONS[self.kind][1].format(*self.inputs)}"


class Graph(NamedTuple):
    """A graph as it is written down: the numbers of the leaves, and the operations, the result last. Print it for
    lines of Python."""

    leaves: tuple[tuple[str, float], ...]
    operations: tuple[Operation, ...]

    def __str__(self) -> str:
        return "\n".join([*(f"{name} = {written(x)}" for name, x in self.leaves), *map(str, self.operations)])

    def build(self, numbers: Mapping[str, float] | None = None) -> dict[str, Value]:
        """The nodes by name, the result last, with other numbers for some leaves if any are given."""
        numbers = {**dict(self.leaves), **(numbers or {})}
        nodes = {name: Value(x, name) for name, x in numbers.items()}
        for operation in self.operations:
            node = OPERATIONS[operation.kind][0](*[nodes[x] for x in operation.inputs])
            node.name = operation.name
            nodes[operation.name] = node
        return nodes

    @property
    def names(self) -> list[str]:
        """Those of the operations, the result last."""
        return [operation.name for operation in self.operations]


def written(x: float) -> str:
    """A number as it stands on paper."""
    return show_number(x + 0.0)  # -0 is 0


def is_short(x: float) -> bool:
    """Whether a number is easily written and multiplied."""
    return math.isfinite(x) and abs(x) <= LARGEST and len(written(x).lstrip("-")) < LONGEST


def draw_graph(lots: Lots, operations: int, suits: Callable[[Graph], bool] = lambda graph: True) -> Graph:
    """A graph of three leaves and so many operations that suits paper and whatever else is asked of it."""
    while True:
        graph = sketch(lots, operations)
        if graph is not None and is_for_paper(graph) and suits(graph):
            return graph


def sketch(lots: Lots, count: int) -> Graph | None:
    """A graph in which nearly everything is used; None where some of it is not."""
    letters = lots.pick(LEAVES)
    leaves = tuple((name, lots.pick(NUMBERS)) for name in letters)
    names = [*NAMES[: count - 1], "L"]
    known, unused = list(letters), list(letters)
    lines: list[Operation] = []
    for name in names:
        kind = lots.pick(LOTS)
        first = lots.pick(unused if lots.random() < 0.6 else known)
        inputs = [first]
        if kind not in ("square", "relu"):
            rest = [x for x in unused if x != first]
            inputs.append(lots.pick(rest if rest and lots.random() < 0.6 else [x for x in known if x != first]))
            inputs = lots.shuffled(inputs)
        lines.append(Operation(name, kind, tuple(inputs)))
        unused = [*(x for x in unused if x not in inputs), name]
        known.append(name)
    return Graph(leaves, tuple(lines)) if unused == ["L"] and is_varied(lines) else None


def is_varied(lines: Sequence[Operation]) -> bool:
    """Whether there are products, no kind too often, no operation twice, and a result worth its place."""
    kinds = [line.kind for line in lines]
    applied = {(line.kind, tuple(sorted(line.inputs))) for line in lines}
    return (
        "mul" in kinds
        and kinds.count("mul") + kinds.count("square") > 1
        and all(kinds.count(kind) <= most for kind, most in AT_MOST.items())
        and len(applied) == len(lines)
        and kinds[-1] != "relu"
        and len(set(kinds)) > 2
    )


def is_for_paper(graph: Graph) -> bool:
    """Whether a value is used twice inside, so that gradients add up, and all numbers are short, and no value
    is 0."""
    nodes = graph.build()
    y = nodes["L"]
    if depth(y) > DEEPEST or not all(is_short(node.data) and node.data for node in nodes.values()):
        return False
    used = users(y)
    inside = [node for node in used if node.inputs and len(used[node]) > 1]
    if not inside or any(count_paths(y, node) > MOST_PATHS for node in used):
        return False
    slopes = [slope for node in used if node.inputs for slope in node.slopes if slope is not None]
    found = gradients(y)
    return (
        all(map(is_short, [*slopes, *found.values()]))
        and all(found[node] for node in inside)
        and sum(found[nodes[name]] != 0.0 for name, _ in graph.leaves) > 1
    )


def gradients(y: Value) -> dict[Value, float]:
    """The gradient of every node, by the one sweep."""
    found = dict.fromkeys(topological_order(y), 0.0) | {y: 1.0}
    for step in y.backward_steps():
        found[step.input] = step.after
    return found
