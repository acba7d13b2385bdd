"""All that the page shows, as one dictionary for JSON: nodes, formulas, events in order, drawings. Every number is
Python's."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

from engine.advice import wrong
from engine.formulas.notation import MATHML, TEXT, shorten
from engine.formulas.terms import Term, formula, slope_formulas
from engine.graph import depths_of
from engine.pages.javascript import operation_key, operations
from engine.pictures.account import printable
from engine.readers.structure import names, users
from engine.stepper.code import code_of
from engine.stepper.names import LONGEST_NAME, name_of
from engine.stepper.network_map import network_map
from engine.stepper.rounds import parameters
from engine.stepper.texts import TEXTS, conventions
from engine.value import Value, require_fresh

__all__ = ["number", "payload"]

VIEWS = (None, "drawing", "map")

Payload = dict[str, Any]


def payload(y: Value, folded: Any = None, view: str | None = None, update: Iterable[Value] | None = None) -> Payload:
    """The graph of y, every event of its forward and its backward pass, and the words for them, ready for `json.dumps`.

    Events are lists. The first letter tells which: ["start"], ["forward", node], ["seed", node], then for each
    application of the chain rule ["backward", node, index of the input, upstream, local, contribution, before, after],
    and ["finish"], which adds every leaf's total to its grad. Nodes are numbered in topological order, as in a drawing.
    JSON has no infinity and no NaN; they are the strings that JavaScript's `Number` reads.

    Args:
        y: the result.
        folded: the groups that are closed in the drawing at first, as `draw` takes them.
        view: "drawing" or "map". None chooses: the drawing where all of it can be read in a window of 1024 x 768, or
            where `folded` is given; else the map.
        update: the leaves that an update moves, see `engine.stepper.rounds.parameters`.

    Raises:
        TypeError: if y is not a Value, or for anything else in `folded` or `update`.
        ValueError: if data was changed since the graph was made, or for a group or a leaf that the graph does not have.
    """
    if not isinstance(y, Value):
        raise wrong("a stepper takes a Value", y)
    if view not in VIEWS:
        raise ValueError(f"view is one of {', '.join(map(repr, VIEWS))}, got {view!r}")
    view = view or ("drawing" if folded is not None or readable_whole(y) else "map")
    require_fresh(y)
    reader = Reader(y)
    steps = [
        [
            "backward",
            reader.place[s.node],
            s.index,
            *map(number, (s.upstream, s.local, s.contribution, s.before, s.after)),
        ]
        for s in y.backward_steps()
    ]
    computed = [["forward", i] for node, i in reader.place.items() if node.rule is not None]
    nodes = [reader.node(node) for node in reader.place]
    pictures, remark = (mapped(y, nodes), "") if view == "map" else drawn(y, folded)
    return {
        "result": reader.place[y],
        "nodes": nodes,
        "events": [["start"], *computed, ["seed", reader.place[y]], *steps, ["finish"]],
        **pictures,
        "remark": remark,
        "uneditable": operations(reader.place)[1],
        "parameters": parameters(y, update),
        "code": code_of(list(reader.place)),
        "texts": TEXTS,
        "conventions": {
            node.rule.name: conventions(node.rule) for node in reader.place if node.rule and node.rule.convention
        },
    }


def number(x: float | None) -> Any:
    """A float as JSON can carry it."""
    if x is None or math.isfinite(x):
        return x
    return "NaN" if x != x else "Infinity" if x > 0 else "-Infinity"


class Reader:
    """Reads one graph, node by node."""

    def __init__(self, y: Value) -> None:
        self.y = y
        self.whole = whole = {node: printable(name) for node, name in names(y).items()}
        self.called = {node: shorten(name, LONGEST_NAME) for node, name in whole.items()}
        self.place = {node: i for i, node in enumerate(self.called)}
        self.users = users(y)
        self.depth = depths_of(y)
        # Two nodes may have the same name. So terms are written with symbols "$0", "$1", ... of which each notation
        # makes its own.
        self.symbols = {node: f"${i}" for node, i in self.place.items()}
        self.shown = shown = {f"${i}": name for i, name in enumerate(self.called.values())}
        self.text = replace(TEXT, name=lambda key: shown.get(key, key)).write
        # MathML cuts a long name by itself, and has the whole in a tooltip
        self.math = {f"${i}": MATHML.name(name) for i, name in enumerate(whole.values())}
        self.symbolic = replace(MATHML, name=lambda key: self.math.get(key) or MATHML.name(key)).write
        self.numeric = replace(
            MATHML, name=lambda key: f'<mn data-node="{key[1:]}"></mn>' if key in shown else MATHML.name(key)
        ).write

    def node(self, node: Value) -> Payload:
        kind = "result" if node is self.y else "operation"
        if node.rule is None:
            kind = "frozen" if node.frozen else "leaf"
        operation_of: Term | None = formula(node, self.symbols) if node.rule else None
        return {
            **name_of(self.whole[node]),
            "math": self.math[self.symbols[node]],
            "kind": kind,
            "data": number(node.data),
            "grad": number(node.grad) if node.rule is None else None,
            "rule": node.rule.name if node.rule else None,
            "operation": operation_key(node) if node.rule else None,
            **self.written(operation_of),
            "text": self.shown_text(operation_of),
            "inputs": [self.place[x] if isinstance(x, Value) else {"constant": number(x)} for x in node.inputs],
            "slopes": self.slopes(node),
            "users": [[self.place[user], index] for user, index in self.users[node]],
            "depth": self.depth[node],
            "group": [shorten(printable(name), LONGEST_NAME) for name in node.group.path] if node.group else [],
        }

    def written(self, term: Term | None) -> Payload:
        """A term as text, as MathML, and as MathML with a place for the number of every node."""
        if term is None:
            return {"text": "", "symbols": "", "numbers": ""}
        return {"text": self.text(term)[0], "symbols": self.symbolic(term)[0], "numbers": self.numeric(term)[0]}

    def shown_text(self, term: Term | None) -> str:
        """A term as text with the minus sign of everything that is shown, but for what is in names."""
        if term is None:
            return ""
        written = replace(TEXT, name=lambda key: key).write(term)[0].replace("-", "−")
        return re.sub(r"\$\d+", lambda key: self.shown.get(key[0], key[0]), written)

    def slopes(self, node: Value) -> list[Payload | None]:
        """For every input its slope; None for a constant and for what is frozen, which get no gradient."""
        terms = readable(lambda: slope_formulas(node, self.symbols)) or [None] * len(node.inputs)
        found: list[Payload | None] = []
        for x, local, term in zip(node.inputs, node.slopes, terms, strict=True):
            passive = local is None or x.frozen
            found.append(None if passive else {"local": number(local), "known": bool(term), **self.written(term)})
        return found


def readable(read: Callable[[], Any]) -> Any:
    """What `read` gives; None where a user's own rule cannot be read with symbols, whatever it raises."""
    try:
        return read()
    except Exception:
        return None


def readable_whole(y: Value) -> bool:
    """Whether all of the drawing can be read in a small window; False without the package that draws."""
    try:
        from engine.stepper.drawings import is_readable
    except ModuleNotFoundError:
        return False
    return is_readable(y)


def mapped(y: Value, nodes: list[Payload]) -> Payload:
    """The groups and the map, which needs no drawing."""
    from engine.stepper.drawings import groups_of

    groups = groups_of(y)
    return {"groups": groups, "drawings": [], "map": network_map(nodes, groups)}


def drawn(y: Value, folded: Any) -> tuple[Payload, str]:
    """The groups and the drawings, and a remark where there are none."""
    try:
        from engine.pictures.diagram import LayoutError
        from engine.stepper.drawings import drawings_of

        return drawings_of(y, folded), ""
    except ModuleNotFoundError as error:
        remark = str(error)
    except LayoutError as error:
        remark = shorten(printable(error), 300)
    return {"groups": [], "drawings": []}, remark
