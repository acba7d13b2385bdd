"""Drawing lots. Of Python's random numbers only `random()` gives the same ones in every version, so all comes from
it."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import TypeVar

__all__ = ["Lots"]

T = TypeVar("T")


class Lots:
    """A source of lots that depends on nothing but the words it is made with."""

    def __init__(self, *words: object) -> None:
        self.random = random.Random("/".join(map(str, words))).random

    def pick(self, items: Sequence[T]) -> T:
        """One of the items."""
        return items[int(self.random() * len(items))]

    def shuffled(self, items: Sequence[T]) -> list[T]:
        """The items in another order."""
        rest = list(items)
        return [rest.pop(int(self.random() * len(rest))) for _ in items]
