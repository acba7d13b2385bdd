"""A column of a table as text, in as few bytes as its characters, and as numbers, converted all at once."""

from __future__ import annotations

import math
from array import array
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from itertools import islice
from typing import overload

__all__ = ["BLOCK", "Cells", "all_finite", "is_missing", "packed"]

MISSING = frozenset({"", "na", "n/a", "#n/a", "<na>", "nan", "-nan", "null"})

BLOCK = 512
"""Cells that are kept as one text: a million texts of their own take 60 bytes each, beside their characters. The cells
of so many rows stay in the processor's cache while they are put together."""
BETWEEN = "\0"
"""Stands between the cells of a block; no cell holds it, for no file that is read does."""


class Cells(Sequence[str]):
    """The texts of one column: a sequence that makes them anew each time it is gone through.

    >>> cells = Cells.of(["1.50", "2"])
    >>> cells[0], cells.numbers
    ('1.50', array('d', [1.5, 2.0]))
    """

    def __init__(self, blocks: list[str], count: int) -> None:
        self._blocks, self._count = blocks, count

    @classmethod
    def of(cls, texts: Iterable[str]) -> Cells:
        if isinstance(texts, Cells):
            return texts
        rest, blocks, count = iter(texts), [], 0
        while block := list(islice(rest, BLOCK)):
            blocks.append(BETWEEN.join(block))
            count += len(block)
        return cls(blocks, count)

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[str]:
        for block in self._blocks:
            yield from block.split(BETWEEN)

    @overload
    def __getitem__(self, index: int) -> str: ...
    @overload
    def __getitem__(self, index: slice) -> list[str]: ...
    def __getitem__(self, index: int | slice) -> str | list[str]:
        if isinstance(index, slice):
            return [self[i] for i in range(*index.indices(len(self)))]
        place = range(len(self))[index]
        return self._blocks[place // BLOCK].split(BETWEEN)[place % BLOCK]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Cells) and list(self) == list(other)

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"Cells({list(self[:3])}{', ...' if len(self) > 3 else ''})"

    @cached_property
    def numbers(self) -> array[float] | None:
        """The numbers, where every cell is a finite one as Python writes it; None where a single one is not."""
        found = array("d")
        for block in self._blocks:
            if "_" in block:  # Python's own literals allow 1_000
                return None
            try:
                found.extend(map(float, block.split(BETWEEN)))
            except ValueError:
                return None
        return found if all_finite(found) else None

    @cached_property
    def numbers_and_gaps(self) -> array[float] | None:
        """The same with nan in the place of missing cells; None where a cell is neither missing nor a finite number."""
        if self.numbers is not None:
            return self.numbers
        found = array("d")
        for block in self._blocks:
            if "_" in block:
                return None
            texts = block.split(BETWEEN)
            missing = set(filter(is_missing, set(texts)))
            try:
                found.extend([math.nan if text in missing else float(text) for text in texts])
            except ValueError:
                return None
        return None if any(map(math.isinf, found)) else found

    @cached_property
    def range(self) -> tuple[float, float] | None:
        """The smallest and the largest of the numbers, where there are some and other cells are missing."""
        found = self.numbers or [x for x in self.numbers_and_gaps or () if x == x]
        return (min(found), max(found)) if found else None


def is_missing(cell: str) -> bool:
    """Whether a cell says that nothing is known: empty, NA, N/A, NaN or null, in any case."""
    return not cell[-1:].isdigit() and cell.strip().casefold() in MISSING  # the usual case, a number, is seen at once


def packed(texts: Iterable[str]) -> str:
    """The texts of a block, as a file has them, without the blanks around them."""
    block = BETWEEN.join(texts)
    if block.split(None, 1) == [block]:  # there are no blanks
        return block
    return BETWEEN.join([text.strip() for text in block.split(BETWEEN)])


def all_finite(numbers: Sequence[float]) -> bool:
    """Whether no number is nan or infinite."""
    return math.isfinite(sum(numbers)) or all(map(math.isfinite, numbers))
