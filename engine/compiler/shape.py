"""A `Shape`: a function recorded for samples of one shape, planned, and given to what runs it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from operator import is_
from typing import Any

import numpy as np

from engine.compiler.choice import PER_EDGE, Choice, choose, seconds_of
from engine.compiler.comparisons import Comparisons
from engine.compiler.plan import Plan
from engine.compiler.planner import plan_of
from engine.compiler.questions import RecordingError
from engine.compiler.recording import Recording
from engine.compiler.samples import shape_of, take_apart
from engine.compiler.side_effects import changed_by
from engine.compiler.watched import watching
from engine.scope import no_grad
from engine.value import Value

__all__ = ["ADVICE", "Shape", "split"]

Array = Any
ADVICE = "random numbers must be inputs, and numbers that change must be Values"


class Shape:
    """A function recorded for samples of one shape, and what runs it.

    Attributes:
        recording, plan: its rows, and its instructions; none, where eager was asked for.
        choice: the backend, why it is that, and the machine; no machine where it runs eagerly.
        others: the Values without inputs that it uses beside the parameters; their numbers are read at every run.
        comparisons: when it is held beside the eager sweep again, in `Batch.evaluate`.
    """

    def __init__(self, f: Callable[[Any], Any], parameters: Sequence[Value], sample: Any, backend: str,
                 work: int | None, batch: int) -> None:  # fmt: skip
        self.parameters, self.compared = parameters, False
        if backend == "eager":
            self.recording, self.plan = Recording(parameters), Plan(0, 0, [])
            self.choice = Choice("eager", "as asked", None)
        else:
            self._record(f, sample)
            self.choice = choose(self.plan, backend, work, batch)
        self.others = self.recording.leaves[len(parameters) :]
        self.comparisons = Comparisons(self.comparing_seconds)
        self._seconds: dict[int, float] = {}

    @property
    def comparing_seconds(self) -> float:
        """About how long it takes to record the function anew for one sample, and to make the eager sweep."""
        return 5e-4 + 3 * PER_EDGE * (len(self.recording.operands) + len(self.parameters))

    def seconds(self, samples: int) -> float:
        """About how long a run of so many samples takes."""
        if samples not in self._seconds:
            self._seconds[samples] = seconds_of(self.plan, samples, self.choice.backend)
        return self._seconds[samples]

    def _record(self, f: Callable[[Any], Any], sample: Any) -> None:
        """Twice where it uses Values beside the parameters: it is known then which, and they are watched too."""
        self.recording, self.results = recorded(f, self.parameters, self.parameters, sample)
        if len(self.recording.leaves) > len(self.parameters):
            self.recording, self.results = recorded(f, self.parameters, self.recording.leaves, sample)
        self.plan = plan_of(self.recording, self.results[0], self.results[1:])

    def require_no_side_effects(self, f: Callable[[Any], Any], sample: Any) -> None:
        """RecordingError for a function that keeps something from one call to the next: what it does in its first call
        only, such as filling a table, is done by now."""

        def call() -> None:
            with suppress(Exception), no_grad():  # whatever it raises, a step will raise too, and say where
                f(sample)

        if changed := changed_by(call, f):
            raise RecordingError(
                f"the function changes {changed.rpartition('.')[2]!r} each time it is called, and what is recorded "
                f"is not called again: {ADVICE}"
            )

    def does(self, f: Callable[[Any], Any], sample: Any) -> bool:
        """Whether another function does just the same with a sample, row by row and on the same Values, and keeps
        nothing from one call to the next: then it needs no shape of its own."""
        numbers: list[Any] = []
        shape_of(sample, numbers)
        if len(numbers) != self.recording.inputs or self.choice.machine is None:
            return False
        same = False

        def record() -> None:
            nonlocal same
            again, rows = recorded(f, self.parameters, self.recording.leaves, sample)
            unchanged = rows == self.results and not self.recording.change(again)
            same = unchanged and all(map(is_, self.recording.leaves, again.leaves))

        with suppress(Exception):  # a recording of its own will raise it
            return not changed_by(record, f) and same
        return False

    def change(self, f: Callable[[Any], Any], sample: Any) -> str:
        """What is another where the function is recorded anew; "" where it does the same as before."""
        again, rows = recorded(f, self.parameters, self.recording.leaves, sample)
        return self.recording.change(again) or ("" if rows == self.results else "it returns other numbers now")

    def run(
        self, vector: Array, array: Array, rows: Array, weight: float, gradient: Array | None
    ) -> tuple[Array, Array]:
        """Losses and outputs of these rows of an array of samples; see `Batch.run`."""
        losses, outputs = self._room(rows)
        P = self._numbers(vector)
        GP = np.empty(len(P)) if self.others and gradient is not None else gradient
        self.choice.machine.run(P, array, rows, weight, GP, losses, outputs)
        if gradient is not None and GP is not None and GP is not gradient:
            gradient[:] = GP[: len(vector)]
        return losses, outputs

    def ready(self, array: Array, rows: Array) -> Callable[[Array], Array]:
        """The losses of these rows as a function of the vector; see `Batch.ready`."""
        losses, outputs = self._room(rows)

        def run(vector: Array) -> Array:
            self.choice.machine.run(self._numbers(vector), array, rows, 1.0, None, losses, outputs)
            return losses

        return run

    def _room(self, rows: Array) -> tuple[Array, Array]:
        """For the losses and the outputs of some rows."""
        return np.empty(len(rows)), np.empty((len(rows), len(self.plan.outputs)))

    def _numbers(self, vector: Array) -> Array:
        """The numbers of all Values that it uses: the parameters, and then the others."""
        return np.append(vector, [leaf.data for leaf in self.others]) if self.others else vector


def recorded(
    f: Callable[[Any], Any], parameters: Sequence[Value], watched: Sequence[Value], sample: Any
) -> tuple[Recording, list[int]]:
    """The rows of a function, with these Values watched, and which of them are its loss and its outputs."""
    recording = Recording(parameters)
    with watching(recording, watched):
        loss, outputs = split(f(take_apart(sample, lambda _: recording.input())))
        return recording, [recording.operand(y) for y in (loss, *outputs)]


def split(result: Any) -> tuple[Any, Sequence[Any]]:
    """Loss and outputs, of what a function returned."""
    if not isinstance(result, tuple | list):
        return result, ()
    if isinstance(result, list) or len(result) != 2 or not isinstance(result[1], list | tuple):
        raise TypeError(f"a compiled function returns a loss, or (loss, list of outputs), got {str(result)[:60]}")
    return result
