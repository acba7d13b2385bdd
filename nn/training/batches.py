"""Which samples make up each step of an epoch: all (batch), some (mini-batch) or one (stochastic gradient descent).

Order and dropout masks are functions of (seed, epoch, step), so that a run can be resumed anywhere and gives the same
bits.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Sequence
from itertools import chain
from random import Random
from typing import overload

from nn.checks import whole

__all__ = ["Batches", "batches", "generator"]


class Batches(Sequence[list[int]]):
    """The samples of some steps, equally many in each but for the last, which may have fewer. A sequence of lists, each
    made when it is asked for.

    Attributes:
        order: the numbers of the samples, those of one step after those of another: an array, or all in their order,
            a range.
        size: how many a step has.
    """

    def __init__(self, order: array[int] | range, size: int) -> None:
        self.order, self.size = order, size

    @classmethod
    def of(cls, steps: Iterable[Sequence[int]]) -> Batches:
        """Those of lists of equal length, the last of which may be shorter."""
        given = list(steps)
        return cls(array("q", chain.from_iterable(given)), len(given[0]) if given else 1)

    def __len__(self) -> int:
        return -(-len(self.order) // self.size)

    @overload
    def __getitem__(self, index: int) -> list[int]: ...
    @overload
    def __getitem__(self, index: slice) -> Batches: ...
    def __getitem__(self, index: int | slice) -> list[int] | Batches:
        steps = range(len(self))[index]
        if isinstance(steps, int):
            return list(self.order[steps * self.size : (steps + 1) * self.size])
        return Batches(self.order[steps.start * self.size : steps.stop * self.size], self.size)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and list(self) == list(other)

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return repr(list(self))


def generator(seed: int, epoch: int, step: int | str) -> Random:
    """The random generator of one step of one epoch (or of the epoch's order): the same for the same three, in every
    process."""
    return Random(f"{seed} {epoch} {step}")


def batches(samples: int, batch_size: int | None, seed: int = 0, epoch: int = 0) -> Batches:
    """The numbers of the samples of each step.

    Args:
        samples: how many there are.
        batch_size: None for one batch of all, in their order; else how many a step, shuffled anew every epoch. The last
            batch of an epoch may be smaller.
        seed, epoch: what the shuffle depends on.

    Raises:
        ValueError: if there are no samples, or for a batch size below 1.
        TypeError: for one that is no whole number.

    >>> batches(5, None)
    [[0, 1, 2, 3, 4]]
    >>> [len(batch) for batch in batches(5, 2)]
    [2, 2, 1]
    """
    if samples < 1:
        raise ValueError("there are no samples to train on")
    if batch_size is None:
        return Batches(range(samples), samples)
    batch_size = whole("batch_size", batch_size, 1, " or None for all samples")
    order = list(range(samples))
    generator(seed, epoch, "order").shuffle(order)
    return Batches(array("q", order), min(batch_size, samples))
