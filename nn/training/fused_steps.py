"""Many steps of gradient descent in one call of the kernel: the loss, the price of the weights and the optimizer's
update, recorded."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from copy import copy
from time import perf_counter
from typing import Any

import numpy as np

import engine
from engine import GradientError, Value
from nn.training.optimizers import Optimizer

__all__ = ["FusedSteps", "moves_arrays", "update_of"]

Array = Any
PAUSE = 0.05
"""Seconds between two moments in which a run can be interrupted."""
TRIED = ((0.5, -0.25), (1.5, 2.0))
"""Two parameters and their gradients, on which an update is tried: any numbers would do, the parameters above 0, for
they stand for what is remembered too."""


class FusedSteps:
    """Steps that the kernel takes by itself.

    Args:
        samples: a batch that is in the kernel (see `engine.compiler.batch.Batch.in_kernel`).
        penalty: the price of the weights, a batch of one sample that is there too; or None.
        optimizer: whose `move` is made of operations.

    Raises:
        RecordingError: for an update that asks for a number, or does something else that cannot be recorded.
    """

    def __init__(self, samples: Any, penalty: Any, optimizer: Optimizer) -> None:
        self.samples, self.penalty, self.optimizer = samples, penalty, optimizer
        self.settings: dict[str, Any] | None = None
        self.moving: int | None = None
        self.memory, self.remembered = np.zeros((0, 0)), list[Array]()
        self.chunk = 16  # steps that take about PAUSE; the more of them in a call the better
        self.started = 0.0
        self._record()

    def steps(
        self,
        vector: Array,
        gradient: Array,
        state: dict[str, Array],
        order: Array,
        size: int,
        factor: float,
        moving: int,
    ) -> Any:
        """Take steps; it stops before one whose numbers are not finite.

        Args:
            vector: the parameters, changed; the first `moving` of them move.
            gradient: filled with that of the last step.
            state: what the optimizer remembers, filled.
            order: the samples of one step after another; of not many more than `chunk` of them.
            size: how many samples a step has; the last one may have fewer.
            factor: of the learning rate.

        Returns:
            What `Descender.run` returns: how many steps, and of each its loss, penalty and length of the gradient.
        """
        steps = -(-len(order) // size)
        settings, memory = self.ready(state, np.full(steps, self.optimizer.rate * factor), moving)
        done = self.descender.run(vector, gradient, order, size, settings, memory)
        self.optimizer.steps += done.steps
        if done.steps == steps:
            self.took(steps)
        return done

    def ready(self, state: dict[str, Array], rates: Array, moving: int) -> tuple[Array, Array]:
        """What `descender.run` takes for the next steps: their settings, and what the optimizer remembers in one block.

        Args:
            rates: the learning rate of each.
        """
        self.started = perf_counter()
        self._record(moving)
        settings = np.empty((len(rates), 2))
        settings[:, 0] = rates
        settings[:, 1] = np.arange(self.optimizer.steps + 1, self.optimizer.steps + 1 + len(rates))
        return settings, self._memory(state, moving)

    def took(self, steps: int) -> None:
        """So many steps, or what takes as long, were taken since `ready`: how many there may be in the next call."""
        self.chunk = max(1, int(steps * min(8.0, PAUSE / max(perf_counter() - self.started, 1e-6))))

    def _memory(self, state: dict[str, Array], moving: int) -> Array:
        """What the optimizer remembers in one block, whose rows are the arrays of the state; the same block as long as
        they are."""
        if self.memory.shape != (len(self.names), moving) or any(
            state.get(name) is not row for name, row in zip(self.names, self.remembered, strict=True)
        ):
            self.memory = np.zeros((len(self.names), moving))
            for name, row in zip(self.names, self.memory, strict=True):
                row[:] = state.get(name, 0.0)
            self.remembered = list(self.memory)
            state.update(zip(self.names, self.remembered, strict=True))
        return self.memory

    def compare(self) -> None:
        """Hold the recorded update beside what `move` makes of a parameter. GradientError where they differ."""
        self._record()
        optimizer, numbers, expected = self.optimizer, [], []
        rate, t = optimizer.rate, optimizer.steps + 1
        for p, g in TRIED:
            state = dict.fromkeys(self.names, p)
            numbers.append([p, g, *state.values()])
            expected.append([copy(optimizer).move(p, g, state, rate, t), *state.values()])
        settings, rows = np.array([rate, t], dtype=np.float64), np.arange(len(TRIED))
        _, mine = self.update.shapes[0].run(settings, np.array(numbers), rows, 1.0, None)
        if not np.allclose(mine, expected, rtol=1e-12, atol=0.0):
            raise GradientError(
                f"the optimizer does not move parameters as it did: {expected[0][0]!r}, recorded {mine[0][0]!r}"
            )

    def _record(self, moving: int | None = None) -> None:
        """Record the optimizer's update, anew where one of its settings has changed, and once it is known how many
        parameters move, make what takes the steps."""
        settings = {name: x for name, x in vars(self.optimizer).items() if name not in ("rate", "steps", "states")}
        if settings != self.settings:
            self.settings, (self.update, self.names) = settings, recorded(self.optimizer)
            self.moving = None
        if moving is not None and moving != self.moving:
            self.descender, self.moving = self.samples.descender(self.update, self.penalty, moving), moving


def recorded(optimizer: Optimizer) -> tuple[Any, list[str]]:
    """The update of one parameter as a batch of one sample, and the names of what is remembered.

    Raises:
        RecordingError: for an update that asks for a number.
    """
    move, parameters, names = update_of(optimizer)
    compiled = engine.compile(move, parameters, backend="kernel")
    return compiled.prepare([[0.0] * (2 + len(names))]), names


def update_of(optimizer: Optimizer) -> tuple[Callable[[Any], Any], list[Value], list[str]]:
    """The update of one parameter as a function of (p, g, what is remembered ...) whose outputs are the same without g;
    its parameters, the learning rate and the number of the step; and the names of what is remembered."""
    _, state = moved(optimizer, *TRIED[0])
    rate, names = Value(optimizer.rate, "rate"), list(state)
    t: Any = Value(1.0, "t")

    def move(numbers: Any) -> Any:
        p, g, *memory = numbers
        remembered = dict(zip(names, memory, strict=True))
        new = optimizer.move(p, g, remembered, rate, t)
        return new, [new, *[remembered[name] for name in names]]

    return move, [rate, t], names


def moves_arrays(optimizer: Optimizer) -> bool:
    """Whether the update of an optimizer can be done on arrays: its `step` is the usual one, and its `move` gives
    for two parameters in an array what it gives for each of them."""
    with suppress(Exception):
        alone = [moved(optimizer, p, g)[0] for p, g in TRIED]
        together, _ = moved(optimizer, *np.array(TRIED).T)
        return type(optimizer).step is Optimizer.step and np.allclose(together, alone, rtol=1e-9, atol=0.0)
    return False


def moved(optimizer: Optimizer, p: Any, g: Any) -> tuple[Any, dict[str, Any]]:
    """A parameter, or an array of them, after two steps with the same gradient; and what is remembered then."""
    optimizer, state = copy(optimizer), dict[str, Any]()
    for t in (1, 2):
        p = optimizer.move(p, g, state, optimizer.rate, t)
    return p, state
