"""Large batches in blocks, which threads run side by side.

The blocks, and the order in which their gradients are added up, depend on the batch alone: the bits are the same for
any number of threads. The kernel leaves Python's lock while it runs, and each thread has room of its own for rows. A
thread is woken for a call, not for a step: within a call the threads wait for each other in machine code (see
`steps.py`), as to be woken takes as long as a hundred samples and more do.
"""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import Any

import numpy as np

from engine.compiler.cores import cores
from engine.compiler.kernel.call import Call
from engine.compiler.kernel.constants import DONE, OPENED, TAKEN
from engine.compiler.kernel.machine_code import Enter
from engine.compiler.kernel.room import aligned, multiple_of_8
from engine.compiler.kernel.source import ARGUMENTS

__all__ = ["SMALLEST", "Blocks", "threads"]

SMALLEST, MOST = 500, 16
"""Samples in a block, at least, and how many blocks there are at most; so many threads can be of use."""
WORTH = 10_000
"""Samples that a call runs in all from which on others are woken for it: of a small network these take 0.3 ms, and a
thread is woken in a tenth of that."""
SETTING = "RANTAI_THREADS"
ROOM, BATCH = (list(ARGUMENTS).index(name) for name in ("W", "batch"))
NEVER = np.iinfo(np.uint64).max


class Blocks:
    """The kernel, called with the help of threads.

    Args:
        enter: its machine code.
        W: its array of real numbers.
        parameters: how many there are.
    """

    def __init__(self, enter: Enter, W: Any, parameters: int) -> None:
        self._enter, self._call, self._W = enter, Call(enter), W
        self._helpers: list[tuple[Call, Any]] = []
        self._parts = np.zeros((MOST, multiple_of_8(parameters + 1)))
        self._shared = np.zeros(int(DONE) + 1, np.uint64)

    def __call__(self, *arguments: Any, samples: int) -> int:
        """What the kernel gives for these arguments, but for the last two.

        Args:
            samples: how many the call runs in all.

        Raises:
            ValueError: if RANTAI_THREADS is set to what is no number of threads.
        """
        self._shared[:] = 0
        others = threads() - 1 if samples >= WORTH else 0
        futures = []
        try:
            for call, room in self._woken(others):
                given = [*arguments, self._parts, self._shared]
                given[ROOM], given[BATCH] = room, -given[BATCH]
                futures.append(pool(others).submit(call, *given))
            return self._call(*arguments, self._parts, self._shared)
        finally:  # also where this thread is interrupted: the rooms are free again
            self._shared[TAKEN] = self._shared[OPENED] = NEVER
            for future in futures:
                future.result()

    def _woken(self, others: int) -> list[tuple[Call, Any]]:
        """For each of so many threads what it calls, and room of its own."""
        while len(self._helpers) < others:
            room = aligned(len(self._W))
            room[:] = self._W
            self._helpers.append((Call(self._enter), room))
        return self._helpers[:others]


def threads() -> int:
    """How many threads run a large batch: what the environment variable RANTAI_THREADS says, else two; but no more than
    cores may be used, as a thread that waits keeps one busy.

    Raises:
        ValueError: for what is no whole number from 1 up.
    """
    text = os.environ.get(SETTING, "")
    if text and (not text.isdecimal() or int(text) < 1):
        raise ValueError(f"{SETTING} is how many threads run a large batch, a whole number from 1 up, got {text!r}")
    return min(int(text or 2), MOST, cores())


@cache
def pool(workers: int) -> ThreadPoolExecutor:
    """Threads that wait for work as long as the process lives."""
    return ThreadPoolExecutor(workers, thread_name_prefix="rantai")


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=pool.cache_clear)  # threads are not copied to a process that is forked off
