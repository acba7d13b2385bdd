"""One thread at a time: what is recorded, compared and run by a machine, threads do in turns."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from threading import RLock
from typing import ParamSpec, TypeVar

__all__ = ["in_turns"]

P = ParamSpec("P")
T = TypeVar("T")
TURN = RLock()


def in_turns(function: Callable[P, T]) -> Callable[P, T]:
    """The function, which waits while another thread is in one of these. A Value that is watched while a function is
    recorded is so for all threads, and a machine has room for one call at a time."""

    @wraps(function)
    def waiting(*args: P.args, **named: P.kwargs) -> T:
        with TURN:
            return function(*args, **named)

    return waiting
