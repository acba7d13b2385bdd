"""Forks that work silently and end with a status."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from typing import NoReturn

__all__ = ["fork", "wait"]


def fork(work: Callable[[], int]) -> int:
    """The number of a process that does the work silently and ends with its status."""
    sys.stdout.flush()
    sys.stderr.flush()
    pid = os.fork()
    return pid or child(work)


def child(work: Callable[[], int]) -> NoReturn:
    status = 70  # a mistake that makes the import itself fail
    try:
        nowhere = os.open(os.devnull, os.O_RDWR)
        for stream in range(3):
            os.dup2(nowhere, stream)
        status = work()
    except BaseException:
        pass
    finally:
        os._exit(status)


def wait(pid: int) -> int:
    return os.waitpid(pid, 0)[1]
