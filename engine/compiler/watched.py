"""`Watched`: what a Value is while a function is recorded that uses it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from types import FunctionType
from typing import Any

from engine.compiler.questions import AS_IT_IS, RecordingError, refuse, refuse_questions
from engine.compiler.recording import Recording
from engine.rule import Operand, Rule
from engine.value import Value

__all__ = ["watching"]


class Watched(Value):
    """A Value that a function uses which is being recorded: its number may be another one at every run, so what
    asks for it raises `RecordingError`, and an operation on it is a row."""

    __slots__ = ()

    @classmethod
    def apply(cls, rule: Rule, args: tuple[Any, ...]) -> Any:
        recording = _recording.get()
        if recording is None:
            raise RecordingError("a function that uses this Value is being recorded in another thread: wait for it")
        return recording.apply(rule, args)


_recording: ContextVar[Recording | None] = ContextVar("recording", default=None)
for _name, _method in vars(Operand).items():  # as they are inherited: those written out ask for the number
    if isinstance(_method, FunctionType):
        setattr(Watched, _name, _method)


@contextmanager
def watching(recording: Recording, values: Sequence[Value]) -> Iterator[None]:
    """In this block the Values are `Watched`, and operations on them are rows of the recording."""
    kinds: set[Any] = {*map(type, values)}
    plain = {
        kind: values if len(kinds) == 1 else [value for value in values if type(value) is kind]
        for kind in kinds
        if not issubclass(kind, Watched)
    }
    token = _recording.set(recording)
    try:
        for kind, some in plain.items():
            become(watched(kind), some)
        yield
    finally:
        for kind, some in plain.items():
            become(kind, some)
        _recording.reset(token)


def become(kind: Any, values: Iterable[Value]) -> None:
    for value in values:
        value.__class__ = kind


@cache
def watched(kind: Any) -> Any:
    """The class of a watched Value, which may be of a class of the user's own."""
    return Watched if kind is Value else type(kind.__name__, (kind, Watched), {"__slots__": ()})


refuse_questions(Watched)
for _name in ("__format__", "__repr__", "__copy__", "__deepcopy__", "__reduce__", "detach"):
    setattr(Watched, _name, refuse(_name.strip("_"), AS_IT_IS))
