"""`Sketch`: a network as itself, units in columns joined by weights, without the nodes of its graph.

An object that has a method `_sketch_()` is drawn so by `draw`: the engine need not know what it is.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from engine.formulas.notation import shorten, show_number
from engine.pictures.account import NAME_LENGTH, plural, printable, show
from engine.pictures.style import BLUE, EDGE, NODE, SIZE, VERMILLION, label, tooltip, width_of
from engine.value import Value

if TYPE_CHECKING:
    from engine.pictures.diagram import Diagram

__all__ = ["Column", "Sketch", "Sketched", "Weight", "draw_sketch"]

MOST_UNITS = 24  # of a column in a picture
# inches between columns, at least, between units, and from the middle of a unit to its name
APART, ABOVE, BESIDE = 1.7, 0.36, 0.2
GRAPH = {"fontname": "Helvetica", "fontsize": SIZE, "splines": "line", "outputorder": "edgesfirst", "labelloc": "b"}
UNIT = {"shape": "circle", "fixedsize": "true", "width": "0.24", "label": "", "fillcolor": "white", "color": "#222222"}
WORDS = {"shape": "plaintext", "style": ""}


class Column(NamedTuple):
    """Units side by side: the inputs, a layer."""

    heading: str
    units: Sequence[str]
    """What is to be said of each."""


class Weight(NamedTuple):
    """A line between units of neighbouring columns."""

    value: Value
    column: int
    """The column where it starts; it ends in the next one."""
    start: int
    end: int
    """Units of the two columns, counted from 0."""


class Sketch:
    """Units in columns and the weights between them: what an object's `_sketch_()` returns for `draw`.

    Args:
        title: what it is.
        columns: (heading, what is to be said of each unit) for each column.
        weights: (Value, column where the weight starts, unit of that column, unit of the next column), counted from 0.
        inputs, outputs: names to write beside the units of the first and the last column; none by default.

    Raises:
        ValueError: if a weight leads from or to a unit that is not there, or if there are more or fewer names than
            units.
    """

    def __init__(self, title: str, columns: Sequence[tuple[str, Sequence[str]]],
                 weights: Sequence[tuple[Value, int, int, int]], *, inputs: Sequence[str] = (),
                 outputs: Sequence[str] = ()) -> None:  # fmt: skip
        self.title, self.columns = title, [Column(*column) for column in columns]
        self.weights = [Weight(*weight) for weight in weights]
        self.inputs, self.outputs = list(inputs), list(outputs)
        for what, names, column in (
            ("inputs", self.inputs, self.columns[0]),
            ("outputs", self.outputs, self.columns[-1]),
        ):
            if names and len(names) != len(column.units):
                raise ValueError(
                    f"{what} takes a name for each of {plural(len(column.units), 'unit')}, got {len(names)}: "
                    f"{names[:6]}"
                )
        sizes = [len(column.units) for column in self.columns]
        for w in self.weights:
            if not (
                0 <= w.column < len(sizes) - 1 and 0 <= w.start < sizes[w.column] and 0 <= w.end < sizes[w.column + 1]
            ):
                ends = f"unit {w.start} of column {w.column} to unit {w.end} of the next"
                raise ValueError(f"a weight leads from {ends}, but the columns have {sizes} units")

    @property
    def largest(self) -> float:
        """The size of the largest weight that is finite; 0.0 if there is none."""
        return max((abs(w.value.data) for w in self.weights if math.isfinite(w.value.data)), default=0.0)

    def _sketch_(self) -> Sketch:
        return self

    def text(self) -> str:
        """The sketch in words: a line for each column."""
        lines = [f"{printable(column.heading)}: {plural(len(column.units), 'unit')}" for column in self.columns]
        for place, names in ((0, self.inputs), (-1, self.outputs)):
            lines[place] += (
                f" ({', '.join(map(short, names[:MOST_UNITS]))}{', …' * (len(names) > MOST_UNITS)})" if names else ""
            )
        return "\n".join(
            [
                printable(self.title),
                *lines,
                f"{plural(len(self.weights), 'weight')}, the largest of size {show(self.largest)}",
            ]
        )


class Sketched(Protocol):
    """What `draw` draws as a sketch."""

    def _sketch_(self) -> Sketch: ...


def draw_sketch(sketch: Sketch, format: str) -> Diagram:
    """The sketch as a diagram: weights by thickness and sign, of wide columns the first units.

    In the picture `u1_0` is the first unit of the second column, and `w0_2_1` the weight from unit 2 of the first
    column to unit 1 of the second; `input0` is the name of the first input.
    """
    from engine.pictures.diagram import Diagram

    largest = sketch.largest
    legend = f"thickness: size of a weight, at most {show(largest)}"
    legend += " · blue, solid: positive · orange, dashed: negative"
    words = f"{label(shorten(printable(sketch.title), 100))}\\n{label(legend)}"
    diagram = Diagram(
        format=format, engine="neato", graph_attr={**GRAPH, "label": words}, node_attr=NODE, edge_attr=EDGE
    )
    diagram.tree = sketch.text()
    diagram.alt = f"{shorten(printable(sketch.title), 100)} as {plural(len(sketch.columns), 'column')} of units"
    top = max(min(len(column.units), MOST_UNITS) for column in sketch.columns) * ABOVE / 2
    apart = max(APART, 0.7 * top)
    for place, column in enumerate(sketch.columns):
        add_column(diagram, place, column, apart, top + ABOVE)
    add_names(diagram, sketch.inputs, "input", -1, 0.0)
    add_names(diagram, sketch.outputs, "output", 1, (len(sketch.columns) - 1) * apart)
    shown = [w for w in sketch.weights if max(w.start, w.end) < MOST_UNITS]
    for w in sorted(shown, key=lambda w: strength(w, largest)):  # the strong ones last, above the others
        ends, identity = (f"u{w.column}_{w.start}", f"u{w.column + 1}_{w.end}"), f"w{w.column}_{w.start}_{w.end}"
        grad = "–" if w.value.grad is None else show_number(w.value.grad)
        full = f"{shorten(printable(w.value.name or 'weight'))} {show_number(w.value.data)}, grad {grad}"
        diagram.edge(*ends, id=identity, tooltip=tooltip(full), arrowhead="none", **line(w, strength(w, largest)))
    return diagram


def add_column(diagram: Any, place: int, column: Column, apart: float, top: float) -> None:
    """Units below each other around the same middle, a heading above, and how many more there are below."""
    units = column.units[:MOST_UNITS]
    middle = (len(units) - 1) / 2
    diagram.node(
        f"heading{place}",
        label(f"{shorten(printable(column.heading))}: {len(column.units):,}"),
        pos=f"{place * apart:.3f},{top:.3f}!",
        **WORDS,
    )
    for row, said in enumerate(units):
        identity, pos = f"u{place}_{row}", f"{place * apart:.3f},{(middle - row) * ABOVE:.3f}!"
        diagram.node(identity, id=identity, pos=pos, tooltip=tooltip(printable(said)), **UNIT, **{"class": "unit"})
    if more := len(column.units) - len(units):
        pos = f"{place * apart:.3f},{(middle - len(units)) * ABOVE:.3f}!"
        diagram.node(f"more{place}", f"and {more:,} more", pos=pos, **WORDS)


def add_names(diagram: Any, names: Sequence[str], what: str, side: int, x: float) -> None:
    """Names beside the units of a column: on its left, where they end at the units, or on its right, where they
    start there."""
    shown = [short(name) for name in names[:MOST_UNITS]]
    width = max(map(width_of, shown), default=0.0)
    middle = (len(shown) - 1) / 2
    for row, name in enumerate(shown):
        pos = f"{x + side * (BESIDE + width / 2):.3f},{(middle - row) * ABOVE:.3f}!"
        justified = r"\r" if side < 0 else r"\l"
        look = {**WORDS, "width": f"{width:.3f}", "margin": "0", "class": "name"}
        diagram.node(
            f"{what}{row}",
            label(name) + justified,
            id=f"{what}{row}",
            pos=pos,
            tooltip=tooltip(printable(names[row])),
            **look,
        )


def short(name: str) -> str:
    return shorten(printable(name), NAME_LENGTH)


def strength(weight: Weight, largest: float) -> float:
    """The size of a weight as a part of the largest; what is not finite counts as 2, to be seen above all."""
    x = weight.value.data
    return 2.0 if not math.isfinite(x) else abs(x) / largest if largest else 0.0


def line(weight: Weight, size: float) -> dict[str, str]:
    """How a weight looks: thick and strong in colour if it is large, solid if positive, dashed if negative, black if
    not finite."""
    if size > 1.0:
        return {"penwidth": "4", "color": "black", "style": "dotted", "class": "weight not-finite"}
    negative = weight.value.data < 0
    color = f"{VERMILLION if negative else BLUE}{round(60 + 195 * size):02X}"
    look = {
        "penwidth": f"{0.3 + 3.2 * size:.3f}",
        "color": color,
        "class": f"weight {'negative' if negative else 'positive'}",
    }
    return look | ({"style": "dashed"} if negative else {})
