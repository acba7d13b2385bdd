"""Which instructions of a plan write and read its rows."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from engine.compiler.instruction_set import Start, instructions, rows_read

__all__ = ["Uses"]


class Uses:
    """A plan's instructions, and how they use its rows.

    Attributes:
        code: rows and fields of each instruction; its place is what it is called by.
        writers: of each row the instructions that write it.
        readers: of each row those that read it, and len(code) where it is asked for from outside.
        zeros: rows that begin with 0.
    """

    def __init__(self, plan: Any) -> None:
        self.code = list(instructions(plan.code))
        self.writers: dict[int, set[int]] = defaultdict(set)
        self.readers: dict[int, set[int]] = defaultdict(set)
        self.zeros: set[int] = set()
        for place, (rows, fields) in enumerate(self.code):
            for row in rows:
                self.writers[row].add(place)
            for read in rows_read(plan.table, rows, fields):
                for row in read:
                    self.readers[row].add(place)
            if isinstance(fields, Start) and not fields.terms:
                constants = plan.numbers[fields.constants : fields.constants + len(rows)]
                self.zeros.update(row for row, number in zip(rows, constants, strict=True) if number == 0.0)
        for row in (plan.loss, *plan.outputs):
            self.readers[row].add(len(self.code))

    def is_sum_from_0(self, row: int, place: int) -> bool:
        """Whether this instruction alone makes the row, from 0 on."""
        return row in self.zeros and self.writers[row] == {place - 1, place}
