"""Gradient descent in the stepper: which leaves move, and the graph with the numbers that they have moved to."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from typing import Any

from engine.advice import shown
from engine.pictures.folding import leaves_in
from engine.readers.structure import names
from engine.scope import Group
from engine.value import Value

__all__ = ["parameters", "remade"]

DATA = re.compile(r"[xyt][_\d,]*|target")


def parameters(y: Value, update: Iterable[Value] | None = None) -> list[int]:
    """The leaves that an update moves, by place in topological order.

    A leaf moves if a group owns it, as the neurons of `nn` own their weights, or if it is not called x, y or t (or x1,
    x_2, ..., as leaves without a name are), which is what data is called. Where that leaves none, all of them move. A
    frozen leaf never does.

    Args:
        y: the result.
        update: the leaves that move, where it is said which.

    Raises:
        TypeError: if `update` is no list of Values.
        ValueError: for one that is no leaf of this graph, or is frozen.
    """
    called = names(y)
    place = {node: i for i, node in enumerate(called)}
    leaves = [node for node in called if node.rule is None and not node.frozen]
    if update is not None:
        return sorted({place[leaf] for leaf in chosen(update, set(leaves))})
    owned = {leaf for group in groups_around(called) for leaf in leaves_in(group.owned)}
    moving = [leaf for leaf in leaves if leaf in owned or not DATA.fullmatch(called[leaf])]
    return [place[leaf] for leaf in moving or leaves]


def chosen(update: Any, leaves: Set[Value]) -> list[Value]:
    if isinstance(update, Value | str) or not isinstance(update, Iterable):
        raise TypeError(f"update takes a list of leaves, as in update=[w, b], got {shown(update)}")
    found = list(update)
    for leaf in found:
        if not isinstance(leaf, Value):
            raise TypeError(f"update takes Values, got {shown(leaf)} among them")
        if leaf not in leaves:
            why = "is frozen" if leaf.frozen else "is no leaf of this graph"
            raise ValueError(f"update: {leaf.name or leaf!r} {why}")
    return found


def groups_around(nodes: Iterable[Value]) -> Iterator[Group]:
    """Every group that one of the nodes is in, once."""
    seen: set[Group] = set()
    for node in nodes:
        group = node.group
        while group is not None and group not in seen:
            seen.add(group)
            yield group
            group = group.parent


def remade(nodes: Sequence[Value], edits: Mapping[int, float]) -> list[Value]:
    """The same graph made anew by the engine, with other numbers in some leaves.

    Args:
        nodes: all of them, in topological order.
        edits: the numbers, by place in this order.

    Raises:
        ValueError, ArithmeticError: where an operation is not defined for them.
    """
    made: dict[Value, Value] = {}
    for i, node in enumerate(nodes):
        if node.rule is None:
            made[node] = Value(edits.get(i, node.data), node.name, node.frozen)
        else:
            inputs = tuple([made[x] if isinstance(x, Value) else x for x in node.inputs])
            made[node] = Value.apply(node.rule, node.rule.nest(inputs))
            made[node].name = node.name
    return list(made.values())
