"""From rows to a plan: equal rows of a recording become one instruction, and matrix products are found among them.

The scalar neurons of a layer, written one by one, have sums of the same shape at the same depth. Together they are one instruction;
and where every list of weights meets every list of values, that instruction is the matrix product of the textbooks.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import Any

from engine.origins import origin
from engine.plan import WIDTH, Plan
from engine.products import product_sets
from engine.record import INPUT, LOOKUP, Recording
from engine.sums import PARAMETER, PARAMETERS, PRODUCT, SUM, VALUE, WEIGHT, Sums

__all__ = ["plan_of"]

START, MATMUL, WEIGHTS, PRODUCTS, COMBINE, PAIRS, APPLY, LIST, LOOKUP_P, LOOKUP_V = range(10)

MOST_TOLD = 10_000
"""For how many instructions it is said where they came from: nobody reads further."""


def plan_of(recording: Recording, loss: int, outputs: Sequence[int] = ()) -> Plan:
    """The plan of a recorded function.

    Args:
        recording: its rows.
        loss: the row of its loss.
        outputs: the rows of its outputs.
    """
    return Grouping(recording, loss, outputs).plan


class Grouping:
    """A plan in the making."""

    def __init__(self, recording: Recording, loss: int, outputs: Sequence[int]) -> None:
        self._recording = recording
        self._sums = sums = Sums(recording, [loss, *outputs])
        lookups = [(recording.taken(row)[0], items) for row, items in recording.lookups.items()]
        self.plan = Plan(recording.inputs, len(recording.leaves), sums.rules, lookups, recording.inputs)
        self._tables = sums.tables()
        self._line = array("q", [-1]) * len(sums)  # where a row is in V
        self._depth, self._active, self._uniform = self._measure()
        for row in range(len(recording)):
            if recording.codes[row] == INPUT:
                self._line[row] = recording.taken(row)[0]
        self._live_lines = bytearray(recording.inputs)  # of each line, whether it depends on a parameter
        self._placed_tables: dict[int, int] = {}
        for rows in self._groups():
            self._instruct(rows)
        self.plan.loss, *self.plan.outputs = [self._line[row] for row in sums.results]

    def _measure(self) -> tuple[array[int], bytearray, bytearray]:
        """For each row: its depth, whether it depends on a parameter, and whether it is the same for all samples."""
        sums, n = self._sums, len(self._recording)
        depth, active, uniform = array("q", bytes(8 * len(sums))), bytearray(len(sums)), bytearray(len(sums))
        below: dict[int, tuple[int, bool, bool]] = {}  # of a table's entries, asked once
        first, last, forms, left, right = sums.first, sums.last, sums.forms, sums.left, sums.right
        for row in [*range(n, len(sums)), *range(n)]:  # parameters and constants that became rows are the deepest
            code = sums.codes[row]
            if code is None or code == INPUT:
                continue
            if code == LOOKUP:
                number = self._recording.taken(row)[0]
                if number not in below:
                    _, kind, entries = self._tables[number]
                    deepest = max(depth[x] for x in entries) if kind == "V" else 0
                    below[number] = deepest, kind == "P" or any(active[x] for x in entries), False
                deepest, depends, same = below[number]
            else:
                deepest, depends, same = 0, False, True
                for i in range(first[row], last[row]):
                    form = forms[i]
                    if form != VALUE and form != PRODUCT:
                        depends = True
                    if form in (VALUE, PRODUCT):
                        x = left[i]
                        deepest, depends, same = max(deepest, depth[x]), depends or active[x] > 0, same and uniform[x] > 0
                    if form in (WEIGHT, PRODUCT):
                        x = right[i]
                        deepest, depends, same = max(deepest, depth[x]), depends or active[x] > 0, same and uniform[x] > 0
            depth[row], active[row], uniform[row] = deepest + 1, depends, same
        return depth, active, uniform

    def _groups(self) -> Iterator[list[int]]:
        """The rows of equal depth and shape, from the inputs up."""
        shapes: dict[Any, int] = {}
        keys = array("q")
        rows = [row for row, code in enumerate(self._sums.codes) if code is not None and code != INPUT]
        for row in rows:
            keys.append(self._depth[row] << 32 | shapes.setdefault(self._shape(row), len(shapes)))
        order = sorted(range(len(rows)), key=keys.__getitem__)
        for _, group in groupby(order, key=keys.__getitem__):
            yield [rows[i] for i in group]

    def _shape(self, row: int) -> tuple[Any, ...]:
        code = self._sums.codes[row]
        if code == LOOKUP:
            return LOOKUP, self._recording.taken(row)[0]
        forms = self._sums.forms[self._sums.first[row] : self._sums.last[row]]
        if code == SUM:
            return (SUM, *[forms.count(form) for form in range(PRODUCT + 1)])
        return code, len(forms), self._uniform[row]

    def _instruct(self, rows: list[int]) -> None:
        """The instructions of a group, and lines for its rows."""
        code = self._sums.codes[rows[0]]
        if code == SUM:
            self._add_up(rows)
        elif code == LOOKUP:
            self._pick(rows)
        else:
            self._operate(rows)

    def _place(self, rows: Sequence[int]) -> int:
        first = self.plan.rows
        for line, row in enumerate(rows, first):
            self._line[row] = line
            self._live_lines.append(self._active[row])
        self.plan.rows += len(rows)
        return first

    def _emit(self, kind: int, rows: Sequence[int], first: int, fields: Sequence[int], *, active: int = 0, uniform: int = 0) -> None:
        code = self.plan.code
        code.extend((kind, len(rows), first, *fields))
        if kind == MATMUL:
            code.append(active)
        else:
            code.extend((*[0] * (WIDTH - 5 - len(fields)), uniform, active))
        self.plan.origins.append(origin(self._recording, rows) if len(self.plan) < MOST_TOLD else "")

    def _list(self, integers: Iterable[int]) -> int:
        start = len(self.plan.table)
        self.plan.table.extend(integers)
        return start

    def _floats(self, floats: Iterable[float]) -> int:
        start = len(self.plan.numbers)
        self.plan.numbers.extend(floats)
        return start

    def _live(self, lines: Iterable[int]) -> int:
        """Whether any of these lines depends on a parameter."""
        live = self._live_lines
        return int(any(live[line] for line in lines))

    def _operate(self, rows: list[int]) -> None:
        sums, line = self._sums, self._line
        taken = {row: sums.left[sums.first[row] : sums.last[row]] for row in rows}
        rows.sort(key=lambda row: [line[x] for x in taken[row]])
        code, n = sums.codes[rows[0]], len(taken[rows[0]])
        assert code is not None
        active = sum(self._live(line[taken[row][k]] for row in rows) << k for k in range(n))
        if self.plan.rules[code].lists:
            fields = [code, n, self._list(line[x] for row in rows for x in taken[row])]
            self._emit(LIST, rows, self._place(rows), fields, active=int(active > 0))
        else:
            fields = [code, n, self._list(line[taken[row][k]] for k in range(n) for row in rows)]
            self._emit(APPLY, rows, self._place(rows), fields, active=active, uniform=self._uniform[rows[0]])

    def _pick(self, rows: list[int]) -> None:
        number = self._recording.taken(rows[0])[0]
        columns, kind, entries = self._tables[number]
        if number not in self._placed_tables:
            self._placed_tables[number] = self._list(entries if kind == "P" else [self._line[x] for x in entries])
        rows.sort(key=lambda row: [self._line[self._recording.taken(row)[2]], self._recording.taken(row)[1]])
        indices = self._list(x for row in rows for x in (self._line[self._recording.taken(row)[2]], self._recording.taken(row)[1]))
        fields = [self._placed_tables[number], len(entries) // columns, columns, indices]
        active = self._live(self._line[x] for x in entries) if kind == "V" else 0
        self._emit(LOOKUP_P if kind == "P" else LOOKUP_V, rows, self._place(rows), fields, active=active)

    def _add_up(self, rows: list[int]) -> None:
        """Instructions for sums of one shape: where they start, and what is added, form by form."""
        parts = {row: self._parts(row) for row in rows}
        blocks, rest = product_sets([parts[row][WEIGHT] for row in rows])
        if len(rest) > 1:
            rest.sort(key=lambda i: [parts[rows[i]][form] for form in (WEIGHT, PRODUCT, VALUE, PARAMETER)])
        rows = [rows[i] for i in [*[i for block in blocks for i in block.members], *rest]]
        first, counts = self._place(rows), [len(part) for part in parts[rows[0]]]

        def column(form: int, side: int, of: Sequence[int] = rows) -> list[Any]:
            return [term[side] for row in of for term in parts[row][form]]

        starts = self._floats([self._sums.constants[row] for row in rows])
        fields = [starts, counts[PARAMETER], self._list(column(PARAMETER, 0)), self._floats(column(PARAMETER, 1))]
        self._emit(START, rows, first, fields)
        line = first
        for block in blocks:
            members = rows[line - first : line - first + len(block.members)]
            self._emit(MATMUL, members, line, block.fields, active=self._live(column(WEIGHT, 1, members)))
            line += len(members)
        rest = rows[line - first :]
        if rest and counts[WEIGHT]:
            values = column(WEIGHT, 1, rest)
            fields = [counts[WEIGHT], self._list(column(WEIGHT, 0, rest)), self._list(values)]
            self._emit(WEIGHTS, rest, line, fields, active=self._live(values))
        if counts[PRODUCT]:
            left, right = column(PRODUCT, 0), column(PRODUCT, 1)
            active = self._live(left) | self._live(right) << 1
            self._emit(PRODUCTS, rows, first, [counts[PRODUCT], self._list(left), self._list(right)], active=active)
        if counts[VALUE]:
            values = column(VALUE, 0)
            fields = [counts[VALUE], self._list(values), self._floats(column(VALUE, 1))]
            self._emit(COMBINE, rows, first, fields, active=self._live(values))
        if counts[PARAMETERS]:
            fields = [counts[PARAMETERS], self._list(column(PARAMETERS, 0)), self._list(column(PARAMETERS, 1))]
            self._emit(PAIRS, rows, first, fields)

    def _parts(self, row: int) -> tuple[list[tuple[Any, Any]], ...]:
        """The terms of a sum by their form, sorted, each as (parameter or line, factor or parameter or line)."""
        sums, line = self._sums, self._line
        parts: tuple[list[tuple[Any, Any]], ...] = ([], [], [], [], [])
        for i in range(sums.first[row], sums.last[row]):
            form, left = sums.forms[i], sums.left[i]
            if form == WEIGHT:
                term: tuple[Any, Any] = left, line[sums.right[i]]
            elif form == PRODUCT:
                term = line[left], line[sums.right[i]]
            elif form == PARAMETERS:
                term = left, sums.right[i]
            else:
                term = line[left] if form == VALUE else left, sums.factors[i]
            parts[form].append(term)
        for part in parts:
            if len(part) > 1:
                part.sort()
        return parts
