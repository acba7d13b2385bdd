r"""How a drawing looks: the attributes that Graphviz takes, and text in the DOT language as a user typed it.

The palette is that of Okabe and Ito, which colour-blind readers can tell apart; boxes are filled with the same colour
mixed with white. Shape and line tell the same: rounded for what the user made, an ellipse for a constant, a thick line
for the result, dashed for what gets no gradient, a double line for what can be opened.
"""

from __future__ import annotations

import html
import re
import unicodedata

__all__ = [
    "APART", "BLUE", "CONSTANT", "EDGE", "FRAME", "GRAPH", "MORE", "NODE", "SIZE", "SMALL", "VERMILLION", "field",
    "label", "light", "style", "tooltip", "width_of", "with_classes",
]  # fmt: skip

BLUE, GREEN, VERMILLION, YELLOW = "#0072B2", "#009E73", "#D55E00", "#F0E442"
STYLES = {
    "leaf": {"shape": "Mrecord", "color": BLUE, "fillcolor": "#DCEBF5"},
    "frozen": {"shape": "Mrecord", "color": GREEN, "fillcolor": "#E0F3EC", "style": "filled,dashed"},
    "constant": {"shape": "ellipse", "color": "#555555", "fillcolor": "#FCF8CF", "style": "filled,dashed"},
    "operation": {"shape": "record", "color": "#222222", "fillcolor": "white"},
    "result": {"shape": "record", "color": VERMILLION, "fillcolor": "#FBE7D9", "penwidth": "3"},
    "folded": {"shape": "box", "color": "#444444", "fillcolor": "#EDEDED", "peripheries": "2"},
}
FOLDED_RESULT = {"color": VERMILLION, "fillcolor": "#FBE7D9", "penwidth": "3"}
# What makes a layout take minutes: one leaf used in a hundred places, unless the iterations are limited, and many
# labels at arrows, unless they are straight.
LIMITS = {"nslimit": "1", "nslimit1": "1"}
# frames do not bend the order of computation; without it some graphs cannot be laid out at all
RANKS = {"newrank": "true"}
SIZE = "10.5"  # points, the 14 pixels of the text of a notebook
EM = float(SIZE) / 72  # inches
WIDE = "mwMW@%…"
GRAPH = {"fontname": "Helvetica", "fontsize": SIZE, "nodesep": "0.2", "ranksep": "0.45", **LIMITS, **RANKS}
APART = "0.6"  # between columns of groups, for the arrows are many
NODE = {"fontname": "Helvetica", "fontsize": SIZE, "style": "filled", "penwidth": "1.3", "height": "0"}
EDGE = {"fontname": "Helvetica", "fontsize": "9.5", "color": "#555555", "fontcolor": "#222222", "arrowsize": "0.7"}
FRAME = {
    "style": "rounded,filled",
    "color": "#BBBBBB",
    "fillcolor": "#F5F5F5",
    "fontcolor": "#444444",
    "labeljust": "r",
}
MORE = {"class": "more", "style": "dotted"}
CONSTANT = {"class": "constant"}
SMALL = {"height": "0.3", "width": "0.3", "margin": "0.06,0.03"}
MARKED = {True: {"color": VERMILLION, "penwidth": "3.5"}, False: {"penwidth": "3"}}  # an edge, a box
PALE = {True: {"color": "#CCCCCC", "fontcolor": "#999999", "penwidth": "1"}}
PALE[False] = PALE[True] | {"fillcolor": "white"}
WRONG = "#F4B6A0"


def style(*classes: str) -> dict[str, str]:
    """How a box looks whose classes those are, the kind first: yellow at a kink or with a number that is not finite,
    red if wrong."""
    look = STYLES[classes[0]] | (FOLDED_RESULT if classes == ("folded", "result") else {})
    loud = (
        {"fillcolor": WRONG}
        if "check-wrong" in classes
        else {"fillcolor": YELLOW}
        if {"not-finite", "kink"} & {*classes}
        else {}
    )
    return with_classes(look | loud, *classes)


def light(look: dict[str, str], marked: bool, edge: bool) -> dict[str, str]:
    """A box or an edge that stands out, or that is pale."""
    return with_classes(look | MARKED[edge], "marked") if marked else with_classes(look | PALE[edge], "pale")


def with_classes(look: dict[str, str], *classes: str) -> dict[str, str]:
    """The attributes, and those classes in the SVG besides what it had."""
    return look | {"class": " ".join([*look.get("class", "").split(), *classes])}


# What a user typed, where DOT gives characters a meaning: & and < start entities and HTML, a backslash starts an
# escape, and braces and bars divide the label of a record. The package graphviz takes care of quotation marks.


def label(text: str) -> str:
    return html.escape(text, quote=False).replace("\\", "\\\\")


def field(text: str) -> str:
    return re.sub(r"[{}|]", r"\\\g<0>", label(text))


def tooltip(text: str) -> str:
    return html.escape(text, quote=False).replace("\\", "\\\\\\\\")  # Graphviz reads escapes in a tooltip twice


def width_of(text: str) -> float:
    """The inches that a text takes, at most, where a font is about as wide as Helvetica; as a rule a little less."""
    return EM * sum(
        1.0 if c in WIDE or unicodedata.east_asian_width(c) in "WF" else 0.8 if c.isupper() else 0.58 for c in text
    )
