"""Samples for the machine: in arrays, those of each shape together, with the function that is compiled for that
shape."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import numpy as np

import engine
from engine import RecordingError, Value, no_grad
from nn.layers.dropout import Masks
from nn.layers.module import Module
from nn.training.choice import shape_of

if TYPE_CHECKING:
    from nn.training.train import Training

__all__ = ["Fed", "check_targets", "outputs", "shares_of"]

Array = Any


class Fed:
    """Samples in arrays, and a function of one of them compiled for each of their shapes.

    Args:
        f: of a sample.
        samples: as f takes them.
        parameters: what its gradient is taken in.
        backend: "numpy" or "kernel".
        work, batch: how often a sample will be run in all, and how many of them at a time.
    """

    def __init__(self, f: Callable[[Any], Any], samples: Sequence[Any], parameters: Sequence[Value], backend: str,
                 work: int, batch: int) -> None:  # fmt: skip
        compiled = engine.compile(f, parameters=parameters, backend=backend, work=work, batch=batch)
        prepared = compiled.prepare(samples)
        self.shapes, self.arrays = prepared.shapes, prepared.arrays
        self.which: Array = prepared.places[:, 0].copy()  # of the shapes each sample has
        self.row: Array = prepared.places[:, 1].copy()  # and which row of the array for that shape it is
        self.others = [shape.recording.leaves[len(parameters) :] for shape in self.shapes]
        _, first = np.unique(self.which, return_index=True)
        with suppress(ArithmeticError, ValueError), np.errstate(all="ignore"):  # a step will raise it, and say where
            # which holds the first results for each shape beside those of the eager sweep
            compiled.evaluate(prepared, first)

    def __len__(self) -> int:
        return len(self.row)

    def choice(self, reason: str) -> tuple[str, str]:
        """What runs the samples, and why. RecordingError where nothing but eager graphs can."""
        for shape in self.shapes:
            if shape.machine is None:
                raise RecordingError(shape.choice.reason)
        return self.shapes[0].choice.backend, reason or self.shapes[0].choice.reason

    def run(self, P: Array, index: Array, seed: float, gradient: Array | None) -> Array:
        """The losses of the samples of these numbers; seed times the sum of their gradients is added to `gradient`."""
        losses = np.empty(len(index))
        if len(self.shapes) == 1:
            self._run(0, P, self.row[index], seed, gradient, losses)
            return losses
        for number in np.unique(self.which[index]).tolist():
            here = np.flatnonzero(self.which[index] == number)
            part = np.empty(len(here))
            self._run(number, P, self.row[index[here]], seed, gradient, part)
            losses[here] = part
        return losses

    def _run(self, number: int, P: Array, rows: Array, seed: float, gradient: Any, losses: Array) -> None:
        """Samples of one shape. Values that are no parameters follow these in what the machine takes, with their
        numbers of now."""
        shape, others = self.shapes[number], self.others[number]
        outputs = np.empty((len(rows), len(shape.plan.outputs)))
        if not others or gradient is None:
            P = np.append(P, [leaf.data for leaf in others]) if others else P
            shape.machine.run(P, self.arrays[number], rows, seed, gradient, losses, outputs)
            return
        slope = np.zeros(len(P) + len(others))
        shape.machine.run(
            np.append(P, [leaf.data for leaf in others]), self.arrays[number], rows, seed, slope, losses, outputs
        )
        gradient += slope[: len(P)]


def check_targets(run: Training, samples: Sequence[tuple[Any, Any]], called: str) -> None:
    """Let the loss check the targets, which a recording does not look at. Raises what the loss raises, naming the
    sample."""
    check = getattr(run.loss, "check", None)
    if check is None or not samples:
        return
    with no_grad():
        width = len(run.model.outputs(samples[0][0]))
    for i, (_, target) in enumerate(samples):
        try:
            check(width, target)
        except ValueError as error:
            raise ValueError(f"{called} {i}: {error}") from None


def shares_of(model: Module, samples: Sequence[tuple[Any, Any]]) -> list[list[float]]:
    """For each sample the probabilities with which its activations are dropped; they depend on the shape of the
    input alone."""
    known: dict[Any, list[float]] = {}
    found = []
    for x, _ in samples:
        shape = shape_of(x)
        if shape not in known:
            masks: Any = Masks()
            with no_grad():
                model.outputs(x, masks)
            known[shape] = masks.shares
        found.append(known[shape])
    return found


def outputs(model: Module, inputs: Sequence[Any], backend: str) -> list[list[float]]:
    """The outputs of a network for each input. Raises as `engine.compile` does."""

    def first_and_all(x: Any) -> Any:
        ys = model.outputs(x)
        return ys[0], ys

    found = engine.compile(first_and_all, backend=backend, work=len(inputs), batch=len(inputs)).run(inputs).outputs
    return [[float(y) for y in row] for row in found]
