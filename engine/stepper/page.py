"""The page as HTML that is complete in itself: it asks nothing of a network or of Python. The widget runs the same
module."""

from __future__ import annotations

import html
import json
from collections.abc import Iterable, Mapping
from importlib.resources import files
from typing import Any

from engine.graph import topological_order
from engine.pages.document import FIT, document
from engine.pages.javascript import forward_functions, operations, part
from engine.pages.packing import UNPACK, pack
from engine.stepper.causes import printed
from engine.stepper.payload import payload
from engine.stepper.texts import LANGUAGES, TEXTS
from engine.value import Value

__all__ = ["check_language", "module", "page", "page_of", "start_state", "style"]

PARTS = (
    "domain", "paths", "difference", "machine", "build", "measure", "marks",
    "folding", "view", "picture", "rooms", "labels", "map", "lens", "network", "panel", "node", "predict", "tables",
    "features",
    "strides", "matrices",
    "plots",
    "curve", "slice", "oracle", "loop",
    "source",
    "museum",
    "notes",
    "lenses", "rounding",
    "presenter", "speech", "walk",
    "links",
    "print", "main", "live",
)  # fmt: skip
"""The parts of the module in `static/`, in order. They share one scope, as one file would: a widget is one module."""
OPTIONAL = {
    "map": ("measure", "rooms", "labels", "map", "lens", "network"),
    "museum": ("museum",),
    "code": ("source",),
}
"""Parts that only a payload with that entry needs."""
STYLES = ("stepper", "strides", "plots", "loop", "source", "museum", "lenses", "presenter", "links", "print")

MODEL = """\
if (!CAN_UNPACK) document.querySelector("#stepper p").hidden = false;
const state = JSON.parse(await unpack(document.getElementById("state").textContent)), told = {};
const model = {
  get: (key) => state[key],
  set(key, value) { state[key] = value; (told[`change:${key}`] ?? []).forEach((call) => call()); },
  on: (event, call) => (told[event] ??= []).push(call), off() {}, save_changes() {},
};
stepper.render({ model, el: document.getElementById("stepper"), alone: true });
"""

BODY = """\
<main><h1>{title}</h1>
<div id="stepper"><p hidden>{old}</p></div></main>"""
PAPER = "@page { size: A4; margin: 12mm; }"


def page(
    y: Value, lang: str = "en", folded: Any = None, view: str | None = None, update: Iterable[Value] | None = None
) -> str:
    """The stepper of y as one HTML page, to be written to a file: no network, no Python, no other file.

    Args:
        y: the result.
        lang: the language it starts in, "en" or "id".
        folded: the groups that are closed at first, as `draw` takes them.
        view: "drawing", or "map": the whole network with every group closed, and beneath it a lens on what is at work.
            None chooses: the drawing where all of it can be read in a window of 1024 x 768, or where `folded` is given.
        update: the leaves that an update moves, as `Stepper` takes them.

    Raises:
        TypeError: if y is not a Value, or for anything else in `folded` or `update`.
        ValueError: if data was changed since the graph was made, for another language or view, or for a group or a
            leaf that the graph does not have.
    """
    check_language(lang)
    shown = payload(y, folded, view, update)
    return page_of(shown, module(topological_order(y), shown), {"lang": lang})


def page_of(shown: Mapping[str, Any], source: str, state: Mapping[str, Any]) -> str:
    """The page of a payload, with the module that goes with it, in some state of the widget."""
    start = {"payload": shown, **start_state(), **state}
    title = f"{shown['nodes'][shown['result']]['name']} · {TEXTS[start['lang']]['title']}"
    return document(
        start["lang"],
        title,
        style() + PAPER,
        BODY.format(title=html.escape(title), old=html.escape(TEXTS[start["lang"]]["tooOld"])),
        "stepper-page",
        pack(json.dumps(start, ensure_ascii=False, allow_nan=False)),
        f"{source}\n{MODEL}{FIT}",
    )


def start_state() -> dict[str, Any]:
    """What Python and the page share, as it is at the start."""
    steps: dict[str, Any] = {"step": 0, "selected": None, "answers": [], "lang": "en", "edits": {}}
    return {**steps, "round": 0, "rounds": [], "learning_rate": 0.1}


def check_language(lang: str) -> None:
    """ValueError if the stepper does not speak it."""
    if lang not in LANGUAGES:
        raise ValueError(f"lang is one of {', '.join(map(repr, LANGUAGES))}, got {lang!r}")


def module(nodes: Iterable[Value], shown: Mapping[str, Any]) -> str:
    """The module that shows the graph of these nodes: the parts that its payload needs, and the operations of the graph
    printed from the table of rules."""
    needless = {part for entry, parts in OPTIONAL.items() if not shown.get(entry) for part in parts}
    rules = forward_functions() + operations(nodes)[0]
    parts = [part(name, STATIC) for name in PARTS if name not in needless]
    return "\n".join([rules, printed(), UNPACK, part("numbers"), part("elements"), part("theme"), *parts])


def style() -> str:
    return "".join(static(f"{part}.css") for part in STYLES)


STATIC = files("engine.stepper") / "static"


def static(name: str) -> str:
    return (STATIC / name).read_text(encoding="utf-8")
