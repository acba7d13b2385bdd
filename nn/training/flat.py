"""The parameters as one vector, beside the Values that hold them while nobody computes with arrays."""

from __future__ import annotations

from typing import Any

import numpy as np

from nn.training.task import Task

__all__ = ["FlatParameters"]

Array = Any


class FlatParameters:
    """The numbers of all parameters, their gradient, and what the optimizer remembers of those that move, as arrays,
    once `take` has taken them.

    Args:
        task: whose parameters they are.
        takes_arrays: whether the optimizer's update can be done on arrays.

    Attributes:
        vector, gradient: float64[parameters].
        state: by name what is remembered, float64[those that move].
        moving: which of them move: a slice that is all, or their places.
        leading: how many move, where these are the first ones; else None.
        by_values: whether the optimizer has to move Values, one by one.
    """

    def __init__(self, task: Task, takes_arrays: bool) -> None:
        self.task, self.takes_arrays = task, takes_arrays
        self.gradient = np.zeros(len(task.parameters))

    def take(self) -> None:
        """Take the numbers of the parameters, and what the optimizer remembers of those that move."""
        parameters, optimizer = self.task.parameters, self.task.optimizer
        self.vector = np.array([p.data for p in parameters])
        moving = [i for i, p in enumerate(parameters) if not p.frozen]
        self.moving = slice(None) if len(moving) == len(parameters) else np.array(moving, dtype=np.int64)
        self.leading = len(moving) if moving == list(range(len(moving))) else None
        self.by_values = not self.takes_arrays or "step" in vars(optimizer)  # or someone put another one in its place
        states = [] if self.by_values else optimizer.states
        names = dict.fromkeys(name for state in states for name in state)
        self.state = {name: np.array([states[i].get(name, 0.0) for i in moving]) for name in names}

    def take_gradient(self) -> None:
        """Take the gradients of the parameters too."""
        self.gradient = np.array([p.grad or 0.0 for p in self.task.parameters])

    def give(self) -> None:
        """Let the Values hold the numbers and the gradients, and the optimizer what is remembered."""
        self.give_numbers()
        parameters, optimizer = self.task.parameters, self.task.optimizer
        optimizer.states = optimizer.states or [{} for _ in parameters]
        moving = [state for state, p in zip(optimizer.states, parameters, strict=True) if not p.frozen]
        for name, numbers in self.state.items():
            for state, number in zip(moving, numbers.tolist(), strict=True):
                state[name] = number

    def give_numbers(self) -> None:
        """Let the Values hold the numbers and the gradients."""
        for p, data, grad in zip(self.task.parameters, self.vector.tolist(), self.gradient.tolist(), strict=True):
            p.data, p.grad = data, None if p.frozen else grad
