"""A batch: samples taken apart once into arrays, those of each shape together, beside the function that is recorded for
that shape. What runs them runs any of them, as often as wanted."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np

from engine.compiler.choice import Choice
from engine.compiler.comparisons import Comparisons
from engine.compiler.questions import RecordingError
from engine.compiler.samples import shape_of
from engine.compiler.shape import ADVICE, Shape, split
from engine.compiler.turns import in_turns
from engine.readers.check import GradientError
from engine.readers.gradient import gradient as gradient_of
from engine.value import Value

__all__ = ["Batch", "Result", "assign", "vector_of"]

Array = Any
TOLERANCE = 1e-9
"""How far loss, outputs and gradient may be from those of the eager sweep, by their length; in practice it is about
1e-15."""
LONG = 0.5
"""Seconds of a comparison from which one is enough in the beginning."""
ROUNDED = 1e-13  # of the largest number that a sample, its outputs or the parameters hold


class Result(NamedTuple):
    """What a batch gives."""

    losses: Array
    """The loss of each sample."""
    outputs: Array
    """The outputs of each sample, one row for each (a list of rows, where samples have different numbers of
    outputs)."""
    gradient: Array
    """The gradient of the mean loss in each parameter."""


class Batch:
    """Samples taken apart, to be run many times. `compiled.prepare(samples)` makes it.

    Attributes:
        samples: as they were given.
        parameters: what the gradient is taken in.
        shapes: the function as it is recorded for each of their shapes.
        arrays: for each shape the numbers of its samples, float64[samples of that shape, numbers], in the order in
            which they occur in a sample. Who changes them changes the samples.
        places: int64[samples, 2], for each sample its shape and its row in the array of that shape.
    """

    def __init__(self, f: Callable[[Any], Any], parameters: Sequence[Value], samples: Sequence[Any],
                 shapes: list[Shape], arrays: list[Array], places: Array) -> None:  # fmt: skip
        self._f, self.parameters, self.samples = f, parameters, samples
        self.shapes, self.arrays, self.places = shapes, arrays, places
        self._which, self._row = places[:, 0].copy(), places[:, 1].copy()
        self._check_indices()

    def __len__(self) -> int:
        return len(self.samples)

    @property
    def choice(self) -> Choice:
        """What runs the samples: that of a shape which runs eagerly, if there is one, or else of the first."""
        return next((shape.choice for shape in self.shapes if shape.choice.machine is None), self.shapes[0].choice)

    @property
    def in_kernel(self) -> bool:
        """Whether the kernel runs all samples, and knows all Values that they take: it can then take steps alone."""
        return all(shape.choice.backend == "kernel" and not shape.others for shape in self.shapes)

    @property
    def first_of_each_shape(self) -> Array:
        """int64[shapes], the first sample of each."""
        return np.unique(self._which, return_index=True)[1]

    def run(self, vector: Array, index: Array, weight: float = 1.0, gradient: Array | None = None) -> Array:
        """The losses of some samples, by the machines alone: nothing is compared, and what is not finite is left so.

        Args:
            vector: float64[parameters], their numbers.
            index: int64[N], which samples.
            weight: of each sample's loss in the gradient: 1 / N for that of the mean.
            gradient: float64[parameters], filled with weight · the sum of the gradients.

        Returns:
            float64[N].
        """
        if len(self.shapes) == 1:  # the usual case, a few microseconds sooner
            return self.shapes[0].run(vector, self.arrays[0], self._row[index], weight, gradient)[0]
        losses, part = np.empty(len(index)), None
        if gradient is not None:
            gradient[:], part = 0.0, np.empty_like(gradient)
        for here, number, rows in self._by_shape(index):
            losses[here] = self.shapes[number].run(vector, self.arrays[number], rows, weight, part)[0]
            if gradient is not None:
                gradient += part
        return losses

    def ready(self, index: Array) -> Callable[[Array], Array]:
        """The losses of some samples as a function of the vector, to be called many times.

        It is what `run` does without a gradient, a few microseconds sooner: it fills the same array each time.
        """
        losses = np.empty(len(index))
        parts = [
            (here, self.shapes[number].ready(self.arrays[number], rows)) for here, number, rows in self._by_shape(index)
        ]

        def run(vector: Array) -> Array:
            for here, part in parts:
                losses[here] = part(vector)
            return losses

        return parts[0][1] if len(parts) == 1 else run

    @in_turns
    def evaluate(self, index: Sequence[int] | None = None, vector: Array = None) -> Result:
        """Losses, outputs and the gradient of the mean loss, held beside the eager sweep's now and then (see
        `Comparisons`).

        Args:
            index: which samples; all, if not given.
            vector: numbers for the parameters, instead of those that the Values hold.

        Raises:
            GradientError: if the first results are not those of the eager sweep.
            ValueError, ArithmeticError: where a result is not finite: it is computed again eagerly, whose error names
                the node.
        """
        chosen = np.arange(len(self)) if index is None else np.asarray(index, dtype=np.int64)
        if vector is None:
            vector = vector_of(self.parameters)
        result = self._evaluate(chosen, vector)
        outputs = [result.outputs] if isinstance(result.outputs, np.ndarray) else result.outputs
        if not finite(result.losses, result.gradient, *outputs):
            assign(self.parameters, vector)
            result = self.eagerly(chosen)
        return result

    def eagerly(self, index: Array) -> Result:
        """The same for some samples by graphs of Values, at the numbers that the parameters hold now."""
        losses, slope, outputs = [], np.zeros(len(self.parameters)), []
        for i in index.tolist():
            loss, ys = split(self._f(self.samples[i]))
            if isinstance(loss, Value):
                slope += np.array(gradient_of(loss, *self.parameters), dtype=np.float64) / len(index)
            losses.append(float(loss))
            outputs.append([float(y) for y in ys])
        return Result(np.array(losses), in_order([(np.arange(len(index)), outputs)], len(index)), slope)

    @in_turns
    def record_anew(self, sample: int) -> None:
        """Hold what is recorded beside what the function does now on samples of this one's shape, recorded anew.

        Raises:
            GradientError: where they differ.
            Exception: what the function raises.
        """
        change = self.shapes[self._which[sample]].change(self._f, self.samples[sample])
        if change:
            raise GradientError(f"the function does not do the same each time it is called: {change}; {ADVICE}")

    @in_turns
    def compare(self, sample: int, vector: Array) -> None:
        """Hold the result of one sample, as it was given, beside that of the eager sweep.

        Raises:
            GradientError: where they differ.
            Exception: what the function raises.
        """
        shape = self.shapes[self._which[sample]]
        numbers: list[float] = []
        shape_of(self.samples[sample], numbers)
        slope = np.zeros(len(self.parameters))
        losses, outputs = shape.run(vector, np.array([numbers], dtype=np.float64), FIRST, 1.0, slope)
        if not finite(losses, slope, outputs):
            return  # such a result is run again eagerly anyway
        assign(self.parameters, vector)
        eager = self.eagerly(np.array([sample]))
        found = np.append(slope, losses), np.append(eager.gradient, eager.losses)
        pairs = [found, (outputs[0], np.ravel(eager.outputs))]
        # where a loss is nearly 0, what is left of it is the rounding of what was subtracted
        rounded = ROUNDED * np.fmax.reduce(np.abs(np.concatenate([numbers, vector, outputs[0]])), initial=0.0)
        if not all(near(mine, theirs, rounded) for mine, theirs in pairs):
            raise GradientError(
                f"the function does not do the same each time it is called: on sample {sample} its loss is "
                f"{eager.losses[0]} and the recording's {losses[0]}, the lengths of the gradients are "
                f"{np.linalg.norm(eager.gradient)} and {np.linalg.norm(slope)}; {ADVICE}"
            )

    def comparisons(self, *others: Batch) -> Comparisons:
        """When to `compare` a sample of this batch, and one of each of the others, in a run of many steps."""
        return Comparisons(sum(batch.shapes[0].comparing_seconds for batch in (self, *others)))

    def overwrite(self, sample: int, numbers: Sequence[float]) -> None:
        """Give a sample other last numbers, such as the dropout factors of a step."""
        self.arrays[self._which[sample]][self._row[sample], -len(numbers) :] = numbers

    def together(self, order: Array, size: int) -> Array:
        """The order of samples, `size` of them a step, with those of one shape side by side in each step."""
        if len(self.shapes) == 1 or size == 1:
            return order
        return order[np.lexsort((self._which[order], np.arange(len(order)) // size))]

    def descender(self, update: Batch, penalty: Batch | None, moving: int) -> Any:
        """What takes steps of gradient descent on these samples in one call of the kernel (see
        `engine.compiler.kernel.Descender`), where `in_kernel` holds for all three.

        Args:
            update: one sample of a function of (p, g, what the optimizer remembers ...) with the new ones as outputs.
            penalty: one sample, (), of a function of the parameters alone.
            moving: how many parameters move, the first ones.
        """
        kernels = [shape.choice.machine for shape in self.shapes]
        price = penalty.shapes[0].choice.machine if penalty else None
        found = update.shapes[0].choice.machine.descender(kernels, self.arrays, self.places, price, moving)
        self.arrays = found.arrays  # the samples as they are read there
        return found

    def _evaluate(self, chosen: Array, vector: Array) -> Result:
        losses, slope = np.empty(len(chosen)), np.zeros(len(self.parameters))
        outputs: list[Any] = []
        for here, number, rows in self._by_shape(chosen):
            shape = self.shapes[number]
            if shape.choice.machine is not None:
                self._hold(number, vector)
            if shape.choice.machine is None:
                assign(self.parameters, vector)
                losses[here], ys, part = self.eagerly(chosen[here])
            else:
                shape.comparisons.took(1, shape.seconds(len(rows)))
                part = np.empty(len(self.parameters))
                swept = part if self.parameters else None  # of a function without any only the numbers are wanted
                losses[here], ys = shape.run(vector, self.arrays[number], rows, 1.0 / len(rows), swept)
            slope += part * (len(rows) / len(chosen))
            outputs.append((np.arange(len(chosen))[here], ys))
        return Result(losses, in_order(outputs, len(chosen)), slope)

    def _hold(self, number: int, vector: Array) -> None:
        """Before the first run of a shape compare its first, middle and last sample here (the first alone, where that
        takes long), later one of them now and then. Where they differ later, the shape runs eagerly from now on."""
        shape, samples = self.shapes[number], np.flatnonzero(self._which == number)
        if not shape.compared:
            first, *further = sorted({samples[0], samples[len(samples) // 2], samples[-1]})
            for sample in [first, *further * (shape.comparing_seconds < LONG)]:
                self.compare(sample, vector)
            shape.compared = True
            return
        how, sample = shape.comparisons.due(asked=True), samples[shape.comparisons.made % len(samples)]
        try:
            if how:
                self.record_anew(sample)
            if how == "wholly":
                self.compare(sample, vector)
        except (GradientError, RecordingError) as error:
            shape.choice = Choice("eager", f"since run {shape.comparisons.steps + 1}: {error}", None)
            warnings.warn(f"it runs eagerly {shape.choice.reason}", RuntimeWarning, stacklevel=5)

    def _by_shape(self, index: Array) -> Iterator[tuple[Any, int, Array]]:
        """For each shape that occurs: where in the index, which shape, and which rows of its array."""
        if len(self.shapes) == 1:
            yield slice(None), 0, self._row[index]
            return
        which = self._which[index]
        for number in np.unique(which).tolist():
            here = np.flatnonzero(which == number)
            yield here, number, self._row[index[here]]

    def _check_indices(self) -> None:
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


FIRST = np.zeros(1, np.int64)


def finite(*arrays: Any) -> bool:
    """Whether all numbers are: no nan, no infinity."""
    return bool(np.isfinite(np.concatenate([np.ravel(array) for array in arrays])).all())


def near(mine: Any, theirs: Any, rounded: float) -> bool:
    """Whether two vectors are equally long and the same but for the last digits, and for so much that was rounded."""
    if len(mine) != len(theirs):
        return False
    with np.errstate(all="ignore"):
        distance, length = np.linalg.norm(np.subtract(mine, theirs)), np.linalg.norm(theirs)
    return bool(distance <= TOLERANCE * length + rounded + 1e-300) or np.array_equal(mine, theirs, equal_nan=True)


def vector_of(parameters: Sequence[Value]) -> Array:
    """The numbers that the parameters hold now."""
    return np.array([parameter._data for parameter in parameters], dtype=np.float64)


def assign(parameters: Sequence[Value], vector: Array) -> None:
    """Give the parameters these numbers."""
    for parameter, number in zip(parameters, vector.tolist(), strict=True):
        parameter._data = number


def in_order(parts: list[tuple[Array, Any]], n: int) -> Any:
    """Outputs of the samples in their order: an array if all have equally many."""
    if len(parts) == 1 and len(parts[0][1]) == n:
        return np.array(parts[0][1], dtype=np.float64)
    outputs: list[Any] = [None] * n
    for here, rows in parts:
        for place, row in zip(here.tolist(), rows, strict=True):
            outputs[place] = list(row)
    return np.array(outputs) if len({len(row) for row in outputs}) == 1 else outputs
