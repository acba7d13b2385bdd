"""A series of numbers cut into windows: the last few numbers in, the next one out."""

from __future__ import annotations

import math
import os
from collections.abc import Sequence
from numbers import Real
from pathlib import Path

from nn.data.column import Column
from nn.data.csv_data import SPLIT, has_split
from nn.data.dataset import Dataset, number_dataset
from nn.data.examples import Examples
from nn.data.table import Table, read_table

__all__ = ["lag_windows", "load_series", "windows_dataset"]


def lag_windows(series: Sequence[float], lags: int) -> Examples:
    """Every window of `lags` numbers, oldest first, with the number after it as the target.

    Gives `len(series) - lags` examples; inputs have length `lags`, targets length 1.

    >>> list(lag_windows([1.0, 2.0, 3.0, 4.0], lags=2))
    [([1.0, 2.0], [3.0]), ([2.0, 3.0], [4.0])]

    Raises TypeError if `lags` is not an int, ValueError if it is below 1, if the series is not
    longer than `lags`, or if one of its numbers is not finite.
    """
    if isinstance(lags, bool) or not isinstance(lags, int):
        raise TypeError(f"lags is {lags!r}; an int of at least 1 is expected")
    if lags < 1:
        raise ValueError(f"lags is {lags}; at least 1 is expected")
    if len(series) <= lags:
        raise ValueError(
            f"a series of {len(series)} numbers has no window of {lags} with a number after it; at least {lags + 1} "
            "are expected"
        )
    numbers = [float(x) for x in series]
    for position, x in enumerate(numbers):
        if not math.isfinite(x):
            raise ValueError(f"number {position} of the series is {x}; a finite one is expected")
    starts = range(len(numbers) - lags)
    return Examples(
        [numbers[i : i + lags] for i in starts],
        [[numbers[i + lags]] for i in starts],
    )


def load_series(
    path: str | os.PathLike[str], column: str, lags: int, *, test_fraction: float = 0.2, unit: str = ""
) -> Dataset:
    """Read a CSV file (see `read_table`) of one row a time step, oldest first: the next number of a column, from the
    last `lags` of it.

    - `test_fraction`: the share of rows, the last ones, to test by. A column `split` whose cells are `train`, then
      `test` is honoured instead.
    - `unit`: the unit of the numbers, for printing.

    The windows of the test part may reach back into the training part, as a forecaster's would.

    Raises FileNotFoundError, TypeError or ValueError for `lags` and `test_fraction`, and ValueError that names the
    file, the line, the column, what was found and what was expected.
    """
    if isinstance(test_fraction, bool) or not isinstance(test_fraction, Real):
        raise TypeError(f"test_fraction is {test_fraction!r}; a number is expected")
    if not 0 < test_fraction < 1:
        raise ValueError(f"test_fraction is {test_fraction!r}; a number between 0 and 1 is expected")
    table = read_table(path)
    target = Column(column, "number", unit=unit)
    _check_gaps(table)
    series = [target.encode(cell, table.where(i, column))[0] for i, cell in enumerate(table.column(column))]
    marked = has_split(table) and column != SPLIT
    test = _last_rows(table) if marked else max(1, round(len(table) * test_fraction))
    if isinstance(lags, int) and len(table) < lags + 2 + test:
        raise ValueError(
            f"{table.path}: {len(table)} rows, {test} of them to test by; with windows of {lags} at least "
            f"{lags + 2 + test} are expected, so that two are left to learn from"
        )
    return windows_dataset(Path(path).stem, series, lags, test, target, f"{table.path}: {len(table)} rows")


def windows_dataset(name: str, series: list[float], lags: int, test: int, target: Column, source: str) -> Dataset:
    """The windows of a series, of which the last `test` are the test part. Raises as `lag_windows`, and if none is
    left to learn from."""
    most = len(series) - test - 2
    if isinstance(lags, int) and lags > most:
        raise ValueError(f"lags is {lags}; at most {most} leave windows to learn from")
    windows = lag_windows(series, lags)
    ago = [f"lag_{lag}" for lag in range(lags, 0, -1)]
    return number_dataset(name, windows[:-test], windows[-test:], ago, target, source, series)


def _check_gaps(table: Table) -> None:
    """Raises ValueError for an empty line between rows: it would shift all that comes after by a step, unseen."""
    for line, row, following in zip(table.lines, table.rows, table.lines[1:], strict=False):
        expected = line + 1 + sum(cell.count("\n") for cell in row.values())
        if following > expected:
            raise ValueError(
                f"{table.path}, line {expected}: an empty line, expected a row; if it stands for no time step, take it "
                "out"
            )


def _last_rows(table: Table) -> int:
    """How many rows are marked test. Raises ValueError for another mark, or if they are not the last, or none."""
    before = "train"
    for i, mark in enumerate(table.column(SPLIT)):
        if mark not in ("train", "test"):
            raise ValueError(f"{table.where(i, SPLIT)}: found {mark!r}, expected train or test")
        if (before, mark) == ("test", "train"):
            raise ValueError(
                f"{table.where(i, SPLIT)}: found train after test; of a series the last rows are those to test by"
            )
        before = mark
    if before == "train":
        raise ValueError(f"{table.path}, column {SPLIT!r}: no row is marked test; at least 1 is expected")
    return table.column(SPLIT).count("test")
