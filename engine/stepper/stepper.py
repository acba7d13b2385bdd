"""`Stepper(y)`: the page of a graph, in step with Python once a notebook shows it."""

from __future__ import annotations

import base64
import html
import math
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from engine.advice import usage
from engine.graph import topological_order
from engine.pages.document import packed
from engine.stepper.handout import handout
from engine.stepper.page import check_language, module, page_of, start_state, style
from engine.stepper.payload import number, payload
from engine.stepper.rounds import remade
from engine.stepper.texts import LANGUAGES, TEXTS
from engine.value import Value

__all__ = ["Stepper"]

SAVED = """\
{picture}<style>
.picture-{id} {{ display: none !important; }}
.jp-OutputArea-child:has(+ .jp-OutputArea-child .saved-{id}) .jp-OutputArea-output:not(:has(> *)) {{
  display: none;
}}
</style><iframe class="saved-{id}" title="stepper" style="width: 100%; height: 860px; border: none"
  srcdoc="{page}"></iframe>"""
"""What a saved notebook shows when no kernel runs: where it is not trusted the picture alone, for there the rest is
taken away; where it is trusted the page, in place of the picture and of what the widget says when it does not find
its model. Where the widget is alive, nothing: it brings the rule that hides this."""

LARGEST_IMAGE = 120_000
"""In bytes, of a picture that only stands for a map."""


class Shared:
    """A part of the state that Python and the page share: plain until a notebook shows the stepper, then the
    widget's."""

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    def __get__(self, stepper: Stepper, owner: Any = None) -> Any:
        return getattr(stepper._state, self.name)

    def __set__(self, stepper: Stepper, content: Any) -> None:
        stepper._check(self.name, content)
        setattr(stepper._state, self.name, content)


class Stepper:
    """Step through the forward and the backward pass of a graph, one application of the chain rule at a time.

    As the last line of a cell it shows itself. What the student does there is read here, and what is set here is seen
    there. The graph itself is not changed: no grad is written, and numbers that are changed in the page stay in the
    page. Only a notebook needs the package anywidget, when it shows the stepper.

    Attributes:
        step: the event that is shown, from 0 to `last`.
        selected: the node that is looked at, by its place in topological order; None for none. See `selected_node`.
        answers: what was answered in predict mode, oldest first: dictionaries with step, asked ("node", "contribution",
            "after", or in the museum "cause"), node, input, given, right and cause, such as "local", what was
            forgotten, or "local, replaced", if += was forgotten too. Set it to [] to start the score anew.
        lang: "en" or "id".
        edits: numbers of leaves that were changed in the page, by place in topological order.
        round: how many updates w ← w - learning_rate · gradient the numbers have seen, from 0 to `len(losses) - 1`.
        rounds: the numbers after each of them, oldest first: dictionaries with edits and loss; empty before the first.
        learning_rate: how far an update goes, above 0.
        payload: all that the page shows, see `engine.stepper.payload`.

    In a notebook `stepper = Stepper(y)` in one cell and `stepper.step = 7` in the next move the picture to event 7.
    """

    step, selected, answers, lang, edits = Shared(), Shared(), Shared(), Shared(), Shared()
    round, rounds, learning_rate = Shared(), Shared(), Shared()

    @usage("Stepper(y)")
    def __init__(
        self,
        y: Value,
        lang: str = "en",
        folded: Any = None,
        view: str | None = None,
        update: Iterable[Value] | None = None,
    ) -> None:
        """Prepare the stepper of y.

        Args:
            y: the result.
            lang: the language it starts in, "en" or "id".
            folded: the groups that are closed in the drawing at first, as `draw` takes them.
            view: "drawing", or "map": all of the graph with every group closed, and beneath it a lens on what is at
                work. None chooses: the drawing where all of it can be read in a window of 1024 x 768, or where
                `folded` is given; else the map.
            update: the leaves that an update moves, as in `update=[w, b]`. Without it those that a group owns, as the
                neurons of `nn` own their weights, and those that are not called x, y or t, as data is; if there are
                none, all that are not frozen. In the page each has a box to tick.

        Raises:
            TypeError: if y is not a Value, or for anything else in `folded` or `update`.
            ValueError: if data was changed since the graph was made, for another language or view, or for a group or a
                leaf that the graph does not have.
        """
        check_language(lang)
        self.payload = payload(y, folded, view, update)
        self._folded = folded
        self._nodes = topological_order(y)
        self._state: Any = SimpleNamespace(**start_state() | {"lang": lang})
        self._widget: Any = None

    @property
    def last(self) -> int:
        """The number of the last step."""
        return len(self.payload["events"]) - 1

    @property
    def losses(self) -> list[float]:
        """The result at the start and after each update, in the order of `rounds`."""
        return [float(each["loss"]) for each in self.rounds] or [self._nodes[-1].data]

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

    def _check(self, name: str, content: Any) -> None:
        """What is no state of this page is refused with the error that a widget raises."""
        whole = isinstance(content, int)
        nodes = len(self._nodes)
        allowed = {
            "step": (whole and 0 <= content <= self.last, f"from 0 to {self.last}"),
            "selected": (content is None or (whole and 0 <= content < nodes), f"None or from 0 to {nodes - 1}"),
            "answers": (isinstance(content, list), "a list"),
            "lang": (content in LANGUAGES, f"one of {', '.join(map(repr, LANGUAGES))}"),
            "edits": (isinstance(content, dict), "a dictionary"),
            "round": (whole and 0 <= content < len(self.losses), f"from 0 to {len(self.losses) - 1}"),
            "rounds": (isinstance(content, list), "a list"),
            "learning_rate": (
                isinstance(content, int | float) and 0 < content < math.inf,
                "a number above 0",
            ),
        }
        right, words = allowed[name]
        if not right:
            raise refusal()(f"{name} is {words}, got {content!r}")

    def _module(self) -> str:
        """Each graph has a module of its own, with its operations printed from the table."""
        return module(self._nodes, self.payload)

    @property
    def widget(self) -> Any:
        """The anywidget that a notebook shows, made when it is first asked for. ModuleNotFoundError without the
        package anywidget."""
        if self._widget is None:
            from engine.stepper.widget import StepperWidget

            self._widget = StepperWidget(self.payload, self._module(), style(), vars(self._state), self._answer)
            self._state = self._widget
        return self._widget

    def _answer(self, question: Mapping[str, Any]) -> dict[str, Any]:
        """The numbers of the graph with the edits that the page asks for, or the error that they are. The page has
        computed them too, but its tanh is the browser's, which may end in another digit than Python's."""
        edits = {int(place): float(x) for place, x in question["edits"].items()}
        try:
            nodes = remade(self._nodes, edits)
        except (ValueError, ArithmeticError) as error:
            return {"asked": question["asked"], "error": str(error)}
        slopes = [[number(slope) for slope in node.slopes] for node in nodes]
        return {"asked": question["asked"], "data": [number(node.data) for node in nodes], "slopes": slopes}

    def page(self) -> str:
        """The page as it stands, complete in itself."""
        return page_of(self.payload, self._module(), {name: getattr(self, name) for name in start_state()})

    def to_html(self, path: str | os.PathLike[str]) -> Path:
        """Write the page as it stands to a file that needs no Python and no network, and return its path."""
        file = Path(path)
        file.write_text(self.page(), encoding="utf-8")
        return file

    def handout(self, path: str | os.PathLike[str], blanks: bool = True, steps: Iterable[int] | None = None) -> Path:
        """Write the steps as a sheet to print on A4, and return its path: the graph, a row for each step, and where
        there are blanks a key at the end. The numbers are those of the graph, whatever was changed in the page.

        Args:
            path: of the HTML file; it needs no Python, no network and no script.
            blanks: leave the numbers of the backward pass open.
            steps: the steps to be on it, by their numbers, as `range(20, 60)`; None for all, which must not be more
                than `engine.stepper.handout.MOST_STEPS` of the backward pass.

        Raises:
            TypeError: if blanks is not True or False, or steps is not made of whole numbers.
            ValueError: if data was changed since the graph was made, the stepper is closed, there is no such step, or
                there are too many.
        """
        if not self._nodes:
            raise ValueError("this stepper is closed: it has no graph any more")
        file = Path(path)
        file.write_text(handout(self._nodes[-1], self.payload, self.lang, blanks, steps), encoding="utf-8")
        return file

    def close(self) -> None:
        """Take the stepper off the page and let go of the graph."""
        if self._widget is not None:
            self._widget.close()
            self._widget.payload = {}
        self.payload, self._nodes, self._folded = {}, [], None

    def __repr__(self) -> str:
        if not self._nodes:
            return "<Stepper, closed>"
        return (
            f"<Stepper of {self.payload['nodes'][self.payload['result']]['name']!r}, step {self.step} of {self.last}>"
        )

    def _ipython_display_(self) -> None:
        """Two outputs: the widget, and what a saved notebook shows in its place when no kernel runs. Without the
        package anywidget, a line that says so."""
        from IPython.display import publish_display_data

        publish: Any = publish_display_data
        try:
            data, _ = self.widget._repr_mimebundle_() or ({}, {})
        except ModuleNotFoundError as error:
            publish({"text/plain": f"{self!r}\n{error}"})
            return
        publish({**data, "text/plain": repr(self)})
        publish({"text/html": self._saved(), "text/plain": ""})

    def _saved(self) -> str:
        identity, image = self.widget.model_id, self._image()
        picture = f'<p class="picture-{identity}">{html.escape(repr(self))}</p>'
        if image:
            picture = f'<img class="picture-{identity}" alt="the graph" src="data:image/svg+xml;base64,{image}">'
        return SAVED.format(
            id=identity, picture=picture, page=html.escape(packed(self.page(), TEXTS[self.lang]["tooOld"]))
        )

    def _image(self) -> str:
        """A drawing for where no page is shown: as the page starts, and in place of a map with its layers closed.
        Empty where none can be made, or only one that is larger than the page."""
        try:
            from engine.pictures.diagram import LayoutError, lean
            from engine.pictures.draw import draw
        except ModuleNotFoundError:
            return ""
        mapped = "map" in self.payload
        folded = 1 if mapped and self.payload["groups"] else self._folded
        try:
            drawing: bytes = lean(draw(self._nodes[-1], folded=folded).pipe("svg"))
        except (ModuleNotFoundError, LayoutError):
            return ""
        return "" if mapped and len(drawing) > LARGEST_IMAGE else base64.b64encode(drawing).decode()


def refusal() -> type[Exception]:
    """The error for a wrong state: traitlets' where it is installed, as it is wherever there are notebooks."""
    try:
        from traitlets import TraitError
    except ModuleNotFoundError:
        return ValueError
    error: type[Exception] = TraitError
    return error
