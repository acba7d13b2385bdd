"""Many steps of gradient descent in one call of the kernel: the loss, the price of the weights and the optimizer's update, recorded."""

from __future__ import annotations

from collections.abc import Sequence
from copy import copy
from itertools import chain
from time import perf_counter
from typing import Any

import numpy as np

import engine
from engine import Value
from nn.feed import Fed
from nn.optimizers import Optimizer

__all__ = ["Fused"]

Array = Any
PAUSE = 0.05
"""Seconds between two moments in which a run can be interrupted."""


class Fused:
    """Steps that the kernel takes by itself.

    Args:
        samples: with a kernel for each shape, and without Values beside the parameters.
        penalty: the price of the weights, if there is one.
        optimizer: whose `move` is made of operations.

    Raises:
        RecordingError: for an update that asks for a number, or does something else that cannot be recorded.
    """

    def __init__(self, samples: Fed, penalty: Fed | None, optimizer: Optimizer) -> None:
        self.samples, self.optimizer = samples, optimizer
        self.kinds: list[int] = samples.which.tolist()
        self.penalty = penalty.shapes[0].machine if penalty else None
        self.settings: dict[str, Any] = {}
        self.chunk = 16  # steps that take about PAUSE; the more of them in a call the better
        self._update()

    @staticmethod
    def fits(samples: Fed, penalty: Fed | None) -> bool:
        """Whether there is a kernel for each shape of samples, and nothing but parameters in it."""
        parts = [samples, *([penalty] if penalty else [])]
        return not any(any(part.others) for part in parts) and all(hasattr(x.machine, "descend") for part in parts for x in part.shapes)

    def alike(self, todo: Sequence[list[int]]) -> int:
        """How many of the first batches have samples of one and the same shape; 0 where the first one itself is mixed."""
        if len(self.samples.shapes) == 1:
            return len(todo)
        kinds, first = self.kinds, self.kinds[todo[0][0]]
        return next((n for n, batch in enumerate(todo) if any(kinds[i] != first for i in batch)), len(todo))

    def steps(self, P: Array, gradient: Array, state: dict[str, Array], todo: Sequence[list[int]], factor: float, moving: int) -> Any:
        """Take steps; it stops before one whose numbers are not finite.

        Args:
            P: the parameters, changed; the first `moving` of them move.
            gradient: filled with that of the last step.
            state: what the optimizer remembers, filled.
            todo: the samples of each step, all of one shape, equally many but in the last one; not many more than `chunk` of them.
            factor: of the learning rate.

        Returns:
            What `Kernel.descend` returns: steps, losses and penalties of each, length of the last gradient.
        """
        started, optimizer = perf_counter(), self.optimizer
        update, names = self._update()
        memory = np.array([state.get(name, np.zeros(moving)) for name in names]).reshape(len(names), moving)
        settings = np.full((len(todo), 2), optimizer.rate * factor)
        settings[:, 1] = np.arange(optimizer.steps + 1, optimizer.steps + 1 + len(todo))
        order = self.samples.row[np.fromiter(chain.from_iterable(todo), dtype=np.int64)]
        size, shape = (len(todo[0]), self.kinds[todo[0][0]]) if todo else (1, 0)
        machine, X = self.samples.shapes[shape].machine, self.samples.arrays[shape]
        done = machine.descend(P, gradient, X, order, size, update, settings, memory, penalty=self.penalty, moving=moving)
        optimizer.steps += done.steps
        state.update(zip(names, memory, strict=True))
        if done.steps == len(todo) > 0:
            self.chunk = max(1, int(len(todo) * min(8.0, PAUSE / max(perf_counter() - started, 1e-6))))
        return done

    def _update(self) -> tuple[Any, list[str]]:
        """The machine of the optimizer's update, and what it remembers; recorded anew where a setting of the optimizer has changed."""
        settings = {name: x for name, x in vars(self.optimizer).items() if name not in ("rate", "steps", "states")}
        if settings != self.settings:
            self.settings, (self.update, self.names) = settings, recorded(self.optimizer)
        return self.update, self.names


def recorded(optimizer: Optimizer) -> tuple[Any, list[str]]:
    """The update of one parameter as a kernel over (p, g, what is remembered ...), whose outputs are the same without g.

    Raises:
        RecordingError: for an update that asks for a number.
    """
    state: dict[str, Any] = {}
    copy(optimizer).move(0.5, 0.25, state, 0.1, 1)
    rate, names = Value(0.1, "rate"), list(state)
    t: Any = Value(1.0, "t")

    def move(numbers: Any) -> Any:
        p, g, *memory = numbers
        remembered = dict(zip(names, memory, strict=True))
        moved = optimizer.move(p, g, remembered, rate, t)
        return moved, [moved, *[remembered[name] for name in names]]

    compiled = engine.compile(move, [rate, t], backend="kernel")
    return compiled.shape([0.0] * (2 + len(names))).machine, names
