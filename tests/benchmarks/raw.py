"""Workload "raw": one text, written with `w * x` and `+` as anyone would, in which only the class `Value` is exchanged.

A step is forward and backward: a network of widths 2, 16, 16, 1 with relu on points of two moons, hinge loss and L2.
"""

from collections.abc import Callable
from itertools import pairwise
from typing import Any

from tests.benchmarks.peers import ENGINES
from tests.benchmarks.problem import L2, WIDTHS, Problem

__all__ = ["prepare"]


def prepare(engine: str, problem: Problem) -> Callable[[], list[float]]:
    """A function that runs one step and gives the gradients of the parameters, neuron by neuron, each its weights
    and its bias."""
    Value = ENGINES[engine].Value

    def step() -> list[float]:
        parameters = [Value(number) for number in problem.parameters]
        network = layers(parameters)
        hinges = [(1 + -label * score(network, point)).relu() for point, label in problem.examples]
        loss = sum(hinges) * (1 / len(hinges)) + sum([p * p for p in parameters]) * L2
        loss.backward()
        return [p.grad for p in parameters]

    return step


def layers(parameters: list[Any]) -> list[list[tuple[list[Any], Any]]]:
    """The flat list as layers of neurons, each a pair of weights and bias."""
    left = iter(parameters)
    return [[([next(left) for _ in range(n_in)], next(left)) for _ in range(n_out)] for n_in, n_out in pairwise(WIDTHS)]


def score(network: list[list[tuple[list[Any], Any]]], point: Any) -> Any:
    *hidden, ((weights, bias),) = network
    for layer in hidden:
        point = [affine(*neuron, point).relu() for neuron in layer]
    return affine(weights, bias, point)


def affine(weights: list[Any], bias: Any, inputs: list[Any]) -> Any:
    z = bias
    for w, x in zip(weights, inputs, strict=True):
        z = z + w * x
    return z
