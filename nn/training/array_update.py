"""An optimizer's update of all parameters at once, as arrays."""

from __future__ import annotations

from typing import Any

import numpy as np

from nn.training.optimizers import SGD, Optimizer

__all__ = ["ArrayUpdate"]

Array = Any
BLOCK = 15 << 10
"""Parameters that are moved at a time: these, their gradients and all that `move` makes of them stay in a core's cache,
where whole arrays would pass through memory at each of its operations. Arrays from 128 KB on may also be mapped anew
each time that they are made, which takes ten times as long as what is computed."""
BEFORE = "parameters before the step"
"""Beside the names of what is remembered."""
SMALL = 1e150
"""The product of two numbers below it is finite, and so is its sum with another."""


class ArrayUpdate:
    """Moves parameters that are an array, block by block. It keeps the arrays that it writes to, so that large ones are
    not made anew at every step."""

    def __init__(self) -> None:
        self._free: dict[str, Array] = {}

    def move(
        self, optimizer: Optimizer, rate: float, vector: Array, moving: Any, gradient: Array, length: float,
        state: dict[str, Array],
    ) -> dict[str, Array] | None:  # fmt: skip
        """Take a step.

        Args:
            optimizer: whose `move` gives for an array what it gives for each of its numbers.
            rate: the learning rate of this step.
            vector: the parameters, changed.
            moving: which of them move, a slice or their indices.
            gradient, length: of those that move, and how long it is.
            state: what is remembered of those that move, by name.

        Returns:
            What is to be remembered from now on; None where a parameter would not be finite any more: then nothing has
            changed.
        """
        there, count = vector[moving], len(gradient)  # a part of the vector where it is a slice, else a copy
        safe = stays_finite(optimizer, rate, there, length)
        before, new = None if safe else self._room(BEFORE, count), {name: self._room(name, count) for name in state}
        done, finite = 0, False
        try:
            for start in range(0, count, BLOCK):
                block = slice(start, start + BLOCK)
                p, memory = there[block], {name: numbers[block] for name, numbers in state.items()}
                if before is not None:
                    before[block] = p
                done = start + BLOCK
                if not is_ours(optimizer):
                    memory = {name: numbers.copy() for name, numbers in memory.items()}
                moved = optimizer.move(p, gradient[block], memory, rate, optimizer.steps + 1)
                if moved is not p:
                    p[:] = moved
                for name, numbers in memory.items():
                    if name not in new:  # in the first step
                        new[name] = self._room(name, count)
                    new[name][block] = numbers
            finite = safe or all_finite(there)
        finally:
            if not finite and before is not None:
                there[:done] = before[:done]
        if not finite:
            return None
        vector[moving] = there
        self._free = state if before is None else state | {BEFORE: before}
        return new

    def _room(self, name: str, count: int) -> Array:
        room = self._free.get(name)
        return np.empty(count) if room is None or len(room) != count else room


def is_ours(optimizer: Optimizer) -> bool:
    """Whether the update is one of ours, which leaves alone what is remembered and gives new numbers for it."""
    return optimizer.move.__module__ == Optimizer.__module__


def stays_finite(optimizer: Optimizer, rate: float, there: Array, length: float) -> bool:
    """Whether it is certain before a step that no parameter will be infinite or nan after it, so that none need be kept
    to go back to: in plain gradient descent, p - rate · g, where no number is very large."""
    plain = isinstance(optimizer, SGD) and not optimizer.momentum and is_ours(optimizer)
    return plain and abs(rate) < SMALL and length < SMALL and bool(there @ there < SMALL)


def all_finite(numbers: Array) -> bool:
    """Whether none is infinite or nan: the sum of their squares says so in one pass, unless it is too large itself."""
    return bool(np.isfinite(numbers @ numbers) or np.isfinite(numbers).all())
