"""A user's own CSV file as a data set."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from nn.data.dataset import Dataset, prepared_dataset
from nn.data.examples import Examples, Seed
from nn.data.preparation import Preparation, Task, feature_names
from nn.data.table import Table, read_table

__all__ = ["SPLIT", "check_classes", "has_split", "load_csv", "split_by_column", "table_dataset"]

SPLIT = "split"


def load_csv(
    path: str | os.PathLike[str],
    target: str,
    *,
    features: Sequence[str] | None = None,
    task: Task | None = None,
    test_fraction: float = 0.2,
    seed: Seed = 0,
    missing: Literal["error", "drop"] = "error",
    drop_first: bool = False,
    unit: str = "",
) -> Dataset:
    """Read a CSV file (see `read_table`) and prepare it for a network.

    - `target`: the column to be told. Text makes it classification, numbers regression, unless
      `task="classification"` says that the numbers are labels.
    - `features`: the columns to learn from; all others if None. A text column becomes one-hot
      inputs called `sex=female`, `sex=male`; `drop_first` leaves the first of them out.
    - `test_fraction`, `seed`: the share of rows drawn at random to test by; 0 for none. A column
      `split` whose cells are `train` and `test` is honoured instead.
    - `missing`: "error", or "drop" to leave out rows with a missing cell in a column that is used.
    - `unit`: the unit of the target, for printing.

    The categories and classes are those of the whole file. Nothing is standardised yet:
    `Dataset.standardised()` does it, from the training part.

    Raises FileNotFoundError, or ValueError that names the file, the line, the column, what was
    found and what was expected.
    """
    table = read_table(path)
    return table_dataset(
        table,
        Path(path).stem,
        target,
        features=features,
        task=task,
        test_fraction=test_fraction,
        seed=seed,
        missing=missing,
        drop_first=drop_first,
        unit=unit,
    )


def table_dataset(
    table: Table,
    name: str,
    target: str,
    *,
    features: Sequence[str] | None = None,
    task: Task | None = None,
    test_fraction: float = 0.2,
    seed: Seed = 0,
    missing: Literal["error", "drop"] = "error",
    drop_first: bool = False,
    unit: str = "",
    source: str | None = None,
) -> Dataset:
    """The data set in a table: `load_csv` after reading. `source` is made up if None."""
    if missing not in ("error", "drop"):
        raise ValueError(f"missing is {missing!r}; 'error' or 'drop' is expected")
    names = feature_names(table, target, features)
    own_split = has_split(table) and target != SPLIT and (features is None or SPLIT not in names)
    if own_split and features is None:
        names.remove(SPLIT)
    rows = len(table)
    if missing == "drop":
        table = table.without_missing([target, *names])
    left_out = f", {rows - len(table)} left out for a missing cell" if missing == "drop" else ""
    if len(table) < 3:
        raise ValueError(
            f"{table.path}: {len(table)} rows{left_out}; at least 3 are expected, 2 to learn from and 1 to test by"
        )
    preparation = Preparation.fit(table, target, names, task, drop_first, unit)
    examples = preparation.encode(table)
    train, test = split_by_column(table, examples) if own_split else examples.split(test_fraction, seed)
    if preparation.task == "classification":
        check_classes(table, target, train)
    source = source or f"{table.path}: {rows} rows{left_out}"
    return prepared_dataset(name, train, test, preparation, source)


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
