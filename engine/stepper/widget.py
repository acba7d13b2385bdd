"""The widget that a notebook shows. The only module that imports anywidget."""

from __future__ import annotations

from collections.abc import Mapping
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

    def __init__(self, payload: Mapping[str, Any], module: str, style: str, state: Mapping[str, Any]) -> None:
        self._esm, self._css = module, style
        super().__init__(payload=payload, **state)
        self.add_class(f"stepper-{self.model_id}")
