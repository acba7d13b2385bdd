"""Looking at samples before they are trained on: widths, numbers, and the validation part."""

from __future__ import annotations

import math
from collections.abc import Sequence
from numbers import Real
from pathlib import Path
from typing import Any

from nn.checks import check_seed, plain, shown
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
    if not isinstance(data, Sequence) or isinstance(data, str):
        raise no_pairs("data is", data, ".train")
    if not data:
        raise ValueError("there are no samples to train on")
    width = getattr(model, "inputs", None)
    for i, sample in enumerate(data):
        if not isinstance(sample, tuple | list) or len(sample) != 2:
            advice = "; for inputs and targets apart write list(zip(X, y))" if len(data) == 2 else ""
            raise TypeError(f"{called} {i} is no pair (input row, target): {shown(sample)}{advice}")
        row, target = sample
        if isinstance(width, int) and not hasattr(row, "__len__"):
            raise TypeError(f"{called} {i}: the input is a row, a list of numbers, got {type(row).__name__} {row!r}")
        if isinstance(width, int) and len(row) != width:
            raise ValueError(f"{called} {i} has {len(row)} inputs, the network takes {width}")
        if isinstance(width, int) and not PLAIN.issuperset(map(type, entries(row))):
            for j, number in enumerate(entries(row)):
                if not isinstance(number, Real):
                    got = f"{type(number).__name__} {shown(number)}"
                    raise TypeError(f"{called} {i}: input {j} must be a number, got {got}")
        for what, numbers in ("input", row), ("target", target):
            if PLAIN.issuperset(map(type, entries(numbers))) and all(map(math.isfinite, entries(numbers))):
                continue  # the usual case, looked at fast
            for j, number in enumerate(entries(numbers)):
                if isinstance(number, Real) and (number != number or abs(number) == math.inf):
                    raise ValueError(f"{called} {i}: {what} {j} is {number}")
    return data


def entries(row: Any) -> Any:
    row = plain(row)
    return row if hasattr(row, "__len__") else [row]


def no_pairs(what: str, given: Any, part: str) -> TypeError:
    """For what is no sequence of pairs."""
    advice = "write list(zip(X, y))"
    if hasattr(given, "train"):
        advice = f"did you mean its {part} part?"
    elif hasattr(given, "to_numpy"):
        advice = "write list(zip(frame[inputs].to_numpy(), frame[target]))"
    elif isinstance(given, dict):
        advice = "write list(pairs.items())"
    elif isinstance(given, str | Path):
        advice = "write load_csv(path, target=...).train, of nn.data"
    elif type(given).__name__ == "generator":
        advice = "write list(pairs)"
    return TypeError(f"{what} a sequence of (input row, target), got {type(given).__name__}; {advice}")


def some(examples: Pairs) -> Pairs:
    """The examples, if there are any. TypeError for what is no sequence of them, ValueError for none."""
    if not isinstance(examples, Sequence) or isinstance(examples, str):
        raise no_pairs("examples are", examples, ".train or .test")
    if not examples:
        raise ValueError("there are no examples to score")
    return examples


def split(data: Pairs, validation: Pairs | float | None, seed: int) -> tuple[Pairs, Pairs | None]:
    """The samples to train on and those to validate on; a share of the data is drawn at random."""
    if isinstance(validation, int):  # a bool too
        raise TypeError(f"validation is samples or a share such as 0.2, got {validation}")
    if validation is None or not isinstance(validation, float | Real):
        return data, validation
    return Examples([x for x, _ in data], [t for _, t in data]).split(float(validation), check_seed(seed))
