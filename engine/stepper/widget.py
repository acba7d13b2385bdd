"""`Stepper(y)`: the page as a widget of a notebook, in step with Python. The only module that imports anywidget."""

from __future__ import annotations

import base64
import html
import os
from pathlib import Path
from typing import Any

try:
    import anywidget
    import traitlets
except ModuleNotFoundError:
    raise ModuleNotFoundError(
        "the stepper in a notebook needs the package anywidget: pip install anywidget", name="anywidget"
    ) from None

from engine.graph import topological_order
from engine.stepper.page import check_language, module, page_of, style
from engine.stepper.payload import payload
from engine.stepper.texts import LANGUAGES
from engine.value import Value

__all__ = ["Stepper"]

SAVED = """\
{picture}<style>
.picture-{id} {{ display: none !important; }}
:root:has(.stepper-{id} .stepper) .saved-{id} {{ display: none; }}
.jp-OutputArea-child:has(+ .jp-OutputArea-child .saved-{id}) .jp-OutputArea-output:not(:has(.stepper)) {{
  display: none;
}}
</style><iframe class="saved-{id}" title="stepper" style="width: 100%; height: 860px; border: none"
  srcdoc="{page}"></iframe>"""
"""What a saved notebook shows when no kernel runs: where it is not trusted the picture alone, for there the rest is
taken away; where it is trusted the page, in place of the picture and of what the widget says when it does not find
its model. Where the widget is alive, nothing."""


class Stepper(anywidget.AnyWidget):
    """Step through the forward and the backward pass of a graph, one application of the chain rule at a time.

    As the last line of a cell it shows itself. What the student does there is read here, and what is set here is seen
    there. The graph itself is not changed: no grad is written, and numbers that are changed in the page stay in the
    page.

    Attributes:
        step: the event that is shown, from 0 to `last`.
        selected: the node that is looked at, by its place in topological order; None for none. See `selected_node`.
        answers: what was answered in predict mode, oldest first: dictionaries with step, asked ("node", "contribution"
            or "after"), node, input, given, right and cause. Set it to [] to start the score anew.
        lang: "en" or "id".
        edits: numbers of leaves that were changed in the page, by place in topological order.

    In a notebook `stepper = Stepper(y)` in one cell and `stepper.step = 7` in the next move the picture to event 7.
    """

    payload = traitlets.Dict().tag(sync=True)
    step = traitlets.Int(0).tag(sync=True)
    selected = traitlets.Int(None, allow_none=True).tag(sync=True)
    answers: traitlets.List[dict[str, Any]] = traitlets.List().tag(sync=True)
    lang = traitlets.Enum(LANGUAGES, "en").tag(sync=True)
    edits = traitlets.Dict().tag(sync=True)

    def __init__(self, y: Value, lang: str = "en", folded: Any = None) -> None:
        """Prepare the stepper of y.

        Args:
            y: the result.
            lang: the language it starts in, "en" or "id".
            folded: the groups that are closed at first, as `draw` takes them.

        Raises:
            TypeError: if y is not a Value, or for anything else in `folded`.
            ValueError: if data was changed since the graph was made, for another language, or for a group that the
                graph does not have.
        """
        check_language(lang)
        shown = payload(y, folded)
        self._folded = folded
        self._nodes = topological_order(y)
        # each graph has a module of its own, with its operations printed from the table
        self._esm = module(self._nodes)
        self._css = style()
        self._last = len(shown["events"]) - 1
        super().__init__(payload=shown, lang=lang)
        self.add_class(f"stepper-{self.model_id}")

    @property
    def last(self) -> int:
        """The number of the last step."""
        return self._last

    @property
    def selected_node(self) -> Value | None:
        """The node that is looked at."""
        return None if self.selected is None else self._nodes[self.selected]

    def select(self, node: Value | None) -> None:
        """Look at a node of the graph, or at none. ValueError if it is not one of this graph."""
        places = [i for i, each in enumerate(self._nodes) if each is node]
        if node is not None and not places:
            raise ValueError(f"this graph has no node {node!r}")
        self.selected = places[0] if places else None

    @traitlets.validate("step")
    def _check_step(self, proposal: Any) -> int:
        step: int = proposal["value"]
        if not 0 <= step <= self._last:
            raise traitlets.TraitError(f"step is from 0 to {self._last}, got {step}")
        return step

    @traitlets.validate("selected")
    def _check_selected(self, proposal: Any) -> int | None:
        place: int | None = proposal["value"]
        if place is not None and not 0 <= place < len(self._nodes):
            raise traitlets.TraitError(f"selected is None or from 0 to {len(self._nodes) - 1}, got {place}")
        return place

    def page(self) -> str:
        """The page as it stands, complete in itself."""
        state = {name: getattr(self, name) for name in ("step", "selected", "answers", "lang", "edits")}
        return page_of(self.payload, self._esm, state)

    def to_html(self, path: str | os.PathLike[str]) -> Path:
        """Write the page as it stands to a file that needs no Python and no network, and return its path."""
        file = Path(path)
        file.write_text(self.page(), encoding="utf-8")
        return file

    def close(self) -> None:
        """Take the stepper off the page and let go of the graph."""
        super().close()
        self.payload, self._nodes, self._folded = {}, [], None

    def __repr__(self) -> str:
        if not self._nodes:
            return "<Stepper, closed>"
        return (
            f"<Stepper of {self.payload['nodes'][self.payload['result']]['name']!r}, step {self.step} of {self._last}>"
        )

    def _ipython_display_(self) -> None:
        """Two outputs: the widget, and what a saved notebook shows in its place when no kernel runs."""
        from IPython.display import publish_display_data

        publish: Any = publish_display_data
        data, _ = self._repr_mimebundle_() or ({}, {})
        publish({**data, "text/plain": repr(self)})
        publish({"text/html": self._saved(), "text/plain": ""})

    def _saved(self) -> str:
        picture = ""
        if self.payload.get("drawings"):
            from engine.pictures.draw import draw

            image = base64.b64encode(draw(self._nodes[-1], folded=self._folded).pipe("svg")).decode()
            picture = f'<img class="picture-{self.model_id}" alt="the graph" src="data:image/svg+xml;base64,{image}">'
        return SAVED.format(id=self.model_id, picture=picture, page=html.escape(self.page()))
