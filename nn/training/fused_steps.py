"""Many steps of gradient descent in one call of the kernel: the loss, the price of the weights and the optimizer's
update, recorded."""

from __future__ import annotations

from copy import copy
from time import perf_counter
from typing import Any

import numpy as np

import engine
from engine import Value
from nn.training.feed import Fed
from nn.training.optimizers import Optimizer

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
        self.penalty = penalty.shapes[0].machine if penalty else None
        self.settings: dict[str, Any] | None = None
        self.moving: int | None = None
        self.chunk = 16  # steps that take about PAUSE; the more of them in a call the better
        self._record()

    @staticmethod
    def fits(samples: Fed, penalty: Fed | None) -> bool:
        """Whether there is a kernel for each shape of samples, and nothing but parameters in it."""
        parts = [samples, *([penalty] if penalty else [])]
        machines = [shape.machine for part in parts for shape in part.shapes]
        return all(hasattr(machine, "descender") for machine in machines) and not any(
            any(part.others) for part in parts
        )

    def steps(
        self, P: Array, gradient: Array, state: dict[str, Array], order: Array, size: int, factor: float, moving: int
    ) -> Any:
        """Take steps; it stops before one whose numbers are not finite.

        Args:
            P: the parameters, changed; the first `moving` of them move.
            gradient: filled with that of the last step.
            state: what the optimizer remembers, filled.
            order: the samples of one step after another; of not many more than `chunk` of them.
            size: how many samples a step has; the last one may have fewer.
            factor: of the learning rate.

        Returns:
            What `Descender.run` returns: steps, losses and penalties of each, length of the last gradient.
        """
        started, optimizer = perf_counter(), self.optimizer
        self._record(moving)
        steps = -(-len(order) // size)
        memory = np.array([state.get(name, np.zeros(moving)) for name in self.names]).reshape(len(self.names), moving)
        settings = np.full((steps, 2), optimizer.rate * factor)
        settings[:, 1] = np.arange(optimizer.steps + 1, optimizer.steps + 1 + steps)
        done = self.descender.run(P, gradient, order, size, settings, memory)
        optimizer.steps += done.steps
        state.update(zip(self.names, memory, strict=True))
        if done.steps == steps > 0:
            self.chunk = max(1, int(steps * min(8.0, PAUSE / max(perf_counter() - started, 1e-6))))
        return done

    def _record(self, moving: int | None = None) -> None:
        """Record the optimizer's update, anew where one of its settings has changed, and once it is known how many
        parameters move, make what takes the steps."""
        settings = {name: x for name, x in vars(self.optimizer).items() if name not in ("rate", "steps", "states")}
        if settings != self.settings:
            self.settings, (self.update, self.names) = settings, recorded(self.optimizer)
            self.moving = None
        if moving is not None and moving != self.moving:
            samples, self.moving = self.samples, moving
            places = np.stack([samples.which, samples.row], axis=1)
            machines = [shape.machine for shape in samples.shapes]
            self.descender = self.update.descender(machines, samples.arrays, places, self.penalty, moving)
            samples.arrays = self.descender.arrays  # in which dropout writes its factors


def recorded(optimizer: Optimizer) -> tuple[Any, list[str]]:
    """The update of one parameter as a kernel over (p, g, what is remembered ...), whose outputs are the same without
    g.

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
