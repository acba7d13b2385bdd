"""The network in NumPy, its derivatives written by hand. What all sides are held against before they are timed."""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.benchmarks.machine.runner import Runner, look_at
from tests.benchmarks.machine.scalar import turns
from tests.benchmarks.machine.sides import by_hand_gpt
from tests.benchmarks.machine.work import Network, Work

__all__ = ["prepare"]

Array = Any


def prepare(work: Work, variant: str = "") -> Runner:
    return network(work) if isinstance(work, Network) else by_hand_gpt.prepare(work)


def network(work: Network) -> Runner:
    parameters = np.array(work.parameters)
    layers = [parameters[place].reshape(shape) for place, shape in work.layers]
    inputs = np.array(work.inputs)
    targets = np.array(work.targets, dtype=float if work.loss == "hinge" else int)
    following = turns(work, lambda batch: (np.ascontiguousarray(inputs[batch]), targets[batch]))
    loss_of = {"hinge": hinge, "cross entropy": cross_entropy}[work.loss]
    gradient = np.empty_like(parameters)
    slopes = [gradient[place].reshape(shape) for place, shape in work.layers]
    loss = 0.0

    def step(batch: Any) -> None:
        nonlocal loss
        x, t = batch
        activations = [x]
        for layer in layers[:-1]:
            x = x @ layer[:, :-1].T
            x += layer[:, -1]
            activations.append(np.maximum(x, 0.0, out=x))
        loss, upstream = loss_of(x @ layers[-1][:, :-1].T + layers[-1][:, -1], t)
        for layer, slope, x in zip(layers[::-1], slopes[::-1], activations[::-1], strict=True):
            np.matmul(upstream.T, x, out=slope[:, :-1])
            upstream.sum(axis=0, out=slope[:, -1])
            if layer is not layers[0]:
                upstream = upstream @ layer[:, :-1]
                upstream *= x > 0.0
        if work.penalty:
            loss += work.penalty * (parameters @ parameters)
            gradient.__iadd__(2.0 * work.penalty * parameters)
        parameters.__isub__(work.rate * gradient)

    return Runner(following, step, lambda: look_at(loss, gradient, parameters))


def hinge(scores: Array, targets: Array) -> tuple[float, Array]:
    """The mean of max(0, 1 - t·y), and its slope by the scores."""
    margins = 1.0 - targets[:, None] * scores
    wrong = margins > 0.0
    return float((margins * wrong).sum()) / len(scores), wrong * targets[:, None] * (-1.0 / len(scores))


def cross_entropy(scores: Array, targets: Array) -> tuple[float, Array]:
    """The mean surprise, and its slope by the scores: the probabilities, less 1 for the right class."""
    rows = np.arange(len(scores))
    scores = scores - scores.max(axis=1, keepdims=True)
    shares = np.exp(scores)
    sums = shares.sum(axis=1, keepdims=True)
    loss = float((np.log(sums[:, 0]) - scores[rows, targets]).sum()) / len(scores)
    shares /= sums
    shares[rows, targets] -= 1.0
    shares *= 1.0 / len(scores)
    return loss, shares
