"""Softmax (logistic) regression without descent: Newton's method, each step by conjugate gradients (Nocedal and
Wright, Numerical Optimization, 7.1)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from nn.data import Examples

__all__ = ["softmax_regression"]

Array = Any
MOST_STEPS, MOST_DIRECTIONS = 100, 200
SMALL = 1e-8
"""A gradient of this length for each sample is none."""
ENOUGH = 1e-4
"""The share of the decrease that the slope promises which a step must bring (Armijo)."""


def softmax_regression(examples: Examples, classes: int) -> list[float]:
    """The weights and the bias of each class, one class after the other, for which the sum of the cross entropies and
    of half the squares of the weights is smallest.

    Args:
        examples: rows of numbers, with the number of a class each.
        classes: how many there are.
    """
    problem = Problem(examples, classes)
    at = np.zeros((problem.inputs.shape[1] + 1, classes))  # the last row holds the biases
    loss, shares = problem.look(at)
    for _ in range(MOST_STEPS):
        gradient = problem.gradient(at, shares)
        length = float(np.linalg.norm(gradient))
        if length <= SMALL * len(problem.inputs):
            break
        along = conjugate_gradients(problem.curvature(shares), -gradient, length * min(0.1, length))
        size, slope = 1.0, float((gradient * along).sum())
        while True:
            there = at + size * along
            found, shares_there = problem.look(there)
            if found <= loss + ENOUGH * size * slope:
                break
            size /= 2
            if size < SMALL:  # rounding is all that is left of the slope
                return at.T.ravel().tolist()
        at, loss, shares = there, found, shares_there
    return at.T.ravel().tolist()


class Problem:
    """The loss of weights, its gradient and its curvature, where the rows are looked at as one array.

    They are written out here, as the Hessian of a large table is never made; a test holds them to the table of rules.
    """

    def __init__(self, examples: Examples, classes: int) -> None:
        self.inputs: Array = np.asarray(examples.inputs, dtype=np.float64)
        true = np.asarray(examples.targets)[:, None] == np.arange(classes)
        self.sums = np.vstack([self.inputs.T @ true, true.sum(0)])
        self.decay = np.append(np.ones(self.inputs.shape[1]), 0.0)[:, None]

    def look(self, at: Array) -> tuple[float, Array]:
        """The loss, and what each sample gives each class."""
        shares = self.forward(at)
        top = shares.max(1, keepdims=True)
        np.exp(shares - top, out=shares)
        whole = shares.sum(1, keepdims=True)
        shares /= whole
        likelihood = (top + np.log(whole)).sum() - (at * self.sums).sum()
        return float(likelihood + (self.decay * at * at).sum() / 2), shares

    def gradient(self, at: Array, shares: Array) -> Array:
        return self.backward(shares) - self.sums + self.decay * at

    def curvature(self, shares: Array) -> Callable[[Array], Array]:
        """The Hessian times a direction: by the softmax rule a logit moves a share p by p · (its own less the mean)."""

        def times(direction: Array) -> Array:
            moved = self.forward(direction)
            moved -= (shares * moved).sum(1, keepdims=True)
            moved *= shares
            return self.backward(moved) + self.decay * direction

        return times

    def forward(self, weights: Array) -> Array:
        return self.inputs @ weights[:-1] + weights[-1]

    def backward(self, of_logits: Array) -> Array:
        return np.vstack([self.inputs.T @ of_logits, of_logits.sum(0)])


def conjugate_gradients(times: Callable[[Array], Array], right: Array, enough: float) -> Array:
    """The x for which `times(x)` is `right`, but for a rest of that length (Hestenes and Stiefel, 1952)."""
    x, rest = np.zeros_like(right), right
    direction, square = right, (right * right).sum()
    for _ in range(MOST_DIRECTIONS):
        if square <= enough * enough:
            break
        bent = times(direction)
        step = square / (direction * bent).sum()
        x, rest = x + step * direction, rest - step * bent
        before, square = square, (rest * rest).sum()
        direction = rest + (square / before) * direction
    return x
