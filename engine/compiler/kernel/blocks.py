"""Large batches in blocks, which threads run side by side.

The blocks, and the order in which their gradients are added up, depend on the batch alone: the bits are the same for
any number of threads. The kernel leaves Python's lock while it runs, and each thread has room of its own for rows.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import cache
from typing import Any

import numpy as np

from engine.compiler.kernel.call import Call
from engine.compiler.kernel.constants import DRAFT, PENALTY, UPDATE
from engine.compiler.kernel.machine_code import Enter
from engine.compiler.kernel.room import NO_ROWS, aligned

__all__ = ["LARGE", "Blocks", "threads"]

BLOCK, MOST = 5_000, 16
"""Samples in a block, at least, and how many blocks there are at most; so many threads can be of use."""
LARGE = 2 * BLOCK
"""Samples in a batch from which on it is run in blocks: of a small network these take half a millisecond, and a thread
is woken in a twentieth of that."""
SETTING = "RANTAI_THREADS"


class Blocks:
    """What the plans of a loss do with a large batch.

    Args:
        enter: the kernel's machine code.
        J, W: its two arrays (see `steps.py`); whatever else they hold, only the loss is run.
    """

    def __init__(self, enter: Enter, J: Any, W: Any) -> None:
        self._enter, self._J = enter, J.copy()
        self._J[[PENALTY, UPDATE]] = 0
        self._rooms = [W[: int(J[DRAFT])]]
        self._calls = [Call(enter)]

    def run(
        self, P: Any, gradient: Any, X: Any, places: Any, order: Any, seed: float, losses: Any, outputs: Any
    ) -> float:
        """The gradient of the sum of all losses times seed is added to `gradient`, unless that is empty; the mean loss.

        `losses` and `outputs` are filled if they are not empty.

        Raises:
            ValueError: if RANTAI_THREADS is set to what is no number of threads.
        """
        n = len(order)
        count = min(n // BLOCK, MOST)
        parts, report = np.zeros((count, len(gradient))), np.zeros((count, 3))
        cuts = [slice(n * i // count, n * (i + 1) // count) for i in range(count)]
        todo = deque(range(count))

        def work(call: Call, room: Any) -> None:
            with suppress(IndexError):  # of an empty deque
                while True:
                    i = todo.popleft()  # a number that no other thread gets
                    call(self._J, room, P, parts[i], X, places, order[cuts[i]], n, seed, NO_ROWS, NO_ROWS,
                         losses[cuts[i]], outputs[cuts[i]], report[i : i + 1])  # fmt: skip

        self._side_by_side(work, min(threads(), count) - 1)
        for part in parts:
            gradient += part
        return sum(mean * (cut.stop - cut.start) for (mean, _, _), cut in zip(report.tolist(), cuts, strict=True)) / n

    def _side_by_side(self, work: Callable[[Call, Any], None], others: int) -> None:
        """The work in this thread and in so many others, until all are done."""
        while len(self._rooms) <= others:
            room = aligned(len(self._rooms[0]))
            room[:] = self._rooms[0]
            self._rooms.append(room)
            self._calls.append(Call(self._enter))
        (call, room), *pairs = list(zip(self._calls, self._rooms, strict=True))[: 1 + others]
        futures = [pool(others).submit(work, *pair) for pair in pairs]
        try:
            work(call, room)
        finally:  # also where this thread is interrupted: the rooms are free again
            for future in futures:
                future.result()


def threads() -> int:
    """How many threads run a large batch: what the environment variable RANTAI_THREADS says, else two where two
    processors may be used.

    Raises:
        ValueError: for what is no whole number from 1 up.
    """
    text = os.environ.get(SETTING, "")
    if not text:
        return min(2, processors())
    if not text.isdecimal() or int(text) < 1:
        raise ValueError(f"{SETTING} is how many threads run a large batch, a whole number from 1 up, got {text!r}")
    return int(text)


def processors() -> int:
    """How many this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@cache
def pool(workers: int) -> ThreadPoolExecutor:
    """Threads that wait for work as long as the process lives."""
    return ThreadPoolExecutor(workers, thread_name_prefix="rantai")


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=pool.cache_clear)  # threads are not copied to a process that is forked off
