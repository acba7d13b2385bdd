"""`Tape`: a graph written down as rows, the Wengert list of the textbooks, which replays on new numbers without
building nodes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from engine.advice import shown, usage, wrong
from engine.formulas.terms import Term, symbol
from engine.graph import Node, sweep
from engine.readers.structure import by_depth, names
from engine.readers.tables import html_table, text_table
from engine.rule import Rule, real
from engine.value import Value, require_fresh

__all__ = ["Row", "Tape"]

TITLES, ALIGN = ("row", "operation", "value ↓", "adjoint ↑"), "llrr"


class Row(NamedTuple):
    """One line of a tape."""

    label: str
    """v-1, v0 for the inputs of the graph, v1, v2, ... for what is computed."""
    name: str | None
    """What the user called the node."""
    rule: Rule | None
    """The operation; None for an input."""
    inputs: tuple[int | float, ...]
    """Row numbers (int, counted from 0) and constants (float)."""
    value: float
    adjoint: float


class Tape:
    """The graph of y as a list of rows, as in the survey of Baydin et al. (2018), tables 2 and 3.

    The inputs come first, v₋ₙ₊₁ … v₀, then what is computed, v₁ …, ordered by depth. Each row has its operation, its
    value and its adjoint, the derivative of y in it. Print it, or show it in a notebook, for the table. A tape can be
    pickled however deep its graph.

    Args:
        y: the result.

    Raises:
        TypeError: if y is not a Value.
        ValueError: if data was changed since the graph was made.

    >>> x1, x2 = Value(2.0, "x1"), Value(5.0, "x2")
    >>> tape = Tape(x1.log() + x1 * x2 - x2.sin())
    >>> print(tape.operation(2), round(tape.value, 4), round(tape.replay({"x1": 3.0}).value, 4))
    ln v-1 11.6521 17.0575
    """

    @usage("Tape(y)")
    def __init__(self, y: Value) -> None:
        if not isinstance(y, Value):
            raise wrong("Tape takes a Value", y)
        require_fresh(y)
        order = by_depth(y)
        place = {node: i for i, node in enumerate(order)}
        self.leaves = [node for node in order if node.rule is None]
        self._rules = [node.rule for node in order]
        self._inputs = [tuple([x if x.__class__ is float else place[x] for x in node.inputs]) for node in order]
        self._names = [node.name for node in order]
        called = names(y)
        self._called = [called[leaf] for leaf in self.leaves]
        self.values: list[float] = [node.data for node in order]
        """The value of each row."""
        self.adjoints: list[float] = self.sweep([node.slopes for node in order])
        """The adjoint of each row."""

    @property
    def value(self) -> float:
        """The value of the result."""
        return self.values[-1]

    def label(self, row: int) -> str:
        """v₋ₙ₊₁ … v₀ for the n inputs, v₁ … for what is computed; in plain digits, as v-1."""
        return f"v{row + 1 - len(self.leaves)}"

    @property
    def rows(self) -> list[Row]:
        columns = (self._names, self._rules, self._inputs, self.values, self.adjoints)
        return [Row(self.label(i), *content) for i, content in enumerate(zip(*columns, strict=True))]

    def __len__(self) -> int:
        return len(self.values)

    def operation(self, row: int) -> str:
        """What a row does, in labels: `ln v-1`, `v1 + v2`; for an input its name."""
        rule = self._rules[row]
        if rule is None:
            return self._called[row]
        inputs = [symbol(self.label(x)) if isinstance(x, int) else x for x in self._inputs[row]]
        text = Term(rule=rule, args=rule.nest(tuple(inputs))).text()
        return re.sub(r"^(\w+)\((v-?\d+)\)$", r"\1 \2", text)  # ln v-1, as the survey has it

    def replay(self, numbers: Mapping[Value | str, Any]) -> Tape:
        """The same rows for other numbers in the inputs: a new tape with new values and adjoints. No node is built.

        Args:
            numbers: new numbers by leaf, by name or by label; inputs that are not named keep theirs.

        Raises:
            TypeError: for what is no mapping, and for what is no number in it.
            KeyError: for what is no input of this tape.
            ValueError, ZeroDivisionError, OverflowError: where an operation is not defined for the new numbers; names
                the row.
        """
        if not isinstance(numbers, Mapping):
            raise TypeError(f'replay takes new numbers by name, as in replay({{"x": 3.0}}), got {shown(numbers)}')
        values = self.values[:]
        for key, number in numbers.items():
            for row in self._inputs_called(key):
                values[row] = real(number)
        again = Tape.__new__(Tape)
        again.__dict__.update(self.__dict__, values=self.forward(values))
        again.adjoints = self.sweep([self.local_slopes(row, again.values) for row in range(len(self))])
        return again

    def _inputs_called(self, key: Value | str) -> list[int]:
        if isinstance(key, Value):
            found = [row for row, leaf in enumerate(self.leaves) if leaf is key]
        else:
            found = [row for row in range(len(self.leaves)) if key in (self._called[row], self.label(row))]
        if not found:
            known = ", ".join(self._called)
            raise KeyError(f"the tape has no input {key!r}; its inputs are {known}")
        return found

    def forward(self, values: list[float], rows: Iterable[int] | None = None) -> list[float]:
        """Compute rows in place, in the order given: all that are no inputs, unless it is said which."""
        for row in range(len(self.leaves), len(self)) if rows is None else rows:
            values[row] = self.compute(row, values)
        return values

    def compute(self, row: int, values: Sequence[float]) -> float:
        """What the operation of a row makes of these values; its errors name the row."""
        rule = self._rules[row]
        return rule.compute(self.arguments(row, values), f"; it is row {self.label(row)}") if rule else values[row]

    def dependents(self, row: int) -> list[int]:
        """The rows that change with a row, in order, without itself."""
        found = {row}
        for later in range(row + 1, len(self)):
            if any(x.__class__ is int and x in found for x in self._inputs[later]):
                found.add(later)
        return sorted(found - {row})

    def arguments(self, row: int, values: Sequence[float]) -> tuple[Any, ...]:
        """The numbers that the operation of a row takes, nested as its rule wants them."""
        rule = self._rules[row]
        return rule.nest(tuple([values[x] if isinstance(x, int) else x for x in self._inputs[row]])) if rule else ()

    def kink(self, row: int, values: Sequence[float]) -> float | None:
        """How far the operation of a row is from its kink, with a sign; None if it has none."""
        rule = self._rules[row]
        return rule.kink(*self.arguments(row, values)) if rule and rule.kink else None

    def local_slopes(self, row: int, values: Sequence[float]) -> tuple[Any, ...]:
        """The slope of a row in each of its inputs at these values; None for a constant, empty for an input."""
        rule = self._rules[row]
        return rule.all_slopes(self.arguments(row, values), values[row], self._inputs[row]) if rule else ()

    def sweep(self, slopes: Iterable[tuple[Any, ...]]) -> list[float]:
        """The adjoint of each row, from the slopes of each."""
        nodes: list[Node] = []
        for inputs, local in zip(self._inputs, slopes, strict=True):
            edges = [(nodes[x], slope) for x, slope in zip(inputs, local, strict=True) if isinstance(x, int)]
            nodes.append(Node(tuple([x for x, _ in edges]), tuple([slope for _, slope in edges])))
        adjoints = dict.fromkeys(nodes, 0.0)
        adjoints[nodes[-1]] = 1.0
        for _ in sweep(adjoints):
            pass
        return list(adjoints.values())

    def __getstate__(self) -> dict[str, Any]:
        # without the graphs that their groups hold
        leaves = [Value(leaf.data, leaf.name, leaf.frozen) for leaf in self.leaves]
        return {**self.__dict__, "leaves": leaves}

    def _cells(self) -> list[tuple[str, str, str, str]]:
        numbers = [
            (f"{value:.10g}", f"{adjoint:.10g}") for value, adjoint in zip(self.values, self.adjoints, strict=True)
        ]
        called = [f" ({name})" if name and rule else "" for name, rule in zip(self._names, self._rules, strict=True)]
        return [(self.label(row) + called[row], self.operation(row), *numbers[row]) for row in range(len(self))]

    def __str__(self) -> str:
        return text_table(TITLES, self._cells(), ALIGN)

    def __repr__(self) -> str:
        return str(self) if len(self) <= 100 else f"<tape of {len(self)} rows, {len(self.leaves)} of them inputs>"

    def _repr_html_(self) -> str:
        return html_table(TITLES, self._cells(), ALIGN)
