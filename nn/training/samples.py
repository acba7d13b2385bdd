"""Looking at samples before they are trained on: widths, numbers, and the validation part."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from numbers import Real
from pathlib import Path
from typing import Any, TypeGuard

from nn.checks import check_seed, did_you_mean, listing, plain, shown
from nn.data import Dataset, Examples
from nn.data.rows import Rows
from nn.layers.module import Module

__all__ = [
    "Pairs", "Validation", "check_columns", "checked", "columns_of", "paired", "rows_of", "some", "split", "uniform",
]  # fmt: skip

Pairs = Sequence[tuple[Any, Any]]
Validation = Pairs | tuple[Any, Any] | float | None
PLAIN = frozenset({float})


def paired(X: Any, y: Any = None) -> Pairs:
    """The samples, as pairs: of inputs X and targets y, or X itself where there is no y.

    Args:
        X: lists, an array, a tensor, or a data frame, whose cells are numbers; or pairs (input row, target).
        y: a target for each row of X; of a data frame also the name of the column that holds them, all others being
            the inputs.

    Raises:
        TypeError: for what is no list of rows or of targets, and for X that holds its targets already.
        ValueError: for other numbers of rows and of targets, and for a column that there is not.
    """
    if y is None:
        return X
    if isinstance(X, Dataset | str | Path):
        raise no_pairs("data is", X, ".train")
    if isinstance(X, Examples):
        raise TypeError(f"X, a part of a data set, holds its targets already; leave y out, got y = {shown(y)}")
    if isinstance(y, str):
        X, y = without_column(X, y)
    inputs, targets = rows_of("X", X), rows_of("y", y)
    check_columns(X, inputs)
    if len(inputs) != len(targets):
        raise ValueError(f"X has {len(inputs)} rows and y {len(targets)}; each row needs exactly one target")
    return Examples(inputs, targets)


def without_column(frame: Any, name: str) -> tuple[Any, Any]:
    """The columns of a data frame but one, and that one."""
    names = columns_of(frame)
    if not names:
        raise TypeError(f"y names a column, {name!r}, and X is no data frame, got {type(frame).__name__}")
    if name not in names:
        raise ValueError(f"X has no column {name!r}{did_you_mean(name, map(str, names))}; it has {listing(names)}")
    return frame[[other for other in names if other != name]], frame[name]


def columns_of(table: Any) -> list[Any]:
    """The names of the columns of a data frame; none for all else."""
    return list(getattr(table, "columns", ()))


def rows_of(what: str, given: Any) -> Sequence[Any]:
    """An array, a tensor, a frame or a sequence as a list, or as rows; rows of a table as they are."""
    if hasattr(given, "toarray"):
        raise TypeError(f"{what} is sparse; write {what}.toarray()")
    if str(getattr(given, "dtype", "")) == "float64" and len(given.shape) == 2 and 0 not in given.shape:
        return Rows.of_array(given)
    rows = plain(given)
    if not isinstance(rows, Sequence) or isinstance(rows, str):
        each = "a list of rows" if what == "X" else "a list with one target for each row of X"
        advice = "; write list(...) of it" if isinstance(rows, Iterator) else ""
        raise TypeError(f"{what} is {each}, got {type(given).__name__} {shown(given)}{advice}")
    return rows if isinstance(rows, Rows) else list(rows)


def check_columns(frame: Any, rows: Sequence[Sequence[Any]]) -> None:
    """A column of a data frame whose cells are not all numbers is named.

    Raises:
        TypeError: for a cell that is no number.
        ValueError: for one that is nan or infinite.
    """
    for j, name in enumerate(columns_of(frame)):
        for i, cell in enumerate(row[j] for row in rows):
            if not isinstance(cell, Real):
                got = f"{type(cell).__name__} {shown(cell)}"
                advice = "; write a column of 0 and 1 for each text" if isinstance(cell, str) else ""
                raise TypeError(f"column {name!r} of X must hold numbers, got {got} in row {i}{advice}")
            if not math.isfinite(cell):
                raise ValueError(f"column {name!r} of X: row {i} is {cell}")


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
    if uniform(data) and (not isinstance(width, int) or width == data.inputs.width) and all_finite(data):
        return data  # the usual case of a table, looked at fast
    for i, sample in enumerate(data):
        if not isinstance(sample, tuple | list) or len(sample) != 2:
            advice = "; inputs and targets are given apart, as X, y" if len(data) == 2 else ""
            raise TypeError(f"{called} {i} is no pair (input row, target): {shown(sample)}{advice}")
        row, target = sample
        if isinstance(width, int) and not hasattr(row, "__len__"):
            advice = "; for one input a row write [[x] for x in X]" if width == 1 else ""
            got = f"{type(row).__name__} {row!r}"
            raise TypeError(f"{called} {i}: the input is a row, a list of numbers, got {got}{advice}")
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


def uniform(data: Pairs) -> TypeGuard[Examples]:
    """Whether the samples are those of a table: rows of equally many numbers, with a class each or as many targets."""
    if not isinstance(data, Examples) or not isinstance(data.inputs, Rows) or not len(data):
        return False
    return isinstance(data.targets, Rows) or all(target.__class__ is int for target in data.targets)


def all_finite(examples: Examples) -> bool:
    """Whether no number of a table is nan or infinite."""
    return all(part.finite for part in (examples.inputs, examples.targets) if isinstance(part, Rows))


def entries(row: Any) -> Any:
    row = plain(row)
    return row if hasattr(row, "__len__") else [row]


def no_pairs(what: str, given: Any, part: str) -> TypeError:
    """For what is no sequence of pairs."""
    advice = "give inputs and targets apart, as X, y"
    if hasattr(given, "train"):
        advice = f"did you mean its {part} part?"
    elif hasattr(given, "to_numpy"):
        advice = "give inputs and target apart, as frame[inputs], frame[target]"
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


def is_pair(given: Any) -> bool:
    return isinstance(given, tuple) and len(given) == 2


def split(data: Pairs, validation: Validation, seed: int) -> tuple[Pairs, Pairs | None]:
    """The samples to train on and those to validate on: pairs, (X, y), or a share of the data that is drawn at
    random."""
    if isinstance(validation, int):  # a bool too
        raise TypeError(f"validation is samples or a share such as 0.2, got {validation}")
    if isinstance(validation, tuple) and len(validation) == 2 and not all(map(is_pair, validation)):
        return data, paired(*validation)
    if validation is None or not isinstance(validation, float | Real):
        return data, validation
    examples = data if isinstance(data, Examples) else Examples([x for x, _ in data], [t for _, t in data])
    return examples.split(float(validation), check_seed(seed))
