"""Two things that wait while a step of training is under way: Ctrl-C, and Python's cycle collector."""

from __future__ import annotations

import gc
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

__all__ = ["held_back", "paused_collector", "whole_steps"]

_held_back = 0


def held_back() -> int:
    """How often Ctrl-C was held back in this process, so that whoever calls a function can tell whether it gave less
    than it was to give, as `fit` does then."""
    return _held_back


@contextmanager
def whole_steps() -> Iterator[Callable[[], bool]]:
    """In this block Ctrl-C does not interrupt: the function it gives tells whether it was pressed. A second press
    interrupts at once.

    Signals reach the main thread only; in another thread nothing changes. Nor does it where Ctrl-C is ignored, as in a
    program that was started with nohup.
    """
    pressed = False

    def note(number: int, frame: Any) -> None:
        global _held_back
        nonlocal pressed
        if pressed:
            raise KeyboardInterrupt
        pressed, _held_back = True, _held_back + 1

    before = signal.getsignal(signal.SIGINT)
    if threading.current_thread() is not threading.main_thread() or not callable(before):
        yield lambda: pressed
        return
    signal.signal(signal.SIGINT, note)
    try:
        yield lambda: pressed
    finally:
        signal.signal(signal.SIGINT, before)


class paused_collector:
    """`with paused_collector():` no cycle collection in this block: the nodes of a graph form no cycles, and looking
    through them again and again is half the time of building them."""

    __slots__ = ("was_on",)  # a class, as it is entered in each epoch: a generator would take three times as long

    def __enter__(self) -> None:
        self.was_on = gc.isenabled()
        gc.disable()

    def __exit__(self, *error: object) -> None:
        if self.was_on:
            gc.enable()
