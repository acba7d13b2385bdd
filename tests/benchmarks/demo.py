"""Workload "demo": a training step of micrograd's demo, with each side's own network.

MLP(2, [16, 16, 1]) with relu on two moons, hinge loss and L2, full batch, gradient descent at the rate 0.1. Ours is one
epoch of `nn.train`, on graphs; micrograd has no such loop, so its own is that of its demo notebook.
"""

import sys
from collections.abc import Callable
from typing import Any

from nn import MLP, SGD, l2, train
from tests.benchmarks.peers import OURS
from tests.benchmarks.problem import L2, WIDTHS, Problem

__all__ = ["prepare"]

RATE = 0.1


def prepare(engine: str, problem: Problem) -> Callable[[], list[float]]:
    """A function that runs one step and gives the gradients of the parameters, neuron by neuron, each its weights
    and its bias."""
    return {OURS: ours, "micrograd": micrograd}[engine](problem)


def ours(problem: Problem) -> Callable[[], list[float]]:
    model = MLP(WIDTHS[0], WIDTHS[1:], activation="relu")
    parameters = load(model, problem)
    penalty = l2(L2)
    training = train(
        model,
        problem.examples,
        loss="hinge",
        optimizer=SGD(RATE),
        regularizer=lambda weights: penalty(parameters),  # micrograd's demo shrinks the biases too
        epochs=sys.maxsize,
        backend="eager",
    )

    def step() -> list[float]:
        next(training)  # one epoch of one batch
        return [p.grad or 0.0 for p in parameters]

    return step


def micrograd(problem: Problem) -> Callable[[], list[float]]:
    from micrograd.engine import Value
    from micrograd.nn import MLP

    model = MLP(WIDTHS[0], list(WIDTHS[1:]))
    parameters = load(model, problem)

    def step() -> list[float]:
        inputs = [list(map(Value, point)) for point, _ in problem.examples]
        scores = list(map(model, inputs))
        losses = [(1 + -label * score).relu() for score, (_, label) in zip(scores, problem.examples, strict=True)]
        loss = sum(losses) * (1.0 / len(losses)) + L2 * sum(p * p for p in model.parameters())
        model.zero_grad()
        loss.backward()
        for p in model.parameters():
            p.data -= RATE * p.grad
        return [p.grad for p in parameters]

    return step


def load(model: Any, problem: Problem) -> list[Any]:
    """The model's parameters, set to the numbers of the problem; both networks list them in the same order."""
    parameters: list[Any] = model.parameters()
    for parameter, number in zip(parameters, problem.parameters, strict=True):
        parameter.data = number
    return parameters
