"""Steps of training by the compiled loss: what `nn.train` does with graphs, done with arrays.

One vector holds all parameters. It is taken from the Values when an epoch begins (in `fit` when the run does) and given
back to them when it ends, is interrupted or fails. What is not finite is done again eagerly, so that an error names the
node.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import suppress
from copy import copy
from itertools import chain
from typing import TYPE_CHECKING, Any

import numpy as np

from engine import RecordingError
from nn.layers.dropout import Masks, drawn
from nn.scoring.metrics import mean_loss
from nn.training.backend import Steps
from nn.training.batches import generator
from nn.training.feed import Fed, check_targets, shares_of
from nn.training.fused_steps import Fused
from nn.training.optimizers import Optimizer

if TYPE_CHECKING:
    from nn.training.train import Training

__all__ = ["Compiled"]

Array = Any


class Compiled:
    """Steps by a compiled loss.

    Args:
        run: the training run.
        backend: "numpy" or "kernel".
        reason: why this one.

    Raises:
        RecordingError: where the loss of a sample cannot be recorded.
    """

    def __init__(self, run: Training, backend: str, reason: str) -> None:
        self.run, self.parameters = run, run.parameters
        self.depth = 0  # of with blocks
        check_targets(run, run.data, "sample")
        check_targets(run, run.validation or [], "validation sample")
        work, batch = run.epochs * len(run.data), run.batch_size or len(run.data)
        self.shares = shares_of(run.model, run.data)
        self.drops = any(self.shares)
        samples = [(x, target, [1.0] * len(shares)) for (x, target), shares in zip(run.data, self.shares, strict=True)]
        self.samples = Fed(self._training_loss, samples, self.parameters, backend, work, batch)
        self.backend, self.reason = self.samples.choice(reason)
        self.validation = (
            Fed(self._loss, run.validation, self.parameters, self.backend, work, batch) if run.validation else None
        )
        self.penalty = Fed(self._penalty, [()], self.parameters, self.backend, work, batch) if run.regularizer else None
        self.everything = list(range(len(run.data)))
        self.gradient = np.zeros(len(self.parameters))
        self.takes_arrays = moves_arrays(run.optimizer)
        self.fused = self._fuse()

    def _fuse(self) -> Fused | None:
        if self.takes_arrays and Fused.fits(self.samples, self.penalty):
            with suppress(RecordingError, ValueError):
                return Fused(self.samples, self.penalty, self.run.optimizer)
        return None

    def _training_loss(self, sample: Any) -> Any:
        x, target, factors = sample
        masks: Any = Masks(factors)
        loss = self.run.loss(self.run.model.outputs(x, masks), target)
        if isinstance(loss, float | int):
            raise TypeError(
                f"the loss of a sample must be a Value made of its outputs, got {type(loss).__name__} {loss!r}"
            )
        return loss

    def _loss(self, sample: Any) -> Any:
        x, target = sample
        return self.run.loss(self.run.model.outputs(x), target)

    def _penalty(self, sample: Any) -> Any:
        return self.run.regularizer(self.run.weights) if self.run.regularizer else 0.0

    def __enter__(self) -> None:
        self.depth += 1
        if self.depth == 1:
            self.take()

    def __exit__(self, *error: object) -> None:
        self.depth -= 1
        if self.depth == 0:
            self._give_all()

    def take(self) -> None:
        """Take the numbers of the parameters, and what the optimizer remembers of those that move."""
        self.P = np.array([p.data for p in self.parameters])
        moving = [i for i, p in enumerate(self.parameters) if not p.frozen]
        self.moving = slice(None) if len(moving) == len(self.parameters) else np.array(moving, dtype=np.int64)
        # where it is the first so many that move
        self.leading = len(moving) if moving == list(range(len(moving))) else None
        optimizer = self.run.optimizer
        self.by_values = not self.takes_arrays or "step" in vars(optimizer)  # or someone put another one in its place
        states = [] if self.by_values else optimizer.states
        names = dict.fromkeys(name for state in states for name in state)
        self.state = {name: np.array([states[i].get(name, 0.0) for i in moving]) for name in names}

    def give(self) -> None:
        if self.depth:  # else the Values hold them already, and may have been changed since
            self._give_all()

    def _give_all(self) -> None:
        self._give()
        optimizer = self.run.optimizer
        optimizer.states = optimizer.states or [{} for _ in self.parameters]
        moving = [state for state, p in zip(optimizer.states, self.parameters, strict=True) if not p.frozen]
        for name, numbers in self.state.items():
            for state, number in zip(moving, numbers.tolist(), strict=True):
                state[name] = number

    def _give(self) -> None:
        for p, data, grad in zip(self.parameters, self.P.tolist(), self.gradient.tolist(), strict=True):
            p.data, p.grad = data, None if p.frozen else grad

    def descend(self, batches: list[list[int]]) -> Iterator[Steps]:
        if not self.fused or self.run.clip or self.by_values or self.leading is None:
            for batch in batches:
                yield [self._step(batch)]
            return
        start, size = 0, len(batches[0]) if batches else 1
        order = self._order(batches, size)
        while start < len(batches):
            todo = batches[start : start + self.fused.chunk]
            steps = self._together(
                self.fused, todo, order[start * size : (start + len(todo)) * size], size, self.leading
            )
            start += len(steps)
            yield steps
            if len(steps) < len(todo):  # the next one is not finite
                yield [self._eagerly(batches[start])]
                start += 1

    def _order(self, batches: list[list[int]], size: int) -> Array:
        """The samples of the steps, one batch after another; those of one shape are together in a batch, as they are
        run together."""
        if size == len(self.samples) and all(batch == self.everything for batch in batches):
            order = np.tile(np.arange(size), len(batches))
        else:
            order = np.fromiter(chain.from_iterable(batches), dtype=np.int64)
        if len(self.samples.shapes) > 1 and size > 1:
            order = order[np.lexsort((self.samples.which[order], np.arange(len(order)) // size))]
        return order

    def _together(self, fused: Fused, todo: list[list[int]], order: Array, size: int, moving: int) -> Steps:
        """Steps in one call of the kernel."""
        if self.drops:
            for ahead, batch in enumerate(todo):
                self._mask(batch, ahead)
        self.gradient = np.zeros(len(self.P))
        done = fused.steps(self.P, self.gradient, self.state, order, size, self._factor(), moving)
        if done.steps:
            self.run.gradient = done.length
        return [
            (loss * len(batch), penalty * len(batch))
            for batch, loss, penalty in zip(todo, done.losses.tolist(), done.penalties.tolist(), strict=False)
        ]

    def validation_loss(self) -> float:
        if not self.validation:
            return math.nan
        everything = np.arange(len(self.validation))
        with np.errstate(all="ignore"):
            loss = float(self.validation.run(self.P, everything, 1.0, None).sum()) / len(everything)
        if math.isfinite(loss):
            return loss
        self.give()
        return mean_loss(self.run.model, self.run.validation or [], self.run.loss)

    def _step(self, batch: list[int]) -> tuple[float, float]:
        run, n = self.run, len(batch)
        self._mask(batch)
        gradient = self.gradient = np.zeros(len(self.P))
        with np.errstate(all="ignore"):
            loss = float(self.samples.run(self.P, np.array(batch), 1.0 / n, gradient).sum()) / n
            penalty = float(self.penalty.run(self.P, np.zeros(1, np.int64), 1.0, gradient)[0]) if self.penalty else 0.0
            g = gradient[self.moving]
            length = math.sqrt(float(g @ g))
            if not math.isfinite(loss + penalty + length) or not self._update(g):
                return self._eagerly(batch)
        run.gradient = length
        return loss * n, penalty * n

    def _mask(self, batch: list[int], ahead: int = 0) -> None:
        """Write the dropout factors of a step behind the numbers of its samples, in the order in which eager steps
        draw them."""
        if self.drops:
            rng, samples = generator(self.run.seed, self.run.epoch, self.run.step + ahead), self.samples
            for i in batch:
                factors = drawn(self.shares[i], rng)
                if factors:
                    samples.arrays[samples.which[i]][samples.row[i], -len(factors) :] = factors

    def _factor(self) -> float:
        return self.run.schedule(self.run.epoch) if self.run.schedule else 1.0

    def _update(self, g: Any) -> bool:
        """Move the parameters; False where one would not be finite any more, and then nothing has changed."""
        run, optimizer = self.run, self.run.optimizer
        if self.by_values:
            self._give()
            optimizer.step(self.parameters, self._factor(), run.clip)
            self.take()
            return True
        if run.clip:
            g = np.array(run.clip(g.tolist()))
        state = dict(self.state)
        new = optimizer.move(self.P[self.moving].copy(), g, state, optimizer.rate * self._factor(), optimizer.steps + 1)
        if not np.isfinite(new).all():
            return False
        self.P[self.moving], self.state = new, state
        optimizer.steps += 1
        return True

    def _eagerly(self, batch: list[int]) -> tuple[float, float]:
        """A step of eager graphs, where the numbers of one are not finite: its error names the node."""
        self._give_all()
        try:
            loss, penalty = self.run.descend([self.run.data[i] for i in batch])
            return loss * len(batch), penalty * len(batch)
        finally:
            self.take()
            self.gradient = np.array([p.grad or 0.0 for p in self.parameters])


def moves_arrays(optimizer: Optimizer) -> bool:
    """Whether the update of an optimizer can be done on arrays: its `step` is the usual one, and its `move` gives
    for two parameters in an array what it gives for each of them."""
    if type(optimizer).step is not Optimizer.step:
        return False
    numbers = [(0.5, -0.25, 1.5), (-1.0, 0.75, -0.125)]  # a parameter and two gradients of it
    try:
        alone = [moved(copy(optimizer), *row) for row in numbers]
        return bool(np.allclose(moved(copy(optimizer), *np.array(numbers).T), alone, rtol=1e-9, atol=0.0))
    except Exception:
        return False


def moved(optimizer: Optimizer, p: Any, *gradients: Any) -> Any:
    state: dict[str, Any] = {}
    for t, g in enumerate(gradients, 1):
        p = optimizer.move(p, g, state, 0.1, t)
    return p
