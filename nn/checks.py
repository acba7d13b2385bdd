"""Settings in their range, or an error that names what was given and what was expected."""

from __future__ import annotations

from operator import eq
from typing import Any

from engine import RecordingError

__all__ = ["above_0", "at_least", "check_seed", "known", "share"]


def above_0(what: str, number: float) -> float:
    if not number > 0:  # in this form a NaN is refused too
        raise ValueError(f"{what} must be above 0, got {number!r}")
    return number


def at_least(least: int, what: str, number: float) -> float:
    if not number >= least:
        raise ValueError(f"{what} must be {least} or more, got {number!r}")
    return number


def share(what: str, number: float) -> float:
    """A number in [0, 1)."""
    if not isinstance(number, int | float) or not 0.0 <= number < 1.0:
        raise ValueError(f"{what} must be from 0 to below 1, got {number!r}")
    return float(number)


def check_seed(seed: int) -> int:
    """The seed, if it is an int. TypeError otherwise: None would mean a seed that nobody knows, a generator one that
    changes."""
    if isinstance(seed, bool) or not isinstance(seed, int):
        raise TypeError(f"seed is {seed!r}; an int is expected")
    return seed


def known(number: Any) -> bool:
    """Whether a number is there to be compared: what stands in for one while a function is recorded is not."""
    try:
        eq(number, number)
    except RecordingError:
        return False
    return True
