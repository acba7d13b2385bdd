"""Columns brought to mean 0 and standard deviation 1, and back."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from nn.data.rows import Rows

__all__ = ["Standardizer", "standardised"]


@dataclass(frozen=True)
class Standardizer:
    """Mean and scale of each column: `(x - mean) / scale`.

    Fit it on the training part only: means of the test part would tell the network about rows it
    must not have seen.
    """

    means: list[float]
    scales: list[float]

    @classmethod
    def fit(cls, rows: Sequence[Sequence[float]]) -> Standardizer:
        """Mean and population standard deviation (dividing by n) of each column of `rows`.

        A constant column gets scale 1, so that it becomes 0 instead of a division by zero.
        Raises ValueError if there are no rows, they differ in width, a number is not finite, or
        numbers are so large that their sum or deviation is not.
        """
        if not rows:
            raise ValueError("no rows; the mean and scale of a column need at least one")
        if not (isinstance(rows, Rows) and rows.finite):
            for number, row in enumerate(rows):
                _check_width(row, len(rows[0]), f"row {number}")
                for column, x in enumerate(row):
                    if not math.isfinite(x):
                        raise ValueError(f"row {number}, column {column}: {x}; a finite number is expected")
        columns = rows.by_column() if isinstance(rows, Rows) else zip(*rows, strict=True)
        fitted = [_mean_and_scale(column) for column in columns]
        for column, numbers in enumerate(fitted):
            if not all(map(math.isfinite, numbers)):
                raise ValueError(f"column {column}: its numbers are too large to be standardised")
        return cls([mean for mean, _ in fitted], [scale for _, scale in fitted])

    def apply(self, row: Sequence[float]) -> list[float]:
        """`row` in standard deviations from the mean. Raises ValueError for a wrong width."""
        _check_width(row, len(self.means), "the row")
        return [(x - mean) / scale for x, mean, scale in zip(row, self.means, self.scales, strict=True)]

    def apply_all(self, rows: Sequence[Sequence[float]]) -> Rows:
        """`apply` for all rows."""
        width = len(self.means)
        if not isinstance(rows, Rows):
            return Rows.of(map(self.apply, rows), width)
        each = zip(rows.by_column(), self.means, self.scales, strict=True)
        return Rows.of_columns((standardised(column, mean, scale) for column, mean, scale in each), width)

    def undo(self, row: Sequence[float]) -> list[float]:
        """The inverse of `apply`. Raises ValueError for a wrong width."""
        _check_width(row, len(self.means), "the row")
        return [x * scale + mean for x, mean, scale in zip(row, self.means, self.scales, strict=True)]


def standardised(column: Iterable[float], mean: float, scale: float) -> Iterable[float]:
    """The numbers in standard deviations from the mean."""
    return column if mean == 0.0 and scale == 1.0 else [(x - mean) / scale for x in column]


def _check_width(row: Sequence[float], width: int, what: str) -> None:
    if len(row) != width:
        raise ValueError(f"{what} has {len(row)} numbers; {width} are expected")


def _mean_and_scale(column: Sequence[float]) -> tuple[float, float]:
    if all(x == column[0] for x in column):
        return column[0], 1.0
    try:
        mean = math.fsum(column) / len(column)
    except OverflowError:
        return math.inf, math.inf
    # hypot is the root of the sum of squares, without overflow of the squares.
    scale = math.hypot(*[x - mean for x in column]) / math.sqrt(len(column))
    return mean, scale or 1.0
