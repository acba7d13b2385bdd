"""`compile`: a function of Values, recorded once for samples of one shape and run on many of them by a kernel or a
NumPy program."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np

from engine.advice import shown, usage
from engine.compiler.batch import Batch, Result, assign, vector_of
from engine.compiler.choice import Choice, check_backend
from engine.compiler.numpy_program.program import Program
from engine.compiler.parameters import Parameters, parameters_of
from engine.compiler.plan import Plan
from engine.compiler.recording import Recording
from engine.compiler.samples import Uniform, shape_of
from engine.compiler.shape import Shape
from engine.compiler.turns import in_turns
from engine.value import Value

__all__ = ["Compiled", "compile"]


Array = Any


class Compiled:
    """A function of Values that runs without building nodes. See `compile`.

    Attributes:
        parameters: what the gradient is taken in.
        backend: what was asked for; `choice` says what runs.
    """

    def __init__(
        self, f: Callable[[Any], Any], parameters: Parameters, backend: str, work: int | None, batch: int
    ) -> None:
        self.f, self.parameters, self.backend = f, parameters, backend
        self.work, self.batch = work, batch
        self._shapes: dict[Any, Shape] = {}

    @in_turns
    def run(self, batch: Iterable[Any]) -> Result:
        """Losses, outputs and the gradient of the mean loss, at the numbers that the parameters have now.

        Args:
            batch: samples, each made of numbers in lists, tuples, dicts and arrays, as the function takes them.

        Raises:
            ValueError: for an empty batch.
            IndexError: for a number that is used as an index and is no whole number in the range of what it picks from.
            RecordingError: where the function asks for a number that is not known while it is recorded, or keeps
                something from one call to the next, such as a counter.
            GradientError: if the first results are not those of the eager sweep, as for a function that draws random
                numbers.

        Threads that share Values, or this function, take turns.
        """
        return self.prepare(batch).evaluate()

    @in_turns
    def prepare(self, samples: Iterable[Any], known: Sequence[Shape] = ()) -> Batch:
        """Take samples apart, once for many runs; records the function for each shape that is new. Samples that are
        `Uniform` are taken as they are.

        Args:
            samples: as `run` takes them.
            known: shapes of another function of the same parameters; where one does the same as this function, what
                runs it runs this too.
        """
        if not hasattr(samples, "__iter__"):
            raise TypeError(f"a batch is a list of samples, got {shown(samples)}; write [sample]")
        samples = samples if isinstance(samples, Uniform) else list(samples)
        if not samples:
            raise ValueError("there are no samples to run")
        if isinstance(samples, Uniform):
            places = np.stack([np.zeros(len(samples), np.int64), np.arange(len(samples))], axis=1)
            return Batch(
                self.f, self.parameters, samples, [self.shape(samples[0], known=known)], [samples.numbers], places
            )
        found: dict[Any, int] = {}
        shapes: list[Shape] = []
        numbers: list[list[list[float]]] = []
        places = np.empty((len(samples), 2), dtype=np.int64)
        for i, sample in enumerate(samples):
            row: list[float] = []
            key = shape_of(sample, row)
            if key not in found:
                found[key] = len(shapes)
                shapes.append(self.shape(sample, key, known))
                numbers.append([])
            place = found[key]
            places[i] = place, len(numbers[place])
            numbers[place].append(row)
        arrays = [np.array(rows, dtype=np.float64) for rows in numbers]
        return Batch(self.f, self.parameters, samples, shapes, arrays, places)

    def __call__(self, *sample: Any) -> None:
        """TypeError that says how it is run."""
        raise TypeError("a compiled function runs on a batch: write compiled.run([sample, ...])")

    @in_turns
    def vector(self) -> Array:
        """The numbers that the parameters hold now, in their order: float64[parameters]."""
        return vector_of(self.parameters)

    @in_turns
    def assign(self, vector: Array) -> None:
        """Give the parameters these numbers."""
        assign(self.parameters, vector)

    def evaluate(self, batch: Batch, index: Sequence[int] | None = None, vector: Array = None) -> Result:
        """Run some of the samples of a batch; see `Batch.evaluate`."""
        return batch.evaluate(index, vector)

    def shape(self, sample: Any, key: Any = None, known: Sequence[Shape] = ()) -> Shape:
        """The recording for samples of this one's shape; one of the known, if it does the same."""
        if key is None:
            key = shape_of(sample, [])
        if key not in self._shapes:
            self._shapes[key] = next((shape for shape in known if shape.does(self.f, sample)), None) or self._new(
                sample
            )
        return self._shapes[key]

    def _new(self, sample: Any) -> Shape:
        shape = Shape(self.f, self.parameters, sample, self.backend, self.work, self.batch)
        if not self._shapes and shape.choice.machine is not None:
            shape.require_no_side_effects(self.f, sample)
        return shape

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


@usage("compile(lambda sample: (w * sample[0] - sample[1]) ** 2, [w])")
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
        ValueError: for an unknown backend, and for a parameter that is given twice.
        TypeError: for what is no function, and for parameters that are no Values.
        ImportError: for a backend whose package is missing.

    >>> w, b = Value(2.0, "w"), Value(0.0, "b")
    >>> line = compile(lambda sample: (w * sample[0] + b - sample[1]) ** 2, [w, b], backend="numpy")
    >>> line.run([(1.0, 1.0), (2.0, 3.0)]).gradient.tolist()
    [3.0, 2.0]
    """
    check_backend(backend)
    if not callable(f):
        raise TypeError(f"compile takes a function of a sample, got {shown(f)}; write compile(lambda sample: ..., [w])")
    return Compiled(f, parameters_of(parameters), backend, work, batch)
