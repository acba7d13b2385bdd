"""The records of CSV text: cut into lines and cells a piece at a time, and laid by as columns."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from itertools import islice

from nn.checks import listing
from nn.data.cells import BLOCK, Cells, packed

__all__ = ["DELIMITERS", "check_header", "find_delimiter", "read_columns"]

DELIMITERS = ",;\t|"
MOST_COLUMNS, LONGEST_LINE = 100_000, 10_000_000
"""Each column takes a few hundred bytes beside its cells, and a line is taken apart as a whole."""
READ_AT_ONCE = 1 << 20
"""Characters that are cut into lines at a time."""


def read_columns(text: str, delimiter: str, shown: str) -> tuple[list[str], list[Cells], list[int], list[str]]:
    """The names and the cells of the columns, without what programs add to a table, the lines of the header and of the
    rows, and notes of what was added."""
    found = records(text, delimiter, shown)
    at, header = next(found, (0, []))
    header = [name.strip() for name in header]
    if not header:
        raise ValueError(f"{shown} is empty; a line that names the columns is expected")
    if len(header) > MOST_COLUMNS:
        raise ValueError(f"{shown} has {len(header):,} columns; at most {MOST_COLUMNS:,} are read")
    second = next(found, (0, []))[1]
    if len(second) == len(header) + 1 and widths(text, delimiter, shown) == {len(second)}:
        wide = columns_of(text, delimiter, shown, [*header, ""])
        # R gives the names of rows no name; a comma at the end of each line is a column of nothing
        header, columns, lines = (["", *header], *wide) if any(wide[0][-1]) else (header, wide[0][:-1], wide[1])
    else:
        columns, lines = columns_of(text, delimiter, shown, header)
    while len(header) > 1 and not header[-1] and not any(columns[-1]):
        header, columns = header[:-1], columns[:-1]
    notes = []
    if len(header) > 1 and not header[0]:
        notes.append("the first column has no name: left out")
        header, columns = header[1:], columns[1:]
    return header, columns, [at, *lines], notes


def widths(text: str, delimiter: str, shown: str) -> set[int]:
    """How many cells the rows have; of one row alone nothing is known."""
    found = [len(record) for _, record in records(text, delimiter, shown)][1:]
    return set(found) if len(found) > 1 else set()


def columns_of(text: str, delimiter: str, shown: str, header: list[str]) -> tuple[list[Cells], list[int]]:
    """The cells of each column, and the line of each row.

    Raises ValueError for a row that has not one cell for each name; one for each but last empty ones will do.
    """
    named = max((i + 1 for i, name in enumerate(header) if name), default=1)
    lines: list[int] = []

    def cells() -> Iterator[list[str]]:
        for line, record in islice(records(text, delimiter, shown), 1, None):
            if not named <= len(record) <= len(header):
                if record[0].lstrip().startswith("#"):
                    continue
                raise ValueError(
                    f"{shown}, line {line}: {len(record)} cells; {len(header)} are expected, as in the header "
                    f"({listing(header)})"
                )
            lines.append(line)
            yield record if len(record) == len(header) else record + [""] * (len(header) - len(record))

    rows = cells()
    blocks: list[list[str]] = [[] for _ in header]
    while block := list(islice(rows, BLOCK)):
        for column, texts in zip(blocks, zip(*block, strict=True), strict=True):
            column.append(packed(texts))
    return [Cells(column, len(lines)) for column in blocks], lines


def find_delimiter(text: str, shown: str) -> str:
    """The delimiter that gives the first lines equal numbers of cells, and the most of them."""

    def score(delimiter: str) -> tuple[bool, int]:
        widths = []
        try:
            for record in csv.reader(lines(text, shown), delimiter=delimiter, skipinitialspace=True):
                if record:
                    widths.append(len(record))
                if len(widths) == 20:
                    break
        except csv.Error:
            return False, 0
        width = widths[0] if widths else 0
        return width > 1 and widths == [width] * len(widths), width

    return max(DELIMITERS, key=score)


def records(text: str, delimiter: str, shown: str) -> Iterator[tuple[int, list[str]]]:
    """Each record with any text in it, with the line it starts on; cells have the blanks around them still."""
    reader = csv.reader(lines(text, shown), delimiter=delimiter, strict=True, skipinitialspace=True)
    line = 1
    try:
        for record in reader:
            if any(map(str.strip, record)):
                yield line, record
            line = reader.line_num + 1
    except csv.Error as error:
        raise ValueError(
            f"{shown}, line {line}: cannot be read as CSV ({error}); is a quotation mark left open or followed by text?"
        ) from None


def lines(text: str, shown: str) -> Iterator[str]:
    """The lines with their ends, cut from one piece of the text after another: all at once would take its size again
    and again."""
    start = number = 0
    while start < len(text):
        end = text.find("\n", start + READ_AT_ONCE) + 1 or text.find("\r", start + READ_AT_ONCE) + 1 or len(text)
        for line in io.StringIO(text[start:end], newline=""):
            number += 1
            if len(line) > LONGEST_LINE:
                raise ValueError(
                    f"{shown}, line {number}: {len(line):,} characters; at most {LONGEST_LINE:,} are read in a line"
                )
            yield line
        start = end


def check_header(header: list[str], shown: str, line: int) -> list[str]:
    before: set[str] = set()
    for position, name in enumerate(header):
        if not name:
            raise ValueError(f"{shown}, line {line}: column {position + 1} has no name")
        if name in before:
            raise ValueError(f"{shown}, line {line}: two columns are called {name!r}")
        before.add(name)
    return header
