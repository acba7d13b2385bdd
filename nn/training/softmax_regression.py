"""Softmax (logistic) regression without descent: Newton's method, each step by conjugate gradients, which need the
Hessian only times a direction: a difference of gradients (Nocedal and Wright, Numerical Optimization, 7.1)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

import engine
from nn.data import Examples
from nn.layers.mlp import MLP
from nn.training.arrays import numbered
from nn.training.losses import cross_entropy
from nn.training.regularizers import l2

__all__ = ["softmax_regression"]

Array = Any
MOST_STEPS, MOST_DIRECTIONS = 100, 200
RUNS = 500
"""About how many gradients are taken, for the choice of what computes them."""
SMALL = 1e-8
"""A gradient of this length for each sample is none."""
ENOUGH = 1e-4
"""The share of the decrease that the slope promises which a step must bring (Armijo)."""
NEAR = 1e-8
"""How far a difference of gradients reaches, for parameters of length 0 to 1: the root of the rounding of a float."""


def softmax_regression(model: MLP, examples: Examples, backend: str = "auto") -> list[float]:
    """The parameters of a network without hidden layers for which the sum of the cross entropies and of half the
    squares of the weights is smallest. The same number may be added to all biases, and they are as good.

    Args:
        model: the network, with an output for each class; its own parameters are not changed.
        examples: rows of numbers, with the number of a class each.
        backend: "numpy", "kernel" or "auto".
    """
    problem = Problem(model, examples, backend)
    at = np.zeros(len(problem.parameters))
    loss, gradient = problem.look(at)
    for _ in range(MOST_STEPS):
        length = float(np.linalg.norm(gradient))
        if length <= SMALL * len(examples):
            break
        along = conjugate_gradients(problem.curvature(at, gradient), -gradient, length * min(0.1, length))
        size, slope = 1.0, float(gradient @ along)
        while True:
            there = at + size * along
            found, gradient_there = problem.look(there)
            if found <= loss + ENOUGH * size * slope:
                break
            size /= 2
            if size < SMALL:  # rounding is all that is left of the slope
                return at.tolist()
        at, loss, gradient = there, found, gradient_there
    return at.tolist()


class Problem:
    """The loss of parameters, its gradient and its curvature, by what the engine compiles it to."""

    def __init__(self, model: MLP, examples: Examples, backend: str) -> None:
        self.model, self.parameters, self.backend = model, model.parameters(), backend
        self.parts = [self.compiled(self.loss, numbered(examples)), self.compiled(self.penalty, [()])]

    def loss(self, sample: Any) -> Any:
        x, target = sample
        return cross_entropy(self.model.outputs(x), target)

    def penalty(self, sample: Any) -> Any:
        return l2(0.5)(self.model.weights())

    def compiled(self, f: Callable[[Any], Any], samples: Sequence[Any]) -> Any:
        n = len(samples)
        batch = engine.compile(f, self.parameters, backend=self.backend, work=RUNS * n, batch=n).prepare(samples)
        batch.evaluate(batch.first_of_each_shape)  # which holds it beside the eager sweep
        return batch

    def look(self, at: Array) -> tuple[float, Array]:
        """The loss and its gradient."""
        losses, gradients = 0.0, np.empty((len(self.parts), len(at)))
        for part, gradient in zip(self.parts, gradients, strict=True):
            losses += float(part.run(at, np.arange(len(part)), 1.0, gradient).sum())
        return losses, gradients.sum(0)

    def curvature(self, at: Array, gradient: Array) -> Callable[[Array], Array]:
        """The Hessian times a direction: how the gradient changes on a short way along it."""
        reach = NEAR * (1.0 + float(np.linalg.norm(at)))

        def times(direction: Array) -> Array:
            way = reach / float(np.linalg.norm(direction))
            return (self.look(at + way * direction)[1] - gradient) / way

        return times


def conjugate_gradients(times: Callable[[Array], Array], right: Array, enough: float) -> Array:
    """The x for which `times(x)` is `right`, but for a rest of that length (Hestenes and Stiefel, 1952)."""
    x, rest = np.zeros_like(right), right
    direction, square = right, right @ right
    for _ in range(MOST_DIRECTIONS):
        if square <= enough * enough:
            break
        bent = times(direction)
        step = square / (direction @ bent)
        x, rest = x + step * direction, rest - step * bent
        before, square = square, rest @ rest
        direction = rest + (square / before) * direction
    return x
