"""Using a network: its outputs for many inputs, eagerly or by the machine that they are compiled for."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import engine
from engine import check_backend, no_grad, total, why_eager
from nn.checks import plain, usage
from nn.data import Examples
from nn.data.rows import Rows
from nn.layers.module import Module
from nn.training.samples import check_columns

__all__ = ["outputs_for", "predict"]

FEW = 100
"""Inputs that are not worth a thought."""


@usage("predict(model, rows)")
def predict(model: Module, inputs: Iterable[Any], backend: str = "auto") -> list[list[float]]:
    """The outputs for each input row, as plain numbers.

    Args:
        model: the network.
        inputs: rows: lists, an array, a tensor, a data frame of numbers; or whatever else it takes.
        backend: "eager" computes node by node, "numpy" and "kernel" by what the network is compiled to, "auto" by what
            is done first. Their last bits may differ.

    Raises:
        TypeError: for what are no input rows, such as pairs with targets.
        ValueError, ImportError: for a backend that there is not, or whose packages are not there.
        RecordingError: for one that cannot compute this network: it asks for a number that is not known while it is
            recorded.
    """
    found = outputs_for(model, inputs, backend)
    return found.tolist() if hasattr(found, "tolist") else found


def outputs_for(model: Module, inputs: Iterable[Any], backend: str = "auto") -> Any:
    """The outputs as `predict` gives them, or as the array float64[inputs, outputs] that the machine made."""
    inputs = rows_of(inputs)
    if check_backend(backend) == "eager" or not inputs or (backend == "auto" and not worth_it(model, inputs)):
        return eagerly(model, inputs)
    try:
        return by_machine(model, inputs, backend)
    except Exception:
        if backend != "auto":
            raise
        return eagerly(model, inputs)  # which raises too what is really wrong


def rows_of(inputs: Any) -> Sequence[Any]:
    """The inputs in a list, or as rows of a table. TypeError for what are no input rows."""
    advice = ""
    if hasattr(inputs, "train"):
        advice = "data.test.inputs"
    elif isinstance(inputs, Examples):
        advice = "examples.inputs"
    elif not hasattr(plain(inputs), "__iter__"):
        advice = "[row]"
    if advice:
        raise TypeError(
            f"predict takes a list of input rows, got {type(inputs).__name__}; write predict(model, {advice})"
        )
    if isinstance(inputs, Rows):
        return inputs
    rows = list(plain(inputs))
    check_columns(inputs, rows)
    if rows and isinstance(rows[0], tuple) and len(rows[0]) == 2 and isinstance(rows[0][0], list):
        raise TypeError("predict takes a list of input rows, got pairs; write predict(model, [x for x, _ in pairs])")
    return rows


def worth_it(model: Module, inputs: Sequence[Any]) -> bool:
    return len(inputs) > FEW and not why_eager(total(model.outputs(inputs[0])), len(inputs), alike(inputs))


def alike(inputs: Sequence[Any]) -> Sequence[Any]:
    """Inputs of all the shapes that there are: of the rows of a table one will do."""
    return inputs[:1] if isinstance(inputs, Rows) else inputs


def eagerly(model: Module, inputs: Sequence[Any]) -> list[list[float]]:
    with no_grad():
        return [[float(y) for y in model.outputs(x)] for x in inputs]


def by_machine(model: Module, inputs: Sequence[Any], backend: str) -> Any:
    """The outputs by what `engine.compile` makes of the network, whose errors it raises."""

    def first_and_all(x: Any) -> Any:
        ys = model.outputs(x)
        return ys[0], ys

    from nn.training.arrays import inputs_of

    compiled = engine.compile(first_and_all, backend=backend, work=len(inputs), batch=len(inputs))
    found = compiled.run(inputs_of(inputs)).outputs
    return found if hasattr(found, "tolist") else [[float(y) for y in row] for row in found]
