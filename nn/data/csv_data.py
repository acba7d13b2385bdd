"""A user's own CSV file as a data set."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Literal, get_args

from nn.checks import one_of
from nn.data.dataset import Dataset, prepared_dataset
from nn.data.examples import Examples, Seed
from nn.data.overview import overview
from nn.data.preparation import Preparation, Task, feature_names
from nn.data.table import Table, read_table
from nn.data.tidy import tidied

__all__ = ["SPLIT", "check_classes", "has_split", "load_csv", "split_by_column", "table_dataset"]

SPLIT = "split"
Missing = Literal["error", "drop", "mean"]
MISSING: tuple[str, ...] = get_args(Missing)


def load_csv(
    path: str | os.PathLike[str],
    target: str,
    *,
    features: Sequence[str] | None = None,
    exclude: Sequence[str] = (),
    task: Task | None = None,
    test_fraction: float = 0.2,
    seed: Seed = 0,
    missing: Missing = "error",
    drop_first: bool = False,
    unit: str = "",
    na: Sequence[str] = (),
    decimal: str | None = None,
    sep: str | None = None,
    encoding: str | None = None,
) -> Dataset:
    """Read a CSV file (see `read_table`) and prepare it for a network.

    - `target`: the column to be told. Text makes it classification, numbers regression, unless
      `task="classification"` says that the numbers are labels.
    Cells are read in the custom of their column: `$1,500`, `1.500,00`, `4.9 %`, `5 kg`, `(200)` are numbers, with their
    unit kept; dates become year, month (as a place on a circle) and day. `Dataset.overview` says of each column what
    it was taken for, and warns of what is odd.

    - `features`, `exclude`: the columns to learn from, all others if None, and those of them that are left out. A text
      column becomes one-hot inputs called `sex=female`, `sex=male`; `drop_first` leaves the first of them out.
    - `test_fraction`, `seed`: the share of rows drawn at random to test by; 0 for none. A column
      `split` whose cells are `train` and `test` is honoured instead.
    - `missing`: "error", "drop" to leave out rows with a missing cell in a column that is used, or "mean" to put the
      mean of the training rows in the place of missing numbers (rows without a target are left out).
    - `unit`: the unit of the target, for printing; what the file says unless given.
    - `na`: further texts that stand for a missing cell.
    - `decimal`: "." or ",", what stands before the decimals, where a column does not tell.
    - `sep`, `encoding`: as `read_table` takes them.

    The categories and classes are those of the whole file. Nothing is standardised yet:
    `Dataset.standardised()` does it, from the training part.

    Raises FileNotFoundError, or ValueError that names the file, the line, the column, what was
    found and what was expected.
    """
    return table_dataset(
        read_table(path, sep, encoding),
        Path(path).stem,
        target,
        features=features,
        exclude=exclude,
        task=task,
        test_fraction=test_fraction,
        seed=seed,
        missing=missing,
        drop_first=drop_first,
        unit=unit,
        na=na,
        decimal=decimal,
    )


def table_dataset(
    table: Table,
    name: str,
    target: str,
    *,
    features: Sequence[str] | None = None,
    exclude: Sequence[str] = (),
    task: Task | None = None,
    test_fraction: float = 0.2,
    seed: Seed = 0,
    missing: Missing = "error",
    drop_first: bool = False,
    unit: str = "",
    na: Sequence[str] = (),
    decimal: str | None = None,
    source: str | None = None,
) -> Dataset:
    """The data set in a table: `load_csv` after reading. `source` is made up if None."""
    one_of("missing", missing, MISSING)
    table = tidied(table, [target] if task == "classification" else [], na, decimal)
    names = feature_names(table, target, features, exclude)
    own_split = has_split(table) and target != SPLIT and (features is None or SPLIT not in names)
    if own_split and features is None and SPLIT in names:
        names.remove(SPLIT)
    rows = len(table)
    if missing != "error":
        table = table.without_missing([target, *names] if missing == "drop" else [target])
    left_out = f", {rows - len(table)} left out for a missing cell" if missing != "error" else ""
    if len(table) < 3:
        raise ValueError(
            f"{table.path}: {len(table)} rows{left_out}; at least 3 are expected, 2 to learn from and 1 to test by"
        )
    preparation = Preparation.fit(table, target, names, task, drop_first, unit, fill=missing == "mean")
    examples = preparation.encode(table)
    train, test = split_by_column(table, examples) if own_split else examples.split(test_fraction, seed)
    del examples  # of a large table they are as large as both parts
    if missing == "mean":
        preparation = preparation.filled(train)
        train, test = preparation.without_missing(train), preparation.without_missing(test)
    if preparation.task == "classification":
        check_classes(table, target, train)
    source = source or f"{table.path}: {rows} rows{left_out}"
    said = overview(table, preparation, train, test, own_split)
    return replace(prepared_dataset(name, train, test, preparation, source), overview=said)


def has_split(table: Table) -> bool:
    """Whether there is a column `split` that marks rows as train or test."""
    return SPLIT in table.header and not {"train", "test"}.isdisjoint(table.column(SPLIT))


def split_by_column(table: Table, examples: Examples) -> tuple[Examples, Examples]:
    """The rows marked train and those marked test. Raises ValueError for another mark."""
    places: dict[str, list[int]] = {"train": [], "test": []}
    for i, mark in enumerate(table.column(SPLIT)):
        if mark not in places:
            raise ValueError(f"{table.where(i, SPLIT)}: found {mark!r}, expected train or test")
        places[mark].append(i)
    if len(places["train"]) < 2 or not places["test"]:
        raise ValueError(
            f"{table.path}, column {SPLIT!r}: {len(places['train'])} rows train and "
            f"{len(places['test'])} test; at least 2 and 1 are expected"
        )
    return examples.take(places["train"]), examples.take(places["test"])


def check_classes(table: Table, target: str, train: Examples) -> None:
    """Raises ValueError for a training part in which all is of one class."""
    if len(set(train.targets)) < 2:
        raise ValueError(
            f"{table.path}, target {target!r}: the training part has one class only; more rows or another split are "
            "needed"
        )
