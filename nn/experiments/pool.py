"""The processes of this machine that runs are handed to where no other executor is given."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import contextmanager
from typing import Any

from engine import cores
from nn.checks import whole

__all__ = ["process_pool"]


def process_pool(workers: int | None = None) -> ProcessPoolExecutor:
    """A pool of processes that are started afresh, not forked: the same on every system, whatever threads there are.

    A worker's kernel takes as many threads as there are cores for each, unless RANTAI_THREADS says otherwise.

    A script that uses it needs `if __name__ == "__main__":`, since each process imports it.

    Args:
        workers: how many; as many as this program may use cores if None.

    Raises:
        TypeError, ValueError: for workers that are no whole number from 1 up.
    """
    number = cores() if workers is None else whole("workers", workers, 1)
    context = multiprocessing.get_context("spawn")
    return Processes(number, mp_context=context, initializer=begin, initargs=(max(1, cores() // number),))


class Processes(ProcessPoolExecutor):
    """Processes that Ctrl-C ends without a word even while they start, which they do when they are handed their first
    tasks."""

    def submit(self, *args: Any, **kwargs: Any) -> Future[Any]:
        with ctrl_c_waiting():
            return super().submit(*args, **kwargs)


@contextmanager
def ctrl_c_waiting() -> Iterator[None]:
    """Ctrl-C comes after this block, for a process that is started in it when that unblocks it."""
    if not hasattr(signal, "pthread_sigmask"):  # Windows
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def begin(threads: int) -> None:
    """A worker, whose kernel takes so many threads, ends with its parent, which may be killed; else it would wait for
    its next run for ever. Ctrl-C ends it without a word, since the parent has its own, also if it came while this
    process was starting."""
    os.environ.setdefault("RANTAI_THREADS", str(threads))
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGINT])
    parent = multiprocessing.parent_process()
    assert parent is not None, "a worker is started by another process"

    def watch() -> None:
        parent.join()
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()
