"""Looking at samples before they are trained on: widths, numbers, and the validation part."""

from __future__ import annotations

import math
from collections.abc import Sequence
from numbers import Real
from typing import Any

from nn.data import Examples
from nn.layers.module import Module

__all__ = ["Pairs", "checked", "some", "split"]

Pairs = Sequence[tuple[Any, Any]]
PLAIN = frozenset({float})


def checked(model: Module, data: Pairs, called: str = "sample") -> Pairs:
    """The samples, if every row has the width that the model takes and no number is nan or infinite.

    Raises:
        TypeError: if data is no sequence of (input row, target), or a row no list where the model has a width.
        ValueError: naming the sample and the number that is wrong.
    """
    if not isinstance(data, Sequence):
        what = "; did you mean its .train part?" if hasattr(data, "train") else ""
        raise TypeError(f"data is a sequence of (input row, target), got {type(data).__name__}{what}")
    if not data:
        raise ValueError("there are no samples to train on")
    width = getattr(model, "inputs", None)
    for i, sample in enumerate(data):
        if not isinstance(sample, tuple | list) or len(sample) != 2:
            raise TypeError(f"{called} {i} is no pair (input row, target): {str(sample)[:60]}")
        row, target = sample
        if isinstance(width, int) and not hasattr(row, "__len__"):
            raise TypeError(f"{called} {i}: the input is a row, a list of numbers, got {type(row).__name__} {row!r}")
        if isinstance(width, int) and len(row) != width:
            raise ValueError(f"{called} {i} has {len(row)} inputs, the network takes {width}")
        for what, numbers in ("input", row), ("target", target):
            if PLAIN.issuperset(map(type, entries(numbers))) and all(map(math.isfinite, entries(numbers))):
                continue  # the usual case, looked at fast
            for j, number in enumerate(entries(numbers)):
                if isinstance(number, Real) and (number != number or abs(number) == math.inf):
                    raise ValueError(f"{called} {i}: {what} {j} is {number}")
    return data


def entries(row: Any) -> Any:
    return row if hasattr(row, "__len__") else [row]


def some(examples: Pairs) -> Pairs:
    """The examples, if there are any. TypeError for what is no sequence of them, ValueError for none."""
    if not isinstance(examples, Sequence):
        what = "; did you mean its .train or .test part?" if hasattr(examples, "train") else ""
        raise TypeError(f"examples are a sequence of (input row, target), got {type(examples).__name__}{what}")
    if not examples:
        raise ValueError("there are no examples to score")
    return examples


def split(data: Pairs, validation: Pairs | float | None, seed: int) -> tuple[Pairs, Pairs | None]:
    """The samples to train on and those to validate on; a share of the data is drawn at random."""
    if validation is None or not isinstance(validation, float):
        return data, validation
    return Examples([x for x, _ in data], [t for _, t in data]).split(validation, seed)
