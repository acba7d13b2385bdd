"""One column of a table: how a cell becomes the numbers a network sees, and back."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from numbers import Real
from typing import Any, Literal

from nn.checks import did_you_mean, listing, setting, shown
from nn.data.cells import is_missing
from nn.data.examples import one_hot
from nn.data.standardizer import standardised
from nn.data.table import Table, parse_number

__all__ = ["Cell", "Column", "Kind"]

Cell = str | float
Kind = Literal["number", "category"]


@dataclass(frozen=True)
class Column:
    """A column of numbers, or of categories.

    A number x becomes `[(x - mean) / scale]`; with mean 0 and scale 1 it stays as it is.
    A category becomes one-hot: 1.0 at its place among `categories`, 0.0 elsewhere. With
    `drop_first` the first category is all zeros instead (its place is left out, since the other
    places already say it): treatment coding, as linear models want it.
    `unit` is the unit of the numbers, for printing, and `decimal` the sign before their decimals in a table that writes
    them in a custom of its own, "" for plain numbers. `dayfirst`: of a part of dates that were written as 3/4/2024,
    whether that is in April. `fill` is the number that stands in for a missing cell, such as the mean; None where a
    missing cell is an error.

    Raises ValueError if the parts do not fit together.
    """

    name: str
    kind: Kind
    mean: float = 0.0
    scale: float = 1.0
    categories: tuple[str, ...] = ()
    drop_first: bool = False
    unit: str = ""
    fill: float | None = None
    decimal: str = field(default="", compare=False)  # how it was written is no part of what it is
    dayfirst: bool | None = field(default=None, compare=False)

    def __post_init__(self) -> None:
        if self.kind not in ("number", "category"):
            raise ValueError(f"kind: {self.kind!r}; 'number' or 'category' is expected")
        if not math.isfinite(self.mean):
            raise ValueError(f"mean: {self.mean!r}; a finite number is expected")
        if not (math.isfinite(self.scale) and self.scale > 0):
            raise ValueError(f"scale: {self.scale!r}; a finite number above 0 is expected")
        if self.kind == "category" and not self.categories:
            raise ValueError("categories: none; a category column has at least one")
        if self.fill is not None and (self.kind == "category" or math.isinf(self.fill)):
            raise ValueError(f"fill: {self.fill!r}; a finite number is expected, and for a column of numbers only")
        if self.decimal not in ("", ".", ","):
            raise ValueError(f"decimal: {self.decimal!r}; '.' or ',' is expected")
        if self.kind == "number" and self.categories:
            raise ValueError("categories: a number column has none")
        if len(set(self.categories)) != len(self.categories):
            raise ValueError(f"categories: one of {listing(self.categories)} appears twice")

    @classmethod
    def infer(cls, table: Table, name: str, kind: Kind | None = None, unit: str = "", fill: bool = False) -> Column:
        """Read off a table whether a column holds numbers or categories, and which.

        More than half of the cells being numbers makes it a number column, unless `kind` says otherwise. With
        `fill` such a column may have missing cells, for which there is no number yet. Categories are in alphabetical
        order, or in the order of their numbers.
        Raises ValueError, naming file, line and column, for a missing cell, an infinite number,
        text among numbers, or a text column whose cells are nearly all different.
        """
        if kind != "category" and table.numbers(name) is not None:
            return cls(name, "number", unit=unit, fill=math.nan if fill else None)
        if fill and kind != "category" and any(x == x for x in table.numbers_and_gaps(name) or ()):
            return cls(name, "number", unit=unit, fill=math.nan)
        cells = table.column(name)
        there = [cell for cell in cells if not is_missing(cell)]
        if kind is None:
            mostly = 2 * sum(parse_number(cell) is not None for cell in there) > len(there)
            kind = "number" if mostly else "category"
        for i, cell in enumerate(cells):
            if is_missing(cell) and not (fill and kind == "number"):
                raise ValueError(
                    f"{table.where(i, name)}: {_found(cell)}, expected a value ({setting('missing', 'drop')} leaves "
                    "such rows out)"
                )
        if kind == "number":
            _check_numbers(table, name, cells)
            return cls(name, "number", unit=unit, fill=math.nan if fill else None)
        categories = _in_order(set(cells))
        if len(categories) > 20 and 2 * len(categories) > len(cells):
            raise ValueError(
                f"{table.path}, column {name!r}: {len(categories)} different texts in "
                f"{len(cells)} rows are no categories; leave the column out ({setting('exclude', [name])}), or take "
                "another target"
            )
        return cls(name, "category", categories=tuple(categories), unit=unit)

    @property
    def features(self) -> list[str]:
        """The names of the numbers this column becomes: `age`, or `sex=female`, `sex=male`."""
        if self.kind == "number":
            return [self.name]
        return [f"{self.name}={category}" for category in self.categories[self._first :]]

    def encode(self, cell: Cell, where: str | None = None) -> list[float]:
        """The numbers for one cell (a text or a number); as many as there are `features`.

        Raises ValueError, beginning with `where`, for a missing cell, text where a number is
        needed, a number that is not finite, an unknown category.
        """
        if self.kind == "category":
            index = self.index(cell, where)
            return one_hot(index, self.categories)[self._first :]
        if self.fill is not None and isinstance(cell, str) and is_missing(cell):
            return [(self.fill - self.mean) / self.scale]
        return [(_number(cell, where or self._place) - self.mean) / self.scale]

    def encode_all(self, table: Table) -> list[Iterable[float]]:
        """The numbers of all cells of this column in a table, for each of `features`. Raises as `encode`, naming the
        place of the cell."""
        if self.kind == "category":
            indices = self.indices(table)
            return [[float(i == place) for i in indices] for place in range(self._first, len(self.categories))]
        numbers = table.numbers(self.name) or self.filled(table)
        if numbers is None:
            cells = enumerate(table.column(self.name))
            return [[self.encode(cell, table.where(i, self.name))[0] for i, cell in cells]]
        return [standardised(numbers, self.mean, self.scale)]

    def filled(self, table: Table) -> list[float] | None:
        """The numbers of a table, with that which stands in for missing ones; None where there is none, or a cell is
        something else."""
        fill, numbers = self.fill, table.numbers_and_gaps(self.name)
        return None if fill is None or numbers is None else [x if x == x else fill for x in numbers]

    def indices(self, table: Table) -> list[int]:
        """The place of each cell of this column in a table among the categories. Raises as `index`."""
        places, cells = self._places, table.column(self.name)
        return [places[cell] if cell in places else self.index(cell, table.where(i, self.name))
                for i, cell in enumerate(cells)]  # fmt: skip

    def index(self, cell: Cell, where: str | None = None) -> int:
        """The place of a cell among the categories. Raises ValueError for an unknown one."""
        text = str(cell).strip()
        if text in self._places:
            return self._places[text]
        raise ValueError(
            f"{where or self._place}: {_found(text)}, expected one of "
            f"{listing(self.categories)}{did_you_mean(text, self.categories)}"
        )

    @cached_property
    def _places(self) -> dict[str, int]:
        """Where each category is, found at once."""
        return {category: i for i, category in enumerate(self.categories)}

    @property
    def _first(self) -> int:
        """The first category that has a place of its own."""
        return 1 if self.drop_first else 0

    @property
    def _place(self) -> str:
        return f"column {self.name!r}"

    def undo(self, number: float) -> float:
        """The number in the unit of the column for a standardised one."""
        return number * self.scale + self.mean

    def to_dict(self) -> dict[str, Any]:
        """The column as JSON data."""
        common = {"name": self.name, "kind": self.kind, "unit": self.unit}
        if self.kind == "number":
            fill = {} if self.fill is None else {"fill": self.fill}
            decimal = {"decimal": self.decimal} if self.decimal else {}
            dayfirst = {} if self.dayfirst is None else {"dayfirst": self.dayfirst}
            return common | {"mean": self.mean, "scale": self.scale} | fill | decimal | dayfirst
        return common | {"categories": list(self.categories), "drop_first": self.drop_first}

    @classmethod
    def from_dict(cls, data: object, where: str = "column") -> Column:
        """The inverse of `to_dict`. Raises ValueError, naming the field, for anything else."""
        if not isinstance(data, Mapping):
            raise ValueError(f"{where}: {shown(data)}; an object is expected")
        kind = _field(data, "kind", str, where)
        kinds = {"name": str, "kind": str, "unit": str} | (
            {"categories": list, "drop_first": bool} if kind == "category" else {"mean": float, "scale": float}
        )
        if kind == "number":
            kinds |= {key: of for key, of in {"fill": float, "decimal": str, "dayfirst": bool}.items() if key in data}
        for key in data:
            if key not in kinds:
                raise ValueError(f"{where}.{key}: unknown; expected {listing(list(kinds))}")
        values = {key: _field(data, key, kind_of, where) for key, kind_of in kinds.items()}
        for i, category in enumerate(values.get("categories", [])):
            if not isinstance(category, str):
                raise ValueError(f"{where}.categories[{i}]: {shown(category)}; a text is expected")
        if "categories" in values:
            values["categories"] = tuple(values["categories"])
        try:
            return cls(**values)
        except ValueError as error:
            raise ValueError(f"{where}.{error}") from None


JSON_TYPES = {str: "a text", float: "a number", bool: "true or false", list: "a list"}


def _field(data: Mapping[str, Any], key: str, kind: type, where: str) -> Any:
    """`data[key]` if it has the expected type; an int counts as a float."""
    if key not in data:
        raise ValueError(f"{where}.{key}: missing; {JSON_TYPES[kind]} is expected")
    value = data[key]
    if kind is float and isinstance(value, int) and not isinstance(value, bool):
        value = _to_float(value)
    if not isinstance(value, kind):
        raise ValueError(f"{where}.{key}: {shown(value)}; {JSON_TYPES[kind]} is expected")
    return value


def _found(cell: str) -> str:
    return f"found {shown(cell)}" if cell else "an empty cell"


def _in_order(cells: set[str]) -> list[str]:
    """In the order of their numbers if all are numbers, else in alphabetical order."""
    if all(parse_number(cell) is not None for cell in cells):
        return sorted(cells, key=lambda cell: (float(cell), cell))
    return sorted(cells)


def _to_float(number: Real | int) -> float:
    """The number as a float, an int too large for one as infinity."""
    try:
        return float(number)
    except OverflowError:
        return math.inf


def _check_numbers(table: Table, name: str, cells: Sequence[str]) -> None:
    """Raises ValueError for the first cell that is there and no finite number, saying what the next ones are."""
    wrong = []
    for i, cell in enumerate(cells):
        number = parse_number(cell)
        if not is_missing(cell) and (number is None or not math.isfinite(number)):
            wrong.append(i)
    if not wrong:
        return
    first, *others = wrong
    more = ", ".join(f"{shown(cells[i])} in line {table.lines[i]}" for i in others[:2])
    count = f" and {len(others) - 2} more" if len(others) > 2 else ""
    try:
        _number(cells[first], table.where(first, name))
    except ValueError as error:
        raise ValueError(f"{error}{f' (then {more}{count})' if others else ''}") from None


def _number(cell: object, where: str) -> float:
    """The finite number in a cell. Raises ValueError, beginning with `where`."""
    if isinstance(cell, str):
        number = None if is_missing(cell) else parse_number(cell)
        found = _found(cell)
    else:
        number = _to_float(cell) if isinstance(cell, Real) and not isinstance(cell, bool) else None
        found = f"found {shown(cell)}"
    if number is None:
        raise ValueError(f"{where}: {found}, expected a number")
    if not math.isfinite(number):
        raise ValueError(f"{where}: {found}, expected a finite number")
    return number
