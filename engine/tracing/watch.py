"""Who looks on is shown every node when it is made. While nobody does, operations and leaves are made as ever: what
shows them is put in the place of `record` and of `Value.__init__` for as long as a block lasts."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from engine.formulas.specialise import record_by
from engine.rule import Rule
from engine.value import Value, record

__all__ = ["Watcher", "watching"]

Watcher = Callable[[Value, Rule | None], None]
"""Takes a new node and the operation that made it, None for a leaf."""

_watchers: ContextVar[tuple[Watcher, ...]] = ContextVar("watchers", default=())
_lock = threading.Lock()
_blocks = 0  # of all threads
plain_init: Callable[..., None] = Value.__init__


@contextmanager
def watching(watcher: Watcher) -> Iterator[None]:
    """In this block, of this thread or task only, the watcher is shown every node."""
    token = _watchers.set((*_watchers.get(), watcher))
    count_blocks(1)
    try:
        yield
    finally:
        count_blocks(-1)
        _watchers.reset(token)


def count_blocks(change: int) -> None:
    """The first block puts the ways to make a node that show it in their place, the last takes them away."""
    global _blocks
    with _lock:
        _blocks += change
        record_by(watched_record if _blocks else record)
        setattr(Value, "__init__", watched_init if _blocks else plain_init)  # noqa: B010  (mypy allows no assignment)


def watched_record(rule: Rule, data: float, x: Any, y: Any, dx: Any, dy: Any) -> Value:
    node = record(rule, data, x, y, dx, dy)
    for watcher in _watchers.get():
        watcher(node, rule)
    return node


def watched_init(self: Value, *args: Any, **options: Any) -> None:
    plain_init(self, *args, **options)
    for watcher in _watchers.get():
        watcher(self, None)
