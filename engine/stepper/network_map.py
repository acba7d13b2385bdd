"""The map of a graph: its boxes, closed as far as they must be, in frames that stand in columns from the inputs to the
result.

Python says what stands where in the order; the page, which knows its size, says how many pixels it takes. The neurons
of a layer stand in the order of their making, 1 to n from the top.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

__all__ = ["network_map"]

MOST_CELLS = 600
MOST_COLUMNS = 9  # more columns than these are narrower than a name
MOST_LEAF_FRAMES = 4
MOST_LOOSE = 14  # operations by themselves in one column

Links = set[tuple[int, int]]


@dataclass
class Cell:
    """What the map draws as one box: a closed group, an operation, a leaf, or several that stand together."""

    name: str
    nodes: list[int]
    place: int
    """Where it stands among others: that of its first operation, in topological order."""
    made: int = -1
    """Where it stands among the closed groups of its frame: how many groups were made before it."""
    frame: Hashable = None
    """Cells of one frame stand together; None for one that stands alone."""
    title: str = ""
    """What its frame is called."""
    group: int | None = None
    loose: bool = False
    """An operation that is in no closed group."""
    operations: int = 0


@dataclass
class Frame:
    title: str
    column: int
    cells: list[int] = field(default_factory=list)


def network_map(nodes: Sequence[Mapping[str, Any]], groups: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The map of a graph, ready for `json.dumps`.

    Args:
        nodes: those of a payload, in topological order: `name`, `rule` and `inputs` are read.
        groups: those of a payload, outer ones first: `name`, `parent`, `nodes` and `made`.

    Returns:
        columns: how many there are.
        cells: `name`, `nodes` and `group` (its place among the groups, or None) of each, and in a head of attention
            `looks`: for each place the nodes that say how much of each place it takes.
        frames: `title`, `column` and `cells` of each, from the left, in a column from the top.
    """
    edges = [(x, i) for i, node in enumerate(nodes) for x in node["inputs"] if isinstance(x, int)]
    cells = settled(nodes, groups, edges)
    columns = columns_of(cells, links_of(cells, edges))
    if groups and (max(columns) + 1 > MOST_COLUMNS or most_loose(cells, columns) > MOST_LOOSE):
        cells = gathered(nodes, cells, links_of(cells, edges))
        columns = columns_of(cells, links_of(cells, edges))
    if max(columns) + 1 > MOST_COLUMNS:
        cells, columns = stretches(nodes, cells, columns, links_of(cells, edges))
    frames = framed(cells, columns)
    if not groups:
        untangle(frames, links_of(cells, edges))
    looks = attention(nodes, cells)
    return {
        "columns": max(columns) + 1,
        "cells": [
            {"name": cell.name, "nodes": cell.nodes, "group": cell.group, **({"looks": looks[i]} if i in looks else {})}
            for i, cell in enumerate(cells)
        ],
        "frames": [{"title": frame.title, "column": frame.column, "cells": frame.cells} for frame in frames],
    }


def attention(nodes: Sequence[Any], cells: Sequence[Cell]) -> dict[int, list[list[int]]]:
    """The cells in which shares, exp(z) over their sum, weigh what is added up: for each sum all its shares."""
    cell_of = {node: i for i, cell in enumerate(cells) for node in cell.nodes}
    rows: dict[int, list[int]] = defaultdict(list)
    for i, node in enumerate(nodes):
        if node["rule"] == "div" and isinstance(node["inputs"][1], int):
            whole = nodes[node["inputs"][1]]
            if whole["rule"] == "total" and node["inputs"][0] in whole["inputs"]:
                rows[node["inputs"][1]].append(i)
    found: dict[int, list[list[int]]] = defaultdict(list)
    weighed = [n["inputs"][: len(n["inputs"]) // 2] for n in nodes if n["rule"] == "weighted_sum"]
    for whole_at, row in rows.items():
        terms = nodes[whole_at]["inputs"]
        if row in weighed and all(isinstance(x, int) and nodes[x]["rule"] == "exp" for x in terms):
            found[cell_of[row[0]]].append(row)
    return found


def most_loose(cells: Sequence[Cell], columns: Sequence[int]) -> int:
    """How many operations stand by themselves in the fullest column."""
    loose = [column for cell, column in zip(cells, columns, strict=True) if cell.loose]
    return max(map(loose.count, set(loose)), default=0)


def stretches(
    nodes: Sequence[Any], cells: Sequence[Cell], columns: Sequence[int], links: Links
) -> tuple[list[Cell], list[int]]:
    """A graph that is too long: what hangs together within a stretch of columns is one cell, and each stretch a column.

    No circle can come of it, for an edge leads to a later column.
    """
    length = -(-(max(columns) + 1) // MOST_COLUMNS)
    joined = list(range(len(cells)))

    def root(i: int) -> int:
        while joined[i] != i:
            joined[i] = joined[joined[i]]
            i = joined[i]
        return i

    for a, b in links:
        if columns[a] // length == columns[b] // length:
            joined[root(a)] = root(b)
    together: dict[int, list[int]] = defaultdict(list)
    for i in range(len(cells)):
        together[root(i)].append(i)
    found, where = [], []
    for first, *others in together.values():
        inside = [cells[i] for i in (first, *others)]
        where.append(columns[first] // length)
        if not others:
            found.append(inside[0])
            continue
        inside.sort(key=lambda cell: cell.place)
        members = sorted(node for cell in inside for node in cell.nodes)
        operations = [cell for cell in inside if cell.operations or cell.loose]
        name = f"{operations[0].name} … {operations[-1].name}" if len(operations) > 1 else several(nodes, members)
        found.append(Cell(name, members, operations[0].place if operations else members[0], operations=len(members)))
    return found, where


def links_of(cells: Sequence[Cell], edges: Iterable[tuple[int, int]]) -> Links:
    """The pairs of cells that edges lead from and to."""
    cell_of = {node: i for i, cell in enumerate(cells) for node in cell.nodes}
    return {(cell_of[x], cell_of[y]) for x, y in edges if cell_of[x] != cell_of[y]}


def settled(nodes: Sequence[Any], groups: Sequence[Any], edges: Sequence[tuple[int, int]]) -> list[Cell]:
    """The cells at the deepest level of groups at which they are not too many."""
    depths: list[int] = []
    for group in groups:
        depths.append(1 if group["parent"] is None else depths[group["parent"]] + 1)
    parents = {group["parent"] for group in groups}
    cells: list[Cell] = []
    for level in range(max(depths, default=1), 0, -1):
        closed = {i for i, depth in enumerate(depths) if depth >= level or i not in parents}
        cells = cells_of(nodes, groups, closed, edges)
        if len(cells) <= MOST_CELLS:
            break
    return cells


def cells_of(nodes: Sequence[Any], groups: Sequence[Any], closed: set[int], edges: Sequence[Any]) -> list[Cell]:
    """The cells where those groups are closed."""
    home: dict[int, int] = {}
    for i, group in enumerate(groups):  # outer ones come first
        for node in group["nodes"]:
            if home.get(node) not in closed:
                home[node] = i
    boxes: dict[int, Cell] = {}
    cells: list[Cell] = []
    for node, facts in enumerate(nodes):
        group = home.get(node)
        if group in closed:
            cell = boxes.get(group)
            if cell is None:
                parent = groups[group]["parent"]
                title = "" if parent is None else groups[parent]["name"]
                frame = None if parent is None else ("group", parent)
                cell = boxes[group] = Cell(groups[group]["name"], [], node, groups[group]["made"], frame, title, group)
                cells.append(cell)
            cell.nodes.append(node)
            cell.operations += facts["rule"] is not None
            if facts["rule"] and cell.operations == 1:
                cell.place = node
        elif facts["rule"]:
            title = "" if group is None else groups[group]["name"]
            frame = None if group is None else ("group", group)
            cells.append(Cell(facts["name"], [node], node, frame=frame, title=title, loose=True))
    return cells + leaf_cells(nodes, cells, edges, bool(groups))


def leaf_cells(nodes: Sequence[Any], cells: Sequence[Cell], edges: Sequence[Any], grouped: bool) -> list[Cell]:
    """Leaves that are in no closed group. Those that are used in the same cells stand in one frame; where that makes
    too many frames, those that are used in the same frames become one cell."""
    cell_of = {node: i for i, cell in enumerate(cells) for node in cell.nodes}
    users: dict[int, set[int]] = {i: set() for i in range(len(nodes)) if i not in cell_of}
    for x, y in edges:
        if x in users:
            users[x].add(cell_of[y])
    alike: dict[Hashable, list[int]] = defaultdict(list)
    for leaf, used in users.items():
        alike[frozenset(used) if grouped else leaf].append(leaf)
    if len(alike) <= MOST_LEAF_FRAMES or not grouped:
        named = {key: several(nodes, leaves) for key, leaves in alike.items()}
        return [
            Cell(nodes[leaf]["name"], [leaf], leaf, frame=("leaves", key), title=named[key])
            for key, leaves in alike.items()
            for leaf in leaves
        ]
    together: dict[Hashable, list[int]] = defaultdict(list)
    for leaf, used in users.items():
        together[frozenset(cells[i].frame or i for i in used)].append(leaf)
    return [Cell(several(nodes, leaves) or nodes[leaves[0]]["name"], leaves, leaves[0]) for leaves in together.values()]


def several(nodes: Sequence[Any], members: Sequence[int]) -> str:
    """What a row of nodes is called: by its first and its last."""
    return f"{nodes[members[0]]['name']} … {nodes[members[-1]]['name']}" if len(members) > 1 else ""


def columns_of(cells: Sequence[Cell], links: Links) -> list[int]:
    """The column of each cell: that after the last of its inputs. What has no inputs stands right before its first
    user. A circle among closed groups is cut at its first operation."""
    into: dict[int, set[int]] = defaultdict(set)
    out: dict[int, set[int]] = defaultdict(set)
    for a, b in links:
        into[b].add(a)
        out[a].add(b)
    column, waiting = [0] * len(cells), {i: len(into[i]) for i in range(len(cells))}
    ready = [i for i, count in waiting.items() if not count]
    while waiting:
        if not ready:
            ready = [min(waiting, key=lambda i: cells[i].place)]
        i = ready.pop()
        if waiting.pop(i, None) is None:
            continue
        for user in out[i] & waiting.keys():
            column[user] = max(column[user], column[i] + 1)
            waiting[user] -= 1
            if not waiting[user]:
                ready.append(user)
    for i in range(len(cells)):
        if not into[i] and out[i]:
            column[i] = max(0, min(column[user] for user in out[i]) - 1)
    return column


def gathered(nodes: Sequence[Any], cells: Sequence[Cell], links: Links) -> list[Cell]:
    """Loose operations that have the same groups before them and the same after them, as one cell. No circle can come
    of it: what lies between two of them has the same groups around it too."""
    before = reached(cells, links)
    after = reached(cells, {(b, a) for a, b in links})
    together: dict[Hashable, list[Cell]] = defaultdict(list)
    for i, cell in enumerate(cells):
        free = cell.loose and cell.nodes[-1] != len(nodes) - 1  # the result stands by itself
        together[(before[i], after[i], cell.frame) if free else i].append(cell)
    found = []
    for first, *others in together.values():
        members = sorted([*first.nodes, *[node for other in others for node in other.nodes]])
        name = several(nodes, members) if others else first.name
        found.append(replace(first, name=name, nodes=members, loose=False, operations=len(members)))
    return found


def reached(cells: Sequence[Cell], links: Links) -> list[frozenset[int]]:
    """For each cell the closed groups from which a way leads to it."""
    sources: dict[int, list[int]] = defaultdict(list)
    for a, b in links:
        sources[b].append(a)
    found: list[frozenset[int]] = [frozenset()] * len(cells)
    changed = True
    while changed:  # twice, but for circles among groups
        changed = False
        for i in sorted(range(len(cells)), key=lambda i: cells[i].place):
            here = frozenset().union(*[found[a] | ({a} if cells[a].operations else set()) for a in sources[i]])
            changed |= here != found[i]
            found[i] = here
    return found


def framed(cells: Sequence[Cell], columns: Sequence[int]) -> list[Frame]:
    """The frames, from the left and from the top, each with its cells in the order of their making."""
    frames: dict[Hashable, Frame] = {}
    for i in sorted(range(len(cells)), key=lambda i: cells[i].place):
        key = (columns[i], ("alone", i) if cells[i].frame is None else cells[i].frame)
        frames.setdefault(key, Frame(cells[i].title, columns[i])).cells.append(i)
    for frame in frames.values():
        if all(cells[i].made >= 0 for i in frame.cells):
            frame.cells.sort(key=lambda i: cells[i].made)
    return sorted(frames.values(), key=lambda frame: (frame.column, cells[frame.cells[0]].place))


def untangle(frames: list[Frame], links: Links) -> None:
    """Without groups the order in a column is free: each cell moves to the middle of its neighbours, a few times."""
    columns: dict[int, list[Frame]] = defaultdict(list)
    near: dict[int, list[int]] = defaultdict(list)
    for frame in frames:
        columns[frame.column].append(frame)
    for a, b in links:
        near[a].append(b)
        near[b].append(a)
    height: dict[int, float] = {}

    def number(column: Sequence[Frame]) -> None:
        for k, frame in enumerate(column):
            height.update(dict.fromkeys(frame.cells, (k + 0.5) / len(column)))

    def middle(frame: Frame) -> float:
        around = [height[x] for cell in frame.cells for x in near[cell]] or [height[frame.cells[0]]]
        return sum(around) / len(around)

    for column in columns.values():
        number(column)
    for _ in range(8):
        for column in columns.values():
            column.sort(key=middle)
            number(column)
    frames[:] = [frame for k in sorted(columns) for frame in columns[k]]
