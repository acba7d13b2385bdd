"""Early stopping: end a run when the validation loss has stopped falling, and go back to the best weights."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

from engine import Value
from nn.checks import at_least

__all__ = ["EarlyStopping"]


@dataclass
class EarlyStopping:
    """Stop after `patience` epochs without a validation loss that is better by more than `margin`.

    Attributes:
        patience: how many epochs to wait.
        margin: how much better counts.
        best_loss, best_epoch, best_data: the best so far, and the parameters then.
    """

    patience: int = 10
    margin: float = 0.0
    best_loss: float = math.inf
    best_epoch: int = 0
    best_data: list[float] = field(default_factory=list, repr=False)

    def __post_init__(self) -> None:
        at_least(1, "patience", self.patience)
        at_least(0, "margin", self.margin)

    def reset(self) -> None:
        """Forget what was watched."""
        self.best_loss, self.best_epoch, self.best_data = math.inf, 0, []

    def watch(self, epoch: int, loss: float, parameters: Sequence[Value]) -> bool:
        """Note the loss of an epoch; True if it is time to stop."""
        if loss < self.best_loss - self.margin:
            self.best_loss, self.best_epoch = loss, epoch
            self.best_data = [p.data for p in parameters]
        return epoch - self.best_epoch >= self.patience

    def restore(self, parameters: Sequence[Value]) -> None:
        """Give the parameters their values of the best epoch."""
        for p, data in zip(parameters, self.best_data, strict=False):
            p.data = data
