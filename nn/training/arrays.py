"""Samples made ready for the machine, those of a table as one array, and whether they still are what they were then."""

from __future__ import annotations

import marshal
from array import array
from collections.abc import Sequence
from hashlib import blake2b
from itertools import islice
from typing import Any

import numpy as np

from engine import Uniform, no_grad, shape_of
from nn.data import Examples
from nn.data.rows import Rows
from nn.layers.dropout import Masks
from nn.layers.module import Module
from nn.training.losses import fits
from nn.training.samples import Pairs, uniform
from nn.training.task import Task

__all__ = ["check_targets", "digest", "inputs_of", "numbered", "shares_and_width", "with_factors"]

Array = Any


def with_factors(data: Pairs, shares: list[list[float]]) -> Sequence[Any]:
    """The samples with a factor of 1 for each activation that may be dropped.

    Args:
        data: pairs.
        shares: for each the probabilities with which its activations are dropped.
    """
    if not uniform(data):
        return [(x, target, [1.0] * len(each)) for (x, target), each in zip(data, shares, strict=True)]
    factors = [1.0] * len(shares[0])
    numbers = table_of(data, *np.ones((len(factors), len(data))))
    return Uniform(lambda i: (*data[i], list(factors)), numbers)


def numbered(data: Pairs) -> Sequence[Any]:
    return Uniform(data.__getitem__, table_of(data)) if uniform(data) else data


def inputs_of(rows: Sequence[Any]) -> Sequence[Any]:
    return Uniform(rows.__getitem__, np.asarray(rows)) if isinstance(rows, Rows) else rows


def table_of(data: Examples, *further: Array) -> Array:
    """float64[samples, numbers]: inputs, targets and further columns."""
    return np.column_stack([np.asarray(data.inputs), np.asarray(data.targets, dtype=np.float64), *further])


def digest(data: Pairs) -> bytes:
    """What is another where a number of the samples is another one than before, however it was put there. About 20 ns a
    number in lists, 1 ns in the block of a table."""
    found = blake2b()
    if uniform(data):
        for part in (data.inputs, data.targets):
            found.update(part.numbers if isinstance(part, Rows) else array("q", part))
        return found.digest()
    samples = iter(data)
    while some := list(islice(samples, MANY)):
        found.update(written(some))
    return found.digest()


MANY = 1000


def written(samples: list[Any]) -> bytes:
    """All numbers of some samples, and how they lie."""
    try:
        return marshal.dumps(samples, 2)  # the last format in which equal things are written alike
    except ValueError:  # a number of another kind, a tensor
        numbers: list[Any] = []
        return repr(([shape_of(sample, numbers) for sample in samples], numbers)).encode()


def check_targets(task: Task, width: int) -> None:
    """Let the loss check the targets, which a recording does not look at. Raises what the loss raises, naming the
    sample.

    Args:
        task: whose samples they are.
        width: of the outputs.
    """
    check = getattr(task.loss, "check", None)
    if check is None:
        return
    for called, samples in ("sample", task.data), ("validation sample", task.validation or []):
        one_will_do = uniform(samples) and check is fits  # which does not look at the numbers
        for i, (_, target) in enumerate(islice(samples, 1 if one_will_do else None)):
            try:
                check(width, target)
            except ValueError as error:
                raise ValueError(f"{called} {i}: {error}") from None


def shares_and_width(model: Module, samples: Pairs) -> tuple[list[list[float]], int]:
    """For each sample the probabilities with which its activations are dropped, which depend on the shape of the input
    alone; and the width of the outputs for the first."""
    if uniform(samples):
        shares, width = shares_and_width(model, [samples[0]])
        return shares * len(samples), width
    known: dict[Any, list[float]] = {}
    found: list[list[float]] = []
    widths: list[int] = []
    for x, _ in samples:
        shape = shape_of(x, [])
        if shape not in known:
            masks: Any = Masks()
            with no_grad():
                widths.append(len(model.outputs(x, masks)))
            known[shape] = masks.shares
        found.append(known[shape])
    return found, widths[0]
