"""`python -m engine` and `python -m nn`: Ctrl-C ends them in one line while they are still loaded.

The program `rantai` has the same in a file outside of all packages, which nothing must be loaded for.
"""

from __future__ import annotations

import os
import signal
import sys
from typing import Any, NoReturn

__all__ = ["leave"]

PROGRAMS = ("engine", "nn")


def watch() -> None:
    """If this process is one of these programs, Ctrl-C ends it from now on, where nothing is there yet that could be
    lost; unless it is ignored, as in a program that was started with nohup."""
    if started_as() in PROGRAMS and signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, end)


def started_as() -> str:
    """The name behind `python -m` while Python looks for what it means, "" at any other time."""
    words = getattr(sys, "argv", [""])
    return sys.orig_argv[-len(words)].removeprefix("-m") if words[:1] == ["-m"] else ""


def end(number: int, frame: Any) -> NoReturn:
    os.write(2, b"\ninterrupted\n")
    os._exit(130)


def leave() -> None:
    """All is done, and only Python is still putting its things away."""
    if signal.getsignal(signal.SIGINT) is end:
        signal.signal(signal.SIGINT, signal.SIG_IGN)


watch()
