"""Folding: which groups of a graph are drawn as one box each, and which box every node is in.

A node is inside the group that it was made in, and in those around it. A parameter was made long before the group that
uses it; it is inside if the group says that it belongs to it and if nothing outside uses it.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from engine.formulas.notation import shorten
from engine.scope import Group
from engine.value import Value

__all__ = ["Box", "Folding"]

Box = Value | Group
MOST_NESTED = 12  # groups within groups; what is deeper inside is taken to be in the last of them
MOST_LISTED = 8  # names of groups in an error message


class Folding:
    """The groups of a graph, open or closed. At first all are open.

    Args:
        called: the names of all nodes, in topological order.

    Attributes:
        groups: all groups, outer ones before those inside them, in the order of their first operations: their places
            are the same however many are closed.
        members: the nodes directly inside each group, operations in topological order, then leaves.
        closed: the groups that are drawn as one box (or inside one, if a group around them is closed too).
    """

    def __init__(self, called: Mapping[Value, str]) -> None:
        self._called = called
        self._chains: dict[Group, tuple[Group, ...]] = {}
        self._inside: dict[Group | None, list[Group]] = {None: []}
        self.members: dict[Group, list[Value]] = {}
        self._homes: dict[Value, Group] = {}
        self._settle()
        # operations say which group comes first, parameters do not
        for node in sorted(called, key=lambda node: node.rule is None):
            if home := self._homes.get(node):
                self._add(home, node)
        self.groups = list(self._below(None))
        self.closed: set[Group] = set()
        self.merged: list[Group] = []
        """Closed groups that nobody made: leaves that are used in the same places."""

    def _settle(self) -> None:
        """Find the group of each node: its own, or for a parameter the one that it belongs to."""
        chosen: dict[Value, Group | None] = {}
        owned: dict[Group, set[int]] = {}
        for node in self._called:
            if node.group is not None:
                self._homes[node] = self.frames(node.group)[-1]
            around = self.frames(node.group)
            for group in around:
                if group not in owned:
                    owned[group] = set(map(id, leaves_in(group.owned)))
            for x in node.inputs:
                if isinstance(x, Value) and x.rule is None and x.group is None:
                    owner = next((group for group in reversed(around) if id(x) in owned[group]), None)
                    chosen[x] = owner if chosen.get(x, owner) is owner else None
        self._homes |= {x: owner for x, owner in chosen.items() if owner}

    def _add(self, home: Group, node: Value) -> None:
        parent: Group | None = None
        for group in self.frames(home):
            if group not in self.members:
                self.members[group], self._inside[group] = [], []
                self._inside[parent].append(group)
            parent = group
        self.members[home].append(node)

    def _below(self, group: Group | None) -> Iterator[Group]:
        """The groups inside that one, outer ones first."""
        for inner in self._inside[group]:
            yield inner
            yield from self._below(inner)

    def frames(self, group: Group | None) -> tuple[Group, ...]:
        """The group and those around it, the outermost first."""
        if group is None:
            return ()
        if group not in self._chains:
            found, around = [], group
            while around is not None:
                found.append(around)
                around = around.parent  # type: ignore[assignment]
            self._chains[group] = tuple(found[: -MOST_NESTED - 1 : -1])
        return self._chains[group]

    def box(self, node: Value) -> Box:
        """What the node is drawn as: itself, or the outermost closed group around it."""
        return next((group for group in self.frames(self._homes.get(node)) if group in self.closed), node)

    def open_frames(self, box: Box) -> tuple[Group, ...]:
        """The frames around a box, the outermost first."""
        return self.frames(box.parent if isinstance(box, Group) else self._homes.get(box))

    def nodes(self, box: Box) -> list[Value]:
        """All nodes in a box."""
        if isinstance(box, Value):
            return [box]
        return [node for group in (box, *self._below(box)) for node in self.members[group]]

    def close(self, folded: Any) -> None:
        """Close groups: a `Group`, a name or a path as in "layer 1 / neuron 2" (all groups of that name), a depth (1
        for the outermost groups), or several of these.

        Raises:
            TypeError: for anything else.
            ValueError: if the graph has no such group.
        """
        for what in [folded] if isinstance(folded, int | str | Group) else several(folded):
            found = [group for group in self.groups if matches(group, what)]
            if not found:
                known = list(dict.fromkeys(" / ".join(group.path) for group in self.groups))
                listed = ", ".join(shorten(path) for path in known[:MOST_LISTED]) + ", …" * (len(known) > MOST_LISTED)
                raise ValueError(f"this graph has no group {what!r} to fold; its groups are {listed or 'none'}")
            self.closed |= set(found)

    def close_to_fit(self, boxes: int, edges: int) -> None:
        """Close all groups, then open them as far as a picture of so many boxes and edges has room: the outermost
        first, of these the ones nearest the result, and those with the same path, which are the same thing for other
        samples, together."""
        self.closed = set(self.groups)
        self.merge_leaves()
        room = boxes - self.count_boxes()
        queue, opened = deque(self._alike(None)), []
        while queue:
            groups = queue.popleft()
            more = sum(sum(map(boxes_of, self.members[group])) + len(self._inside[group]) - 1 for group in groups)
            if more <= room:
                room -= more
                opened.append(groups)
                queue.extend(self._alike(*groups))
        everything = self.closed

        def edges_with(count: int) -> int:
            self.closed = everything - {group for groups in opened[:count] for group in groups}
            return self.count_edges()

        fits = bisect_right(range(len(opened) + 1), edges, key=edges_with) - 1
        edges_with(max(0, fits))
        for groups in reversed(opened):  # to open a group that holds nothing but a closed one shows nothing
            for group in groups:
                if not self.members[group] and len(self._inside[group]) == 1 and self._inside[group][0] in self.closed:
                    self.closed.add(group)

    def _alike(self, *around: Group | None) -> list[list[Group]]:
        """The groups directly inside those, the last ones first, in lists of the same path."""
        found: dict[tuple[str, ...], list[Group]] = {}
        for inner in reversed([inner for group in around for inner in self._inside[group]]):
            found.setdefault(inner.path, []).append(inner)
        return list(found.values())

    def merge_leaves(self) -> None:
        """Put leaves outside all groups that are used in the same boxes into closed groups of their own."""
        used: dict[Value, set[Box]] = {}
        for node in self._called:
            for x in node.inputs:
                if isinstance(x, Value) and x.rule is None and x not in self._homes:
                    used.setdefault(x, set()).add(self.box(node))
        alike: dict[frozenset[Box], list[Value]] = {}
        for x in self._called:
            if x in used:
                alike.setdefault(frozenset(used[x]), []).append(x)
        for leaves in alike.values():
            if len(leaves) > 1:
                group = Group(f"{shorten(self._called[leaves[0]], 12)} … {shorten(self._called[leaves[-1]], 12)}")
                self.members[group], self._inside[group] = leaves, []
                self.merged.append(group)
                self.closed.add(group)
                self._homes |= dict.fromkeys(leaves, group)

    def count_boxes(self) -> int:
        """How many boxes the whole graph takes; a constant takes one at each use."""
        groups: set[Group] = set()
        count = 0
        for node in self._called:
            box = self.box(node)
            if isinstance(box, Group):
                groups.add(box)
            else:
                count += boxes_of(node)
        return count + len(groups)

    def count_edges(self) -> int:
        """How many arrows the whole graph takes; those between two boxes are one if either is a closed group."""
        merged: set[tuple[Box, Box]] = set()
        count = 0
        for node in self._called:
            head = self.box(node)
            for x in node.inputs:
                tail = self.box(x) if isinstance(x, Value) else x
                if head is node and (tail is x):
                    count += 1
                elif tail is not head and isinstance(tail, Value | Group):
                    merged.add((tail, head))
        return count + len(merged)


def boxes_of(node: Value) -> int:
    """The box of a node, and one for each of its constants."""
    return 1 + sum(isinstance(x, float) for x in node.inputs)


def leaves_in(owned: Any) -> Iterator[Value]:
    """The Values in nested lists."""
    for x in owned:
        if isinstance(x, Value):
            yield x
        elif isinstance(x, list | tuple):
            yield from leaves_in(x)


def several(folded: Any) -> list[Any]:
    expected = "folded takes groups, their names or paths ('layer 1 / neuron 2'), or a depth from 1 up"
    if not isinstance(folded, Iterable):
        raise TypeError(f"{expected}, got {type(folded).__name__} {folded!r}")
    found = list(folded)
    for what in found:
        if not isinstance(what, int | str | Group):
            raise TypeError(f"{expected}, got {type(what).__name__} {shorten(repr(what))} among them")
    return found


def matches(group: Group, what: Any) -> bool:
    """Whether a group is the one, has the name or the end of a path, or is at the depth."""
    if isinstance(what, Group):
        return group is what
    if isinstance(what, str):
        return f" / {' / '.join(group.path)}".endswith(f" / {what}")
    return len(group.path) == what and not isinstance(what, bool)
