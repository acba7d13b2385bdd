"""`draw(y)`: the graph of a result as a picture, one box for every node, in the DOT language of Graphviz.

The package graphviz is imported when something is drawn, never before.
"""

from __future__ import annotations

import math
import textwrap
from collections.abc import Mapping
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from engine.advice import usage, wrong
from engine.formulas.notation import shorten, show_number
from engine.pictures.account import Account, plural, printable, show
from engine.pictures.excerpt import Excerpt, Link, nearest
from engine.pictures.folding import Box
from engine.pictures.highlight import Edge, edges_of
from engine.pictures.sketch import Sketched, draw_sketch
from engine.pictures.style import (
    APART,
    CONSTANT,
    EDGE,
    FRAME,
    GRAPH,
    MORE,
    NODE,
    SMALL,
    VERMILLION,
    field,
    label,
    light,
    style,
    tooltip,
    with_classes,
)
from engine.pictures.tree import write_tree
from engine.pictures.width import close_to_width
from engine.readers.check import Checked
from engine.readers.check import check as check_gradients
from engine.readers.gradient import gradient
from engine.scope import Group
from engine.tracing.source import source_of
from engine.value import Value

if TYPE_CHECKING:
    from engine.pictures.diagram import Diagram

__all__ = ["draw", "mimebundle"]

MOST_BOXES = 300
# in a picture: a layout engine takes seconds for these, and minutes for twice as many that are badly tangled
MOST_EDGES = 600
READABLE = (150, 250)  # boxes and edges of a picture for which groups are folded anyhow
MOST_CURVED = 60
# the widest numbers in four digits, one above the other: narrower than side by side
ROOMY = "data -0.0001234|grad -0.0001234"
DIRECTIONS = {"LR": ("e", "w"), "RL": ("w", "e"), "TB": ("s", "n"), "BT": ("n", "s")}
"""Where arrows lead, each with the sides of the boxes at which they leave and arrive where groups are in order."""


@usage('draw(y, rankdir="TB")')
def draw(y: Value | Sketched, *, rankdir: str = "LR", slopes: bool = False, format: str = "svg", folded: Any = None,
         highlight: Any = None, check: bool | Mapping[Value, Checked] = False,
         gradients: Mapping[Value, float] | None = None, roomy: bool = False) -> Diagram:  # fmt: skip
    """A diagram of the graph of y: it shows itself in Jupyter, and `draw(y).save("graph.svg")` writes a file.

    Every node is a box with its name, its operation, data and grad (– until a backward pass reached it). Every input is
    an arrow, so that x * x has two. Blocks made `with group(...)` are framed. Where there is no room for all boxes,
    groups are folded; of what is still too big, the boxes nearest y are shown.

    Args:
        y: the result; or a network (whatever has a method `_sketch_`), which is drawn as itself: units in columns,
            weights by thickness and sign. Of the other arguments it takes `format` only.
        rankdir: where the arrows lead: "LR" from left to right, "RL", "TB" (to the bottom) or "BT".
        slopes: write at every arrow its local slope, ∂ node / ∂ input.
        format: "svg" or "png".
        folded: the groups to draw as one box each: a `Group`, a name or a path such as "layer 1 / neuron 2" (all groups
            of that name), a depth (1 folds the outermost groups, 2 those directly inside them), or a list of these. []
            opens all. By default groups are folded where there is no room for them, and those side by side where a
            notebook would have to make the text smaller than 12 pixels; `draw(y).folded` lists which. What is to be
            shown at single nodes (`highlight`, `check`, `slopes`) leaves them open.
        highlight: what is to stand out while the rest turns pale: a `Step` of `y.backward_steps()`, a path of
            `paths(y, x)` or of `explain(y, x).paths`, or several of these.
        check: write the numeric gradient of `engine.check` in every box, with ✓ or ✗, or "kink", "edge" or "cannot
            tell" where it says nothing. Its cost grows with the square of the graph. Or what a check has found before,
            by node.
        gradients: numbers to show, and to check, as gradients, by node, instead of the `grad` of the nodes.
        roomy: a picture into which somebody will write other numbers, and say beside it how much of the graph it shows:
            every box has room for whatever numbers come, data above gradient, and there is no title. `draw(y).boxes`
            says which nodes are where.

    Raises:
        TypeError: if y is neither, or for anything else in `folded` or `highlight`.
        ValueError: for another rankdir or format, or a group or an edge that the graph does not have.
        ModuleNotFoundError: if the package graphviz is not installed.
    """
    if rankdir not in DIRECTIONS:
        raise ValueError(f"rankdir is one of {', '.join(DIRECTIONS)}, got {rankdir!r}")
    from engine.pictures.diagram import FORMATS, Diagram

    if format not in FORMATS:
        raise ValueError(f"format is one of {', '.join(FORMATS)}, got {format!r}")
    if not isinstance(y, Value):
        if not hasattr(y, "_sketch_") or isinstance(y, type):
            raise wrong("draw takes a Value or a network", y)
        if slopes or check or roomy or (folded, highlight, gradients) != (None, None, None):
            raise TypeError(
                f"{type(y).__name__} is drawn as a network, without nodes; call it to get a graph with slopes and "
                "gradients"
            )
        return draw_sketch(y._sketch_(), format)
    account = Account(y, gradients)
    marked = edges_of(() if highlight is None else highlight, account.number)
    fold(account, folded)
    if folded is None and rankdir in {"LR", "RL"} and not (roomy or slopes or check or marked):
        close_to_width(account)
    part = nearest(account.folding, y, MOST_BOXES, MOST_EDGES)
    if isinstance(check, Mapping):
        account.checked = dict(check)
    elif check and not account.stale:
        account.checked = compare(y, part, gradients)
    remarks = account.remarks(part, unasked=folded is None) + unseen(account, part, marked)
    attributes = {**GRAPH, "rankdir": rankdir, **lines(part, slopes), **({} if roomy else title(account, remarks))}
    diagram = Diagram(format=format, graph_attr=attributes, node_attr=NODE, edge_attr=EDGE)
    diagram.tree = write_tree(account)
    diagram.alt = f"the graph of {account.name(y)}: {plural(len(account.number), 'node')}"
    diagram.folded = tuple([box for box in part.shown if isinstance(box, Group) and box not in account.folding.merged])
    Painter(diagram, account, part, flat=rankdir in {"LR", "RL"}, slopes=slopes, marked=marked, roomy=roomy).paint()
    return diagram


def mimebundle(y: Value) -> dict[str, Any]:
    """How a Value shows itself in Jupyter: its repr, and a picture if an operation made it. Never raises: it is
    called by a display."""
    if y.rule is None:
        return {"text/plain": repr(y)}
    try:
        drawn = draw(y)._repr_mimebundle_()
    except Exception as error:  # whatever it is, the number is still to be seen
        drawn = {"text/plain": f"(no picture: {shorten(printable(error), 300)})"}
    has_picture = len(drawn) > 1
    return {**drawn, "text/plain": repr(y) if has_picture else f"{y!r}\n{drawn['text/plain']}"}


def fold(account: Account, folded: Any) -> None:
    """Close the groups that were asked for, or else as many as needed."""
    folding = account.folding
    if folded is None:
        if folding.groups and (folding.count_boxes() > MOST_BOXES or folding.count_edges() > MOST_EDGES):
            folding.close_to_fit(*READABLE)
    else:
        folding.close(folded)
        if folding.closed and folding.count_boxes() > MOST_BOXES:
            folding.merge_leaves()


def unseen(account: Account, part: Excerpt, marked: set[Edge]) -> list[str]:
    """A sentence on edges that should stand out and are not in the part."""
    seen = {edge for links in part.shown.values() for link in links for edge in link.edges} if marked else set()
    box = account.folding.box
    inside = [
        edge for edge in marked - seen if box(edge[0]) in part.shown and box(edge[0]) is box(edge[0].inputs[edge[1]])
    ]
    missing = len(marked - seen) - len(inside)
    return (
        [f"{plural(missing, 'highlighted edge')} {'is' if missing == 1 else 'are'} not in this picture"]
        if missing
        else []
    )


def compare(y: Value, part: Excerpt, gradients: Mapping[Value, float] | None) -> dict[Value, Checked]:
    """What `check` finds at the nodes that have a box of their own."""
    nodes = [box for box in part.shown if isinstance(box, Value)]
    claimed = dict(zip(nodes, gradient(y, *nodes), strict=True)) if gradients is None else gradients
    report = check_gradients(y, {node: claimed[node] for node in nodes if node in claimed})
    return {row.node: row for row in report.checked}


def lines(part: Excerpt, slopes: bool) -> dict[str, str]:
    """Straight arrows where there are many labels."""
    merged = sum(len(link.edges) > 1 for links in part.shown.values() for link in links)
    return {"splines": "line"} if (slopes and len(part.shown) > MOST_CURVED) or merged > READABLE[1] else {}


def title(account: Account, remarks: list[str]) -> dict[str, str]:
    """Attributes of the graph that say what a reader must not miss."""
    wrapped = [line for remark in remarks for line in textwrap.wrap(remark, 80)]
    attributes = {"label": "\\n".join(map(label, wrapped)), "labelloc": "t"} if wrapped else {}
    return attributes | ({"class": "stale", "fontcolor": VERMILLION} if account.stale else {})


class Painter:
    """Writes a part of a graph into a diagram.

    The ids in the picture are for those who look a part up: `v3` the node that is third in topological order, from 0,
    `e3_0` its first input, `c3_1` its second input where that is a constant, `g2` a group, whether open or folded, and
    `mg2_v3` what several edges from that group to that node are drawn as.
    """

    def __init__(self, diagram: Any, account: Account, part: Excerpt, *, flat: bool, slopes: bool, marked: set[Edge],
                 roomy: bool) -> None:  # fmt: skip
        self.diagram, self.account, self.part = diagram, account, part
        self.flat, self.slopes, self.marked = flat, slopes, marked
        self.roomy = roomy
        folding = account.folding
        self.marked_boxes = {
            folding.box(end) for node, index in marked for end in (node, node.inputs[index]) if isinstance(end, Value)
        }
        self.group_number = {group: i for i, group in enumerate([*folding.groups, *folding.merged])}
        self.boxes = sorted(part.shown, key=self.place)

    def paint(self) -> None:
        number, nodes = self.account.number, self.account.folding.nodes
        self.diagram.boxes = {self.identity(box): [number[node] for node in nodes(box)] for box in self.boxes}
        self.add_boxes()
        for box in self.boxes:
            for link in self.part.shown[box]:
                self.add_link(link, box)
            if box in self.part.left_out:
                place = self.identity(box).removeprefix("v")
                words = plural(self.part.left_out[box], "input")
                self.diagram.edge("more", self.identity(box), id=f"e{place}_more", tooltip=words, **MORE)

    def place(self, box: Box) -> int:
        """Where a box comes in topological order: a group, open or closed, with its first operation."""
        return self.account.number[self.account.folding.nodes(box)[0]]

    def identity(self, box: Box) -> str:
        return f"v{self.account.number[box]}" if isinstance(box, Value) else f"g{self.group_number[box]}"

    def add_boxes(self) -> None:
        """One box for every node, closed group and use of a constant, inside the frames of their groups; says which
        of these are to stand in the order of their making."""
        inside: dict[Group | None, list[Box]] = {None: []}
        frames: set[Group] = set()
        for box in self.boxes:
            around: Group | None = None
            for group in self.account.folding.open_frames(box):
                if group not in frames:
                    frames.add(group)
                    inside[group] = []
                    inside[around].append(group)
                around = group
            inside[around].append(box)

        rows: list[list[Box]] = []

        def add(items: list[Box], frame: Any) -> None:
            groups = [item for item in items if isinstance(item, Group)]
            rows.append([*sorted(groups, key=attrgetter("serial"))])
            for item in sorted(items, key=self.place):
                if isinstance(item, Value):
                    self.add_node(frame, item)
                elif item not in frames:
                    self.add_folded(frame, item)
                else:
                    with frame.subgraph(name=f"cluster_{self.group_number[item]}") as inner:
                        words = label(shorten(printable(item.name)))
                        inner.attr(**FRAME, id=self.identity(item), label=words, **{"class": "group"})
                        add(inside[item], inner)

        add(inside[None], self.diagram)
        if any(len(row) > 1 for row in rows):
            out, into = DIRECTIONS[self.diagram.graph_attr["rankdir"]]
            self.diagram.edge_attr.update(tailport=out, headport=into)
            self.diagram.graph_attr["ranksep"] = APART
            rows.append([box for box in inside[None] if isinstance(box, Value) and box.rule is None])
            names: dict[Box, str] = {group: f"cluster_{self.group_number[group]}" for group in frames}
            self.diagram.rows = tuple(tuple(names.get(box) or self.identity(box) for box in row) for row in rows)
        if missing := self.account.missing(self.part):
            self.diagram.node("more", label(missing), id="more", shape="box", **MORE, **SMALL)

    def add_node(self, frame: Any, node: Value) -> None:
        account, identity = self.account, self.identity(node)
        headline, grad = account.headline(node), account.grad(node)
        warnings, verdict = account.warnings(node), account.verdict(node)
        numbers = ROOMY if self.roomy else f"{{data {field(show(node.data))}|grad {field(show(grad))}}}"
        rows = [field(headline), *map(field, warnings), numbers]
        fields = "|".join([*rows, *filter(None, [field(verdict)])])
        full = [headline, f"data {show_number(node.data)}", f"grad {'–' if grad is None else show_number(grad)}"]
        full += [*["frozen: it gets no gradient"] * node.frozen, *warnings.values()]
        if source := source_of(node):
            full.append(shorten(printable(source), 120))
        if row := account.checked.get(node):
            full.append(f"numeric gradient {show_number(row.numeric)}, difference {row.error:.1e}: {row.verdict}")
        classes = {
            "kink": "at its kink" in warnings,
            "not-finite": "‼" in fields,
            f"check-{row.verdict}".replace(" ", "-") if row else "": bool(row),
        }
        look = self.light(
            style(account.kind(node), *[name for name, holds in classes.items() if holds]), node in self.marked_boxes
        )
        frame.node(
            identity,
            fields if self.flat else f"{{{fields}}}",
            id=identity,
            tooltip="\\n".join(map(tooltip, full)),
            **look,
        )
        for link in self.part.shown[node]:
            if isinstance(link.tail, float):
                self.add_constant(frame, f"c{identity[1:]}_{link.edges[0][1]}", link.tail)

    def add_constant(self, frame: Any, identity: str, x: float) -> None:
        look = self.light(style("constant", *["not-finite"] * ("‼" in show(x))) | SMALL, False)
        frame.node(identity, show(x), id=identity, tooltip=f"constant {show_number(x)}", **look)

    def add_folded(self, frame: Any, group: Group) -> None:
        nodes = self.account.folding.nodes(group)
        leaves = sum(node.rule is None for node in nodes)
        count = plural(len(nodes), "node") if leaves < len(nodes) else plural(leaves, "leaf")
        full = [self.account.box_name(group), f"{plural(leaves, 'leaf')}, {plural(len(nodes) - leaves, 'operation')}"]
        words = f"{label(shorten(printable(group.name)))}\\n{count}"
        look = style("folded", *["result"] * (self.account.folding.box(self.account.y) is group))
        look = self.light(look, group in self.marked_boxes)
        frame.node(self.identity(group), words, id=self.identity(group), tooltip="\\n".join(map(tooltip, full)), **look)

    def add_link(self, link: Link, head: Box) -> None:
        """An arrow for an input; one with their number for all that lead from one box to another, if one of them is
        a closed group."""
        tail, (node, index) = link.tail, link.edges[0]
        place, ends = f"{self.account.number[node]}_{index}", (self.end(link), self.identity(head))
        words: dict[str, str] = {}
        if isinstance(tail, float):
            identity, full, look = f"e{place}", "a constant gets no gradient", CONSTANT
        elif len(link.edges) == 1:
            slope: Any = node.slopes[index]
            called = f"∂{self.account.name(node)}/∂{self.account.name(node.inputs[index])} = "
            identity, full, look = f"e{place}", called + show_number(slope), {}
            words = {"label": label(called + show(slope))} if self.slopes else {}
        else:
            count = plural(len(link.edges), "edge")
            identity = f"m{ends[0]}_{ends[1]}"
            full = f"{count} from {self.account.box_name(tail)} to {self.account.box_name(head)}"
            look = with_classes({"penwidth": f"{1 + math.log10(len(link.edges)) / 2:.1f}"}, "merged")
            words = {"label": count}
        look = self.light(look, not self.marked.isdisjoint(link.edges), edge=True)
        self.diagram.edge(*ends, id=identity, tooltip=tooltip(full), **words, **look)

    def end(self, link: Link) -> str:
        """Where a link starts."""
        if isinstance(link.tail, float):
            (node, index) = link.edges[0]
            return f"c{self.account.number[node]}_{index}"
        return self.identity(link.tail)

    def light(self, look: dict[str, str], marked: bool, edge: bool = False) -> dict[str, str]:
        """How a part looks if it is marked, or pale because others are; as it is where nothing is marked."""
        return light(look, marked, edge) if self.marked else look
