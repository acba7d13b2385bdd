"""The one reader of CSV files: text in, rows of cells with their line numbers out."""

from __future__ import annotations

import codecs
import os
import re
from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import overload

from nn.checks import did_you_mean, listing, setting
from nn.data.cells import Cells, is_missing
from nn.data.records import DELIMITERS, check_header, find_delimiter, read_columns
from nn.user_files import read_whole

__all__ = ["Table", "parse_number", "read_table"]

MOST_BYTES = 250_000_000
MOST_CELLS = 25_000_000
"""A cell is kept as its characters and as a number, about 16 bytes: these are less than half a gigabyte, and while they
are read or trained on about one."""
SIGNATURES = {
    b"PK": "a zip archive or a spreadsheet",
    b"\x1f\x8b": "a gzip archive",
}
SEPARATOR = re.compile(r"sep=(.)[\r\n]")
COMMENTS = re.compile(r"(?:[ \t]*(?:#[^\r\n]*)?(?:\r\n|\r|\n))+")
OTHERWISE = "cp1252"
"""What a text that is not UTF-8 is taken for: Latin-1 as Windows writes it."""


@dataclass(frozen=True, repr=False)
class Table:
    """A CSV file as text: `cells[name]` holds the column of each name of `header`, and row i is on line `lines[i]`.

    Cells are stripped of blanks around them. `path` is only a name for messages.
    """

    path: str
    header: list[str]
    cells: Mapping[str, Cells]
    lines: list[int]
    units: Mapping[str, str] = field(default_factory=dict)
    """The units of columns, where the file says them."""
    decimals: Mapping[str, str] = field(default_factory=dict)
    """The sign before the decimals, "." or ",", of columns whose numbers are written in a custom of their own."""
    dayfirst: Mapping[str, bool] = field(default_factory=dict)
    """For parts of dates that were written as 3/4/2024: whether that is in April."""
    parts: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """Columns in whose place others stand, such as the parts of dates."""
    notes: Sequence[str] = ()
    """What was done to read it."""

    @classmethod
    def of_rows(cls, path: str, header: list[str], rows: Sequence[Mapping[str, str]], lines: list[int]) -> Table:
        """A table of rows that map each name of the header to a cell."""
        return cls(path, header, {name: Cells.of(row[name] for row in rows) for name in header}, lines)

    def __len__(self) -> int:
        return len(self.lines)

    @property
    def rows(self) -> TableRows:
        """Each row as a dict from names to cells, made when it is asked for."""
        return TableRows(self)

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
        return list(self.cells[name])

    def numbers(self, name: str) -> array[float] | None:
        """The numbers of a column, where every cell is a finite one as Python writes it; None for any other."""
        self.require([name])
        return self.cells[name].numbers

    def numbers_and_gaps(self, name: str) -> array[float] | None:
        """The same with nan in the place of missing cells; None where a cell is neither missing nor a finite number."""
        self.require([name])
        return self.cells[name].numbers_and_gaps

    def without_missing(self, columns: Sequence[str]) -> Table:
        """The rows in which no cell of these columns is missing."""
        self.require(columns)
        missing: set[int] = set()
        for name in columns:
            if self.numbers(name) is None:
                missing.update(i for i, cell in enumerate(self.cells[name]) if is_missing(cell))
        return self.take(i for i in range(len(self)) if i not in missing) if missing else self

    def instead(self, columns: Mapping[str, Mapping[str, list[str]]]) -> Table:
        """The table in which others stand in the place of columns: for each name those that do, by their names.

        Raises ValueError for a name that there is already.
        """
        header: list[str] = []
        for name in self.header:
            header += columns.get(name, {name: []})
        check_header(header, self.path, 1)
        changed = {name: Cells.of(texts) for new in columns.values() for name, texts in new.items()}
        cells = {name: changed[name] if name in changed else self.cells[name] for name in header}
        parts = {name: list(new) for name, new in columns.items() if list(new) != [name]}
        return replace(self, header=header, cells=cells, parts={**self.parts, **parts})

    def take(self, indices: Iterable[int]) -> Table:
        """The rows at these indices, in the order of the indices."""
        kept = list(indices)
        cells = {}
        for name, column in self.cells.items():
            texts = list(column)
            cells[name] = Cells.of(texts[i] for i in kept)
        return replace(self, cells=cells, lines=[self.lines[i] for i in kept])


class TableRows(Sequence[dict[str, str]]):
    """The rows of a table, as dicts from names to cells."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def __len__(self) -> int:
        return len(self._table)

    @overload
    def __getitem__(self, index: int) -> dict[str, str]: ...
    @overload
    def __getitem__(self, index: slice) -> list[dict[str, str]]: ...
    def __getitem__(self, index: int | slice) -> dict[str, str] | list[dict[str, str]]:
        if isinstance(index, slice):
            return [self[i] for i in range(*index.indices(len(self)))]
        return {name: self._table.cells[name][index] for name in self._table.header}

    def __iter__(self) -> Iterator[dict[str, str]]:
        header = self._table.header
        return (
            dict(zip(header, row, strict=True))
            for row in zip(*[self._table.cells[name] for name in header], strict=True)
        )

    def __eq__(self, other: object) -> bool:
        return list(self) == (list(other) if isinstance(other, TableRows) else other)

    __hash__ = None  # type: ignore[assignment]


def parse_number(cell: str) -> float | None:
    """The number a cell holds (it may be infinite or NaN), None if it holds something else."""
    # Python's own literals allow 1_000; a table that says so does not mean a thousand for sure.
    if "_" in cell:
        return None
    try:
        return float(cell)
    except ValueError:
        return None


def read_table(path: str | os.PathLike[str], sep: str | None = None, encoding: str | None = None) -> Table:
    """Read a CSV file: its first line names the columns, each later line is a row.

    Cells are separated by commas, semicolons, tabs or bars (found by looking, or by a first line `sep=;`), quoted
    where needed, also behind a blank. Lines without any text in their cells are passed over, and lines that begin with
    `#` where they are no row. A first column without a name, in which pandas and R number the rows, and last ones
    without any text, from commas at the ends of lines, are left out. The text is UTF-8, with or without a byte order
    mark, UTF-16 with one, or else what Windows calls Latin-1. Cells stay as they are: `tidied` makes them plain.

    Args:
        path: of the file.
        sep: what separates the cells; found by looking unless given.
        encoding: of the text, as Python names it, such as "latin-1"; found by looking unless given.

    Raises FileNotFoundError if there is no such file, and ValueError, naming the file and the
    line, for a folder, a device, more than 250 million bytes or 25 million cells, text in another
    encoding, an empty file, a header with an empty or a repeated name, no rows, a row with more or fewer
    cells than the header, an unfinished quote.
    """
    shown = os.fspath(path)
    text, notes = _decode(_read_bytes(Path(path), shown), shown, encoding)
    _check_cells(text, shown)
    text, delimiter = _delimited(text, shown, sep)
    header, columns, lines, more = read_columns(text, delimiter, shown)
    check_header(header, shown, lines[0])
    if len(lines) == 1:
        raise ValueError(f"{shown} has a header but no rows")
    return Table(shown, header, dict(zip(header, columns, strict=True)), lines[1:], notes=[*notes, *more])


def _read_bytes(path: Path, shown: str) -> bytes:
    if not path.exists():
        folder = path.parent
        siblings = [p.name for p in folder.iterdir()] if folder.is_dir() else []
        raise FileNotFoundError(f"there is no file {shown}{did_you_mean(path.name, siblings)}")
    return read_whole(path, "a CSV file", MOST_BYTES)


def _decode(content: bytes, shown: str, encoding: str | None) -> tuple[str, list[str]]:
    """The text, and a note where its encoding was guessed."""
    for signature, kind in SIGNATURES.items():
        if content.startswith(signature):
            raise ValueError(f"{shown} is {kind}; CSV text in UTF-8 is expected")
    notes = []
    wide = content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    chosen = encoding or ("utf-16" if wide else "utf-8-sig")
    try:
        text = content.decode(chosen)
    except LookupError:
        raise ValueError(f"there is no encoding {chosen!r}; one such as utf-8 or latin-1 is expected") from None
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        name = chosen.removesuffix("-sig").upper()
        byte = f"{shown}, line {line}: byte 0x{content[error.start]:02x} is not {name} text"
        if encoding or wide:
            raise ValueError(f"{byte}; {setting('encoding', 'latin-1')} names another") from None
        try:
            text = content.decode(OTHERWISE)
        except UnicodeDecodeError:
            raise ValueError(f"{byte}; save the file as CSV UTF-8") from None
        notes.append(f"line {line}: no UTF-8, and read as Latin-1 of Windows")
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        raise ValueError(f"{shown}, line {line}: a zero byte; CSV text in UTF-8 is expected")
    return text, notes


def _delimited(text: str, shown: str, sep: str | None) -> tuple[str, str]:
    """The text with empty lines in place of what comes before the header, and what separates its cells."""
    if sep is not None and (len(sep) != 1 or sep in '\r\n"'):
        raise ValueError(f"sep is {sep!r}; one character is expected, such as a comma")
    told = SEPARATOR.match(text)
    if told:
        text, sep = text[len(told[0]) - 1 :], sep or told[1]
    before = COMMENTS.match(text)
    if before:
        text = re.sub(r"[^\r\n]", "", before[0]) + text[len(before[0]) :]
    return text, sep or find_delimiter(text, shown)


def _check_cells(text: str, shown: str) -> None:
    """Raises ValueError for too many cells, before there is one: every cell ends with one of these characters."""
    ends = max(map(text.count, DELIMITERS)) + max(map(text.count, "\n\r"))
    if ends > MOST_CELLS:
        raise ValueError(f"{shown} has about {ends:,} cells; at most {MOST_CELLS:,} are read")
