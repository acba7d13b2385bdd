"""One step of gradient descent as a student writes it, on a graph of Values; and steps taken so."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

from engine import Value, total
from nn.training.batches import Batches, generator
from nn.training.history import Epoch
from nn.training.losses import mean_loss
from nn.training.samples import Pairs
from nn.training.task import Task

__all__ = ["Changed", "EagerSteps", "Steps", "descend", "finite", "move"]

Steps = list[tuple[float, float]]
"""Of each step the sum of the losses and that of the penalties of its samples, taken before it."""


class Changed(Exception):
    """What was recorded is not what the functions of the run do now: go on with `EagerSteps`, for this reason. The
    Values hold the numbers as they are."""


def descend(task: Task, batch: Pairs) -> tuple[float, float]:
    """One step of gradient descent on a batch; returns its mean loss and the regulariser's penalty, before the step."""
    rng = generator(task.seed, task.position.epoch, task.position.step)
    losses = [task.loss(task.model.outputs(x, rng), target) for x, target in batch]
    loss = total(losses) * (1.0 / len(losses))
    if not isinstance(loss, Value):
        got = f"{type(losses[0]).__name__} {losses[0]!r}"
        raise TypeError(f"the loss of a sample must be a Value made of its outputs, got {got}")
    penalty = task.regularizer(task.weights) if task.regularizer else 0.0
    objective = finite(task, "the loss", loss + penalty)
    task.model.zero_grad()
    objective.backward()
    move(task)
    return float(loss), float(penalty)


def move(task: Task) -> None:
    """Every parameter against its gradient, which has been computed."""
    for p in task.parameters:
        if p.grad is None and not p.frozen:
            # the loss of this batch does not depend on it; what an optimizer remembers of it goes on
            p.grad = 0.0
    length = finite(task, "the length of the gradient", math.hypot(*[p.grad or 0.0 for p in task.parameters]))
    task.optimizer.step(task.parameters, task.factor, task.clip)
    task.position.gradient = length


def finite(task: Task, what: str, number: Any) -> Any:
    """The number, if it is finite. Diverged otherwise."""
    if not math.isfinite(number):
        raise task.diverged(f"{what} became {float(number)}")
    return number


class EagerSteps:
    """A graph of Values for each step, as a student would do it.

    Args:
        task: what is trained.
        reason: why it is done so.
    """

    backend = "eager"

    def __init__(self, task: Task, reason: str) -> None:
        self.task, self.reason = task, reason

    def __enter__(self) -> None:
        pass

    def __exit__(self, *error: object) -> None:
        pass

    def take(self) -> None:
        pass

    def give(self) -> None:
        pass

    def descend(self, batches: Batches) -> Iterator[Steps]:
        for batch in batches:
            loss, penalty = descend(self.task, [self.task.data[i] for i in batch])
            yield [(loss * len(batch), penalty * len(batch))]

    def epochs(self, most: int) -> list[Epoch]:
        return []

    def validation_loss(self) -> float:
        return mean_loss(self.task.model, self.task.validation or [], self.task.loss)
