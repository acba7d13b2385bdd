"""A function recorded for samples of one shape, and samples taken apart into arrays of one shape each."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

from engine.compiler.choice import Choice, choose
from engine.compiler.plan import Plan
from engine.compiler.planner import plan_of
from engine.compiler.recording import Recording, take_apart
from engine.value import Value

__all__ = ["Prepared", "Result", "Shape", "in_order", "run", "split"]

Array = Any


class Result(NamedTuple):
    """What a batch gives."""

    losses: Array
    """The loss of each sample."""
    outputs: Array
    """The outputs of each sample, one row for each (a list of rows, where samples have different numbers of
    outputs)."""
    gradient: Array
    """The gradient of the mean loss in each parameter."""


class Shape:
    """The function recorded for samples of one shape.

    Attributes:
        recording, plan: its rows, and its instructions; none, where eager was asked for.
        machine: what runs the plan; None where it runs eagerly.
        choice: which backend that is, and why.
    """

    def __init__(
        self,
        f: Callable[[Any], Any],
        parameters: Sequence[Value],
        sample: Any,
        backend: str,
        work: int | None,
        batch: int,
    ) -> None:
        self.recording, self.plan, self.checked = Recording(parameters), Plan(0, 0, []), False
        self.choice = Choice("eager", "as asked", None)
        if backend != "eager":
            self._record(f, sample)
            self.choice = choose(self.plan, backend, work, batch)
        self.machine = self.choice.machine

    def _record(self, f: Callable[[Any], Any], sample: Any) -> None:
        loss, outputs = split(f(take_apart(sample, lambda _: self.recording.input())))
        rows = [self.recording.operand(y) for y in (loss, *outputs)]
        self.plan = plan_of(self.recording, rows[0], rows[1:])


class Prepared:
    """Samples taken apart once: for each shape an array of its numbers, one row for each sample.

    Attributes:
        samples: as they were given.
        shapes: what occurs.
        arrays: for each shape the numbers, in the order in which they occur in a sample.
        places: for each sample its shape and its row in the array of that shape.
    """

    def __init__(self, samples: Sequence[Any], shapes: list[Shape], arrays: list[Array], places: Array) -> None:
        self.samples, self.shapes, self.arrays, self.places = samples, shapes, arrays, places

    def __len__(self) -> int:
        return len(self.samples)

    def check_indices(self) -> None:
        """IndexError for a number used as an index that is no whole number, or not in the range of what it picks
        from."""
        for shape, array in zip(self.shapes, self.arrays, strict=True):
            for column, items in shape.plan.lookups:
                numbers = array[:, column]
                wrong = np.flatnonzero(~((numbers >= 0) & (numbers < items) & (numbers == np.floor(numbers))))
                if len(wrong):
                    raise IndexError(
                        f"there are {items} items to look up, and {numbers[wrong[0]]:g} is none of 0 to {items - 1}"
                    )


def split(result: Any) -> tuple[Any, Sequence[Any]]:
    """Loss and outputs, of what a function returned."""
    if not isinstance(result, tuple):
        return result, ()
    if len(result) != 2 or not isinstance(result[1], list | tuple):
        raise TypeError(f"a compiled function returns a loss, or (loss, list of outputs), got {str(result)[:60]}")
    return result


def run(shape: Shape, array: Array, rows: Array, vector: Array) -> Result:
    plan = shape.plan
    leaves = shape.recording.leaves[len(vector) :]
    P = np.concatenate([vector, [leaf.data for leaf in leaves]]) if leaves else vector
    losses, outputs, slope = np.empty(len(rows)), np.empty((len(rows), len(plan.outputs))), np.zeros(len(P))
    shape.machine.run(P, array, rows, 1.0 / len(rows), slope, losses, outputs)
    return Result(losses, outputs, slope[: len(vector)])


def in_order(parts: list[tuple[Array, Any]], n: int) -> Any:
    """Outputs of the samples in their order: an array if all have equally many."""
    if len(parts) == 1 and len(parts[0][1]) == n:
        return np.array(parts[0][1], dtype=np.float64)
    outputs: list[Any] = [None] * n
    for here, rows in parts:
        for place, row in zip(here.tolist(), rows, strict=True):
            outputs[place] = list(row)
    return np.array(outputs) if len({len(row) for row in outputs}) == 1 else outputs
