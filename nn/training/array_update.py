"""An optimizer's update of all parameters at once, as arrays."""

from __future__ import annotations

from typing import Any

import numpy as np

from nn.training.optimizers import Optimizer

__all__ = ["ArrayUpdate"]

Array = Any
BLOCK = 1 << 14
"""Parameters that are moved at a time: these, their gradients and all that `move` makes of them stay in a core's cache,
where whole arrays would pass through memory at each of its operations."""
PARAMETERS = "the parameters"
"""Beside the names of what is remembered of them."""


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
        before, count = vector[moving], len(gradient)
        new = {name: self._room(name, count) for name in (PARAMETERS, *state)}
        for start in range(0, count, BLOCK):
            block = slice(start, start + BLOCK)
            memory = {name: numbers[block].copy() for name, numbers in state.items()}  # `move` may write to them
            moved = optimizer.move(before[block].copy(), gradient[block], memory, rate, optimizer.steps + 1)
            if not np.isfinite(moved).all():
                return None
            for name, numbers in {PARAMETERS: moved, **memory}.items():
                if name not in new:  # in the first step
                    new[name] = self._room(name, count)
                new[name][block] = numbers
        vector[moving] = new[PARAMETERS]
        self._free = state | {PARAMETERS: new.pop(PARAMETERS)}
        return new

    def _room(self, name: str, count: int) -> Array:
        room = self._free.get(name)
        return np.empty(count) if room is None or len(room) != count else room
