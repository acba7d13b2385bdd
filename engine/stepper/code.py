"""The student's code for the page, where it was traced: the lines that made the graph, and for each node its piece of
them."""

from __future__ import annotations

import linecache
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from engine.tracing.source import Source, in_order, source_of
from engine.value import Value

__all__ = ["code_of"]

AROUND = 1  # lines shown before and after those that made a node
GAP = 3  # so few lines between two are shown too


def code_of(nodes: Sequence[Value]) -> dict[str, Any]:
    """The lines that made these nodes, in blocks, and where in them each was made; empty if none was traced.

    A block is {"file", "first", "lines"}: what the file or cell is called, the number of its first line, and its lines.
    A place is [block, line, column, end line, end column], None for what was not traced; columns count characters.
    "order" holds the traced nodes as they were made, by their places in `nodes`.
    """
    sources = [source_of(node) for node in nodes]
    found = [source for source in sources if source and source.text]
    blocks: list[dict[str, Any]] = []
    starts: dict[tuple[str, int], int] = {}  # the block of each line
    for file in dict.fromkeys(source.file for source in found):
        text = [line.rstrip("\r\n") for line in linecache.getlines(file)]
        for first, last in spans([source for source in found if source.file == file], len(text)):
            starts.update({(file, line): len(blocks) for line in range(first, last + 1)})
            blocks.append({"file": called(file), "first": first, "lines": text[first - 1 : last]})

    def place(x: Source | None) -> list[int] | None:
        if not (x and x.text and (x.file, x.end_line) in starts):  # of a file that became shorter since
            return None
        return [starts[x.file, x.line], x.line, x.column, x.end_line, x.end_column]

    places = list(map(place, sources))
    number = {node: i for i, node in enumerate(nodes)}
    return {"blocks": blocks, "places": places, "order": [number[x] for x in in_order(nodes)]} if blocks else {}


def spans(sources: Iterable[Source], last: int) -> list[list[int]]:
    """The first and last lines of the blocks that hold these pieces of one file, which has so many lines."""
    joined: list[list[int]] = []
    for first, end in sorted((max(1, x.line - AROUND), min(last, x.end_line + AROUND)) for x in sources):
        if joined and first <= joined[-1][1] + GAP:
            joined[-1][1] = max(end, joined[-1][1])
        else:
            joined.append([first, end])
    return joined


def called(file: str) -> str:
    """The name of a file without its folders; of a notebook's cell In[3]."""
    shell = sys.modules["IPython"].get_ipython() if "IPython" in sys.modules else None
    cell = shell.compile.format_code_name(file) if shell else None
    return cell[1] if cell else Path(file).name
