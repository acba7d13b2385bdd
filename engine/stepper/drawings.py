"""The drawings that a page carries: a page has no layout engine, so each way of folding that it offers comes with its
picture.

Which ways: the one in which it starts, every group closed, every group open, all groups down to some depth open, each
group open by itself and each closed by itself; where groups are few, all ways there are. The list ends where the page
would grow too large.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from typing import TYPE_CHECKING, Any

from engine.graph import topological_order
from engine.pages.packing import pack
from engine.pictures.account import Account, printable
from engine.pictures.draw import draw, fold
from engine.pictures.folding import Folding
from engine.stepper.names import name_of
from engine.value import Value

if TYPE_CHECKING:
    from engine.pictures.diagram import Diagram

__all__ = ["drawings_of", "groups_of", "is_readable"]

MOST_DRAWINGS = 32
MOST_PARTS = 12_000
"""Boxes, arrows and frames in all drawings of a page together, and half a part for every node each time: about two
seconds and 1 MB."""
WINDOW = 612.0, 526.0
"""What a drawing has of a page of 1024 x 768 pixels."""
LARGEST_SCALE, SMALLEST_TEXT = 1.7, 12.0  # in pixels: the first for one unit of a drawing, as in view.js
MOST_READABLE = 60  # no graph of more nodes was ever that small

Open = frozenset[int]
"""The groups that are open, as places in `Folding.groups`. A group can be open only if those around it are."""


def drawings_of(y: Value, folded: Any = None) -> dict[str, Any]:
    """The groups of the graph of y and the drawings of its foldings, that with which the page starts first, ready for
    `json.dumps`.

    Every drawing says which groups are open in it and which leaves it puts into one box though they are in no group.
    The picture is SVG, in all drawings but the first compressed.

    Raises:
        ModuleNotFoundError, LayoutError: as a drawing does.
        TypeError, ValueError: for `folded`, which is what `draw` takes.
    """
    account = Account(y)
    inside = insides(account)
    diagrams = dict(carried(account, draw(y, folded=folded, roomy=True), inside, folded))
    with ThreadPoolExecutor() as pool:
        first, *others = pool.map(picture, diagrams.values())
    return {
        "groups": described(account.folding, inside),
        "drawings": [
            {"open": sorted(ways), "merged": merged(diagram, len(inside)), "drawing": text}
            for (ways, diagram), text in zip(diagrams.items(), [first, *map(pack, others)], strict=True)
        ],
    }


def is_readable(y: Value) -> bool:
    """Whether the drawing of all nodes stands in a window of 1024 x 768 pixels whole, its smallest text at 12. False
    where no drawing can be made."""
    from engine.pictures.diagram import LayoutError

    if len(topological_order(y)) > MOST_READABLE:
        return False
    try:
        svg = picture(draw(y, folded=[], roomy=True))
    except (ModuleNotFoundError, LayoutError):
        return False
    size = re.search(r'width="([\d.]+)pt" height="([\d.]+)pt"', svg)
    texts = [float(text) for text in re.findall(r'font-size="([\d.]+)"', svg)]
    if size is None or not texts:
        return False
    scale = min(WINDOW[0] / float(size[1]), WINDOW[1] / float(size[2]), LARGEST_SCALE)
    return scale * min(texts) >= SMALLEST_TEXT


def groups_of(y: Value) -> list[dict[str, Any]]:
    """The groups of a graph, as the page knows them."""
    account = Account(y)
    return described(account.folding, insides(account))


def insides(account: Account) -> list[set[int]]:
    """The places of the nodes in each group."""
    return [{account.number[node] for node in account.folding.nodes(group)} for group in account.folding.groups]


def described(folding: Folding, inside: list[set[int]]) -> list[dict[str, Any]]:
    """What the page knows of each group: its name, the group around it, all nodes in it, and how many groups were
    made before it."""
    place: dict[Any, int] = {group: i for i, group in enumerate(folding.groups)}
    made = {group: i for i, group in enumerate(sorted(folding.groups, key=lambda group: getattr(group, "serial", 0)))}
    return [
        {
            **name_of(printable(group.name)),
            "parent": place.get(group.parent),
            "nodes": sorted(nodes),
            "made": made[group],
        }
        for group, nodes in zip(folding.groups, inside, strict=True)
    ]


def opened(folding: Folding) -> Open:
    """The groups that are open, and so are all groups around them."""
    return frozenset(i for i, group in enumerate(folding.groups) if folding.closed.isdisjoint(folding.frames(group)))


def merged(diagram: Diagram, groups: int) -> dict[str, list[int]]:
    """The boxes that stand for leaves which nobody put into a group."""
    return {box: nodes for box, nodes in diagram.boxes.items() if box[0] == "g" and int(box[1:]) >= groups}


def carried(account: Account, first: Diagram, inside: list[set[int]], folded: Any) -> Iterator[tuple[Open, Diagram]]:
    """The foldings that the page offers, each with its diagram: but for the first, those that show all that is in
    their open groups."""
    folding, each = account.folding, len(account.number) // 2
    fold(account, folded)
    start = opened(folding)
    yield start, first
    parts = len(first.body) + each
    for ways in islice(ways_to_fold(start, folding), MOST_DRAWINGS - 1):
        if parts + each > MOST_PARTS:
            return
        diagram = draw(account.y, folded=[group for i, group in enumerate(folding.groups) if i not in ways], roomy=True)
        parts += len(diagram.body) + each
        drawn = {node for nodes in diagram.boxes.values() for node in nodes}
        if parts <= MOST_PARTS and all(inside[i] <= drawn for i in ways):
            yield ways, diagram


def ways_to_fold(start: Open, folding: Folding) -> Iterator[Open]:
    """All foldings that a page would offer if it could be as large as it liked, the most useful first; each once,
    but not `start`."""
    place = {group: i for i, group in enumerate(folding.groups)}
    # each group and those around it
    around = [frozenset(place[frame] for frame in folding.frames(group)) for group in folding.groups]
    every = frozenset(place.values())
    few = all_ways(around)
    ways: list[Open] = [frozenset(), every]
    ways += [
        frozenset(i for i in every if len(around[i]) <= depth) for depth in range(1, max(map(len, around), default=0))
    ]
    ways += sorted(
        around, key=lambda frames: (len(frames), -max(frames))
    )  # one open by itself: outer ones first, of these the ones nearest the result
    ways += few or [frozenset(i for i in every if inner not in around[i]) for inner in reversed(range(len(around)))]
    yield from dict.fromkeys(way for way in ways if way != start)


def all_ways(around: list[Open]) -> list[Open]:
    """Every set of groups that can be open; none where there are too many sets."""
    ways: list[Open] = [frozenset()]
    for i, frames in enumerate(around):
        ways += [way | {i} for way in ways if frames - {i} <= way]
        if len(ways) > MOST_DRAWINGS:
            return []
    return ways


def picture(diagram: Diagram) -> str:
    """The diagram as SVG, without what the page says itself: titles, tooltips, comments, fonts."""
    svg: str = diagram.pipe("svg", encoding="utf-8")
    for needless in (
        r"<!--.*?-->\n?",
        r"<title>.*?</title>\n?",
        r'<g id="a_[^"]*"><a [^>]*>\n?',
        r"</a>\n</g>\n?",
        r' font-family="[^"]*"',
    ):
        svg = re.sub(needless, "", svg, flags=re.DOTALL)
    return svg[svg.index("<svg") :]
