"""An optimizer's update of all parameters at once, as arrays."""

from __future__ import annotations

from typing import Any

import numpy as np

from nn.training.optimizers import Optimizer

__all__ = ["ArrayUpdate"]

Array = Any
BLOCK = 15 << 10
"""Parameters that are moved at a time: these, their gradients and all that `move` makes of them stay in a core's cache,
where whole arrays would pass through memory at each of its operations. Arrays from 128 KB on may also be mapped anew
each time that they are made, which takes ten times as long as what is computed."""
BEFORE = "parameters before the step"
"""Beside the names of what is remembered."""


class ArrayUpdate:
    """Moves parameters that are an array, block by block. It keeps the arrays that it writes to, so that large ones are
    not made anew at every step."""

    def __init__(self) -> None:
        self._free: dict[str, Array] = {}

    def move(
        self, optimizer: Optimizer, rate: float, vector: Array, moving: Any, gradient: Array, state: dict[str, Array]
    ) -> dict[str, Array] | None:
        """Take a step.

        Args:
            optimizer: whose `move` gives for an array what it gives for each of its numbers.
            rate: the learning rate of this step.
            vector: the parameters, changed.
            moving: which of them move, a slice or their indices.
            gradient: of those that move.
            state: what is remembered of those that move, by name.

        Returns:
            What is to be remembered from now on; None where a parameter would not be finite any more: then nothing has
            changed.
        """
        there, count = vector[moving], len(gradient)  # a part of the vector where it is a slice, else a copy
        before, new = self._room(BEFORE, count), {name: self._room(name, count) for name in state}
        done, finite = 0, False
        try:
            for start in range(0, count, BLOCK):
                block = slice(start, start + BLOCK)
                before[block] = there[block]
                done = start + BLOCK
                memory = {name: numbers[block] for name, numbers in state.items()}
                if not writes_nothing(optimizer):
                    memory = {name: numbers.copy() for name, numbers in memory.items()}
                there[block] = optimizer.move(there[block], gradient[block], memory, rate, optimizer.steps + 1)
                for name, numbers in memory.items():
                    if name not in new:  # in the first step
                        new[name] = self._room(name, count)
                    new[name][block] = numbers
            finite = all_finite(there)
        finally:
            if not finite:
                there[:done] = before[:done]
        if not finite:
            return None
        vector[moving] = there
        self._free = state | {BEFORE: before}
        return new

    def _room(self, name: str, count: int) -> Array:
        room = self._free.get(name)
        return np.empty(count) if room is None or len(room) != count else room


def writes_nothing(optimizer: Optimizer) -> bool:
    """Whether the update is one of ours, which leaves alone what is remembered and gives new numbers for it."""
    return type(optimizer).move.__module__ == Optimizer.__module__


def all_finite(numbers: Array) -> bool:
    """Whether none is infinite or nan: the sum of their squares says so in one pass, unless it is too large itself."""
    return bool(np.isfinite(numbers @ numbers) or np.isfinite(numbers).all())
