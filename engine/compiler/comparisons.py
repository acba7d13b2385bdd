"""When what is recorded is held beside the eager sweep again: a plain number that a function uses may change at any
time, and only calling the function shows it."""

from __future__ import annotations

import math

__all__ = ["Comparisons"]

SHARE = 0.01
"""Of the time of a run, for comparisons."""
ALLOWANCE = 0.3
"""Seconds beyond that share, for recording anew after the user's own code had the word."""
FIRST, GROWTH = 4, 4
"""The first step before which there is a comparison however long a step takes, and how many times later the next."""


class Comparisons:
    """When to compare: before steps 4, 16, 64, ...; whenever a hundredth of the time pays for it; and, from an
    allowance, each time that the user's code had the word, as between two epochs of `nn.train`.

    No clock is asked: seconds are estimated from sizes, so a run is compared at the same places each time.

    Args:
        cost: about how many seconds a comparison takes.

    Attributes:
        steps: how many were taken.
        made: how many comparisons were.
    """

    def __init__(self, cost: float) -> None:
        self.cost, self.steps, self.made = cost, 0, 0
        self._purse, self._allowance, self._next = 0.0, ALLOWANCE, FIRST

    def due(self, asked: bool) -> str:
        """How to compare before the next step: "anew" records the function anew and holds that beside the recording,
        "wholly" makes an eager sweep too, "" is not at all. It counts as made.

        Args:
            asked: whether the user's code had the word.
        """
        how = "wholly"
        if self.steps + 1 >= self._next:
            self._next = GROWTH * (self.steps + 1)
        elif self._purse >= self.cost:
            self._purse -= self.cost
        elif asked and self._allowance >= self.cost / 2:
            self._allowance -= self.cost / 2
            how = "anew"
        else:
            return ""
        self.made += 1
        return how

    def until(self, seconds: float) -> int:
        """After how many steps of so many seconds each one is due."""
        paid = math.ceil((self.cost - self._purse) / (SHARE * seconds))
        return max(1, min(self._next - 1 - self.steps, paid))

    def took(self, steps: int, seconds: float) -> None:
        """Steps were taken, of so many seconds each."""
        self.steps += steps
        self._purse = min(self.cost, self._purse + SHARE * steps * seconds)
