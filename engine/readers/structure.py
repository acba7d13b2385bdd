"""Questions about a graph: which nodes use a node, what each is called, and which paths lead through it. No recursion.

As in `engine.graph`, nothing here knows what an operation computes.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from engine.advice import shown, usage
from engine.graph import N, Node, adjoints_of, depths_of, require_nodes, topological_order

__all__ = ["by_depth", "count_paths", "names", "paths", "users"]


@usage("users(y)")
def users(*results: N) -> dict[N, list[tuple[N, int]]]:
    """For every node below the results, the (node, index of the input) places where it is used; x*x uses x twice."""
    require_nodes("users", results)
    found: dict[N, list[tuple[N, int]]] = {node: [] for node in adjoints_of(*results)}
    for node in found:
        for index, x in enumerate(node.inputs):
            if x in found:
                found[x].append((node, index))
    return found


def by_depth(*results: N) -> list[N]:
    """The nodes below the results in the order of a textbook's tape: the leaves, then the operations by the longest
    way to a leaf."""
    depths = depths_of(*results)
    return sorted(depths, key=depths.__getitem__)


@usage("names(y)")
def names(*results: N) -> dict[N, str]:
    """A name for every node, in topological order: its own, or x1, x2, ... for a leaf and the label it has on a tape,
    v1, v2, ..., for an operation.

    They depend on this graph alone, never on what was made before it. A name that is taken gets a prime.
    """
    require_nodes("names", results)
    order = by_depth(*results)
    leaves = sum(node.rule is None for node in order)
    taken = {node.name for node in order}
    for name in taken:
        if name is not None and not isinstance(name, str):
            raise TypeError(f"a name is a string, got {shown(name)}")
    found: dict[N, str] = {}
    for place, node in enumerate(order):
        name = node.name or (f"x{place + 1}" if node.rule is None else f"v{place + 1 - leaves}")
        while not node.name and name in taken:
            name += "′"
        found[node] = name
    return {node: found[node] for node in topological_order(*results)}


@usage("count_paths(y, x)")
def count_paths(y: Node, x: Node) -> int:
    """How many paths lead from x to y: the number of products in the sum that is dy/dx. Exact, and linear in the
    graph."""
    require_nodes("count_paths(y, x)", (y, x))
    counts: dict[Any, int] = {}
    for node in adjoints_of(y):
        counts[node] = 1 if node is x else sum([counts[i] for i in node.inputs if i in counts])
    return counts[y]


@usage("paths(y, x)")
def paths(y: N, x: N) -> Iterator[list[tuple[N, int]]]:
    """Every path from x up to y, as the (node, index of the input) edges it takes, lazily: there may be exponentially
    many.

    A node that uses x twice, as x*x does, gives two paths. For y is x there is one path, which is empty.
    """
    require_nodes("paths(y, x)", (y, x))
    up = users(y)
    stack: list[tuple[N, list[tuple[N, int]]]] = [(x, [])] if x in up else []
    while stack:
        node, taken = stack.pop()
        if node is y:
            yield taken
            continue
        stack.extend((user, [*taken, (user, index)]) for user, index in reversed(up[node]))
