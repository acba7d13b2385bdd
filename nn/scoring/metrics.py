"""Scoring a network: classes, accuracy and root mean squared error, without recording graphs."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from numbers import Real
from statistics import fmean
from typing import Any

from nn.checks import plain, shown, usage, whole
from nn.layers.module import Module
from nn.scoring.predict import predict
from nn.training.losses import pairs
from nn.training.samples import Pairs, paired, some

__all__ = ["accuracy", "class_of", "classes_told", "confusion", "counted", "mean_square", "rmse", "share_right"]


def class_of(answer: Any) -> int:
    """The class that outputs or a target mean.

    A list with one entry per class means that of the largest; a single logit, or a target of -1 or 1, class 1 if it is
    above 0; a whole number is the class itself.

    Raises:
        TypeError: for a text, None, or what else is no number.
        ValueError: for a number that is not whole, or below -1.
    """
    answer = plain(answer)
    if isinstance(answer, Sequence) and not isinstance(answer, str):
        return int(answer[0] > 0) if len(answer) == 1 else answer.index(max(answer))
    if not isinstance(answer, Real):
        advice = f"; write classes.index({shown(answer)})" if isinstance(answer, str) else ""
        raise TypeError(f"a class is a whole number, got {type(answer).__name__} {shown(answer)}{advice}")
    label = float(answer)
    if not label.is_integer() or label < -1:
        raise ValueError(f"a class is a whole number from 0 up, or -1 and 1 for two of them, got {answer!r}")
    return max(int(label), 0)


def classes_told(outputs: Any, targets: Sequence[Any]) -> list[tuple[int, int]]:
    """Of each answer the class that is true and the class that was told. ValueError for a true one that the outputs
    cannot tell."""
    if hasattr(outputs, "argmax") and outputs.shape[1] > 1 and set(map(type, targets)) == {int}:  # looked at fast
        classes = outputs.shape[1]
        true = targets if min(targets) >= 0 and max(targets) < classes else [true_class(t, classes) for t in targets]
        return list(zip(true, outputs.argmax(1).tolist(), strict=True))
    return [(true_class(t, len(y)), class_of(y)) for y, t in zip(outputs, targets, strict=True)]


def true_class(target: Any, outputs: int) -> int:
    """The class that a target means, if so many outputs can tell it. ValueError otherwise, TypeError as of
    `class_of`."""
    target, classes = plain(target), max(2, outputs)
    if isinstance(target, list | tuple) and len(target) != outputs:
        advice = "; write target[0] for the number of a class" if len(target) == 1 else ""
        raise ValueError(f"a target has one number for each of {outputs} outputs, got {shown(target)}{advice}")
    true = class_of(target)
    if true >= classes or (outputs > 1 and target == -1):
        raise ValueError(f"the classes of {outputs} outputs are 0 to {classes - 1}, got {shown(target)}")
    return true


def share_right(pairs: Sequence[tuple[int, int]]) -> float:
    """The share of (true, told) pairs that are right, from 0 to 1."""
    return sum([true == said for true, said in pairs]) / len(pairs)


def counted(pairs: Iterable[tuple[int, int]], classes: int) -> list[list[int]]:
    """Row i, column j: how many of class i were taken for class j. ValueError for a class that is not below
    `classes`."""
    counts = [[0] * classes for _ in range(classes)]
    for true, said in pairs:
        if max(true, said) >= classes:
            raise ValueError(f"class {max(true, said)} has no place in a table of {classes} classes")
        counts[true][said] += 1
    return counts


def mean_square(errors: Iterable[float]) -> float:
    """The mean of the squares."""
    return fmean([error * error for error in errors])


@usage("accuracy(model, X, y)")
def accuracy(model: Module, X: Any, y: Any = None) -> float:
    """The share of examples whose class is told right, from 0 to 1.

    Args:
        model: the network.
        X, y: rows and targets as in `nn.fit`, or pairs (input row, target) and no y.
    """
    return share_right(classes_told(*answers(model, paired(X, y))))


@usage("confusion(model, X, y, classes=3)")
def confusion(model: Module, X: Any, y: Any = None, classes: int | None = None) -> list[list[int]]:
    """Row i, column j: how many examples of class i were taken for class j.

    Args:
        model, X, y: as in `accuracy`; `confusion(model, pairs, 3)` will do.
        classes: how many there are; as many as the network tells, if not given.

    Raises:
        ValueError: for a class that is not below `classes`.
    """
    examples, classes = with_setting(X, y, classes)
    outputs, targets = answers(model, examples)
    count = max(2, len(outputs[0])) if classes is None else whole("classes", classes, 1)
    return counted(classes_told(outputs, targets), count)


@usage("rmse(model, X, y)")
def rmse(model: Module, X: Any, y: Any = None, scale: float | None = None) -> float:
    """The root of the mean squared error over all outputs.

    Args:
        model, X, y: as in `accuracy`; `rmse(model, pairs, scale)` will do.
        scale: the error is multiplied by it: the deviation by which targets were standardised, if any.
    """
    examples, scale = with_setting(X, y, scale)
    each = zip(*answers(model, examples), strict=True)
    error = math.sqrt(mean_square(y - t for outputs, target in each for y, t in pairs(outputs, target)))
    return error if scale is None else scale * error


def with_setting(X: Any, y: Any, setting: Any) -> tuple[Pairs, Any]:
    """The examples, and a setting that stands behind y, or in its place where X holds the pairs."""
    return (X, y) if setting is None and isinstance(y, Real) else (paired(X, y), setting)


def answers(model: Module, examples: Pairs) -> tuple[list[list[float]], list[Any]]:
    """The outputs for all examples, and their targets."""
    return predict(model, [x for x, _ in some(examples)]), [t for _, t in examples]
