"""Groups in the order of their making: neuron 1 above neuron 2.

A layout engine that has frames to respect puts the groups of a column in any order, 8 to 1 as often as not, and keeps
no order that it is asked for. So its layout is taken as it is, and groups that stand one above another change places;
the arrows are then drawn anew, straight, as those of a network are.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import combinations, pairwise
from typing import Any

__all__ = ["in_order"]

STRAIGHT = "graph [splines=line outputorder=edgesfirst]"


@dataclass(eq=False)
class Place:
    """The room that a box or a frame takes."""

    name: str
    x: float
    """Its left side; where arrows lead down, its top."""
    y: float
    """Its top; where arrows lead down, its left side: the side that an order begins at."""
    width: float
    height: float
    inside: list[Place] = field(default_factory=list)
    """What stands directly in a frame."""
    heading: tuple[float, float] | None = None
    """Where the title of a frame stands; None for a box."""

    def move(self, by: float) -> None:
        self.y += by
        if self.heading:
            self.heading = (self.heading[0], self.heading[1] + by)
        for place in self.inside:
            place.move(by)

    def meets(self, other: Place) -> bool:
        return (
            self.x < other.x + other.width
            and other.x < self.x + self.width
            and self.y < other.y + other.height
            and other.y < self.y + self.height
        )


def in_order(layout: bytes, rows: Sequence[Sequence[str]], rankdir: str) -> str | None:
    """What to write at the end of a graph in the DOT language so that its groups stand in their order, for a layout
    engine that takes places as they are.

    Args:
        layout: the graph laid out, in the format "json0".
        rows: names of frames and boxes that are to stand in that order where they share a column.
        rankdir: where arrows lead, as in `draw`: columns go down where they lead to the left or right.

    Returns:
        None where all is in order, or where nothing can change places without covering something else.
    """
    flat = rankdir in {"LR", "RL"}
    places = places_of(json.loads(layout), flat)
    moved = False
    for row in rows:
        for column in columns([places[name] for name in row if name in places]):
            moved |= arrange(column)
    frames = [place.inside for place in places.values() if place.inside]
    if not moved or any(a.meets(b) for frame in frames for a, b in combinations(frame, 2)):
        return None
    return "\n".join([STRAIGHT, *(written(place, flat) for place in places[""].inside)])


def arrange(column: Sequence[Place]) -> bool:
    """Put places that stand above one another into their order, with the gaps that there were; whether any moved."""
    standing = sorted(column, key=lambda place: place.y)
    if standing == list(column):
        return False
    gaps = [below.y - above.y - above.height for above, below in pairwise(standing)]
    y = standing[0].y
    for place, gap in zip(column, [*gaps, 0.0], strict=True):
        place.move(y - place.y)
        y += place.height + gap
    return True


def columns(row: Iterable[Place]) -> Iterator[list[Place]]:
    """Those of a row that stand above one another, each time in the order of the row."""
    order = list(row)
    end, column = float("-inf"), list[Place]()
    for place in sorted(order, key=lambda place: place.x):
        if place.x >= end and column:
            yield sorted(column, key=order.index)
            column = []
        column.append(place)
        end = max(end, place.x + place.width)
    if column:
        yield sorted(column, key=order.index)


def places_of(layout: Any, flat: bool) -> dict[str, Place]:
    """All places by name, frames with what is in them; the whole picture is a frame without a name."""
    found = [place_of(item, flat) for item in layout.get("objects", ())]
    inside = set()
    for place, item in zip(found, layout.get("objects", ()), strict=True):
        inner = set(item.get("subgraphs", ()))
        deeper = {node for k in inner for node in layout["objects"][k].get("nodes", ())}
        members = inner | (set(item.get("nodes", ())) - deeper)
        place.inside = [found[k] for k in sorted(members)]
        inside |= members
    whole = Place("", 0, 0, 0, 0, [place for k, place in enumerate(found) if k not in inside])
    return {place.name: place for place in [*found, whole]}


def place_of(item: Any, flat: bool) -> Place:
    heading = None
    if "bb" in item:
        left, bottom, right, top = map(float, item["bb"].split(","))
        x, y = map(float, item.get("lp", "0,0").split(","))
        heading = turned(x, y, flat) if "lp" in item else None
    else:
        x, y = map(float, item["pos"].split(","))
        w, h = 72 * float(item["width"]), 72 * float(item["height"])
        left, bottom, right, top = x - w / 2, y - h / 2, x + w / 2, y + h / 2
    corner, size = turned(left, top, flat), (right - left, top - bottom) if flat else (top - bottom, right - left)
    return Place(item["name"], *corner, *size, heading=heading)


def turned(x: float, y: float, flat: bool) -> tuple[float, float]:
    """A point, with the axis along which things are in order as the second, growing the way one reads; and back."""
    return (x, -y) if flat else (-y, x)


def back(a: float, b: float, flat: bool) -> tuple[float, float]:
    return (a, -b) if flat else (b, -a)


def written(place: Place, flat: bool) -> str:
    """A place and what is inside it in the DOT language, a frame in the frame that it is in."""
    a, b = back(place.x, place.y, flat), back(place.x + place.width, place.y + place.height, flat)
    (left, right), (bottom, top) = sorted((a[0], b[0])), sorted((a[1], b[1]))
    if not place.inside:
        return f'{place.name} [pos="{(left + right) / 2:.2f},{(bottom + top) / 2:.2f}"]'
    x, y = back(*place.heading, flat) if place.heading else (left, top)
    sides = f'graph [bb="{left:.2f},{bottom:.2f},{right:.2f},{top:.2f}" lp="{x:.2f},{y:.2f}"]'
    return "\n".join([f"subgraph {place.name} {{ {sides}", *(written(each, flat) for each in place.inside), "}"])
