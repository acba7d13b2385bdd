"""Rows of numbers as one block of float64: 8 bytes a number, which NumPy reads as it is."""

from __future__ import annotations

import sys
from array import array
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, overload

from nn.data.cells import all_finite

__all__ = ["Rows", "taken"]


class Rows(Sequence[list[float]]):
    """Rows of equally many numbers; a sequence of lists, each made when it is asked for.

    Attributes:
        numbers: of all rows, one row after another.
        width: how many a row has.

    >>> rows = Rows.of_columns([[1.0, 2.0], [3.0, 4.0]], width=2)
    >>> rows[1], list(rows.column(0))
    ([2.0, 4.0], [1.0, 2.0])
    """

    def __init__(self, numbers: array[float], width: int) -> None:
        self.numbers, self.width = numbers, width

    @classmethod
    def of(cls, rows: Iterable[Iterable[float]], width: int) -> Rows:
        """The rows of lists of equal length."""
        numbers = array("d")
        for row in rows:
            numbers.extend(row)
        return cls(numbers, width)

    @classmethod
    def of_columns(cls, columns: Iterable[Iterable[float]], width: int) -> Rows:
        """The rows of so many columns of equal length."""
        numbers = array("d")
        for place, column in enumerate(columns):
            column = column if isinstance(column, array) else array("d", column)
            numbers = numbers or array("d", bytes(8 * len(column) * width))
            numbers[place::width] = column
        return cls(numbers, width)

    @classmethod
    def of_array(cls, block: Any) -> Rows:
        """The rows of an array of NumPy's, float64[rows, width], which are copied at once."""
        numbers = array("d")
        numbers.frombytes(block.tobytes())
        return cls(numbers, block.shape[1])

    def __len__(self) -> int:
        return len(self.numbers) // self.width

    def __iter__(self) -> Iterator[list[float]]:
        width, numbers = self.width, self.numbers
        return (numbers[start : start + width].tolist() for start in range(0, len(numbers), width))

    @overload
    def __getitem__(self, index: int) -> list[float]: ...
    @overload
    def __getitem__(self, index: slice) -> Rows: ...
    def __getitem__(self, index: int | slice) -> list[float] | Rows:
        if isinstance(index, slice):
            return self.take(range(*index.indices(len(self))))
        start = range(len(self))[index] * self.width
        return self.numbers[start : start + self.width].tolist()

    def __eq__(self, other: object) -> bool:
        """Whether the other has the same rows, as lists too."""
        if isinstance(other, Rows):
            return self.width == other.width and self.numbers == other.numbers
        return list(self) == other

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"Rows({len(self)} of {self.width} numbers)"

    def __add__(self, others: Iterable[list[float]]) -> list[list[float]]:
        """Both, as lists are put together."""
        return [*self, *others]

    @property
    def __array_interface__(self) -> dict[str, Any]:
        """float64[rows, width] for `numpy.asarray`, which copies nothing."""
        shape, order = (len(self), self.width), "<" if sys.byteorder == "little" else ">"
        return {"version": 3, "shape": shape, "typestr": f"{order}f8", "data": self.numbers}

    @property
    def finite(self) -> bool:
        """Whether no number is nan or infinite."""
        return all_finite(self.numbers)

    def column(self, place: int) -> array[float]:
        return self.numbers[place :: self.width]

    def by_column(self) -> Iterator[array[float]]:
        return map(self.column, range(self.width))

    def keys(self) -> Iterator[bytes]:
        """The bytes of each row, by which it is found in a set."""
        content, size = memoryview(self.numbers).cast("B"), 8 * self.width
        return (bytes(content[start : start + size]) for start in range(0, len(content), size))

    def take(self, indices: Iterable[int]) -> Rows:
        """The rows at these indices, in the order of the indices."""
        width, numbers, found = self.width, self.numbers, array("d")
        for start in map(width.__mul__, indices):
            found += numbers[start : start + width]
        return Rows(found, width)


def taken(items: Any, indices: Iterable[int]) -> Any:
    """The items at these indices: of rows rows, of all else a list."""
    return items.take(indices) if isinstance(items, Rows) else [items[i] for i in indices]
