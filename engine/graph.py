"""A graph's nodes, their order, found without recursion, and the one sweep that applies the chain
rule.

Nothing here knows what an operation computes: a walk needs a node's inputs, the sweep needs its
slopes too.

A factor of 0 passes nothing on: what does not reach the result (an upstream of 0) passes 0 on
however steep it is, and a branch that is not taken (a slope of 0) gets 0, even of an infinite
upstream.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, TypeVar

from engine.advice import usage, wrong
from engine.scope import step_check

__all__ = [
    "Node", "Step", "adjoints_of", "depth", "depths_of", "passed_on", "require_nodes", "sweep",
    "topological_order",
]  # fmt: skip


class Node:
    """What a walk and the sweep read of a node. A `Value` is a node with a number.

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
        """What the operation took, in order: nodes, and constants as floats. Empty for a leaf."""
        return self._pair(self._x, self._y)

    @property
    def slopes(self) -> tuple[Any, ...]:
        """The slope of this node in each input, taken when it was made; None for a constant."""
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
    """upstream · local; 0 where one of them is 0, whatever the other."""
    before: float
    """The input's adjoint before this step."""
    after: float
    """before + contribution."""

    @property
    def input(self) -> Any:
        """The input that receives."""
        return self.node.inputs[self.index]

    @property
    def by_convention(self) -> bool:
        """Whether 0 is passed on although the other factor is ±inf or nan."""
        return self.contribution == 0.0 and not math.isfinite(self.upstream * self.local)


def passed_on(upstream: float, local: float) -> float:
    """The chain rule at one input: upstream · local; a factor of 0 passes nothing on, not even of
    inf or nan."""
    return upstream * local if upstream and local else 0.0


def sweep(adjoints: dict[Any, Any], observed: bool = False) -> Iterator[Step]:
    """The chain rule at every node, from the result back to the leaves: an input's adjoint +=
    upstream · local slope.

    Args:
        adjoints: the nodes in topological order, each with 0.0, the result with 1.0; filled in
            place. A slope of None marks a constant, which receives nothing, as one of 0 does.
        observed: yield every application as a `Step`. Otherwise nothing is yielded, and exhausting
            the iterator does the work.
    """
    check = step_check()  # of `detect_anomaly`, for one
    stepwise = observed or check is not None
    for node, upstream in reversed(adjoints.items()):
        if stepwise:
            for index, (x, local) in enumerate(zip(node.inputs, node.slopes, strict=True)):
                if local is not None:
                    contribution, before = passed_on(upstream, local), adjoints[x]
                    adjoints[x] += contribution
                    step = Step(node, index, upstream, local, contribution, before, adjoints[x])
                    if check:
                        check(step)
                    if observed:
                        yield step
        elif not upstream:
            continue
        elif node._dx.__class__ is tuple:
            for x, local in zip(node._x, node._dx, strict=True):
                if local:
                    adjoints[x] += upstream * local
        else:  # the same for one or two inputs, without building tuples: three times as fast
            if node._dx:
                adjoints[node._x] += upstream * node._dx
            if node._dy:
                adjoints[node._y] += upstream * node._dy


def topological_order(*results: N) -> list[N]:
    """All nodes that the results depend on, each once and after all of its inputs.

    It is the order of a depth-first walk that takes inputs from left to right, the same in every
    run. Its cost is linear in the number of edges; a chain of a million nodes needs no recursion.
    """
    require_nodes("topological_order", results)
    return list(adjoints_of(*results))


def require_nodes(reader: str, nodes: Iterable[Any]) -> None:
    """TypeError for what is no node."""
    for node in nodes:
        if not isinstance(node, Node):
            raise wrong(f"{reader} takes the nodes of a graph", node)


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
            x = node._x  # the fields behind `.inputs`: a tuple a node would cost a tenth of a pass
            if x is None:
                order[node] = 0.0
            elif x.__class__ is tuple:
                first = [i for i in x if i.__class__ is not float and i not in order]
                if [i for i in first if i._x is not None]:
                    stack += node, None, *reversed(first)
                else:  # leaves, as the weights of a neuron, need no visit of their own
                    order |= dict.fromkeys([*first, node], 0.0)
            else:
                push(node)
                push(None)
                if node._dy is not None:
                    push(node._y)
                if node._dx is not None:
                    push(x)
    return order


def depths_of(*results: N) -> dict[N, int]:
    """The nodes in topological order, each with the length of its longest path to a leaf."""
    depths: dict[Any, int] = {}
    for node in adjoints_of(*results):
        above = [depths[x] + 1 for x in node.inputs if x in depths]
        depths[node] = max(above, default=int(node.rule is not None))
    return depths


@usage("depth(y)")
def depth(y: Node) -> int:
    """The number of edges on the longest path from the result down to a leaf."""
    require_nodes("depth", [y])
    return depths_of(y)[y]
