"""A table whose cells are plain: numbers as Python writes them whatever the custom of their column, missing cells
empty, dates as numbers. What was done is said."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from itertools import islice

from nn.checks import setting
from nn.data.cells import is_missing
from nn.data.dates import PARTS, AmbiguousDate, Dates, dates_of, numbers_of_date
from nn.data.numerals import Ambiguous, Custom, custom_of, numeral
from nn.data.table import Table, parse_number

__all__ = ["DECIMALS", "tidied"]

DECIMALS = (".", ",")
MISSING_AMONG_NUMBERS = frozenset({
    "?", "-", "--", "---", "–", "—", ".", "..", "none", "missing", "n.a.", "n/d", "nd", "#div/0!", "#value!", "#ref!",
    "#num!", "#name?", "#null!",
})  # fmt: skip
"""What programs write where there is no number; among texts it may be one."""

LOOKED_AT = 21
"""Rows that tell whether the first one holds units."""
UNIT = re.compile(r"[\[(]?[^\W\d_][^\s]{0,11}[\])]?|[\[(]?[%‰°µ][^\s]{0,4}[\])]?|[\[(][^\])]{1,12}[\])]")


def tidied(table: Table, labels: Iterable[str] = (), na: Iterable[str] = (), decimal: str | None = None,
           decimals: Mapping[str, str] | None = None, dayfirst: Mapping[str, bool] | None = None) -> Table:  # fmt: skip
    """The table with plain cells.

    Args:
        table: as it was read.
        labels: columns whose cells are names, whatever they look like.
        na: further texts that stand for a missing cell, in every column.
        decimal: the sign before the decimals, "." or ",", for columns that do not tell.
        decimals: the same for some columns, known from an earlier table of the same kind.
        dayfirst: for parts of dates whether the day stood before the month, as 3/4/2024, known from that table too.

    Raises:
        ValueError: for a column that can be read in two ways, naming the first such cell.
    """
    if decimal is not None and decimal not in DECIMALS:
        raise ValueError(f"decimal is {decimal!r}; '.' or ',' is expected")
    table = without_units(table)
    missing, names = {text.strip().casefold() for text in na}, set(labels)
    columns, units, customs, notes = {}, dict(table.units), dict[str, str](), list(table.notes)
    orders: dict[str, bool] = {}
    for name in table.header:
        sign = decimal or (decimals or {}).get(name)
        if table.numbers_and_gaps(name) is not None and not missing and sign != ",":
            continue  # the usual case, looked at fast
        cells = table.column(name)
        there = ["" if cell.casefold() in missing else cell for cell in cells] if missing else cells
        order = next((first for part, first in (dayfirst or {}).items() if part in names_of_parts(name)), None)
        found = Tidied({name: there}) if name in names else tidied_column(table, name, there, sign, order)
        if found.columns != {name: cells}:
            columns[name] = found.columns
        if found.unit:
            units[name] = found.unit
        if found.decimal:
            customs[name] = found.decimal
        if found.dayfirst is not None:
            orders |= dict.fromkeys(found.columns, found.dayfirst)
        if found.note:
            notes.append(f"{name}: {found.note}")
    table = table.instead(columns) if columns else table
    return replace(table, units=units, decimals=customs, dayfirst=orders, notes=notes)


def without_units(table: Table) -> Table:
    """The table without a first row that holds the units of its numbers, and with these."""
    if len(table) < 3:
        return table
    shown, *rest = islice(table.rows, LOOKED_AT)
    numbers = [name for name in table.header if numeral(rest[0][name]) and all(is_plain(row[name]) for row in rest)]
    units = {name: shown[name].strip("[]() ") for name in numbers if shown[name]}
    if len(units) < 2 or not all(UNIT.fullmatch(shown[name]) and not is_plain(shown[name]) for name in units):
        return table
    note = f"line {table.lines[0]} holds the units of the columns"
    return replace(table.take(range(1, len(table))), units={**table.units, **units}, notes=[*table.notes, note])


def is_plain(cell: str) -> bool:
    """Whether a cell is as one of a column of numbers may be."""
    return is_missing(cell) or cell.casefold() in MISSING_AMONG_NUMBERS or numeral(cell) is not None


@dataclass(frozen=True)
class Tidied:
    """What stands in the place of a column, the unit of its numbers, the sign before their decimals, whether the day of
    its dates stood before the month, and how it was read."""

    columns: dict[str, list[str]]
    unit: str = ""
    decimal: str = ""
    dayfirst: bool | None = None
    note: str = ""


def tidied_column(table: Table, name: str, cells: list[str], decimal: str | None, dayfirst: bool | None) -> Tidied:
    there = [i for i, cell in enumerate(cells) if not is_missing(cell)]
    if all(parse_number(cells[i]) is not None for i in there) and decimal != ",":
        return Tidied({name: cells})
    known = [i for i in there if cells[i].casefold() not in MISSING_AMONG_NUMBERS]
    written = [cells[i] for i in known]
    try:
        custom = custom_of(written, decimal)
        dates = None if custom else dates_of(written, dayfirst)
    except (Ambiguous, AmbiguousDate) as error:
        place = known[error.place]
        signs = " or ".join(setting("decimal", sign) for sign in DECIMALS)
        say = f"; say {signs}" if isinstance(error, Ambiguous) else ""
        raise ValueError(f"{table.where(place, name)}: found {cells[place]!r}, which may be {error}{say}") from None
    if custom:
        return with_numbers(name, cells, known, custom)
    return with_dates(name, len(cells), known, dates) if dates else Tidied({name: cells})


def with_numbers(name: str, cells: list[str], known: list[int], custom: Custom) -> Tidied:
    """The numbers of a column; what is none stays as it is, and is refused where the column is used."""
    plain = [""] * len(cells)
    for i in known:
        number = custom.read(cells[i])
        plain[i] = cells[i] if number is None or parse_number(cells[i]) == number else repr(number)
    changed = next((i for i in known if plain[i] != cells[i]), None)
    note = "" if changed is None else f"{cells[changed]!r} is read as {plain[changed]}"
    return Tidied({name: plain}, custom.unit, custom.decimal, note=note)


def with_dates(name: str, rows: int, known: list[int], dates: Dates) -> Tidied:
    """The parts of the dates of a column."""
    parts: list[tuple[float, ...] | None] = [None] * rows
    for i, day in zip(known, dates.days, strict=True):
        parts[i] = numbers_of_date(day)
    columns = {
        part: ["" if numbers is None else repr(numbers[k]) for numbers in parts]
        for k, part in enumerate(names_of_parts(name))
    }
    order = {None: "", True: ", the day before the month", False: ", the month before the day"}[dates.dayfirst]
    return Tidied(columns, dayfirst=dates.dayfirst, note=f"dates{order}, as {', '.join(PARTS)}")


def names_of_parts(name: str) -> list[str]:
    """The columns that stand in the place of one of dates."""
    return [f"{name}_{part}" for part in PARTS]
