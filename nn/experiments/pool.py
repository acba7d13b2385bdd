"""The processes of this machine that runs are handed to where no other executor is given."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from concurrent.futures import ProcessPoolExecutor

from nn.checks import whole

__all__ = ["cores", "process_pool"]


def process_pool(workers: int | None = None) -> ProcessPoolExecutor:
    """A pool of processes that are started afresh, not forked: the same on every system, whatever threads there are.

    A script that uses it needs `if __name__ == "__main__":`, since each process imports it.

    Args:
        workers: how many; as many as this program may use cores if None.

    Raises:
        TypeError, ValueError: for workers that are no whole number from 1 up.
    """
    number = cores() if workers is None else whole("workers", workers, 1)
    context = multiprocessing.get_context("spawn")
    return ProcessPoolExecutor(number, mp_context=context, initializer=begin)


def cores() -> int:
    """How many cores this program may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def begin() -> None:
    """A worker ends with its parent, which may be killed; else it would wait for its next run for ever. Ctrl-C ends it
    without a word, since the parent has its own."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    parent = multiprocessing.parent_process()
    assert parent is not None, "a worker is started by another process"

    def watch() -> None:
        parent.join()
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()
