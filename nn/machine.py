"""Steps of training by the compiled loss: what `nn.train` does with graphs, done with arrays.

One vector holds all parameters. It is taken from the Values when an epoch begins and given back to them when it ends, is interrupted or
fails. What is not finite is done again eagerly, so that an error names the node.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from copy import copy
from typing import TYPE_CHECKING, Any

import numpy as np

from nn.batches import generator
from nn.dropout import Masks, drawn
from nn.feed import Fed, check_targets, shares_of
from nn.metrics import mean_loss
from nn.optimizers import Optimizer

if TYPE_CHECKING:
    from nn.train import Training

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
        check_targets(run, run.data, "sample")
        check_targets(run, run.validation or [], "validation sample")
        work = run.epochs * len(run.data)
        self.shares = shares_of(run.model, run.data)
        samples = [(x, target, [1.0] * len(shares)) for (x, target), shares in zip(run.data, self.shares, strict=True)]
        self.samples = Fed(self._training_loss, samples, self.parameters, backend, work)
        self.backend, self.reason = self.samples.choice(reason)
        self.validation = Fed(self._loss, run.validation, self.parameters, self.backend, work) if run.validation else None
        self.penalty = Fed(self._penalty, [()], self.parameters, self.backend, work) if run.regularizer else None
        self.gradient = np.zeros(len(self.parameters))
        self.takes_arrays = moves_arrays(run.optimizer)

    def _training_loss(self, sample: Any) -> Any:
        x, target, factors = sample
        masks: Any = Masks(factors)
        loss = self.run.loss(self.run.model.outputs(x, masks), target)
        if isinstance(loss, float | int):
            raise TypeError(f"the loss of a sample must be a Value made of its outputs, got {type(loss).__name__} {loss!r}")
        return loss

    def _loss(self, sample: Any) -> Any:
        x, target = sample
        return self.run.loss(self.run.model.outputs(x), target)

    def _penalty(self, sample: Any) -> Any:
        return self.run.regularizer(self.run.weights) if self.run.regularizer else 0.0

    def __enter__(self) -> None:
        """Take the numbers of the parameters, and what the optimizer remembers of those that move."""
        self.P = np.array([p.data for p in self.parameters])
        moving = [i for i, p in enumerate(self.parameters) if not p.frozen]
        self.moving = slice(None) if len(moving) == len(self.parameters) else np.array(moving, dtype=np.int64)
        optimizer = self.run.optimizer
        self.by_values = not self.takes_arrays or "step" in vars(optimizer)  # or someone put another one in its place
        states = [] if self.by_values else optimizer.states
        names = dict.fromkeys(name for state in states for name in state)
        self.state = {name: np.array([states[i].get(name, 0.0) for i in moving]) for name in names}

    def __exit__(self, *error: object) -> None:
        """Give them back, with the gradients of the last step."""
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

    def descend(self, batches: list[list[int]]) -> Iterator[tuple[int, float, float]]:
        for batch in batches:
            with np.errstate(all="ignore"):
                loss, penalty = self._step(batch)
            yield 1, loss * len(batch), penalty * len(batch)

    def validation_loss(self) -> float:
        if not self.validation:
            return math.nan
        everything = np.arange(len(self.validation))
        with np.errstate(all="ignore"):
            loss = float(self.validation.run(self.P, everything, 1.0, None).sum()) / len(everything)
        run = self.run
        return loss if math.isfinite(loss) else mean_loss(run.model, run.validation or [], run.loss)

    def _step(self, batch: list[int]) -> tuple[float, float]:
        run, index = self.run, np.array(batch)
        self._mask(batch)
        gradient = self.gradient = np.zeros(len(self.P))
        loss = float(self.samples.run(self.P, index, 1.0 / len(batch), gradient).sum()) / len(batch)
        penalty = float(self.penalty.run(self.P, np.zeros(1, np.int64), 1.0, gradient)[0]) if self.penalty else 0.0
        g = gradient[self.moving]
        length = math.sqrt(float(g @ g))
        if not math.isfinite(loss + penalty + length) or not self._update(g):
            return self._eagerly(batch)
        run.gradient = length
        return loss, penalty

    def _mask(self, batch: list[int]) -> None:
        """Write the dropout factors of this step behind the numbers of its samples, in the order in which eager steps draw them."""
        if any(self.shares):
            rng, samples = generator(self.run.seed, self.run.epoch, self.run.step), self.samples
            for i in batch:
                factors = drawn(self.shares[i], rng)
                if factors:
                    samples.arrays[samples.which[i]][samples.row[i], -len(factors) :] = factors

    def _update(self, g: Any) -> bool:
        """Move the parameters; False where one would not be finite any more, and then nothing has changed."""
        run, optimizer = self.run, self.run.optimizer
        factor = run.schedule(run.epoch) if run.schedule else 1.0
        if self.by_values:
            self._give()
            optimizer.step(self.parameters, factor, run.clip)
            self.__enter__()
            return True
        if run.clip:
            g = np.array(run.clip(g.tolist()))
        state = dict(self.state)
        new = optimizer.move(self.P[self.moving].copy(), g, state, optimizer.rate * factor, optimizer.steps + 1)
        if not np.isfinite(new).all():
            return False
        self.P[self.moving], self.state = new, state
        optimizer.steps += 1
        return True

    def _eagerly(self, batch: list[int]) -> tuple[float, float]:
        self.__exit__()
        try:
            return self.run.descend([self.run.data[i] for i in batch])
        finally:
            self.__enter__()
            self.gradient = np.array([p.grad or 0.0 for p in self.parameters])


def moves_arrays(optimizer: Optimizer) -> bool:
    """Whether the update of an optimizer can be done on arrays: its `step` is the usual one, and its `move` gives for two parameters
    in an array what it gives for each of them."""
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
