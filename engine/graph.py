"""A graph's nodes, questions about a graph, answered without recursion, and the one sweep that
applies the chain rule.

Nothing here knows what an operation computes: a walk needs a node's inputs, the sweep needs its
slopes too.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, TypeVar

__all__ = [
    "Node", "Step", "adjoints_of", "by_depth", "count_paths", "depth", "names", "paths", "sweep",
    "topological_order", "users",
]  # fmt: skip


class Node:
    """What a walk and the sweep read of a node: its inputs, and its slope in each of them. A
    `Value` is a node with a number.

    Args:
        inputs: nodes, and constants as plain floats, in the order in which an operation took them.
        slopes: the slope of the node in each; None for a constant.
    """

    __slots__ = ("_dx", "_dy", "_x", "_y")
    # One or two inputs are in the fields x and y and their slopes in dx and dy, more as two tuples
    # in x and dx. Two small tuples in every node would double the work of the cycle collector.

    _x: Any
    _y: Any
    _dx: Any
    _dy: Any
    name: str | None  # of a Value; what is only swept has neither of the two
    rule: Any

    def __init__(self, inputs: tuple[Any, ...] = (), slopes: tuple[Any, ...] = ()) -> None:
        self._x, self._dx = inputs, slopes
        self._y = self._dy = None

    @property
    def inputs(self) -> tuple[Any, ...]:
        """What the operation took, in order: nodes, and constants as plain floats. Empty for a
        leaf."""
        return self._pair(self._x, self._y)

    @property
    def slopes(self) -> tuple[Any, ...]:
        """The slope of this node in each input, taken when the node was made; None for a
        constant."""
        return self._pair(self._dx, self._dy)

    def _pair(self, x: Any, y: Any) -> tuple[Any, ...]:
        if x.__class__ is tuple:
            return x
        return () if self._x is None else (x,) if self._y is None else (x, y)


N = TypeVar("N", bound=Node)


@dataclass(frozen=True, slots=True)
class Step:
    """One application of the chain rule: an input's adjoint grows by upstream · local."""

    node: Any
    """The node whose adjoint is complete and is passed on."""
    index: int
    """Which of the node's inputs receives."""
    upstream: float
    """The adjoint of the node: how much the result changes with it."""
    local: float
    """The slope of the node in that input."""
    contribution: float
    """upstream · local."""
    before: float
    """The input's adjoint before this step."""
    after: float
    """before + contribution."""

    @property
    def input(self) -> Any:
        """The input that receives."""
        return self.node.inputs[self.index]


def sweep(adjoints: dict[Any, Any], observed: bool = False) -> Iterator[Step]:
    """The chain rule at every node, from the result back to the leaves: an input's adjoint +=
    upstream · local slope.

    Args:
        adjoints: the nodes in topological order, each with 0.0, the result with 1.0; filled in
            place. A slope of None marks a constant, which receives nothing.
        observed: yield every application as a `Step`. Otherwise nothing is yielded, and exhausting
            the iterator does the work.
    """
    for node in reversed(adjoints):
        upstream = adjoints[node]
        if observed:
            for index, (x, local) in enumerate(zip(node.inputs, node.slopes, strict=True)):
                if local is not None:
                    before = adjoints[x]
                    adjoints[x] += upstream * local
                    yield Step(node, index, upstream, local, upstream * local, before, adjoints[x])
        elif node._dx.__class__ is tuple:
            for x, local in zip(node._x, node._dx, strict=True):
                if local is not None:
                    adjoints[x] += upstream * local
        else:  # the same for one or two inputs, without building tuples: three times as fast
            if node._dx is not None:
                adjoints[node._x] += upstream * node._dx
            if node._dy is not None:
                adjoints[node._y] += upstream * node._dy


def topological_order(*results: N) -> list[N]:
    """All nodes that the results depend on, each once and after all of its inputs.

    It is the order of a depth-first walk that takes inputs from left to right, the same in every
    run. Its cost is linear in the number of edges, and a chain of a million nodes needs no
    recursion.
    """
    return list(adjoints_of(*results))


def adjoints_of(*results: N) -> dict[N, Any]:
    """The nodes in topological order, each with an adjoint of 0.0: what `sweep` fills."""
    order: dict[N, Any] = {}
    stack: list[Any] = list(reversed(results))
    pop, push = stack.pop, stack.append
    while stack:
        node = pop()
        if node is None:  # all that the next node depends on is in order by now
            order[pop()] = 0.0
        elif node not in order:
            # the fields behind `.inputs`: to build that tuple at every node would cost a tenth of a
            # backward pass
            x = node._x
            if x is None:
                order[node] = 0.0
                continue
            push(node)
            push(None)
            if x.__class__ is tuple:
                stack.extend(
                    [i for i in reversed(x) if i.__class__ is not float and i not in order]
                )
            else:
                if node._dy is not None:
                    push(node._y)
                if node._dx is not None:
                    push(x)
    return order


def users(*results: N) -> dict[N, list[tuple[N, int]]]:
    """For every node below the results, the (node, index of the input) places where it is used;
    x*x uses x twice."""
    found: dict[N, list[tuple[N, int]]] = {node: [] for node in adjoints_of(*results)}
    for node in found:
        for index, x in enumerate(node.inputs):
            if x in found:
                found[x].append((node, index))
    return found


def by_depth(*results: N) -> list[N]:
    """The nodes below the results in the order of a textbook's tape: the leaves, then the
    operations by the longest way to a leaf."""
    depths = depths_of(*results)
    return sorted(depths, key=depths.__getitem__)


def depths_of(*results: N) -> dict[N, int]:
    """The nodes in topological order, each with the number of edges on its longest path down to
    a leaf."""
    depths: dict[Any, int] = {}
    for node in adjoints_of(*results):
        depths[node] = max(
            [depths[x] + 1 for x in node.inputs if x in depths], default=int(node.rule is not None)
        )
    return depths


def names(*results: N) -> dict[N, str]:
    """A name for every node, in topological order: its own, or x1, x2, ... for a leaf and the label
    it has on a tape, v1, v2, ..., for an operation.

    They depend on this graph alone, never on what was made before it. A name that is taken gets a
    prime.
    """
    order = by_depth(*results)
    leaves = sum(node.rule is None for node in order)
    taken = {node.name for node in order}
    found: dict[N, str] = {}
    for place, node in enumerate(order):
        name = node.name or (f"x{place + 1}" if node.rule is None else f"v{place + 1 - leaves}")
        while not node.name and name in taken:
            name += "′"
        found[node] = name
    return {node: found[node] for node in topological_order(*results)}


def depth(y: Node) -> int:
    """The number of edges on the longest path from the result down to a leaf."""
    return depths_of(y)[y]


def count_paths(y: Node, x: Node) -> int:
    """How many paths lead from x to y: the number of products in the sum that is dy/dx. Exact,
    and linear in the graph."""
    counts: dict[Any, int] = {}
    for node in adjoints_of(y):
        counts[node] = 1 if node is x else sum([counts[i] for i in node.inputs if i in counts])
    return counts[y]


def paths(y: N, x: N) -> Iterator[list[tuple[N, int]]]:
    """Every path from x up to y, as the (node, index of the input) edges it takes, lazily: there
    may be exponentially many.

    A node that uses x twice, as x*x does, gives two paths. For y is x there is one path, which is
    empty.
    """
    up = users(y)
    stack: list[tuple[N, list[tuple[N, int]]]] = [(x, [])] if x in up else []
    while stack:
        node, taken = stack.pop()
        if node is y:
            yield taken
            continue
        stack.extend((user, [*taken, (user, index)]) for user, index in reversed(up[node]))
