"""Trees of + and × made into single rows: the recording of a neuron written with single × and + becomes one sum of
products.

A sum is a constant and terms of five forms: c·p, c·v, p·q, p·v and v·w, where p and q are parameters and v and w are
rows that differ from sample to sample. A product v·v also stands for v². What is no sum keeps its operation.
"""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from typing import Any

import numpy as np

from engine.compiler.recording import INPUT, LEAF, LOOKUP, Recording
from engine.rule import Rule
from engine.rules import RULES

__all__ = ["PARAMETER", "PARAMETERS", "PRODUCT", "SUM", "VALUE", "WEIGHT", "Sums"]

Array = Any
SUM = -4
"""The code of a row that is a sum; other rows keep the code that the recording gave them."""

PARAMETER, VALUE, PARAMETERS, WEIGHT, PRODUCT = range(5)
"""The forms of a term, in this order: c·p, c·v, p·q, p·v, v·w."""

MANY = 50
"""Operands from which NumPy counts them sooner than a loop."""

ADDITIVE = {"add", "sub", "neg", "mul", "div", "pow", "total", "weighted_sum"}


class Sums:
    """The rows of a recording that its results need, every tree of + and × in them as one sum.

    Rows keep the numbers of the recording; parameters and constants that an operation takes as they are get rows of
    their own behind it.

    Attributes:
        codes: INPUT, LOOKUP, the place of an operation in `rules`, or SUM; None for a row that became part of another,
            or of nothing.
        constants: the constant of each sum.
        first, last: the terms of row i are those from first[i] up to last[i] in the lists that follow.
        forms, factors, left, right: of each term: its form, its factor c, and what is multiplied: parameters by number,
            rows by number. The operands of an operation are terms of the form VALUE.
        results: the rows of the results.
    """

    def __init__(self, recording: Recording, results: Sequence[int]) -> None:
        self.recording, self.rules = recording, list(recording.rules)
        n, codes = len(recording), np.array(recording.codes)
        self.codes: list[int | None] = [None] * n
        self.constants = array("d", bytes(8 * n))
        self.first, self.last = array("q", bytes(8 * n)), array("q", bytes(8 * n))
        self.forms, self.factors, self.left, self.right = bytearray(), array("d"), array("q"), array("q")
        self._leaves = self._find_leaves(codes == LEAF)
        self._leaf = array("q", self._leaves.tobytes())  # for those that are looked up one by one
        self._names = [
            rule.name if rule.name in ADDITIVE and rule is RULES.get(rule.name) else "" for rule in self.rules
        ]
        self._pseudo: dict[tuple[str, float], int] = {}
        self._rows: list[int] = np.flatnonzero(codes != LEAF).tolist()
        self._uses = self._count_uses(results)
        self._sums = self._find_sums()
        self._absorbed = bytearray(n)
        self.results = [self._as_row(row) for row in results]
        for row in reversed(self._rows):
            if recording.codes[row] == INPUT:
                self.codes[row] = INPUT
            elif self._uses[row] and not self._absorbed[row]:
                self._reduce(row)

    def __len__(self) -> int:
        return len(self.codes)

    @property
    def rows(self) -> list[int]:
        """Those that are left, the inputs among them."""
        made = range(len(self.recording), len(self))
        return [row for row in (*self._rows, *made) if self.codes[row] is not None]

    def tables(self) -> list[tuple[int, str, list[int]]]:
        """(columns, "P" or "V", places) of each table that is looked up in: parameters, or rows where any entry is
        none."""
        found = []
        for columns, entries in self.recording.tables:
            if all(self._leaf[x] >= 0 for x in entries):
                found.append((columns, "P", [self._leaf[x] for x in entries]))
            else:
                found.append((columns, "V", [self._as_row(x) for x in entries]))
        return found

    def serves_one(self, row: int) -> bool:
        """Whether one operation, or sum, and no result is all that needs this row."""
        return self._uses[row] == 1

    def _find_leaves(self, where: Array) -> Array:
        """Of each operand which leaf it is, or -1; a constant's operand counts from the end."""
        starts, operands = np.array(self.recording.starts), np.array(self.recording.operands)
        leaves = np.full(len(where) + len(self.recording.constants), -1)
        leaves[: len(where)][where] = operands[starts[:-1][where]]
        return leaves

    def _count_uses(self, results: Sequence[int]) -> array[int]:
        """How often each row that is no leaf is used by rows that the results need. A result, and what is looked up in,
        counts as used twice."""
        codes, starts, operands = self.recording.codes, self.recording.starts, self.recording.operands
        uses, seen = array("q", bytes(8 * len(self._leaf))), set()
        counts = np.frombuffer(uses, np.int64)

        def use(taken: Sequence[int], times: int = 1) -> None:
            if len(taken) > MANY:
                np.add.at(counts, np.array(taken), times)
                return
            for x in taken:
                uses[x] += times

        use(results, 2)
        for row in reversed(self._rows):
            if not uses[row] or codes[row] == INPUT:
                continue
            taken = operands[starts[row] : starts[row + 1]]
            if codes[row] == LOOKUP:
                table, _, index = taken
                use([index])
                use(() if table in seen else self.recording.tables[table][1], 2)
                seen.add(table)
            else:
                use(taken)
        return uses

    def _find_sums(self) -> bytearray:
        """Of each row, whether it is made by + and ×, or by what comes to these: a division by a constant, a square."""
        codes, starts, operands = self.recording.codes, self.recording.starts, self.recording.operands
        sums = bytearray(len(codes))
        for row in self._rows:
            code = codes[row]
            name = self._names[code] if code >= 0 else ""
            if name in ("div", "pow"):
                exponent_or_divisor = self._constant(operands[starts[row] + 1])
                sums[row] = exponent_or_divisor == 2.0 if name == "pow" else bool(exponent_or_divisor)
            else:
                sums[row] = name != ""
        return sums

    def _reduce(self, row: int) -> None:
        code = self.recording.codes[row]
        if code == LOOKUP:
            self.codes[row] = LOOKUP
            return
        if self._sums[row]:
            self.codes[row], self.first[row] = SUM, len(self.forms)
            self._spread(row)
        else:
            operands = self.recording.taken(row)
            self.codes[row] = self._operation(code, operands)
            taken = [self._as_row(x) for x in operands]
            self.first[row] = len(self.forms)
            for x in taken:
                self._term(VALUE, 1.0, x)
        self.last[row] = len(self.forms)

    def _operation(self, code: int, operands: array[int]) -> int:
        """The place of the operation; a power of 1/2 is a square root, and loses its exponent."""
        if self._names[code] == "pow" and self._constant(operands[1]) == 0.5:
            del operands[1]
            return self.place_of(RULES["sqrt"])
        return code

    def place_of(self, rule: Rule) -> int:
        if rule not in self.rules:
            self.rules.append(rule)
        return self.rules.index(rule)

    def _constant(self, operand: int) -> float | None:
        return self.recording.constants[-1 - operand] if operand < 0 else None

    def _spread(self, root: int) -> None:
        """The terms of a sum: those of the sums in it that nothing else uses are its own."""
        uses, sums, constants = self._uses, self._sums, self.recording.constants
        constant, stack = 0.0, [(root, 1.0)]
        while stack:
            row, c = stack.pop()
            if row < 0:
                constant += c * constants[-1 - row]
            elif row != root and (uses[row] != 1 or not sums[row] or (c != 1.0 and self._has_products(row))):
                self._single(c, row)
            else:
                self._absorbed[row] = row != root
                self._open(row, c, stack)
        self.constants[root] = constant

    def _has_products(self, row: int) -> bool:
        """Whether two operands are multiplied that are no constants; such a product takes no factor."""
        name, xs = self._names[self.recording.codes[row]], self.recording.taken(row)
        if name == "weighted_sum":
            half = len(xs) // 2
            return any(w >= 0 and x >= 0 for w, x in zip(xs[:half], xs[half:-1], strict=True))
        return name == "pow" or (name == "mul" and min(xs) >= 0)

    def _open(self, row: int, c: float, stack: list[tuple[int, float]]) -> None:
        """Push what a sum adds up, each with its factor, the first one last; its products become terms at once."""
        name, xs = self._names[self.recording.codes[row]], self.recording.taken(row)
        if name == "add" or name == "total":
            stack.extend([(x, c) for x in reversed(xs)])
        elif name == "sub":
            stack.extend([(xs[1], -c), (xs[0], c)])
        elif name == "neg":
            stack.append((xs[0], -c))
        elif name == "div":
            stack.append((xs[0], c / (self._constant(xs[1]) or 1.0)))
        elif name == "weighted_sum":
            half = len(xs) // 2
            singles: list[tuple[int, float]] = []
            if not self._multiply_alike(xs[:half], xs[half:-1]):
                for w, x in zip(xs[:half], xs[half:-1], strict=True):
                    self._multiply(w, x, c, singles)
            stack.append((xs[-1], c))
            stack.extend(reversed(singles))
        else:
            self._multiply(xs[0], xs[0] if name == "pow" else xs[1], c, stack)

    def _multiply_alike(self, ws: array[int], xs: array[int]) -> bool:
        """The terms of a sum of products at once, where all are of the form p·v or all of the form p·q, as in the
        layers of a network and in the price of their weights. False, and none, where they are not."""
        n, taken = len(ws), np.array(xs)
        left, right = self._leaves[np.array(ws)], self._leaves[taken]
        if not n or left.min() < 0 or taken.min() < 0 or np.count_nonzero(right < 0) not in (0, n):
            return False
        form, second = (WEIGHT, xs) if right[0] < 0 else (PARAMETERS, array("q", right.tobytes()))
        self.forms.extend(bytes([form]) * n)
        self.factors.extend(array("d", [1.0]) * n)
        self.left.frombytes(left.tobytes())
        self.right.extend(second)
        return True

    def _multiply(self, x: int, y: int, c: float, stack: list[tuple[int, float]]) -> None:
        """A term for a product; where one of both is a constant, the other with a factor is pushed."""
        if x < 0:
            stack.append((y, c * self.recording.constants[-1 - x]))
        elif y < 0:
            stack.append((x, c * self.recording.constants[-1 - y]))
        else:
            p, q = self._leaf[x], self._leaf[y]
            if p >= 0 and q >= 0:
                self._term(PARAMETERS, 1.0, p, q)
            elif p >= 0:
                self._term(WEIGHT, 1.0, p, y)
            elif q >= 0:
                self._term(WEIGHT, 1.0, q, x)
            else:
                self._term(PRODUCT, 1.0, x, y)

    def _single(self, c: float, row: int) -> None:
        leaf = self._leaf[row]
        if leaf < 0:
            self._term(VALUE, c, row)
        else:
            self._term(PARAMETER, c, leaf)

    def _term(self, form: int, c: float, left: int, right: int = -1) -> None:
        self.forms.append(form)
        self.factors.append(c)
        self.left.append(left)
        self.right.append(right)

    def _as_row(self, operand: int) -> int:
        """An operand as a row: for a parameter or a constant one that holds it."""
        leaf = self._leaf[operand]
        if operand >= 0 and leaf < 0:
            return operand
        key = ("constant", self.recording.constants[-1 - operand]) if operand < 0 else ("parameter", leaf)
        if key not in self._pseudo:
            self._pseudo[key] = len(self.codes)
            self.codes.append(SUM)
            self.constants.append(0.0 if operand >= 0 else key[1])
            self.first.append(len(self.forms))
            if operand >= 0:
                self._term(PARAMETER, 1.0, leaf)
            self.last.append(len(self.forms))
        return self._pseudo[key]
