"""Forward mode: how much every node changes with one leaf, from the slopes that are recorded in the graph.

It is the chain rule begun at the other end. The sweep starts at the result with 1 and gives the slopes of one result in
everything in one pass; this starts at a leaf with 1 and gives the slopes of everything in one leaf. Where the two meet,
at the result here and at the leaf there, they say the same number.
"""

from __future__ import annotations

from engine.advice import usage
from engine.graph import adjoints_of, passed_on
from engine.readers.gradient import require_values
from engine.value import Value

__all__ = ["tangents"]


@usage("tangents(y, x)")
def tangents(y: Value, x: Value) -> dict[Value, float]:
    """The derivative in x of every node that y depends on, in topological order: 1.0 at x itself, 0.0 where x plays no
    part. For the gradient in n leaves it takes n passes, where the sweep takes one.

    Raises:
        TypeError: if y or x is not a Value.

    >>> a = Value(3.0, "a")
    >>> y = a * a + a
    >>> list(tangents(y, a).values())
    [1.0, 6.0, 7.0]
    """
    require_values("tangents(y, x)", y, x)
    found: dict[Value, float] = adjoints_of(y)
    for node in found:
        for given, slope in zip(node.inputs, node.slopes, strict=True):
            if slope is not None:
                found[node] += passed_on(slope, found[given])
        if node is x:
            found[node] = 1.0
    return found
