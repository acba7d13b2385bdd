"""`compile`: a function of Values, recorded once for samples of one shape and run on many of them by a kernel or a
NumPy program."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np

from engine.compiler.batch import Prepared, Result, Shape, in_order, run, split
from engine.compiler.choice import Choice, check_backend
from engine.compiler.numpy_program.program import Program
from engine.compiler.plan import Plan
from engine.compiler.recording import Recording, shape_of
from engine.readers.check import GradientError
from engine.readers.gradient import gradient
from engine.value import Value

__all__ = ["Compiled", "compile"]

Array = Any
TOLERANCE = 1e-9
"""How far the first gradients may be from those of the eager sweep, by their length; in practice it is about 1e-15."""


class Compiled:
    """A function of Values that runs without building nodes. See `compile`.

    Attributes:
        parameters: what the gradient is taken in.
        backend: what was asked for; `choice` says what runs.
    """

    def __init__(
        self, f: Callable[[Any], Any], parameters: Iterable[Value], backend: str, work: int | None, batch: int
    ) -> None:
        self.f, self.parameters, self.backend = f, list(parameters), backend
        self.work, self.batch = work, batch
        self._shapes: dict[Any, Shape] = {}

    def run(self, batch: Iterable[Any]) -> Result:
        """Losses, outputs and the gradient of the mean loss, at the numbers that the parameters have now.

        Args:
            batch: samples, each made of numbers in lists, tuples, dicts and arrays, as the function takes them.

        Raises:
            ValueError: for an empty batch.
            IndexError: for a number that is used as an index and is no whole number in the range of what it picks from.
            RecordingError: where the function asks for a number that is not known while it is recorded.
            GradientError: if the first results are not those of the eager sweep, as for a function that draws random
                numbers.
        """
        return self.evaluate(self.prepare(batch))

    def prepare(self, samples: Iterable[Any]) -> Prepared:
        """Take samples apart, once for many runs; records the function for each shape that is new."""
        samples = list(samples)
        if not samples:
            raise ValueError("there are no samples to run")
        found: dict[Any, int] = {}
        shapes: list[Shape] = []
        numbers: list[list[list[float]]] = []
        places = np.empty((len(samples), 2), dtype=np.int64)
        for i, sample in enumerate(samples):
            row: list[float] = []
            key = shape_of(sample, row)
            if key not in found:
                found[key] = len(shapes)
                shapes.append(self.shape(sample, key))
                numbers.append([])
            place = found[key]
            places[i] = place, len(numbers[place])
            numbers[place].append(row)
        arrays = [np.array(rows, dtype=np.float64) for rows in numbers]
        prepared = Prepared(samples, shapes, arrays, places)
        prepared.check_indices()
        return prepared

    def shape(self, sample: Any, key: Any = None) -> Shape:
        """The recording for samples of this one's shape."""
        if key is None:
            key = shape_of(sample, [])
        if key not in self._shapes:
            self._shapes[key] = Shape(self.f, self.parameters, sample, self.backend, self.work, self.batch)
        return self._shapes[key]

    def evaluate(self, prepared: Prepared, index: Sequence[int] | None = None, vector: Array = None) -> Result:
        """Run some of the prepared samples.

        Args:
            prepared: the samples.
            index: which of them; all, if not given.
            vector: numbers for the parameters, instead of those that the Values hold.
        """
        chosen = np.arange(len(prepared)) if index is None else np.asarray(index, dtype=np.int64)
        if vector is None:
            vector = self.vector()
        result = self._run(prepared, chosen, vector)
        if np.isfinite(result.losses).all() and np.isfinite(result.gradient).all():
            return result
        self.assign(vector)
        return self._eager(prepared, chosen)  # whose error, if there is one, names the node

    def vector(self) -> Array:
        """The numbers that the parameters hold now."""
        return np.array([parameter.data for parameter in self.parameters], dtype=np.float64)

    def assign(self, vector: Array) -> None:
        """Give the parameters these numbers."""
        for parameter, number in zip(self.parameters, vector.tolist(), strict=True):
            parameter.data = number

    def _run(self, prepared: Prepared, chosen: Array, vector: Array) -> Result:
        losses, slope = np.empty(len(chosen)), np.zeros(len(self.parameters))
        outputs: list[Any] = []
        places = prepared.places[chosen]
        for number, shape in enumerate(prepared.shapes):
            here = np.flatnonzero(places[:, 0] == number)
            if not len(here):
                continue
            if shape.machine is None:
                part = self._eager(prepared, chosen[here])
            else:
                if not shape.checked:
                    self._compare(prepared, number, vector)
                part = run(shape, prepared.arrays[number], places[here, 1], vector)
            losses[here] = part.losses
            slope += part.gradient * (len(here) / len(chosen))
            outputs.append((here, part.outputs))
        return Result(losses, in_order(outputs, len(chosen)), slope)

    def _compare(self, prepared: Prepared, number: int, vector: Array) -> None:
        """Hold the first results of a recording beside those of the eager sweep, on the first, middle and last sample.

        Raises:
            GradientError: where they differ.
        """
        shape, array = prepared.shapes[number], prepared.arrays[number]
        shape.checked = True
        for row in sorted({0, len(array) // 2, len(array) - 1}):
            sample = int(np.flatnonzero((prepared.places == (number, row)).all(axis=1))[0])
            mine = run(shape, array, np.array([row]), vector)
            if not (np.isfinite(mine.losses).all() and np.isfinite(mine.gradient).all()):
                continue  # such a result is run again eagerly anyway
            self.assign(vector)
            eager = self._eager(prepared, np.array([sample]))
            scale = TOLERANCE * (np.linalg.norm(eager.gradient) + abs(eager.losses[0])) + 1e-300
            if (
                not np.linalg.norm(mine.gradient - eager.gradient) <= scale
                or not abs(mine.losses[0] - eager.losses[0]) <= scale
            ):
                raise GradientError(
                    f"the function does not do the same each time it is called: on sample {sample} its loss is "
                    f"{eager.losses[0]} and the recording's {mine.losses[0]}, the lengths of the gradients are "
                    f"{np.linalg.norm(eager.gradient)} and {np.linalg.norm(mine.gradient)}; random numbers must be "
                    "inputs, and numbers that change must be Values"
                )

    def _eager(self, prepared: Prepared, chosen: Array) -> Result:
        losses, slope, outputs = [], np.zeros(len(self.parameters)), []
        for i in chosen.tolist():
            loss, ys = split(self.f(prepared.samples[i]))
            if isinstance(loss, Value):
                slope += np.array(gradient(loss, *self.parameters), dtype=np.float64) / len(chosen)
            losses.append(float(loss))
            outputs.append([float(y) for y in ys])
        return Result(np.array(losses), in_order([(np.arange(len(chosen)), outputs)], len(chosen)), slope)

    @property
    def shapes(self) -> list[Shape]:
        """What has been recorded so far, for one shape of sample each."""
        return list(self._shapes.values())

    def _last(self) -> Shape:
        if not self._shapes:
            raise ValueError("nothing has been recorded yet: give it a batch first, compiled.run(batch)")
        return self.shapes[-1]

    @property
    def recording(self) -> Recording:
        """The rows of the shape recorded last. ValueError before the first batch, as for what follows."""
        return self._last().recording

    @property
    def plan(self) -> Plan:
        """Its instructions."""
        return self._last().plan

    @property
    def source(self) -> str:
        """Its NumPy program, whether or not that is what runs."""
        return Program(self.plan).source

    @property
    def choice(self) -> Choice:
        """What runs it, and why."""
        return self._last().choice

    def __repr__(self) -> str:
        runs = f"{self.choice.backend}: {self.choice.reason}" if self._shapes else "nothing recorded yet"
        return f"<compiled {getattr(self.f, '__name__', 'function')} of {len(self.parameters)} parameters, {runs}>"


def compile(f: Callable[[Any], Any], parameters: Iterable[Value] = (), *, backend: str = "auto",
            work: int | None = None, batch: int = 32) -> Compiled:  # fmt: skip
    """A function of Values, to be run on many samples without building nodes.

    For the first sample of each shape the function is called once with stand-ins for the sample's numbers, and what it
    does is written down (`recording`), grouped into a few instructions (`plan`) and run by a machine for many samples
    at once. Anything made of Values will do. Numbers of the sample may be used as indices, by `engine.lookup`.

    Args:
        f: takes a sample, numbers in lists, tuples and dicts, and returns its loss, or (loss, list of outputs).
        parameters: Values that the function uses, in which the gradient is taken. Others that it uses are read anew at
            every run.
        backend: "kernel" (needs numba), "numpy", "eager" (builds the graph of each sample), or "auto": what will be
            done first.
        work, batch: how many samples will be run in all, if that is known, and about how many at a time; "auto" weighs
            them.

    Raises:
        ValueError: for an unknown backend.
        ImportError: for a backend whose package is missing.

    >>> w, b = Value(2.0, "w"), Value(0.0, "b")
    >>> line = compile(lambda sample: (w * sample[0] + b - sample[1]) ** 2, [w, b], backend="numpy")
    >>> line.run([(1.0, 1.0), (2.0, 3.0)]).gradient.tolist()
    [3.0, 2.0]
    """
    check_backend(backend)
    return Compiled(f, parameters, backend, work, batch)
