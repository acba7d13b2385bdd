"""The rows of a sweep as they are done: each is waited for once, and nothing else is."""

from __future__ import annotations

import sys
from collections import deque
from concurrent.futures import Executor, Future

import pytest

from nn.experiments.record import Job

module = sys.modules["nn.experiments.sweep"]  # the package has a function of that name


class Queue(deque):
    """A queue that raises IndexError where another would wait for ever."""

    put, get = deque.append, deque.popleft

    def empty(self):
        return not self


class InGroups(Executor):
    """Gives the results of so many runs at once, when the last of them is handed out, and this one's first."""

    def __init__(self, size):
        self.size, self.waiting, self.most = size, [], 0

    def submit(self, f, /, *args):
        future = Future()
        self.waiting.append((future, args))
        self.most = max(self.most, len(self.waiting))
        if len(self.waiting) == self.size:
            for done, given in reversed(self.waiting):
                done.set_result(f(*given))
            self.waiting.clear()
        return future


@pytest.mark.parametrize("size", [1, 2, 3])
def test_each_run_is_waited_for_once(size, monkeypatch):
    monkeypatch.setattr(module, "SimpleQueue", Queue)
    monkeypatch.setattr(module, "AHEAD", 3)
    executor = InGroups(size)
    rows = list(module.rows_by(executor, lambda seed: seed * seed, [Job({}, seed) for seed in range(6)]))
    assert sorted((row.seed, row.figures["score"]) for row in rows) == [(seed, seed * seed) for seed in range(6)]
    assert executor.most == size and not executor.waiting


def test_no_more_runs_are_handed_out_than_there_may_be_ahead(monkeypatch):
    """With an executor that waits for one more there is nothing to be had."""
    monkeypatch.setattr(module, "SimpleQueue", Queue)
    monkeypatch.setattr(module, "AHEAD", 3)
    executor = InGroups(4)
    with pytest.raises(IndexError):
        list(module.rows_by(executor, lambda seed: seed, [Job({}, seed) for seed in range(6)]))
    assert len(executor.waiting) == 3 and all(future.cancelled() for future, _ in executor.waiting)
