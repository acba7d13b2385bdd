"""Dropout masks: the factors that activations are multiplied by in training, 0 for those that are dropped.

A generator draws them while the network computes. `Masks` stands in for the generator where a network is recorded for
the machine: first it notes the probabilities that are asked for, later the factors are drawn in the same order, and
come in as numbers.
"""

from __future__ import annotations

from collections.abc import Iterable
from random import Random
from typing import Any

from engine import RecordingError

__all__ = ["Masks", "drawn", "mask"]


class Masks:
    """In place of a generator: hands out factors one by one, and notes with which probability each activation is
    dropped.

    Args:
        factors: numbers, or stand-ins for them; without any, an activation is kept as it is.
    """

    def __init__(self, factors: Iterable[Any] | None = None) -> None:
        self.factors = None if factors is None else iter(factors)
        self.shares: list[float] = []

    def next(self, share: float) -> Any:
        self.shares.append(share)
        factor = 1.0 if self.factors is None else next(self.factors, None)
        if factor is None:
            raise RecordingError(
                "a network that drops more for one sample than for another of the same shape cannot be recorded"
            )
        return factor

    def __getattr__(self, name: str) -> Any:
        raise RecordingError(f"a network that draws random numbers of its own, by rng.{name}, cannot be recorded")


def mask(share: float, rng: Random | Masks) -> Any:
    """The factor of one activation that is dropped with the probability `share`; those that stay grow, so that the
    mean stays."""
    if isinstance(rng, Masks):
        return rng.next(share)
    return 0.0 if rng.random() < share else 1.0 / (1.0 - share)


def drawn(shares: Iterable[float], rng: Random) -> list[float]:
    """The factors of the activations of one sample, as a network draws them that drops with these probabilities."""
    random = rng.random
    return [0.0 if random() < share else 1.0 / (1.0 - share) for share in shares]
