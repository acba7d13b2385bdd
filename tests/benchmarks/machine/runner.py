"""What a side of the comparison is to the benchmark: something that can take steps of training, and be looked at."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

__all__ = ["Look", "Runner", "look_at", "timed"]


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
    turns: Iterator[Any]
    """The batches or names, one after another, for ever, each as the side takes it."""
    step: Callable[[Any], object]
    """Takes a batch or name: finds the loss and its gradient, and updates the parameters."""
    look: Callable[[], Look]
    settle: Callable[[], object] = nothing
    """Waits for steps that still run in the background."""
    many: Callable[[Any], object] | None = None
    """Takes a list of them at once, where that is not the same as one by one: ours takes them in a call of the kernel,
    as training does within an epoch."""

    gather: Callable[[list[Any]], Any] = list
    """Makes of a list of batches what `many` takes."""

    def ready(self, steps: int) -> Callable[[], None]:
        """Draw the batches of so many steps; what is returned takes the steps, and is all that a clock should see."""
        batches = self.gather(list(islice(self.turns, steps)))

        def take() -> None:
            if self.many:
                self.many(batches)
            else:
                for batch in batches:
                    self.step(batch)
            self.settle()

        return take

    def run(self, steps: int) -> None:
        """Take so many steps."""
        self.ready(steps)()


def look_at(loss: Any, gradient: Any, parameters: Any) -> Look:
    """A look at NumPy arrays, or what can be made into them."""
    import numpy

    return Look(
        float(loss), *(numpy.asarray(numbers, dtype=float).ravel().tolist() for numbers in (gradient, parameters))
    )


def timed(action: Callable[[], object]) -> dict[str, float]:
    """Seconds that it takes, by both clocks."""
    cpu, wall = time.process_time(), time.perf_counter()
    action()
    return {"cpu_seconds": time.process_time() - cpu, "wall_seconds": time.perf_counter() - wall}
