"""Early stopping: end a run when the validation loss has stopped falling, and go back to the best weights."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from engine import Value
from nn.checks import at_least, whole

__all__ = ["EarlyStopping", "early_stopping_of"]


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
        self.patience = whole("patience", self.patience, 1)
        self.margin = at_least(0, "margin", self.margin)

    def reset(self) -> None:
        """Forget what was watched."""
        self.best_loss, self.best_epoch, self.best_data = math.inf, 0, []

    def watch(self, epoch: int, loss: float, parameters: Sequence[Value]) -> bool:
        """Note the loss of an epoch; True if it is time to stop."""
        if self.better(epoch, loss):
            self.best_data = [p.data for p in parameters]
        return self.over(epoch)

    def better(self, epoch: int, loss: float) -> bool:
        """Whether the loss of an epoch is the best so far, which is noted; `best_data` is left to the caller."""
        if loss < self.best_loss - self.margin:
            self.best_loss, self.best_epoch = loss, epoch
            return True
        return False

    def over(self, epoch: int) -> bool:
        """Whether it is time to stop after an epoch."""
        return epoch - self.best_epoch >= self.patience

    def restore(self, parameters: Sequence[Value]) -> None:
        """Give the parameters their values of the best epoch."""
        for p, data in zip(parameters, self.best_data, strict=False):
            p.data = data


def early_stopping_of(given: Any) -> EarlyStopping | None:
    """One with the patience that is given, the usual one for True; None for None and False. TypeError and ValueError
    for what is no whole number from 1 up."""
    if given is None or given is False:
        return None
    if given is True:
        return EarlyStopping()
    if isinstance(given, EarlyStopping):
        return given
    return EarlyStopping(whole("early_stopping", given, 1, ", an EarlyStopping or True"))
