"""`rantai`, the program: a door that is open at once, so that Ctrl-C ends it in one line while the rest is loaded."""

from __future__ import annotations

import os
import signal
from collections.abc import Sequence
from typing import Any, NoReturn

__all__ = ["main", "watch"]


def watch() -> None:
    """From now on Ctrl-C ends the program, where nothing is there yet that could be lost; unless it is ignored, as in
    a program that was started with nohup."""
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, end)


def end(number: int, frame: Any) -> NoReturn:
    os.write(2, b"\nrantai: interrupted\n")
    os._exit(130)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run `rantai`; returns the exit status, see `engine.commands.run`.

    Args:
        arguments: what was typed behind its name. Unless they are given, this is the whole of the process, whose Ctrl-C
            is watched from here to its end.
    """
    if arguments is None:
        watch()
    from nn.commands import main as run

    try:
        return run(arguments)
    finally:
        if signal.getsignal(signal.SIGINT) is end:  # all is done, and only Python is still putting its things away
            signal.signal(signal.SIGINT, signal.SIG_IGN)


if __name__ == "__main__":
    raise SystemExit(main())
