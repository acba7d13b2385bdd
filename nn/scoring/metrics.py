"""Scoring a network: classes, accuracy and root mean squared error, without recording graphs."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from nn.layers.module import Module
from nn.scoring.predict import predict
from nn.training.losses import pairs
from nn.training.samples import Pairs, some

__all__ = ["accuracy", "class_of", "confusion", "rmse"]


def class_of(answer: Any) -> int:
    """The class that outputs or a target mean.

    A list with one entry per class means that of the largest; a single logit, or a target of -1 or 1, class 1 if it is
    above 0; a whole number is the class itself.
    """
    if isinstance(answer, Sequence):
        return int(answer[0] > 0) if len(answer) == 1 else answer.index(max(answer))
    return max(int(answer), 0)


def accuracy(model: Module, examples: Pairs) -> float:
    """The share of examples whose class is told right, from 0 to 1."""
    right = [class_of(y) == class_of(t) for y, t in answers(model, examples)]
    return sum(right) / len(right)


def confusion(model: Module, examples: Pairs, classes: int) -> list[list[int]]:
    """Row i, column j: how many examples of class i were taken for class j. ValueError for a class that is not below
    `classes`."""
    counts = [[0] * classes for _ in range(classes)]
    for y, t in answers(model, examples):
        row, column = class_of(t), class_of(y)
        if max(row, column) >= classes:
            raise ValueError(f"class {max(row, column)} has no place in a table of {classes} classes")
        counts[row][column] += 1
    return counts


def rmse(model: Module, examples: Pairs, scale: float = 1.0) -> float:
    """The root of the mean squared error over all outputs, times `scale`: the deviation by which targets were
    standardised, if any."""
    errors = [y - t for outputs, target in answers(model, examples) for y, t in pairs(outputs, target)]
    return scale * math.sqrt(sum([error * error for error in errors]) / len(errors))


def answers(model: Module, examples: Pairs) -> list[tuple[list[float], Any]]:
    """The outputs for each example beside its target."""
    return list(zip(predict(model, [x for x, _ in some(examples)]), [t for _, t in examples], strict=True))
