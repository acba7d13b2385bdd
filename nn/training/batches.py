"""Which samples make up each step of an epoch: all (batch), some (mini-batch) or one (stochastic gradient descent).

Order and dropout masks are functions of (seed, epoch, step), so that a run can be resumed anywhere and gives the same
bits.
"""

from __future__ import annotations

from random import Random

from nn.checks import whole

__all__ = ["batches", "generator"]


def generator(seed: int, epoch: int, step: int | str) -> Random:
    """The random generator of one step of one epoch (or of the epoch's order): the same for the same three, in every
    process."""
    return Random(f"{seed} {epoch} {step}")


def batches(samples: int, batch_size: int | None, seed: int = 0, epoch: int = 0) -> list[list[int]]:
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
        return [list(range(samples))]
    batch_size = whole("batch_size", batch_size, 1, " or None for all samples")
    order = list(range(samples))
    generator(seed, epoch, "order").shuffle(order)
    return [order[start : start + batch_size] for start in range(0, samples, batch_size)]
