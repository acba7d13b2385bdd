"""The one reader of CSV files: text in, rows of cells with their line numbers out."""

from __future__ import annotations

import csv
import io
import os
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from nn.checks import did_you_mean, listing
from nn.user_files import read_whole

__all__ = ["Table", "is_missing", "parse_number", "read_table"]

MISSING = frozenset({"", "na", "n/a", "#n/a", "<na>", "nan", "-nan", "null"})
DELIMITERS = ",;\t"
MOST_BYTES = 50_000_000
MOST_CELLS = 5_000_000
"""A table is kept as texts, about 100 bytes a cell: these are half a gigabyte."""
SIGNATURES = {
    b"PK": "a zip archive or a spreadsheet",
    b"\x1f\x8b": "a gzip archive",
    b"\xff\xfe": "UTF-16 text",
    b"\xfe\xff": "UTF-16 text",
}
DECIMAL_COMMA = re.compile(r"[+-]?\d+,\d+(?:[eE][+-]?\d+)?")
DECIMAL_POINT = re.compile(r"[+-]?\d*\.\d+(?:[eE][+-]?\d+)?")


@dataclass(frozen=True, repr=False)
class Table:
    """A CSV file as text: `rows[i]` maps each name of `header` to its cell, on line `lines[i]`.

    Cells are stripped of blanks around them. `path` is only a name for messages.
    """

    path: str
    header: list[str]
    rows: list[dict[str, str]]
    lines: list[int]

    def __len__(self) -> int:
        return len(self.rows)

    @cached_property
    def names(self) -> frozenset[str]:
        """The header as a set, in which a name is found at once."""
        return frozenset(self.header)

    def __repr__(self) -> str:
        return f"Table({self.path!r}: {len(self)} rows; columns {listing(self.header)})"

    def where(self, index: int, column: str | None = None) -> str:
        """The place of row `index` (and of its cell in `column`), as messages name it."""
        place = f"{self.path}, line {self.lines[index]}"
        return place if column is None else f"{place}, column {column!r}"

    def require(self, columns: Iterable[str]) -> None:
        """Raises ValueError if a column is absent, listing those that are there."""
        for name in columns:
            if name not in self.names:
                hint = did_you_mean(name, self.header)
                if all(parse_number(title) is not None for title in self.header):
                    hint = "; the first line must name the columns"
                raise ValueError(
                    f"{self.path} has no column {name!r}{hint} (its columns: {listing(self.header, limit=40)})"
                )

    def column(self, name: str) -> list[str]:
        """The cells of one column. Raises ValueError if it is absent."""
        self.require([name])
        return [row[name] for row in self.rows]

    def without_missing(self, columns: Sequence[str]) -> Table:
        """The rows in which no cell of these columns is missing."""
        self.require(columns)
        return self.take(i for i, row in enumerate(self.rows) if not any(is_missing(row[name]) for name in columns))

    def take(self, indices: Iterable[int]) -> Table:
        """The rows at these indices, in the order of the indices."""
        kept = list(indices)
        return replace(self, rows=[self.rows[i] for i in kept], lines=[self.lines[i] for i in kept])


def is_missing(cell: str) -> bool:
    """Whether a cell says that nothing is known: empty, NA, N/A, NaN or null, in any case."""
    return cell.strip().casefold() in MISSING


def parse_number(cell: str) -> float | None:
    """The number a cell holds (it may be infinite or NaN), None if it holds something else."""
    # Python's own literals allow 1_000; a table that says so does not mean a thousand for sure.
    if "_" in cell:
        return None
    try:
        return float(cell)
    except ValueError:
        return None


def read_table(path: str | os.PathLike[str]) -> Table:
    """Read a CSV file: its first line names the columns, each later line is a row.

    The text is UTF-8, with or without a byte order mark; cells are separated by commas,
    semicolons or tabs (found by looking), quoted where needed. Lines without any text in
    their cells are passed over. In a file with semicolons whose numbers are written with a decimal
    comma, as spreadsheets do in much of the world, `3,14` is read as 3.14.

    Raises FileNotFoundError if there is no such file, and ValueError, naming the file and the
    line, for a folder, a device, more than 50 million bytes or 5 million cells, another encoding,
    an empty file, a header with an empty or a repeated name, no rows, a row with more or fewer
    cells than the header, an unfinished quote.
    """
    shown = os.fspath(path)
    text = _decode(_read_bytes(Path(path), shown), shown)
    _check_cells(text, shown)
    delimiter = _find_delimiter(text)
    records = _records(text, delimiter, shown)
    first = next(records, None)
    if first is None:
        raise ValueError(f"{shown} is empty; a line that names the columns is expected")
    header = _check_header(first[1], shown, first[0])
    lines, cells = [], []
    for line, record in records:
        if len(record) != len(header):
            raise ValueError(
                f"{shown}, line {line}: {len(record)} cells; {len(header)} are expected, as in the header "
                f"({listing(header)})"
            )
        lines.append(line)
        cells.append(record)
    if not cells:
        raise ValueError(f"{shown} has a header but no rows")
    if delimiter == ";":
        cells = _decimal_points(cells)
    return Table(shown, header, [dict(zip(header, r, strict=True)) for r in cells], lines)


def _read_bytes(path: Path, shown: str) -> bytes:
    if not path.exists():
        folder = path.parent
        siblings = [p.name for p in folder.iterdir()] if folder.is_dir() else []
        raise FileNotFoundError(f"there is no file {shown}{did_you_mean(path.name, siblings)}")
    return read_whole(path, "a CSV file", MOST_BYTES)


def _decode(content: bytes, shown: str) -> str:
    for signature, kind in SIGNATURES.items():
        if content.startswith(signature):
            raise ValueError(f"{shown} is {kind}; CSV text in UTF-8 is expected")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise ValueError(
            f"{shown}, line {line}: byte 0x{content[error.start]:02x} is not UTF-8 text; save the file as CSV UTF-8"
        ) from None
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        raise ValueError(f"{shown}, line {line}: a zero byte; CSV text in UTF-8 is expected")
    return text


def _check_cells(text: str, shown: str) -> None:
    """Raises ValueError for too many cells, before there is one: every cell ends with one of these characters."""
    ends = max(map(text.count, DELIMITERS)) + max(map(text.count, "\n\r"))
    if ends > MOST_CELLS:
        raise ValueError(f"{shown} has about {ends:,} cells; at most {MOST_CELLS:,} are read")


def _find_delimiter(text: str) -> str:
    """The delimiter that gives the first lines equal numbers of cells, and the most of them."""

    def score(delimiter: str) -> tuple[bool, int]:
        widths = []
        try:
            for record in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter):
                if record:
                    widths.append(len(record))
                if len(widths) == 20:
                    break
        except csv.Error:
            return False, 0
        width = widths[0] if widths else 0
        return width > 1 and widths == [width] * len(widths), width

    return max(DELIMITERS, key=score)


def _records(text: str, delimiter: str, shown: str) -> Iterator[tuple[int, list[str]]]:
    """Each record that is not an empty line, with the line it starts on."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    line = 1
    try:
        for record in reader:
            cells = [cell.strip() for cell in record]
            if any(cells):
                yield line, cells
            line = reader.line_num + 1
    except csv.Error as error:
        raise ValueError(
            f"{shown}, line {line}: cannot be read as CSV ({error}); is a quotation mark left open or followed by text?"
        ) from None


def _check_header(header: list[str], shown: str, line: int) -> list[str]:
    before: set[str] = set()
    for position, name in enumerate(header):
        if not name:
            raise ValueError(f"{shown}, line {line}: column {position + 1} has no name")
        if name in before:
            raise ValueError(f"{shown}, line {line}: two columns are called {name!r}")
        before.add(name)
    return header


def _decimal_points(cells: list[list[str]]) -> list[list[str]]:
    """Decimal commas as points, unless some cell already has a point: then a comma is no sign."""
    if any(DECIMAL_POINT.fullmatch(cell) for row in cells for cell in row):
        return cells
    return [[cell.replace(",", ".") if DECIMAL_COMMA.fullmatch(cell) else cell for cell in row] for row in cells]
