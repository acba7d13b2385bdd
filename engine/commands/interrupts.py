"""Ctrl-C ends a command in one line, whatever it was doing."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, NoReturn

__all__ = ["INTERRUPTED", "interruptible"]

INTERRUPTED = 130
"""The exit status that a shell gives a program which Ctrl-C ended."""


@contextmanager
def interruptible(program: str) -> Iterator[Callable[[], bool]]:
    """In this block Ctrl-C raises KeyboardInterrupt, once; the function that the block gets tells whether it did.

    Libraries lose that exception or make another of it. A second press ends the program at once; so does the first
    where Python could only print the exception: in a destructor, or in a C function that cannot raise.
    Nothing changes in another thread, which no signal reaches, nor where Ctrl-C is ignored.
    """
    pressed = False

    def note(number: int, frame: Any) -> None:
        nonlocal pressed
        if pressed:
            end_at_once(program)
        pressed = True
        raise KeyboardInterrupt

    before = signal.getsignal(signal.SIGINT)
    if threading.current_thread() is not threading.main_thread() or not callable(before):
        yield lambda: pressed
        return
    hooks = sys.excepthook, sys.unraisablehook

    def shown(kind: type[BaseException], error: BaseException, traceback: Any) -> None:
        if issubclass(kind, KeyboardInterrupt):
            end_at_once(program)
        hooks[0](kind, error, traceback)

    def lost(what: Any) -> None:
        if what.exc_type is not None and issubclass(what.exc_type, KeyboardInterrupt):
            end_at_once(program)
        hooks[1](what)

    sys.excepthook, sys.unraisablehook = shown, lost
    signal.signal(signal.SIGINT, note)
    try:
        yield lambda: pressed
    finally:
        signal.signal(signal.SIGINT, before)
        sys.excepthook, sys.unraisablehook = hooks


def end_at_once(program: str) -> NoReturn:
    """The files that are being written are whole or not there, whenever that is."""
    os.write(2, f"\n{program}: interrupted\n".encode())
    os._exit(INTERRUPTED)
