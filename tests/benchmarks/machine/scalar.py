"""Both workloads written with scalars, in one text for every engine that has a `Value` or something like it.

An engine differs in its operations only: `Plain` are those that micrograd and microgpt have, node by node.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from itertools import cycle, pairwise
from typing import Any

from tests.benchmarks.machine.runner import Look, Runner
from tests.benchmarks.machine.work import Gpt, Network, Work

__all__ = ["Plain", "batch_loss", "gpt_loss", "network_loss", "runner", "sample_loss", "updater"]


class Plain:
    """The operations by means of a Value's operators and methods."""

    def __init__(self, number: Callable[[float], Any]) -> None:
        self.number = number

    exp = staticmethod(lambda x: x.exp())
    log = staticmethod(lambda x: x.log())
    relu = staticmethod(lambda x: x.relu())
    total = staticmethod(sum)

    @staticmethod
    def dot(weights: Sequence[Any], inputs: Sequence[Any], bias: Any = 0.0) -> Any:
        return sum((w * x for w, x in zip(weights, inputs, strict=True)), bias)

    @staticmethod
    def pick(numbers: Sequence[Any], index: Any) -> Any:
        return numbers[index]


def outputs(work: Network, parameters: Sequence[Any], inputs: Sequence[Any], ops: Any) -> list[Any]:
    """The scores of one sample."""
    *hidden, last = work.layers
    activations = list(inputs)
    for place, shape in hidden:
        activations = [ops.relu(z) for z in affine(parameters[place], shape, activations, ops)]
    place, shape = last
    return affine(parameters[place], shape, activations, ops)


def affine(parameters: Sequence[Any], shape: tuple[int, int], inputs: Sequence[Any], ops: Any) -> list[Any]:
    rows = matrix(parameters, shape)
    return [ops.dot(row[:-1], inputs, row[-1]) for row in rows]


def matrix(parameters: Sequence[Any], shape: tuple[int, int]) -> list[Sequence[Any]]:
    rows, columns = shape
    return [parameters[start : start + columns] for start in range(0, rows * columns, columns)]


def sample_loss(work: Network, parameters: Sequence[Any], inputs: Sequence[Any], target: Any, ops: Any) -> Any:
    scores = outputs(work, parameters, inputs, ops)
    if work.loss == "hinge":
        return ops.relu(1.0 + -target * scores[0])
    return surprise(scores, target, ops)


def surprise(scores: Sequence[Any], target: Any, ops: Any) -> Any:
    """The cross entropy: the logarithm of the sum of all exp(score), less the score of the target."""
    return ops.log(ops.total([ops.exp(score) for score in scores])) - ops.pick(scores, target)


def network_loss(work: Network, parameters: Sequence[Any], batch: slice, ops: Any) -> Any:
    """The mean loss of a batch, and the penalty."""
    samples = zip(work.inputs[batch], work.targets[batch], strict=True)
    losses = [sample_loss(work, parameters, [ops.number(x) for x in inputs], target, ops) for inputs, target in samples]
    loss = ops.total(losses) * (1.0 / len(losses))
    return loss + work.penalty * ops.dot(parameters, parameters) if work.penalty else loss


def gpt_loss(work: Gpt, parameters: Sequence[Any], tokens: Sequence[Any], ops: Any) -> Any:
    """The mean surprise at each next token of a name."""
    weights = {name: matrix(parameters[place], shape) for name, (place, shape) in work.matrices.items()}
    keys: list[list[Any]] = []
    values: list[list[Any]] = []
    losses = []
    for place, (token, following) in enumerate(pairwise(tokens)):
        embedding = ops.pick(weights["token"], token)
        x = normed([a + b for a, b in zip(embedding, weights["place"][place], strict=True)], ops)
        y = normed(x, ops)
        keys.append(linear(weights["key"], y, ops))
        values.append(linear(weights["value"], y, ops))
        heads = attention(linear(weights["query"], y, ops), keys, values, ops)
        x = [a + b for a, b in zip(linear(weights["out"], heads, ops), x, strict=True)]
        wide = [ops.relu(z) for z in linear(weights["wide"], normed(x, ops), ops)]
        x = [a + b for a, b in zip(linear(weights["narrow"], wide, ops), x, strict=True)]
        losses.append(surprise(linear(weights["head"], x, ops), following, ops))
    return ops.total(losses) * (1.0 / len(losses))


def linear(rows: Sequence[Sequence[Any]], x: Sequence[Any], ops: Any) -> list[Any]:
    return [ops.dot(row, x) for row in rows]


def normed(x: Sequence[Any], ops: Any) -> list[Any]:
    """Divided by the root of the mean of the squares."""
    scale = (ops.dot(x, x) * (1.0 / len(x)) + Gpt.epsilon) ** -0.5
    return [xi * scale for xi in x]


def attention(query: Sequence[Any], keys: list[list[Any]], values: list[list[Any]], ops: Any) -> list[Any]:
    """For each head the mean of the values so far, weighted by how well their keys fit the query."""
    size = len(query) // Gpt.heads
    found: list[Any] = []
    for start in range(0, len(query), size):
        part = slice(start, start + size)
        fits = [ops.exp(ops.dot(query[part], key[part]) * size**-0.5) for key in keys]
        share = ops.total(fits) ** -1.0
        shares = [fit * share for fit in fits]
        found += [ops.dot(shares, column) for column in zip(*(value[part] for value in values), strict=True)]
    return found


def batch_loss(work: Work, parameters: Sequence[Any], batch: Any, ops: Any) -> Any:
    loss = network_loss if isinstance(work, Network) else gpt_loss
    return loss(work, parameters, batch, ops)  # type: ignore[operator]


def updater(work: Work) -> Callable[[list[float], list[float]], list[float]]:
    """The update of a list of floats: gradient descent for a network, Adam for the language model."""
    if isinstance(work, Network):
        return lambda parameters, gradient: [p - work.rate * g for p, g in zip(parameters, gradient, strict=True)]
    beta1, beta2, epsilon = work.adam
    means, squares = ([0.0] * len(work.parameters) for _ in range(2))
    steps = 0

    def adam(parameters: list[float], gradient: list[float]) -> list[float]:
        nonlocal steps
        steps += 1
        moved = []
        for i, (p, g) in enumerate(zip(parameters, gradient, strict=True)):
            means[i] = beta1 * means[i] + (1 - beta1) * g
            squares[i] = beta2 * squares[i] + (1 - beta2) * g * g
            moved.append(
                p - work.rate * (means[i] / (1 - beta1**steps)) / (math.sqrt(squares[i] / (1 - beta2**steps)) + epsilon)
            )
        return moved

    return adam


def turns(work: Work, taken: Callable[[Any], Any] = lambda batch: batch) -> Iterator[Any]:
    """The batches (slices of the samples) or names, one after another, for ever, each as a side takes it."""
    return cycle([taken(batch) for batch in (work.batches if isinstance(work, Network) else work.sequences)])


def runner(work: Work, ops: Any) -> Runner:
    """Training with an engine whose nodes have `data`, `grad` and `backward()`, as micrograd's demo and microgpt do
    it."""
    parameters = [ops.number(p) for p in work.parameters]
    update = updater(work)
    loss: Any = None

    def step(batch: Any) -> None:
        nonlocal loss
        loss = batch_loss(work, parameters, batch, ops)
        for p in parameters:
            p.grad = 0.0
        loss.backward()
        for p, number in zip(
            parameters, update([p.data for p in parameters], [p.grad for p in parameters]), strict=True
        ):
            p.data = number

    return Runner(
        turns(work), step, lambda: Look(loss.data, [p.grad for p in parameters], [p.data for p in parameters])
    )
