"""The stepper: a graph as a page on which a student goes through the forward and the backward pass one event at a time.

`page(y)` is the page as HTML, complete in itself; `Stepper(y)` is the same as a widget of a notebook, in step with
Python. Only the widget needs another package, anywidget, so it is loaded when it is asked for.
"""

from typing import Any

from engine.stepper.page import page
from engine.stepper.payload import payload

__all__ = ["page", "payload"]


def __getattr__(name: str) -> Any:
    if name == "Stepper":
        from engine.stepper.widget import Stepper

        return Stepper
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
