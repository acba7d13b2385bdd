"""Epochs that the kernel takes one after another while nobody looks between them: the steps of each, and after them the
loss of the validation samples."""

from __future__ import annotations

import math
from itertools import repeat
from time import perf_counter
from typing import Any

import numpy as np

from nn.training.batches import batches
from nn.training.flat import FlatParameters
from nn.training.fused_steps import FusedSteps
from nn.training.history import Epoch
from nn.training.recorded import Recorded
from nn.training.task import Task

__all__ = ["EpochsAtOnce"]

Array = Any
Columns = tuple[Array, Array, Array]
"""Of some steps the mean losses, the penalties and the lengths of the gradient."""


class EpochsAtOnce:
    """Takes them: all in one call, where there is no validation between them and all of their steps are equally large;
    else each in a call.

    Args:
        task: what is trained.
        recorded: its functions and samples.
        flat: its parameters, of which the first ones move.
        fused: takes the steps.

    Attributes:
        size, steps: how many samples a step has, where the last one of an epoch may have fewer, and how many steps an
            epoch has.
        again: the order of some epochs of one step, which is always the same.
    """

    def __init__(self, task: Task, recorded: Recorded, flat: FlatParameters, fused: FusedSteps) -> None:
        self.task, self.recorded, self.flat, self.fused = task, recorded, flat, fused
        self.n = len(recorded.everything)
        self.size = min(task.batch_size or self.n, self.n)
        self.steps = -(-self.n // self.size)
        self.sizes = np.full(self.steps, self.size)
        self.sizes[-1] -= self.steps * self.size - self.n
        self.again = np.zeros(0, np.int64)

    @property
    def length(self) -> int:
        """About as how many steps an epoch is, with its validation."""
        validation = self.recorded.validation
        seconds = validation.shapes[0].seconds(len(validation)) if validation else 0.0
        return self.steps + math.ceil(seconds / self.recorded.seconds(self.size))

    def take(self, most: int) -> list[Epoch]:
        """At most so many, from where the task is, which is left where they end: before a step or a validation whose
        numbers are not finite, maybe within an epoch; and where it is time to stop early."""
        started, task, position = perf_counter(), self.task, self.task.position
        first, rate = position.epoch, task.optimizer.rate
        rates = [rate * task.factor_of(epoch) for epoch in range(first, first + most)]
        with np.errstate(all="ignore"):
            calls, validated = self._calls(first, rates)
        losses, penalties, lengths = (np.concatenate(column) for column in zip(*calls, strict=True))
        taken, whole = len(losses), len(validated)
        end, seconds = whole * self.steps, (perf_counter() - started) / max(1, whole)
        sums = [added(means[:end].reshape(-1, self.steps), self.sizes) for means in (losses, penalties)]
        found = map(
            Epoch,
            range(first + 1, first + 1 + whole),
            *[(each / self.n).tolist() for each in sums],
            validated,
            rates,
            lengths[self.steps - 1 : end : self.steps].tolist(),
            repeat(seconds),
        )
        position.epoch, position.step = first + whole, taken - end
        if position.step:
            position.sums = [float(added(means[end:], self.sizes[: position.step])) for means in (losses, penalties)]
        if taken:
            position.gradient = float(lengths[-1])
        if whole == most:
            self.fused.took(most * self.length)
        return list(found)

    def _calls(self, first: int, rates: list[float]) -> tuple[list[Columns], list[float | None]]:
        """Of each call its steps, and of each epoch that came to its end the validation loss."""
        most, watched, best = len(rates), self.task.early_stopping, None
        calls, validated = list[Columns](), list[float | None]()
        settings, memory = self.fused.ready(self.flat.state, np.repeat(rates, self.steps), self.flat.leading or 0)
        if self.recorded.validation is None and self.n % self.size == 0:
            steps = self._steps(self._orders(first, most), settings, memory)
            return [steps], [None] * (len(steps[0]) // self.steps)
        epochs = range(first, first + most)
        orders = map(self._order, epochs) if self.task.batch_size else repeat(self._order(first))
        for epoch, order, each in zip(epochs, orders, settings.reshape(most, self.steps, 2), strict=False):
            calls.append(self._steps(order, each, memory))
            if len(calls[-1][0]) < self.steps:
                break
            loss = self.recorded.validation_loss(self.flat.vector)
            if not math.isfinite(loss or 0.0):
                break
            validated.append(loss)
            if watched and loss is not None:
                if watched.better(epoch + 1, loss):
                    best = self.flat.vector.copy()
                if watched.over(epoch + 1):
                    break
        if watched and best is not None:
            watched.best_data = best.tolist()
        return calls, validated

    def _steps(self, order: Array, settings: Array, memory: Array) -> Columns:
        done = self.fused.descender.run(self.flat.vector, self.flat.gradient, order, self.size, settings, memory)
        self.task.optimizer.steps += done.steps
        return done.losses, done.penalties, done.lengths

    def _orders(self, first: int, epochs: int) -> Array:
        """The samples of their steps, one after another."""
        if self.task.batch_size:
            return np.concatenate([self._order(epoch) for epoch in range(first, first + epochs)])
        if len(self.again) < epochs * self.n:
            self.again = np.tile(self._order(first), epochs)
        return self.again[: epochs * self.n]

    def _order(self, epoch: int) -> Array:
        """Those of one epoch."""
        order = self.recorded.everything
        if self.task.batch_size:
            order = np.asarray(batches(self.n, self.task.batch_size, self.task.seed, epoch).order)
        return self.recorded.samples.together(order, self.size)


def added(means: Array, sizes: Array) -> Array:
    """The sums of what some steps have the means of, added up step by step."""
    return np.add.accumulate(means * sizes, axis=-1)[..., -1]
