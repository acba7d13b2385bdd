"""A series of numbers cut into windows: the last few numbers in, the next one out."""

from __future__ import annotations

import math
import os
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import pairwise
from numbers import Real
from pathlib import Path
from statistics import median

from nn.data.column import Column
from nn.data.csv_data import SPLIT, has_split
from nn.data.dataset import Dataset, number_dataset
from nn.data.dates import AmbiguousDate, dates_of
from nn.data.examples import Examples
from nn.data.table import Table, read_table
from nn.data.tidy import tidied

__all__ = ["lag_windows", "load_series", "windows_dataset"]

LONGEST_STEP = 1.6
"""In times of the usual step between two dates: February is shorter than March, and a weekend is a gap."""


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
    path: str | os.PathLike[str],
    column: str,
    lags: int,
    *,
    test_fraction: float = 0.2,
    unit: str = "",
    na: Sequence[str] = (),
    decimal: str | None = None,
    sep: str | None = None,
    encoding: str | None = None,
) -> Dataset:
    """Read a CSV file (see `read_table`) of one row a time step, oldest first: the next number of a column, from the
    last `lags` of it.

    - `test_fraction`: the share of rows, the last ones, to test by. A column `split` whose cells are `train`, then
      `test` is honoured instead.
    - `unit`: the unit of the numbers, for printing; what the file says unless given.
    - `na`, `decimal`, `sep`, `encoding`: as `load_csv` takes them.

    Where a column holds dates, `Dataset.overview` warns of those that run backwards, and of gaps between them. The
    windows of the test part may reach back into the training part, as a forecaster's would.

    Raises FileNotFoundError, TypeError or ValueError for `lags` and `test_fraction`, and ValueError that names the
    file, the line, the column, what was found and what was expected.
    """
    if isinstance(test_fraction, bool) or not isinstance(test_fraction, Real):
        raise TypeError(f"test_fraction is {test_fraction!r}; a number is expected")
    if not 0 < test_fraction < 1:
        raise ValueError(f"test_fraction is {test_fraction!r}; a number between 0 and 1 is expected")
    written = read_table(path, sep, encoding)
    _check_gaps(written)
    table = tidied(written, na=na, decimal=decimal)
    written.require([column])
    table.require([column])
    target = Column(column, "number", unit=unit or table.units.get(column, ""))
    series = [target.encode(cell, table.where(i, column))[0] for i, cell in enumerate(table.column(column))]
    marked = has_split(table) and column != SPLIT
    test = _last_rows(table) if marked else max(1, round(len(table) * test_fraction))
    if isinstance(lags, int) and len(table) < lags + 2 + test:
        raise ValueError(
            f"{table.path}: {len(table)} rows, {test} of them to test by; with windows of {lags} at least "
            f"{lags + 2 + test} are expected, so that two are left to learn from"
        )
    data = windows_dataset(Path(path).stem, series, lags, test, target, f"{table.path}: {len(table)} rows")
    said = [*(f"note: {note}" for note in table.notes), *(f"warning: {text}" for text in _odd_times(written))]
    return replace(data, overview="\n".join(said))


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


def _odd_times(table: Table) -> Iterator[str]:
    """What is odd about the dates of a series, of each column that holds some."""
    for name in table.header:
        days = _days(table, name)
        steps = [(later - earlier).total_seconds() for earlier, later in pairwise(days)]
        if not steps:
            continue
        backwards = next((i for i, step in enumerate(steps, 1) if step < 0), None)
        if backwards:
            yield f"{table.where(backwards, name)}: before the row above it; the oldest comes first in a series"
            continue
        usual = median(steps)
        gaps = [i for i, step in enumerate(steps, 1) if step > LONGEST_STEP * usual]
        if gaps:
            yield f"{table.where(gaps[0], name)}: a gap before it, and {len(gaps)} in all; windows take no notice of it"


def _days(table: Table, name: str) -> Sequence[datetime]:
    try:
        found = dates_of(table.column(name))
    except AmbiguousDate:
        return ()
    return found.days if found else ()


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
