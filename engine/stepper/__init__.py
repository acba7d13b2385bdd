"""The stepper: a graph as a page on which a student goes through the forward and the backward pass one event at a time.

`page(y)` is the page as HTML, complete in itself; `Stepper(y)` writes it too, and in a notebook shows it in step with
Python. Only the widget of notebooks needs another package, anywidget, which is loaded when it is shown.
"""

from engine.stepper.page import page
from engine.stepper.payload import payload
from engine.stepper.stepper import Stepper

__all__ = ["Stepper", "page", "payload"]
