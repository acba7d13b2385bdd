"""Lists that measure their items from one of them, found in a plan: the cross entropy of classes.

-log p of the right class is log Σ e^(z_k - z) over all classes k, where z is that of the right one. nn records it as
logsumexp([0, the other z_k - z, ...]), which cancels nothing. Which z is the right one differs between samples, so a
plan looks up all of them, in another order for each class, then takes differences, and then their logsumexp. The
kernel has one instruction for that: the logsumexp of all z_k where they stand, measured from the one whose number is in
a row of the sample. A step of the digits (32 images, ten classes) takes a tenth less time by it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from engine.compiler.instruction_set import Combine, List, LookupAmongValues
from engine.compiler.kernel.uses import Uses

__all__ = ["Measured", "measured_lists"]


class Measured(NamedTuple):
    """Lists whose items are measured from one of them."""

    place: int
    """The instruction, by its number in the plan."""
    items: list[Sequence[int]]
    """Of each list the rows of its items, in the order of their numbers."""
    bases: list[int]
    """Of each list the row that holds the number of the item that all are measured from."""
    spared: set[int]
    """Instructions that only these lists need: look-ups, and sums with their starts."""


class Gap(NamedTuple):
    """A row that is the difference of two."""

    left: int
    right: int
    place: int
    """The instruction that takes it."""


class Item(NamedTuple):
    """A row that is one of others."""

    base: int
    """The row that holds its number."""
    rows: Sequence[int]
    """What it is for each number."""
    place: int
    """The instruction that looks it up."""


def measured_lists(plan: Any) -> list[Measured]:
    """All such lists of a plan."""
    uses = Uses(plan)
    search = Search(plan, uses)
    lists = ((place, rows, fields) for place, (rows, fields) in enumerate(uses.code) if isinstance(fields, List))
    return [found for each in lists if (found := search.measured(*each))]


class Search:
    """What in a plan are differences and items that are looked up."""

    def __init__(self, plan: Any, uses: Uses) -> None:
        self.table, self.numbers, self.uses, self.code = plan.table, plan.numbers, uses, uses.code
        places = range(len(self.code))
        self.gaps = {row: gap for place in places for row, gap in self.differences(place)}
        self.looked_up = {row: item for place in places for row, item in self.picked(place)}

    def measured(self, place: int, rows: range, fields: List) -> Measured | None:
        """The lists of this instruction, if all of them measure their items from one of them and nothing else uses what
        they are made of."""
        n = fields.items
        lists = [self.table[start : start + n] for start in range(fields.read, fields.read + n * len(rows), n)]
        each = [found for items in lists if (found := self.one(items))]
        if len(each) < len(lists):
            return None
        spared = {place for _, places in each for place in places}
        written = [row for place in spared for row in self.code[place][0]]
        if not all(self.uses.readers[row] | self.uses.writers[row] <= spared | {place} for row in written):
            return None
        return Measured(place, [right.rows for right, _ in each], [right.base for right, _ in each], spared)

    def one(self, items: Sequence[int]) -> tuple[Item, set[int]] | None:
        """A list of 0 and the differences of looked-up items to one of them, each item once: this one, and the
        instructions that make the list."""
        zeros = [row for row in items if row in self.uses.zeros and len(self.uses.writers[row]) == 1]
        gaps = [self.gaps[row] for row in items if row in self.gaps]
        if len(zeros) != 1 or len(gaps) != len(items) - 1 or not gaps:
            return None
        rows = [gaps[0].right, *(gap.left for gap in gaps)]
        found = [self.looked_up[row] for row in rows if row in self.looked_up]
        if len(found) < len(rows) or any(gap.right != rows[0] for gap in gaps):
            return None
        right = found[0]
        orders = zip(*(item.rows for item in found), strict=False)
        if any(item.base != right.base for item in found) or any(sorted(o) != sorted(right.rows) for o in orders):
            return None
        sums = {gap.place for gap in gaps}
        return right, sums | {place - 1 for place in sums} | {item.place for item in found}

    def differences(self, place: int) -> Iterator[tuple[int, Gap]]:
        """Rows that an instruction makes differences."""
        rows, fields = self.code[place]
        if not isinstance(fields, Combine) or fields.terms != 2:
            return
        for i, row in enumerate(rows):
            x, y = self.table[fields.read + 2 * i : fields.read + 2 * i + 2]
            factors = self.numbers[fields.factors + 2 * i : fields.factors + 2 * i + 2]
            if self.uses.is_sum_from_0(row, place) and set(factors) == {1.0, -1.0}:
                yield row, Gap(x, y, place) if factors[0] == 1.0 else Gap(y, x, place)

    def picked(self, place: int) -> Iterator[tuple[int, Item]]:
        """Rows that an instruction looks up."""
        rows, fields = self.code[place]
        if not isinstance(fields, LookupAmongValues):
            return
        end = fields.entries + fields.items * fields.columns
        for row, read in zip(rows, range(fields.read, fields.read + 2 * len(rows), 2), strict=True):
            base, column = self.table[read : read + 2]
            yield row, Item(base, self.table[fields.entries + column : end : fields.columns], place)
