"""What a table was taken for: a line for each column, and warnings that save an afternoon."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any

from nn.checks import listing, setting
from nn.data.cells import is_missing
from nn.data.column import Column
from nn.data.examples import Examples
from nn.data.preparation import Preparation
from nn.data.rows import Rows
from nn.data.table import Table, parse_number

__all__ = ["overview"]

FEW_VALUES, MANY_ROWS = 10, 30
"""A whole-number target of so few values, in so many rows or more, may stand for classes."""
FAR = 5.0
"""A number is far from all others beyond so many times their range."""
STAND_INS = frozenset({-1.0, -9.0, -99.0, -999.0, -9999.0, -99999.0, 99.0, 999.0, 9999.0, 99999.0})
"""What programs write for a number that they do not have."""
EXACT = 2.0**53


def overview(table: Table, preparation: Preparation, train: Examples, test: Examples, split: bool) -> str:
    """Lines to be printed before training.

    Args:
        table: with plain cells, the rows that are used.
        preparation: of its columns.
        train, test: its rows, encoded.
        split: whether a column of the table says which rows are to test by.
    """
    columns = [*preparation.columns, preparation.target]
    rows = [line_of(table, column, column is preparation.target) for column in columns]
    widths = [max(len(row[k]) for row in rows) for k in range(3)]
    lines = [
        "  ".join([*(cell.ljust(width) for cell, width in zip(row, widths, strict=False)), row[3]]) for row in rows
    ]
    used = {column.name for column in columns}
    others = [name for name in table.header if name not in used]
    if split:
        lines.append("the column split says which rows are to test by")
        others = [name for name in others if name != "split"]
    if others:
        lines.append(f"not used: {listing(others)}")
    lines += [f"note: {note}" for note in table.notes]
    return "\n".join([*lines, *(f"warning: {text}" for text in warnings(table, preparation, train, test))])


def line_of(table: Table, column: Column, told: bool) -> tuple[str, str, str, str]:
    """Its name, what it is taken for and why, how many cells are missing, and what there is in it."""
    shown, unit = f"{column.name}{' (to tell)' if told else ''}", f" in {column.unit}" if column.unit else ""
    ends = table.cells[column.name].range
    if column.kind == "number" and ends:  # the usual case, looked at fast
        absent = missing_of(len(table) - len(numbers_of(table, column.name)))
        return shown, "number, as its cells are", absent, f"{ends[0]:.6g} to {ends[1]:.6g}{unit}"
    cells = [cell for cell in table.column(column.name) if not is_missing(cell)]
    absent = missing_of(len(table) - len(cells))
    if column.kind == "category":
        numbers = all(parse_number(cell) is not None for cell in cells)
        kind = "classes" if told else "categories"
        why = "numbers that stand for them" if numbers else "texts"
        there = f"{len(column.categories)}: {listing(column.categories)}"
        return shown, f"{kind}, as its cells are {why}", absent, there
    found = [number for cell in cells if (number := parse_number(cell)) is not None]
    there = f"{min(found):.6g} to {max(found):.6g}{unit}" if found else "nothing"
    return shown, "number, as its cells are", absent, there


def missing_of(count: int) -> str:
    return f"{count} missing" if count else ""


def warnings(table: Table, preparation: Preparation, train: Examples, test: Examples) -> Iterator[str]:
    """What may not be meant, one sentence each."""
    for column in preparation.columns:
        yield from odd_feature(table, column)
    yield from odd_target(table, preparation.target)
    both = in_both(train, test)
    if both:
        yield f"{both} of {len(test)} test rows stand among the training rows too: the test will flatter"


def odd_feature(table: Table, column: Column) -> Iterator[str]:
    cells, leave_out = table.cells[column.name], setting("exclude", [column.name])
    numbers = numbers_of(table, column.name)
    if cells[-1] == cells[0] and len(set(cells)) == 1:
        yield f"{column.name}: every row has {cells[0]!r}, from which nothing is learned ({leave_out})"
    elif column.kind == "number":
        if counts_rows(numbers) and len(numbers) == len(cells):
            yield f"{column.name}: counts the rows, as an id does; what is learned from it is their order ({leave_out})"
        yield from odd_numbers(column.name, numbers, table.cells[column.name].range)
    elif len(column.categories) > 20 or 2 * len(column.categories) > len(cells):
        yield f"{column.name}: {len(column.categories)} categories in {len(cells)} rows; an id? ({leave_out})"


def odd_numbers(name: str, numbers: Sequence[float], ends: tuple[float, float] | None) -> Iterator[str]:
    low, high = ends or (min(numbers, default=0.0), max(numbers, default=0.0))
    for stand_in in sorted(STAND_INS & {low, high} if numbers else ()):  # what is far from all else is at an end
        others = [x for x in numbers if x != stand_in]
        if others and far_from(stand_in, others):
            count = len(numbers) - len(others)
            yield (
                f"{name}: {stand_in:g} ({count} times) is far from all else, {min(others):g} to {max(others):g}; if it "
                f"stands for a missing cell, say {setting('na', [f'{stand_in:g}'])}"
            )
    if max(high, -low) > EXACT and any(abs(x) > EXACT and x == math.floor(x) for x in numbers):
        yield f"{name}: whole numbers above 2^53, of which the last digits are lost"


def odd_target(table: Table, target: Column) -> Iterator[str]:
    if target.kind == "category":
        folded = Counter(category.casefold() for category in target.categories)
        for name in [name for name, count in folded.items() if count > 1]:
            alike = [category for category in target.categories if category.casefold() == name]
            yield f"{target.name}: the classes {', '.join(map(repr, alike))} differ only in case"
        return
    numbers = numbers_of(table, target.name)
    yield from odd_numbers(target.name, numbers, table.cells[target.name].range)
    values = sorted(set(numbers))
    classes = setting("task", "classification")
    if values == [0.0, 1.0]:
        yield f"{target.name}: all numbers are 0 or 1; if these are classes, say {classes}"
    elif len(values) <= FEW_VALUES and len(numbers) >= MANY_ROWS and all(x == int(x) for x in values):
        told = listing([f"{x:g}" for x in values])
        yield f"{target.name}: only {len(values)} whole numbers ({told}); if these are classes, say {classes}"


def numbers_of(table: Table, name: str) -> Sequence[float]:
    """The finite numbers of a column."""
    cells = table.cells[name]
    if cells.numbers_and_gaps is not None:
        return cells.numbers or [x for x in cells.numbers_and_gaps if x == x]
    return [x for cell in cells if (x := parse_number(cell)) is not None and math.isfinite(x)]


def counts_rows(numbers: Sequence[float]) -> bool:
    """Whether each number is one more than that before it."""
    return len(numbers) > 3 and all(b == a + 1 for a, b in pairwise(numbers))


def far_from(x: float, others: Sequence[float]) -> bool:
    low, high = min(others), max(others)
    return max(low - x, x - high) > FAR * ((high - low) or abs(high) or 1.0)


def in_both(train: Examples, test: Examples) -> int:
    """How many rows of the test part, inputs and target, are those of the training part."""
    asked = set(keys_of(test))
    both = {key for key in keys_of(train) if key in asked}
    return sum(key in both for key in keys_of(test)) if both else 0


def keys_of(part: Examples) -> Iterator[tuple[bytes, Any]]:
    """What rows of a table, input and target, are told apart by."""
    targets = part.targets.keys() if isinstance(part.targets, Rows) else part.targets
    return zip(part.inputs.keys(), targets, strict=True)
