"""The widget that a notebook shows. The only module that imports anywidget."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

try:
    import anywidget
    import traitlets
except ModuleNotFoundError:
    raise ModuleNotFoundError(
        "the stepper in a notebook needs the package anywidget: pip install anywidget", name="anywidget"
    ) from None

from engine.stepper.texts import LANGUAGES

__all__ = ["StepperWidget"]


class StepperWidget(anywidget.AnyWidget):
    """The page and its state, kept the same in Python and in the browser; see `engine.Stepper`."""

    payload = traitlets.Dict().tag(sync=True)
    step = traitlets.Int(0).tag(sync=True)
    selected = traitlets.Int(None, allow_none=True).tag(sync=True)
    answers: traitlets.List[dict[str, Any]] = traitlets.List().tag(sync=True)
    lang = traitlets.Enum(LANGUAGES, "en").tag(sync=True)
    edits = traitlets.Dict().tag(sync=True)
    round = traitlets.Int(0).tag(sync=True)
    rounds: traitlets.List[dict[str, Any]] = traitlets.List().tag(sync=True)
    learning_rate = traitlets.Float(0.1).tag(sync=True)
    copy = traitlets.Unicode().tag(sync=True)
    """The class of what a saved notebook shows: where the widget lives it is hidden."""

    def __init__(
        self,
        payload: Mapping[str, Any],
        module: str,
        style: str,
        state: Mapping[str, Any],
        answer: Callable[[Any], dict[str, Any]],
    ) -> None:
        """`answer` is given what the page asks of Python, and gives what is sent back."""
        self._esm, self._css = module, style
        super().__init__(payload=payload, **state)
        self.copy = f"saved-{self.model_id}"
        self.on_msg(lambda _, question, __: self.send(answer(question)))
