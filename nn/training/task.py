"""A `Task`: the facts of a training run, which all that takes its steps reads; and where in it a run is."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from typing import Any

from engine import Value
from nn.checks import check_seed, shown, whole
from nn.layers.module import Module
from nn.training.early_stopping import EarlyStopping, early_stopping_of
from nn.training.losses import Loss, loss_of
from nn.training.optimizers import Clip, Optimizer, optimizer_of
from nn.training.regularizers import Regularizer
from nn.training.samples import Pairs, Validation, checked, split
from nn.training.schedules import Schedule

__all__ = ["Diverged", "Position", "Task"]


MOST_EPOCHS = sys.maxsize  # what `range` can count
"""No memory holds the history of more."""


class Diverged(ArithmeticError):
    """The loss is no longer a finite number. The parameters are those of the last good step.

    Attributes:
        history: the epochs before it, where `fit` trained.
    """

    history: Any = None


@dataclass
class Position:
    """Where a run is.

    Attributes:
        epoch, step: how many epochs are done, and how many steps of the current one.
        sums: of the loss and the penalty of the samples of this epoch so far.
        gradient: the Euclidean length of the gradient in the last step.
    """

    epoch: int = 0
    step: int = 0
    sums: list[float] = field(default_factory=lambda: [0.0, 0.0])
    gradient: float = 0.0


class Task:
    """What is trained, on what, by what settings. The arguments are those of `nn.train`.

    Attributes:
        model, parameters, weights: the network, all its parameters, and those that a regulariser prices.
        data, validation: the samples to train on, and those to validate on or None.
        loss, optimizer, regularizer, schedule, clip, early_stopping: what the names stand for.
        epochs, batch_size, seed: as they were given.
        position: where the run is.

    Raises:
        ValueError, TypeError: as `nn.train` does.
    """

    def __init__(self, model: Module, data: Pairs, *, loss: str | Loss = "mse", optimizer: str | Optimizer = "sgd",
                 epochs: int = 100, batch_size: int | None = None, regularizer: Regularizer | None = None,
                 schedule: Schedule | None = None, clip: Clip | None = None, validation: Validation = None,
                 early_stopping: EarlyStopping | int | bool | None = None, seed: int = 0) -> None:  # fmt: skip
        if isinstance(model, type) or not hasattr(model, "outputs"):
            raise TypeError(f"what is trained is a network, such as MLP(2, [16, 1]), got {shown(model)}")
        self.model, self.loss, self.optimizer = model, loss_of(loss), optimizer_of(optimizer)
        self.data, self.validation = split(checked(model, data), validation, seed)
        if self.validation:
            checked(model, self.validation, "validation sample")
        self.epochs, self.seed = whole("epochs", epochs, 0, most=MOST_EPOCHS), check_seed(seed)
        self.batch_size = None if batch_size is None else whole("batch_size", batch_size, 1, " or None for all samples")
        self.regularizer = function("regularizer", regularizer, "l2(0.001)")
        self.schedule = function("schedule", schedule, f"cosine({self.epochs})")
        self.clip = function("clip", clip, "clip_norm(1.0)")
        self.early_stopping = early_stopping_of(early_stopping)
        if self.early_stopping and not self.validation:
            raise ValueError(
                "early stopping watches the validation loss: give validation=..., samples or a share such as 0.2"
            )
        self.optimizer.reset()  # what it remembers is of another run
        if self.early_stopping:
            self.early_stopping.reset()
        self.parameters: list[Value] = model.parameters()
        self.weights: list[Value] = model.weights()
        self.position = Position()

    @property
    def factor(self) -> float:
        """Of the learning rate, in this epoch."""
        return self.factor_of(self.position.epoch)

    def factor_of(self, epoch: int) -> float:
        """Of the learning rate, in an epoch, counted from 0."""
        return self.schedule(epoch) if self.schedule else 1.0

    def diverged(self, what: str) -> Diverged:
        """The error that says so, and what may be the reason."""
        return Diverged(f"{what}: the learning rate {self.optimizer.rate} may be too large")


def function(what: str, given: Any, example: str) -> Any:
    """What is asked for as a function, or None. TypeError for all else, and for what only makes such a function."""
    makes = getattr(given, "usage", None)
    if given is not None and (makes or not callable(given)):
        raise TypeError(f"{what} is a function, got {shown(given)}; write {what}={makes or example}")
    return given
