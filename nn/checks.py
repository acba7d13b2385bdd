"""Settings in their range, or an error that names what was given and what was expected; and the phrases that errors
share."""

from __future__ import annotations

import difflib
import json
import shlex
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from inspect import signature
from numbers import Real
from operator import index
from typing import Any, TypeVar

import engine

__all__ = [
    "a_number", "above_0", "at_least", "check_seed", "did_you_mean", "listing", "on_the_command_line", "one_of",
    "plain", "say_where", "setting", "share", "shown", "usage", "whole",
]  # fmt: skip


def whole(what: str, given: Any, least: int | None = None, otherwise: str = "", most: int | None = None) -> int:
    """A whole number, one of NumPy's too, as an int.

    Args:
        what: it is, for the message.
        least: the smallest that will do.
        otherwise: what else could have been given, for the message.
        most: the largest that will do.

    Raises:
        TypeError: for what is none: a float, a bool, a text.
        ValueError: for one below `least` or above `most`.
    """
    expected = f"{what} must be a whole number{'' if least is None else f' from {least} up'}{otherwise}"
    try:
        found = index(given)
    except TypeError:
        raise TypeError(f"{expected}, got {shown(given)}") from None
    if isinstance(given, bool):
        raise TypeError(f"{expected}, got {given}")
    if least is not None and found < least:
        raise ValueError(f"{expected}, got {shown(found)}")
    if most is not None and found > most:
        raise ValueError(f"{what} is at most {most:,}, got {shown(found, 40)}")
    return found


def a_number(what: str, given: Any) -> float:
    """A real number, one of NumPy's as a float. TypeError for all else."""
    if isinstance(given, bool) or not isinstance(given, Real):
        raise TypeError(f"{what} must be a number, got {type(given).__name__} {shown(given)}")
    return given if isinstance(given, int) else float(given)


def above_0(what: str, given: Any) -> float:
    found = a_number(what, given)
    if not found > 0:  # in this form a NaN is refused too
        raise ValueError(f"{what} must be above 0, got {given!r}")
    return found


def at_least(least: int, what: str, given: Any) -> float:
    found = a_number(what, given)
    if not found >= least:
        raise ValueError(f"{what} must be {least} or more, got {given!r}")
    return found


def share(what: str, given: Any) -> float:
    """A number in [0, 1)."""
    found = a_number(what, given)
    if not 0.0 <= found < 1.0:
        raise ValueError(f"{what} must be from 0 to below 1, got {given!r}")
    return float(found)


def check_seed(seed: Any) -> int:
    """The seed, if it is a whole number. TypeError otherwise: None would mean a seed that nobody knows, a generator one
    that changes."""
    return whole("seed", seed)


def one_of(kind: str, given: Any, known: Iterable[str]) -> str:
    """A name that is known. ValueError for another, with the one that is meant, if one is near."""
    names = list(known)
    if given not in names:
        near = did_you_mean(given, names) if isinstance(given, str) else ""
        raise ValueError(f"unknown {kind} {shown(given)}; known are {', '.join(names)}{near}")
    return str(given)


def plain(numbers: Any) -> Any:
    """Arrays, tensors and tables as lists, and a number of NumPy's as one of Python's; all else as it is."""
    if hasattr(numbers, "to_numpy"):
        numbers = numbers.to_numpy()
    elif hasattr(numbers, "numpy") and not hasattr(numbers, "tolist"):
        numbers = numbers.numpy()
    return numbers.tolist() if hasattr(numbers, "tolist") else numbers


def listing(names: Sequence[object], limit: int = 12) -> str:
    """The names separated by commas, shortened when there are more than `limit`."""
    shown = ", ".join(str(name) for name in names[:limit])
    return shown if len(names) <= limit else f"{shown}, ... ({len(names)} in all)"


def shown(value: object, limit: int = 60) -> str:
    """`repr(value)` on one line, cut where it gets too long for a message."""
    text = repr(value)
    if "\n" in text:  # of a table, for one
        text = " ".join(text.split())
    return text if len(text) <= limit else f"{text[: limit - 3]}..."


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """`"; did you mean 'x'?"` for the known name closest to `name`, `""` if none is close."""
    near = nearest(name, known)
    return f"; did you mean {near!r}?" if near else ""


COMMAND_LINE: ContextVar[bool] = ContextVar("COMMAND_LINE", default=False)


@contextmanager
def on_the_command_line() -> Iterator[None]:
    """In this block settings are named as one types them in a terminal."""
    token = COMMAND_LINE.set(True)
    try:
        yield
    finally:
        COMMAND_LINE.reset(token)


def setting(name: str, value: Any) -> str:
    """A setting as one would write it where the message is read: `missing="drop"`, or `--missing drop`."""
    if COMMAND_LINE.get():
        texts = map(str, value if isinstance(value, list) else [value])
        return f"--{name.replace('_', '-')} {' '.join(shlex.quote(text) for text in texts)}"
    return f"{name}={json.dumps(value, ensure_ascii=False)}"


def nearest(name: str, known: Iterable[str]) -> str | None:
    by_folded = {candidate.casefold(): candidate for candidate in known}
    close = difflib.get_close_matches(name.casefold(), by_folded, n=1)
    return by_folded[close[0]] if close else None


F = TypeVar("F", bound=Callable[..., Any])

MEANT = {
    "lr": "rate optimizer", "learning_rate": "rate optimizer", "rate": "optimizer", "eps": "epsilon",
    "learning_rate_init": "rate optimizer", "weight_decay": "decay l2", "betas": "beta1", "alpha": "beta l2 rate",
    "rho": "beta", "criterion": "loss", "n_epochs": "epochs", "epoch": "epochs", "max_iter": "epochs",
    "batch": "batch_size", "solver": "optimizer", "patience": "early_stopping", "n_iter_no_change": "early_stopping",
    "penalty": "regularizer l2", "regularizer": "l2", "scheduler": "schedule", "validation_split": "validation",
    "validation_fraction": "validation", "verbose": "progress", "random_state": "seed", "seed": "random_state",
    "hidden": "sizes", "sizes": "hidden", "layers": "sizes hidden", "hidden_layer_sizes": "sizes hidden",
    "act": "activation", "n_samples": "n", "samples": "n", "test_size": "test_fraction", "centers": "classes",
    "filename": "path",
}  # fmt: skip
"""What settings are called elsewhere, and here: the first that the function has."""


def usage(example: str) -> Callable[[F], F]:
    """As `engine.usage`, and which setting was meant by one that the function has not."""
    return engine.usage(example, meant)


def meant(f: Callable[..., Any], settings: Iterable[str]) -> str:
    """Which setting was meant by one that the function has not."""
    ours = list(signature(f).parameters)
    for name in settings:
        if name not in ours:
            words = [word for word in MEANT.get(name, "").split() if word in ours]
            near = words[0] if words else nearest(name, ours)
            return f", did you mean {near}?" if near else ""
    return ""


class Elsewhere:
    """In place of a method that a class has in other libraries: who asks for it is told what to write instead.

    Not `__getattr__`, which would make every attribute of the class slower.
    """

    def __init__(self, name: str, instead: str) -> None:
        self.name, self.instead = name, instead

    def __get__(self, owner: Any, kind: type[Any]) -> Any:
        raise AttributeError(f"{kind.__name__} has no {self.name}: write {self.instead}", name=self.name, obj=owner)


def say_where(kind: type[Any], places: dict[str, str]) -> None:
    """Let a class that has no such methods say what to write instead."""
    for name, instead in places.items():
        setattr(kind, name, Elsewhere(name, instead))
