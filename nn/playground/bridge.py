"""Between the page in a notebook and Python, while a kernel runs. The only module here that imports anywidget."""

from __future__ import annotations

from collections.abc import Callable
from importlib.resources import files
from typing import Any

try:
    import anywidget
    import traitlets
except ModuleNotFoundError:
    raise ModuleNotFoundError(
        "a playground that Python answers needs the package anywidget: pip install anywidget", name="anywidget"
    ) from None

__all__ = ["Bridge"]


class Bridge(anywidget.AnyWidget):
    """A widget that shows nothing, and hands on what the page asks and Python answers.

    Args:
        answer: is given what the page asks, and gives what is sent back.
    """

    frame = traitlets.Unicode().tag(sync=True)
    """The class of the page's frame."""

    def __init__(self, answer: Callable[[Any], dict[str, Any]]) -> None:
        self._esm = (files("nn.playground") / "static" / "bridge.js").read_text(encoding="utf-8")
        super().__init__()
        self.frame = f"playground-{self.model_id}"
        self.on_msg(lambda _, question, __: self.send(answer(question)))
