"""What the tests read out of a picture: an SVG file, parsed by the XML parser of the standard library."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections import Counter
from dataclasses import dataclass
from typing import Any

from engine import Value

SVG, LINK = "{http://www.w3.org/2000/svg}", "{http://www.w3.org/1999/xlink}"
PICTURED = {"svg", "g", "title", "a", "text", "polygon", "polyline", "path", "ellipse"}


@dataclass
class Part:
    """One node, edge or cluster of a picture."""

    title: str
    classes: tuple[str, ...]
    texts: tuple[str, ...]
    tooltip: str
    outline: ET.Element


def parts(diagram: Any) -> dict[str, Part]:
    """Everything in the picture of a diagram by its id."""
    return parse(diagram.pipe("svg"))


def parse(picture: bytes | str) -> dict[str, Part]:
    """Everything in an SVG by its id; each id once, and no element that a layout engine has no reason to write."""
    root = ET.fromstring(picture)
    assert {element.tag.removeprefix(SVG) for element in root.iter()} <= PICTURED
    found: dict[str, Part] = {}
    for group in root.iter(f"{SVG}g"):
        classes = group.get("class", "").split()
        if not classes or classes[0] == "graph":
            continue
        identity = group.get("id", "")
        assert identity not in found
        texts = [(text.text or "").replace("\xa0", " ") for text in group.iter(f"{SVG}text")]
        tooltip = next((a.get(f"{LINK}title", "") for a in group.iter(f"{SVG}a")), "")
        outline = next(e for e in group.iter() if e.tag.removeprefix(SVG) in {"polygon", "path", "ellipse", "text"})
        title = re.sub(r":[nesw]\b", "", group.findtext(f"{SVG}title", ""))  # the side of a box that an arrow is at
        found[identity] = Part(title, tuple(classes), tuple(texts), tooltip, outline)
    return found


def rectangle(part: Part) -> tuple[float, float, float, float]:
    """The left, upper, right and lower side of the outline of a box or a frame."""
    if "cx" in part.outline.attrib:
        x, y, across, down = (float(part.outline.get(key, "")) for key in ("cx", "cy", "rx", "ry"))
        return x - across, y - down, x + across, y + down
    numbers = [float(x) for x in re.findall(r"-?[\d.]+", part.outline.get("points") or part.outline.get("d") or "")]
    return min(numbers[::2]), min(numbers[1::2]), max(numbers[::2]), max(numbers[1::2])


def of_kind(kind: str, picture: dict[str, Part]) -> dict[str, Part]:
    """The parts that are a node, an edge or a cluster."""
    return {identity: part for identity, part in picture.items() if part.classes[0] == kind}


def arrows(picture: dict[str, Part]) -> Counter[tuple[str, str]]:
    """How many arrows lead from each node to each other one."""
    return Counter(
        (tail, head) for tail, _, head in (edge.title.partition("->") for edge in of_kind("edge", picture).values())
    )


def heading(title: str) -> str:
    """Words of the whole graph, which belong to no part of it."""
    return " ".join(text.text or "" for text in ET.fromstring(title).findall(f"{SVG}g/{SVG}text"))


def below(y: Value) -> list[Value]:
    """All nodes that y depends on, y among them, found by a walk of the tests' own."""
    found, waiting = {id(y): y}, [y]
    while waiting:
        for x in waiting.pop().inputs:
            if isinstance(x, Value) and id(x) not in found:
                found[id(x)] = x
                waiting.append(x)
    return list(found.values())
