"""The pictures of a sheet: a graph to write into, and one with what a program says."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

from engine.stepper.on_paper import picture
from engine.worksheet.graphs import Graph, written

__all__ = ["picture_to_fill", "picture_told"]


@lru_cache(maxsize=256)
def picture_to_fill(graph: Graph) -> str | None:
    """The graph as SVG, with the numbers of the leaves, and room for all that is to be computed; None where nothing
    can be drawn."""
    svg = picture(graph.build()["L"], {}, roomy=True)
    if svg is None:
        return None
    given = dict(graph.leaves)
    parts = re.split(r"(?=<g id=\"v\d+\")", svg)
    for i, part in enumerate(parts):
        name = re.search(r">(\w+)(?: = [^<]*)?</text>", part)
        data = f" {minus(written(given[name[1]]))}" if name and name[1] in given else ""
        parts[i] = re.sub(r">data [^<]*<", f">data{data or ROOM}<", re.sub(r">grad [^<]*<", f">grad{ROOM}<", part))
    return plain("".join(parts))


ROOM = "\u2003" * 5
"""What keeps the word to the left of what is written behind it."""


def picture_told(graph: Graph, told: Mapping[str, float]) -> str | None:
    """The graph as SVG, with its values and what a program says are the gradients."""
    nodes = graph.build()
    svg = picture(nodes["L"], {nodes[name]: grad for name, grad in told.items()})
    return svg and plain(re.sub(r">(?:data|grad) [^<]*<", lambda m: m[0].replace("&#45;", "−"), svg))


def plain(svg: str) -> str:
    """Without ids, of which a page of many pictures would have many alike."""
    return re.sub(r' id="[^"]*"', "", svg)


def minus(text: str) -> str:
    return text.replace("-", "−")
