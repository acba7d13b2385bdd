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
        self._placed_tables: dict[int, int] = {}
        for rows in self._groups():
            self._instruct(rows)
        self.plan.loss, *self.plan.outputs = [self._line[row] for row in sums.results]

    def _measure(self) -> tuple[array[int], bytearray, bytearray]:
        """For each row: its depth, whether it depends on a parameter, and whether it is the same for all samples."""
        sums, n = self._sums, len(self._recording)
        depth, active, uniform = array("q", bytes(8 * len(sums))), bytearray(len(sums)), bytearray(len(sums))
        below: dict[int, tuple[int, bool, bool]] = {}  # of a table's entries, asked once
        for row in [*range(n, len(sums)), *range(n)]:  # parameters and constants that became rows are the deepest
            code = sums.codes[row]
            if code is None or code == INPUT:
                continue
            if code == LOOKUP:
                number = self._recording.taken(row)[0]
                _, kind, entries = self._tables[number]
                if number not in below:
                    deepest = max(depth[x] for x in entries) if kind == "V" else 0
                    below[number] = deepest, kind == "P" or any(active[x] for x in entries), False
                deepest, depends, same = below[number]
            else:
                deepest, depends, same = 0, False, True
                for form, _, left, right in sums.terms(row):
                    if form != VALUE:
                        depends = True
                    for x in (left,) if form == VALUE else (right,) if form == WEIGHT else (left, right) if form == PRODUCT else ():
                        deepest = max(deepest, depth[x])
                        depends = depends or bool(active[x])
                        same = same and bool(uniform[x])
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
        self.plan.rows += len(rows)
        return first

    def _emit(self, kind: int, rows: Sequence[int], first: int, fields: Sequence[int], *, active: int = 0, uniform: int = 0) -> None:
        padded = [kind, len(rows), first, *fields]
        padded += [0] * (WIDTH - len(padded))
        padded[11] = padded[11] or active
        padded[10] = padded[10] or uniform
        self.plan.code.extend(padded)
        self.plan.origins.append(origin(self._recording, rows))

    def _list(self, integers: Iterable[int]) -> int:
        start = len(self.plan.table)
        self.plan.table.extend(integers)
        return start

    def _floats(self, floats: Iterable[float]) -> int:
        start = len(self.plan.numbers)
        self.plan.numbers.extend(floats)
        return start

    def _any_active(self, rows: Iterable[int]) -> int:
        return int(any(self._active[row] for row in rows))

    def _operate(self, rows: list[int]) -> None:
        sums, line = self._sums, self._line
        taken = {row: sums.left[sums.first[row] : sums.last[row]] for row in rows}
        rows.sort(key=lambda row: [line[x] for x in taken[row]])
        code, n = sums.codes[rows[0]], len(taken[rows[0]])
        assert code is not None
        active = sum(self._any_active(taken[row][k] for row in rows) << k for k in range(n))
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
        active = self._any_active(entries) if kind == "V" else 0
        self._emit(LOOKUP_P if kind == "P" else LOOKUP_V, rows, self._place(rows), fields, active=active)

    def _add_up(self, rows: list[int]) -> None:
        """Instructions for sums of one shape: where they start, and what is added, form by form."""
        sums = self._sums
        parts = {row: self._parts(row) for row in rows}
        blocks, rest = product_sets([parts[row][WEIGHT] for row in rows])
        rest.sort(key=lambda i: [parts[rows[i]][form] for form in (WEIGHT, PRODUCT, VALUE, PARAMETER)])
        rows = [rows[i] for i in [*[i for block in blocks for i in block.members], *rest]]
        first = self._place(rows)

        def column(form: int, side: int, of: Sequence[int] = rows) -> list[Any]:
            return [term[side] for row in of for term in parts[row][form]]

        n = len(parts[rows[0]][PARAMETER])
        starts = self._floats(sums.constants[row] for row in rows)
        self._emit(START, rows, first, [starts, n, self._list(column(PARAMETER, 0)), self._floats(column(PARAMETER, 1))])
        line = first
        for block in blocks:
            members = rows[line - first : line - first + len(block.members)]
            self._emit(MATMUL, members, line, block.fields, active=self._reads_active(members, WEIGHT, 1))
            line += len(members)
        rest = rows[line - first :]
        n = len(parts[rows[0]][WEIGHT])
        if rest and n:
            fields = [n, self._list(column(WEIGHT, 0, rest)), self._list(column(WEIGHT, 1, rest))]
            self._emit(WEIGHTS, rest, line, fields, active=self._reads_active(rest, WEIGHT, 1))
        for kind, form, second in (PRODUCTS, PRODUCT, self._list), (COMBINE, VALUE, self._floats), (PAIRS, PARAMETERS, self._list):
            n = len(parts[rows[0]][form])
            if n:
                active = 0 if form == PARAMETERS else self._reads_active(rows, form, 0) | self._reads_active(rows, form, 1) << 1
                self._emit(kind, rows, first, [n, self._list(column(form, 0)), second(column(form, 1))], active=active)

    def _parts(self, row: int) -> dict[int, list[tuple[Any, Any]]]:
        """The terms of a sum by their form, as (parameter or line, factor or parameter or line)."""
        parts: dict[int, list[tuple[Any, Any]]] = {form: [] for form in range(PRODUCT + 1)}
        for form, c, left, right in self._sums.terms(row):
            parts[form].append(
                (
                    left if form in (PARAMETER, PARAMETERS, WEIGHT) else self._line[left],
                    c if form in (PARAMETER, VALUE) else right if form == PARAMETERS else self._line[right],
                )
            )
        for part in parts.values():
            part.sort()
        return parts

    def _reads_active(self, rows: Iterable[int], form: int, side: int) -> int:
        """Whether the left (0) or the right (1) factors of these terms depend on a parameter."""
        if form == VALUE and side == 1:
            return 0
        return self._any_active((term[2], term[3])[side] for row in rows for term in self._sums.terms(row) if term[0] == form)
