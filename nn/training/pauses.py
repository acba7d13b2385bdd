"""Two things that wait while a step of training is under way: Ctrl-C, and Python's cycle collector."""

from __future__ import annotations

import gc
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

__all__ = ["paused_collector", "whole_steps"]


@contextmanager
def whole_steps() -> Iterator[Callable[[], bool]]:
    """In this block Ctrl-C does not interrupt: the function it gives tells whether it was pressed. A second press
    interrupts at once.

    Signals reach the main thread only; in another thread nothing changes. Nor does it where Ctrl-C is ignored, as in a
    program that was started with nohup.
    """
    pressed = False

    def note(number: int, frame: Any) -> None:
        nonlocal pressed
        if pressed:
            raise KeyboardInterrupt
        pressed = True

    before = signal.getsignal(signal.SIGINT)
    if threading.current_thread() is not threading.main_thread() or not callable(before):
        yield lambda: pressed
        return
    signal.signal(signal.SIGINT, note)
    try:
        yield lambda: pressed
    finally:
        signal.signal(signal.SIGINT, before)


@contextmanager
def paused_collector() -> Iterator[None]:
    """No cycle collection in this block: the nodes of a graph form no cycles, and looking through them again and
    again is half the time of building them."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
