"""Scores with their noise: how good answers are, and how much that figure would vary with other rows of the same
kind."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import Any

from engine import will_be_eager
from nn.data import Dataset, Examples, Preparation
from nn.data.rows import Rows
from nn.layers.mlp import MLP
from nn.scoring.metrics import class_of, classes_told, mean_square, share_right
from nn.training.optimizers import Adam
from nn.training.regularizers import l2
from nn.training.schedules import cosine
from nn.training.train import fit

__all__ = ["Score", "linear_model", "score", "trivial_outputs"]


@dataclass(frozen=True)
class Score:
    """A figure and its standard error, both in the unit of the data (accuracy: a share from 0 to 1)."""

    figure: float
    error: float
    digits: int

    @classmethod
    def of(cls, preparation: Preparation, outputs: Any, examples: Examples) -> Score:
        """Accuracy for classes; for a number the root mean squared error, turned back into the unit of the data."""
        n = len(examples)
        if preparation.classes:
            share = share_right(classes_told(outputs, examples.targets))
            return cls(share, math.sqrt(share * (1 - share) / n), 3)
        scale = preparation.target.scale
        errors = [scale * (y - t) for y, t in zip(first(outputs), first(examples.targets), strict=True)]
        mean = mean_square(errors)
        deviation = math.sqrt(mean_square([error * error - mean for error in errors]))
        root = math.sqrt(mean)  # by the delta method its error is that of the mean over twice the root
        return cls(root, deviation / math.sqrt(n) / (2 * root) if root else 0.0, 3 if root < 10 else 0)

    def __str__(self) -> str:
        return f"{self.figure:.{self.digits}f} ± {self.error:.{self.digits}f}"


def first(rows: Any) -> Sequence[float]:
    """The first number of each row."""
    if isinstance(rows, Rows):
        return rows.column(0)
    return rows[:, 0].tolist() if hasattr(rows, "tolist") else [row[0] for row in rows]


def score(data: Dataset, outputs: Any, part: Examples) -> Score:
    """The score of outputs, rows or an array, for one part of a data set of numbers."""
    if data.preparation is None:
        raise ValueError(f"{data.name} has no score: it is {data.task}")
    return Score.of(data.preparation, outputs, part)


def trivial_outputs(data: Dataset) -> list[float]:
    """The outputs of a model that looks at no input: the most frequent class, or the mean, of the training part."""
    if data.classes:
        counts = Counter(class_of(t) for t in data.train.targets)
        return [float(counts[label]) for label in range(len(data.classes))]
    return [fmean(first(data.train.targets))]


def linear_model(data: Dataset, backend: str = "auto") -> MLP:
    """A network without hidden layers, fitted to the training part: linear regression, or for classes softmax
    (logistic) regression with an L2 penalty of half the squares of the weights beside the sum of the losses. Where
    NumPy is there it is the best one, else what gradient descent finds.

    KeyboardInterrupt where it is interrupted."""
    model = MLP(len(data.features), [len(data.classes) if data.classes else 1], seed=0)
    if not will_be_eager(backend):
        for parameter, number in zip(model.parameters(), best_line(model, data, backend), strict=True):
            parameter.data = number
        return model
    fit(model, data.train, progress=False, loss="cross_entropy" if data.classes else "mse", optimizer=Adam(0.05),
        epochs=60, batch_size=32, schedule=cosine(60), backend=backend,
        regularizer=l2(0.5 / len(data.train)) if data.classes else None).completed()  # fmt: skip
    return model


def best_line(model: MLP, data: Dataset, backend: str) -> list[float]:
    """The parameters of that network for which the price is smallest."""
    if data.classes:
        from nn.training.softmax_regression import softmax_regression

        return softmax_regression(model, data.train, backend)
    from nn.training.least_squares import least_squares

    return least_squares(data.train)
