"""Using a network and scoring it: outputs, classes, accuracy and root mean squared error, without recording graphs."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any

from engine import no_grad
from nn.losses import Loss
from nn.module import Module

__all__ = ["accuracy", "class_of", "confusion", "mean_loss", "predict", "rmse"]

Pairs = Sequence[tuple[Any, Any]]


def predict(model: Module, inputs: Iterable[Any]) -> list[list[float]]:
    """The outputs for each input row, as plain numbers."""
    with no_grad():
        return [[float(y) for y in model.outputs(x)] for x in inputs]


def class_of(answer: Any) -> int:
    """The class that outputs or a target mean.

    A list with one entry per class means that of the largest; a single logit, or a target of -1 or 1, class 1 if it is above 0; a
    whole number is the class itself.
    """
    if isinstance(answer, Sequence):
        return int(answer[0] > 0) if len(answer) == 1 else answer.index(max(answer))
    return max(int(answer), 0)


def accuracy(model: Module, examples: Pairs) -> float:
    """The share of examples whose class is told right, from 0 to 1."""
    outputs = predict(model, [x for x, _ in examples])
    right = [class_of(y) == class_of(t) for y, (_, t) in zip(outputs, examples, strict=True)]
    return sum(right) / len(right)


def confusion(model: Module, examples: Pairs, classes: int) -> list[list[int]]:
    """Row i, column j: how many examples of class i were taken for class j."""
    counts = [[0] * classes for _ in range(classes)]
    for y, (_, t) in zip(predict(model, [x for x, _ in examples]), examples, strict=True):
        counts[class_of(t)][class_of(y)] += 1
    return counts


def rmse(model: Module, examples: Pairs, scale: float = 1.0) -> float:
    """The root of the mean squared error over all outputs, times `scale`: the deviation by which targets were standardised, if any."""
    outputs = predict(model, [x for x, _ in examples])
    errors = [y - t for ys, (_, target) in zip(outputs, examples, strict=True) for y, t in zip(ys, as_list(target), strict=True)]
    return scale * math.sqrt(sum([error * error for error in errors]) / len(errors))


def mean_loss(model: Module, examples: Pairs, loss: Loss) -> float:
    """The mean loss of the examples, without recording graphs and without dropout."""
    with no_grad():
        return sum([float(loss(model.outputs(x), t)) for x, t in examples]) / len(examples)


def as_list(target: Any) -> Sequence[float]:
    return target if isinstance(target, Sequence) else [target]
