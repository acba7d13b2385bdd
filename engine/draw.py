"""`draw(y)`: the graph of a result as a picture, one box for every node, in the DOT language of Graphviz.

The package graphviz is imported when something is drawn, never before.
"""

from __future__ import annotations

import html
import re
import textwrap
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from engine.excerpt import Account, Excerpt, nearest, plural, printable, show
from engine.scope import Group
from engine.terms import shorten, show_number
from engine.tree import write_tree
from engine.value import Value

if TYPE_CHECKING:
    from engine.layout import Diagram

__all__ = ["draw", "mimebundle"]

MOST_BOXES = 300
MOST_EDGES = 600  # in a picture: a layout engine takes seconds for these, and minutes for twice as many that are badly tangled
MOST_NESTED = 12  # groups within groups; what is deeper inside is drawn in the last of them
DIRECTIONS = ("LR", "RL", "TB", "BT")

# The palette of Okabe and Ito, which colour-blind readers can tell apart; filled with the same colour mixed with white. Shape and line
# tell the same: rounded for what the user made, an ellipse for a constant, a thick line for the result, dashed for what gets no gradient.
BLUE, GREEN, VERMILLION, YELLOW = "#0072B2", "#009E73", "#D55E00", "#F0E442"
STYLES = {
    "leaf": {"shape": "Mrecord", "color": BLUE, "fillcolor": "#DCEBF5"},
    "frozen": {"shape": "Mrecord", "color": GREEN, "fillcolor": "#E0F3EC", "style": "filled,dashed"},
    "constant": {"shape": "ellipse", "color": "#555555", "fillcolor": "#FCF8CF", "style": "filled,dashed"},
    "operation": {"shape": "record", "color": "#222222", "fillcolor": "white"},
    "result": {"shape": "record", "color": VERMILLION, "fillcolor": "#FBE7D9", "penwidth": "3"},
}
# What makes a layout take minutes: one leaf used in a hundred places, unless the iterations are limited, and many labels at arrows,
# unless they are straight.
LIMITS = {"nslimit": "1", "nslimit1": "1"}
MOST_CURVED = 60
SIZE = "10.5"  # points, the 14 pixels of the text of a notebook
GRAPH = {"fontname": "Helvetica", "fontsize": SIZE, "nodesep": "0.2", "ranksep": "0.45", **LIMITS}
NODE = {"fontname": "Helvetica", "fontsize": SIZE, "style": "filled", "penwidth": "1.3", "height": "0"}
EDGE = {"fontname": "Helvetica", "fontsize": "9.5", "color": "#555555", "fontcolor": "#222222", "arrowsize": "0.7"}
FRAME = {"style": "rounded,filled", "color": "#BBBBBB", "fillcolor": "#F5F5F5", "fontcolor": "#444444", "labeljust": "r"}
MORE = {"class": "more", "style": "dotted"}
CONSTANT = {"class": "constant"}
SMALL = {"height": "0.3", "width": "0.3", "margin": "0.06,0.03"}


def draw(y: Value, *, rankdir: str = "LR", slopes: bool = False, format: str = "svg") -> Diagram:
    """A diagram of the graph of y: it shows itself in Jupyter, and `draw(y).save("graph.svg")` writes a file.

    Every node is a box with its name, its operation, data and grad (– until a backward pass reached it). Every input is an arrow, so
    that x * x has two. Blocks made `with group(...)` are framed. Of a graph too big to draw the nodes nearest y are shown.

    Args:
        y: the result.
        rankdir: where the arrows lead: "LR" from left to right, "RL", "TB" (to the bottom) or "BT".
        slopes: write at every arrow its local slope, ∂ node / ∂ input.
        format: "svg" or "png".

    Raises:
        TypeError: if y is not a Value.
        ValueError: for another rankdir or format.
        ModuleNotFoundError: if the package graphviz is not installed.
    """
    if not isinstance(y, Value):
        raise TypeError(f"draw takes a Value, got {type(y).__name__} {shorten(printable(repr(y)))}")
    if rankdir not in DIRECTIONS:
        raise ValueError(f"rankdir is one of {', '.join(DIRECTIONS)}, got {rankdir!r}")
    from engine.layout import FORMATS, Diagram

    if format not in FORMATS:
        raise ValueError(f"format is one of {', '.join(FORMATS)}, got {format!r}")
    account = Account(y)
    part = nearest(y, MOST_BOXES, MOST_EDGES)
    lines = {"splines": "line"} if slopes and len(part.shown) > MOST_CURVED else {}
    attributes = {**GRAPH, **lines, "rankdir": rankdir, **title(account, part)}
    diagram = Diagram(format=format, graph_attr=attributes, node_attr=NODE, edge_attr=EDGE)
    diagram.tree = write_tree(account)
    diagram.alt = f"the graph of {account.name(y)}: {plural(len(account.number), 'node')}"
    add_boxes(diagram, account, part, flat=rankdir in {"LR", "RL"})
    add_edges(diagram, account, part, slopes)
    return diagram


def mimebundle(y: Value) -> dict[str, Any]:
    """How a Value shows itself in Jupyter: its repr, and a picture if an operation made it. Never raises: it is called by a display."""
    if y.rule is None:
        return {"text/plain": repr(y)}
    try:
        drawn = draw(y)._repr_mimebundle_()
    except Exception as error:  # whatever it is, the number is still to be seen
        drawn = {"text/plain": f"(no picture: {shorten(printable(error), 300)})"}
    has_picture = len(drawn) > 1
    return {**drawn, "text/plain": repr(y) if has_picture else f"{y!r}\n{drawn['text/plain']}"}


def title(account: Account, part: Excerpt) -> dict[str, str]:
    """Attributes of the graph that say what a reader must not miss."""
    remarks = [line for remark in account.remarks(part) for line in textwrap.wrap(remark, 80)]
    attributes = {"label": "\\n".join(map(label, remarks)), "labelloc": "t"} if remarks else {}
    return attributes | ({"class": "stale", "fontcolor": VERMILLION} if account.stale else {})


def add_boxes(diagram: Any, account: Account, part: Excerpt, flat: bool) -> None:
    """One box for every node and every use of a constant, inside the frames of their groups."""

    def add(items: list[Any], frame: Any) -> None:
        for item in items:
            if isinstance(item, Group):
                number[item] = len(number)
                with frame.subgraph(name=f"cluster_{number[item]}") as inner:
                    inner.attr(**FRAME, id=f"g{number[item]}", label=label(shorten(printable(item.name))), **{"class": "group"})
                    add(inside[item], inner)
            else:
                add_box(frame, item, account, flat)
                for index in part.shown[item]:
                    if not isinstance(item.inputs[index], Value):
                        add_constant(frame, account.number[item], index, item.inputs[index])

    number: dict[Group, int] = {}
    inside = contents(sorted(part.shown, key=account.number.__getitem__))
    add(inside[None], diagram)
    if account.missing(part):
        diagram.node("more", label(account.missing(part)), id="more", shape="box", **MORE, **SMALL)


def contents(nodes: list[Value]) -> dict[Group | None, list[Any]]:
    """What is directly inside each group, and in None what is in no group: nodes and groups, in order of first appearance."""
    inside: dict[Group | None, list[Any]] = {None: []}
    for node in nodes:
        around: Group | None = None
        for group in reversed(list(enclosing(node.group))[-MOST_NESTED:]):
            if group not in inside:
                inside[group] = []
                inside[around].append(group)
            around = group
        inside[around].append(node)
    return inside


def enclosing(group: Group | None) -> Iterator[Group]:
    while group is not None:
        yield group
        group = group.parent


def add_box(frame: Any, node: Value, account: Account, flat: bool) -> None:
    kind, headline = account.kind(node), account.headline(node)
    fields = f"{field(headline)}|{{data {field(show(node.data))}|grad {field(show(node.grad))}}}"
    full = [headline, f"data {show_number(node.data)}", f"grad {'–' if node.grad is None else show_number(node.grad)}"]
    full += ["frozen: it gets no gradient"] * node.frozen
    identity = f"v{account.number[node]}"
    frame.node(identity, fields if flat else f"{{{fields}}}", id=identity, tooltip="\\n".join(map(tooltip, full)), **style(kind, fields))


def add_constant(frame: Any, user: int, index: int, x: float) -> None:
    identity = f"c{user}_{index}"
    frame.node(identity, show(x), id=identity, tooltip=f"constant {show_number(x)}", **style("constant", show(x)), **SMALL)


def style(kind: str, text: str) -> dict[str, str]:
    """How a box of that kind looks; yellow if there is a number in it that is not finite."""
    return STYLES[kind] | ({"class": f"{kind} not-finite", "fillcolor": YELLOW} if "‼" in text else {"class": kind})


def add_edges(diagram: Any, account: Account, part: Excerpt, slopes: bool) -> None:
    """An arrow from every input, in order; one for all inputs of a node that are left out."""
    for node in sorted(part.shown, key=account.number.__getitem__):
        place, inputs, local = account.number[node], node.inputs, node.slopes
        for index in part.shown[node]:
            x, slope, identity = inputs[index], local[index], f"e{place}_{index}"
            if slope is None:
                diagram.edge(f"c{place}_{index}", f"v{place}", id=identity, tooltip="a constant gets no gradient", **CONSTANT)
                continue
            called = f"∂{account.name(node)}/∂{account.name(x)} = "
            words = {"label": label(called + show(slope))} if slopes else {}
            diagram.edge(f"v{account.number[x]}", f"v{place}", id=identity, tooltip=tooltip(called + show_number(slope)), **words)
        if node in part.left_out:
            diagram.edge("more", f"v{place}", id=f"e{place}_more", tooltip=plural(part.left_out[node], "input"), **MORE)


# What a user typed, where DOT gives characters a meaning: & and < start entities and HTML, a backslash starts an escape, and braces
# and bars divide the label of a record. The package graphviz takes care of quotation marks.


def label(text: str) -> str:
    return html.escape(text, quote=False).replace("\\", "\\\\")


def field(text: str) -> str:
    return re.sub(r"[{}|]", r"\\\g<0>", label(text))


def tooltip(text: str) -> str:
    return html.escape(text, quote=False).replace("\\", "\\\\\\\\")  # Graphviz reads escapes in a tooltip twice
