"""What a side of the comparison is to the benchmark: something that can take a step of training, and be looked at."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

__all__ = ["Look", "Runner", "look_at"]


@dataclass(frozen=True)
class Look:
    """The last step: its loss and gradient, which are of before the update, and the parameters after it, in the
    order of the work."""

    loss: float
    gradient: list[float]
    parameters: list[float]


def nothing() -> None:
    """All is done already."""


@dataclass(frozen=True)
class Runner:
    step: Callable[[], object]
    """Takes the next batch or name, finds the loss and its gradient, and updates the parameters."""
    look: Callable[[], Look]
    settle: Callable[[], object] = nothing
    """Waits for steps that still run in the background."""
    many: Callable[[int], object] | None = None
    """Takes so many steps at once, where that is not the same as one by one: ours takes the parameters from the
    Values before them and gives them back afterwards, as training does at an epoch."""

    def run(self, steps: int) -> None:
        """Take so many steps."""
        if self.many:
            self.many(steps)
        else:
            for _ in range(steps):
                self.step()
        self.settle()


def look_at(loss: Any, gradient: Any, parameters: Any) -> Look:
    """A look at NumPy arrays, or what can be made into them."""
    import numpy

    return Look(
        float(loss), *(numpy.asarray(numbers, dtype=float).ravel().tolist() for numbers in (gradient, parameters))
    )
