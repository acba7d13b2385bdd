"""From rows to a plan: equal rows of a recording become one instruction, and matrix products are found among them.

The scalar neurons of a layer, written one by one, have sums of the same shape at the same depth. Together they are one
instruction; and where every list of weights meets every list of values, that instruction is the matrix product of the
textbooks.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Sequence
from itertools import compress, groupby, islice
from operator import lt
from typing import Any

from engine.compiler.depths import ACTIVE, VARIES, marked, measure
from engine.compiler.instruction_set import (
    Apply,
    Combine,
    Fields,
    List,
    Lookup,
    LookupAmongValues,
    Matmul,
    Parameters,
    Products,
    Start,
    Weights,
    written,
)
from engine.compiler.origins import origin
from engine.compiler.plan import Plan
from engine.compiler.products import Part, parts, some_of
from engine.compiler.recording import INPUT, LOOKUP, Recording
from engine.compiler.sums import PARAMETER, PARAMETERS, PRODUCT, SUM, VALUE, WEIGHT, Sums
from engine.rules import exp, relu, sqrt

__all__ = ["plan_of"]

ONLY = {form: marked(form) for form in (PARAMETER, VALUE, PARAMETERS, WEIGHT, PRODUCT)}
Pairs = tuple[Any, Any]
NONE: Pairs = ([], [])

NO_RUNS = 0  # that is for the kernel to find out
IN_PLACE = {relu, exp, sqrt}
"""Operations whose slope is the same if their result stands where their input was: it does not read the input, or, of
relu, only its sign."""
MOST_TOLD = 10_000
"""For how many instructions it is said where they came from: nobody reads further."""


def plan_of(recording: Recording, loss: int, outputs: Sequence[int] = (), in_place: bool = True) -> Plan:
    """The plan of a recorded function.

    Args:
        recording: its rows.
        loss: the row of its loss.
        outputs: the rows of its outputs.
        in_place: whether operations may write over their inputs. A neuron has one row then and not two, and V and G
            take less of a processor's cache: a step of micrograd's demo becomes a twelfth shorter.
    """
    return Planner(recording, loss, outputs, in_place).plan


class Planner:
    """A plan in the making."""

    def __init__(self, recording: Recording, loss: int, outputs: Sequence[int], in_place: bool) -> None:
        self._recording, self._in_place = recording, IN_PLACE if in_place else ()
        self._sums = sums = Sums(recording, [loss, *outputs])
        lookups = [(recording.taken(row)[0], items) for row, items in recording.lookups.items()]
        self.plan = Plan(recording.inputs, len(recording.leaves), sums.rules, lookups, recording.inputs)
        self._tables = sums.tables()
        self._line = array("q", [-1]) * len(sums)  # where a row is in V
        self._state = measure(sums, self._tables)
        for row in sums.rows:
            if sums.codes[row] == INPUT:
                self._line[row] = recording.operands[recording.starts[row]]
        self._live_lines = bytearray(recording.inputs)  # of each line, whether it depends on a parameter
        for rows in self._groups():
            self._instruct(rows)
        self.plan.loss, *self.plan.outputs = [self._line[row] for row in sums.results]

    def _groups(self) -> Iterator[list[int]]:
        """The rows of equal depth and shape, from the inputs up."""
        state, shape = self._state, self._shape
        shapes: dict[Any, int] = {}
        rows = [row for row in self._sums.rows if self._sums.codes[row] != INPUT]
        keys = array("q", [state[row] >> 2 << 32 | shapes.setdefault(shape(row), len(shapes)) for row in rows])
        order = sorted(range(len(rows)), key=keys.__getitem__)
        for _, group in groupby(order, key=keys.__getitem__):
            yield [rows[i] for i in group]

    def _shape(self, row: int) -> tuple[Any, ...]:
        sums, code = self._sums, self._sums.codes[row]
        if code == SUM:
            return SUM, bytes(sorted(sums.forms[sums.first[row] : sums.last[row]]))
        if code == LOOKUP:
            return LOOKUP, self._recording.taken(row)[0]
        return code, sums.last[row] - sums.first[row], self._state[row] & VARIES

    def _instruct(self, rows: list[int]) -> None:
        """The instructions of a group, and lines for its rows."""
        code = self._sums.codes[rows[0]]
        if code == SUM:
            self._add_up(rows)
        elif code == LOOKUP:
            self._pick(rows)
        else:
            self._operate(rows)

    def _place(self, rows: Sequence[int]) -> range:
        """New lines of V for these rows of the recording."""
        start, state = self.plan.rows, self._state
        self._live_lines.extend([state[row] & ACTIVE for row in rows])
        self.plan.rows += len(rows)
        return self._place_at(start, rows)

    def _place_at(self, start: int, rows: Sequence[int]) -> range:
        line_of = self._line
        for line, row in enumerate(rows, start):
            line_of[row] = line
        return range(start, start + len(rows))

    def _emit(self, rows: Sequence[int], lines: range, fields: Fields) -> None:
        """The instruction for these rows of the recording, whose lines in V are these."""
        origins = self.plan.origins
        self.plan.code.extend(written(lines, fields))
        origins.append(origin(self._recording, rows) if len(origins) < MOST_TOLD else "")

    def _list(self, integers: Iterable[int]) -> int:
        start = len(self.plan.table)
        self.plan.table.extend(integers)
        return start

    def _floats(self, floats: Iterable[float]) -> int:
        start = len(self.plan.numbers)
        self.plan.numbers.extend(floats)
        return start

    def _live(self, lines: Sequence[int]) -> int:
        """Whether any of these lines depends on a parameter."""
        return int(any(map(self._live_lines.__getitem__, lines)))

    def _operate(self, rows: list[int]) -> None:
        sums, line = self._sums, self._line
        code, n = sums.codes[rows[0]], sums.last[rows[0]] - sums.first[rows[0]]
        assert code is not None
        taken = [line[x] for row in rows for x in sums.left[sums.first[row] : sums.last[row]]]
        if len(rows) > 1:
            order = in_order(range(len(rows)), columns_of(taken, n))
            rows, taken = [rows[i] for i in order], rearranged(taken, order)
        in_place = self.plan.rules[code] in self._in_place and self._can_be_in_place(rows, taken)
        lines = self._place_at(taken[0], rows) if in_place else self._place(rows)
        if self.plan.rules[code].lists:
            self._emit(rows, lines, List(rule=code, items=n, read=self._list(taken), active=self._live(taken)))
            return
        columns, start = columns_of(taken, n), len(self.plan.table)
        active = 0
        for k, column in enumerate(columns):
            self._list(column)
            active |= self._live(column) << k
        uniform = int(not self._state[rows[0]] & VARIES)
        self._emit(rows, lines, Apply(code, n, start, NO_RUNS, int(in_place), uniform, active))

    def _can_be_in_place(self, rows: list[int], taken: list[int]) -> bool:
        """Whether these rows can be what they are applied to: sums in the lines `taken` that nothing else needs."""
        sums, lines = self._sums, range(taken[0], taken[0] + len(rows))
        inputs = [sums.left[sums.first[row]] for row in rows]
        varies = bool(self._state[rows[0]] & VARIES)
        return varies and taken == list(lines) and all(sums.codes[x] == SUM and sums.serves_one(x) for x in inputs)

    def _pick(self, rows: list[int]) -> None:
        """All that is looked up in one table, which is of one depth."""
        columns, kind, entries = self._tables[self._recording.taken(rows[0])[0]]
        places = entries if kind == "P" else [self._line[x] for x in entries]
        table, rows = self._list(places), sorted(rows, key=self._picked)
        indices = self._list(x for row in rows for x in self._picked(row))
        found = Lookup(entries=table, items=len(entries) // columns, columns=columns, read=indices)
        fields = found if kind == "P" else LookupAmongValues(*found, self._live(places))
        self._emit(rows, self._place(rows), fields)

    def _picked(self, row: int) -> tuple[int, int]:
        """Where the index of a lookup is in V, and the column that it picks from."""
        _, column, index = self._recording.taken(row)
        return self._line[index], column

    def _add_up(self, rows: list[int]) -> None:
        """Instructions for sums of one shape: where they start, and what is added, form by form."""
        terms, m = self._terms(rows), len(rows)
        found = parts(m, *terms[WEIGHT]) if WEIGHT in terms else [Part(range(0), [], list(range(m)))]
        rest = found[0].rest
        if len(rest) > 1:
            pairs = [terms[form] for form in (WEIGHT, PRODUCT, VALUE, PARAMETER) if form in terms]
            columns = [
                side[k::n]
                for left, right in pairs
                for n in [len(left) // m]
                for k in range(n)
                for side in (left, right)
            ]
            rest = in_order(rest, columns)
        order = [*[i for block in found[0].blocks for i in block.members], *rest]
        if order != list(range(m)):
            rows = [rows[i] for i in order]
            terms = {form: (rearranged(left, order), rearranged(right, order)) for form, (left, right) in terms.items()}
        lines = self._place(rows)
        parameters, factors = terms.get(PARAMETER, NONE)
        constants, n = self._floats([self._sums.constants[row] for row in rows]), len(parameters) // m
        self._emit(rows, lines, Start(constants, n, self._list(parameters), self._floats(factors)))
        if WEIGHT in terms:
            for part in found:
                self._weigh(rows, lines, part, *terms[WEIGHT])
        if PRODUCT in terms:
            left, right = terms[PRODUCT]
            n, active = len(left) // m, self._live(left) | self._live(right) << 1
            self._emit(rows, lines, Products(n, left=self._list(left), right=self._list(right), active=active))
        if VALUE in terms:
            left, right = terms[VALUE]
            n, active = len(left) // m, self._live(left)
            self._emit(rows, lines, Combine(n, read=self._list(left), factors=self._floats(right), active=active))
        if PARAMETERS in terms:
            left, right = terms[PARAMETERS]
            n = len(left) // m
            self._emit(rows, lines, Parameters(n, left=self._list(left), right=self._list(right), runs=0))

    def _weigh(self, rows: list[int], lines: range, part: Part, weights: list[int], values: list[int]) -> None:
        """Some of the weights times values: the matrix products, whose rows come first, and what is in none."""
        count, n, done = len(weights) // len(rows), len(part.terms), 0
        some = some_of(values, count, part.terms)
        for block in part.blocks:
            end = done + len(block.members)
            active = self._live(some[done * n : end * n])
            self._emit(rows[done:end], lines[done:end], Matmul._make((*block.product, active)))
            done = end
        if done < len(rows):
            left, right = some_of(weights, count, part.terms)[done * n :], some[done * n :]
            active = self._live(right)
            fields = Weights(n, parameters=self._list(left), read=self._list(right), active=active)
            self._emit(rows[done:], lines[done:], fields)

    def _terms(self, rows: list[int]) -> dict[int, Pairs]:
        """By form, what is multiplied in the terms of these sums: parameters by number, lines and factors; sum by
        sum, sorted in each."""
        sums, line = self._sums, self._line
        terms: dict[int, Pairs] = {}
        for row in rows:
            some = slice(sums.first[row], sums.last[row])
            forms = sums.forms[some]
            for form in {*forms}:
                mask, seconds = forms.translate(ONLY[form]), sums.factors if form in (PARAMETER, VALUE) else sums.right
                left, right = terms.setdefault(form, (array("q"), array(seconds.typecode)))
                left.extend(marked_of(sums.left[some], mask))
                right.extend(marked_of(seconds[some], mask))
        for form, (left, right) in terms.items():
            if form in (VALUE, PRODUCT):
                left[:] = array("q", [line[x] for x in left])
            if form in (WEIGHT, PRODUCT):
                right[:] = array("q", [line[x] for x in right])
            n = len(left) // len(rows)
            for start in range(0, len(left) if n > 1 else 0, n):
                part = slice(start, start + n)
                if rises(left[part]):
                    continue  # as the weights of a neuron lie
                lefts, rights = zip(*sorted(zip(left[part], right[part], strict=True)), strict=True)
                left[part], right[part] = array("q", lefts), array(right.typecode, rights)
        return terms


def marked_of(numbers: array[Any], mask: bytearray) -> array[Any]:
    """Those that are marked by 1, which often follow each other."""
    first, n = mask.find(1), mask.count(1)
    if mask.find(0, first, first + n) < 0:
        return numbers[first : first + n]
    return array(numbers.typecode, compress(numbers, mask))


def rises(numbers: Sequence[int]) -> bool:
    """Whether each is larger than the one before it."""
    return all(map(lt, numbers, islice(numbers, 1, None)))


def columns_of(flat: list[Any], n: int) -> list[list[Any]]:
    """The first of each n entries, the second of each, and so on."""
    return [flat[k::n] for k in range(n)]


def in_order(places: Sequence[int], columns: Sequence[Sequence[Any]]) -> list[int]:
    """The places sorted by the first column, where that is equal by the second one, and so on."""
    ordered = list(places)
    if len(ordered) > 1:
        for column in reversed(columns):  # a sort leaves what is equal in its order
            ordered.sort(key=column.__getitem__)
    return ordered


def rearranged(flat: list[Any], order: Sequence[int]) -> list[Any]:
    """Equally many entries for each place, in a new order of places."""
    n = len(flat) // len(order)
    return [flat[i] for i in order] if n == 1 else [x for i in order for x in flat[i * n : i * n + n]]
