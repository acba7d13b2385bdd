"""Recording: a function of Values written down as flat rows, by calling it once with stand-ins for its inputs.

A stand-in is one more kind of number: fed to an operation it writes a row. So whatever is made of Values can be
recorded, a network, a least-squares fit, a formula of physics, and a row costs a few integers where a node of a graph
is an object.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Sequence
from operator import is_
from typing import Any, NoReturn

from engine.advice import usage
from engine.compiler.parameters import Parameters
from engine.compiler.questions import CHOOSE, PICK, RecordingError, refuse, refuse_questions
from engine.formulas.terms import Term, symbol
from engine.graph import topological_order
from engine.readers.tables import text_table
from engine.rule import Operand, Rule, real
from engine.scope import Group, current_group, recording
from engine.value import Value

__all__ = ["INPUT", "LEAF", "LOOKUP", "Recorded", "Recording", "lookup"]

INPUT, LEAF, LOOKUP = -1, -2, -3
"""The codes of rows that no operation made: a number of the sample, a leaf of the graph, an item that an index
picks."""


class Recording:
    """The rows of one function, in the order in which it computed them.

    Attributes:
        codes: for each row INPUT, LEAF, LOOKUP or the place of its operation in `rules`.
        starts, operands: row i took operands[starts[i] : starts[i + 1]]; an operand from 0 up is a row, -1 - k is
            constants[k]. The one operand of an INPUT or LEAF says which one it is; those of a LOOKUP are table, column
            and the row of the index.
        rules, constants: what occurs.
        leaves: the Values without inputs that occur: first the parameters, then any others, whose numbers are read at
            every run.
        tables: (columns, operands) of what is looked up in, row by row.
        lookups: for each input that is used as an index, how many items it picks from.
        groups, names: the group of each row, and the names that some got; a leaf has its own.
    """

    def __init__(self, parameters: Iterable[Value] = ()) -> None:
        self.codes, self.starts, self.operands = array("q"), array("q", [0]), array("q")
        self.rules: list[Rule] = []
        self.constants = array("d")
        known = parameters if isinstance(parameters, Parameters) else Parameters(parameters)
        self.leaves: list[Value] = list(known)
        self.tables: list[tuple[int, array[int]]] = []
        self.lookups: dict[int, int] = {}
        self.groups: list[Group | None] = []
        self.names: dict[int, str] = {}
        self.inputs = 0
        self._codes: dict[Rule, int] = {}
        self._constants: dict[float, int] = {}
        self._parameters, self._counting = known.places, known.counting
        self._others: dict[Value, int] = {}  # the places of further leaves
        self._leaf_rows = array("q", [-1]) * len(self.leaves)  # of each leaf its row, or -1
        self._rows: dict[Value, int] = {}  # of what was made of leaves
        self._tables: dict[int, tuple[list[Any], int]] = {}

    def __len__(self) -> int:
        return len(self.codes)

    def input(self) -> Recorded:
        """A stand-in for the next number of the sample."""
        self.inputs += 1
        return self._row(INPUT, [self.inputs - 1])

    def apply(self, rule: Rule, args: tuple[Any, ...]) -> Recorded:
        """A row for an operation on these arguments, in lists as the rule takes them."""
        if not recording():
            raise RecordingError("no_grad() has no effect on what is compiled: leave it out of the function")
        if rule not in self._codes:
            self._codes[rule] = len(self.rules)
            self.rules.append(rule)
        lists: list[array[int]] = []
        for numbers in args[: rule.lists]:
            again = lists and all(map(is_, numbers, args[0]))  # as in w·w
            lists.append(lists[0] if again else self._operands(numbers))
        return self._row(self._codes[rule], *lists, list(map(self.operand, args[rule.lists :])))

    def look_up(self, items: Sequence[Any], index: Recorded) -> Any:
        """One row of a table, or a list with one for each of its columns, picked by an input."""
        if not items or self.codes[index.row] != INPUT:
            raise RecordingError(
                "lookup takes a list that is not empty, and for its index a number of the sample as it is given"
            )
        wide = isinstance(items[0], list | tuple)
        table = self._table(items, wide)
        self.lookups[index.row] = min(len(items), self.lookups.get(index.row, len(items)))
        picked = [self._row(LOOKUP, [table, column, index.row]) for column in range(self.tables[table][0])]
        return picked if wide else picked[0]

    def _table(self, items: Sequence[Any], wide: bool) -> int:
        known, table = self._tables.get(id(items), ([], 0))
        if len(known) == len(items) and all(map(is_, known, items)):  # looked up in before
            return table
        columns = len(items[0]) if wide else 1
        if wide and any(len(item) != columns for item in items):
            raise RecordingError(
                f"the rows of what lookup picks from must be equally long, got {sorted({len(item) for item in items})}"
            )
        self._tables[id(items)] = list(items), len(self.tables)
        entries = [x for item in items for x in item] if wide else items
        self.tables.append((columns, self._operands(entries)))
        return len(self.tables) - 1

    def operand(self, x: Any) -> int:
        """The row of a stand-in or a Value; for any other number its place among the constants, as -1 - place."""
        if x.__class__ is Recorded:
            if x.recording is not self:
                raise RecordingError(
                    "a number of another recording got in: keep nothing between two calls of a compiled function"
                )
            return x.row
        if isinstance(x, Value):
            return self._row_of(x) if x.rule else self._leaf_operands([x])[0]
        place = self._constants.setdefault(real(x), len(self.constants))
        if place == len(self.constants):
            self.constants.append(x)
        return -1 - place

    def _operands(self, numbers: Sequence[Any]) -> array[int]:
        """The operand for each of these; what a wide layer takes is found in one go."""
        kinds = {*map(type, numbers)}
        if kinds == {Recorded}:
            rows = array("q", [x.row for x in numbers if x.recording is self])
            if len(rows) == len(numbers):
                return rows
        elif all(issubclass(kind, Value) for kind in kinds) and not any(x.rule for x in numbers):
            return self._leaf_operands(numbers)
        return array("q", map(self.operand, numbers))

    def _leaf_operands(self, leaves: Sequence[Value]) -> array[int]:
        """The rows of leaves, which are written where there are none."""
        places, known = self._places_of(leaves), self._leaf_rows
        rows = taken_from(known, places)
        unknown = rows.count(-1)
        if not unknown:
            return rows
        new = places
        if unknown < len(rows):
            new = [place for place, row in zip(places, rows, strict=True) if row < 0]
        if not isinstance(new, range):
            new = list(dict.fromkeys(new))
        written = self._write_leaves(new)
        return written if len(written) == len(rows) else taken_from(known, places)

    def _write_leaves(self, places: Sequence[int]) -> array[int]:
        """New rows for the leaves at these places."""
        first, taken, n = len(self), len(self.operands), len(places)
        rows = self._count(first, n)
        self.codes.extend(array("q", [LEAF]) * n)
        self.starts.extend(self._count(taken + 1, n))
        self.groups.extend([None] * n)
        if isinstance(places, range):
            self.operands.extend(self._count(places.start, n))
            self._leaf_rows[places.start : places.stop] = rows
        else:
            self.operands.extend(array("q", places))
            for place, row in zip(places, rows, strict=True):
                self._leaf_rows[place] = row
        return rows

    def _count(self, first: int, n: int) -> array[int]:
        """So many numbers, from the first one up."""
        some = self._counting[first : first + n]
        return some if len(some) == n else array("q", range(first, first + n))

    def _row_of(self, value: Value) -> int:
        """The row of what was made from leaves alone, whose graph is recorded too."""
        if value not in self._rows:
            for node in topological_order(value):
                if node.rule is None:
                    self.operand(node)
                elif node not in self._rows:
                    self._rows[node] = row = self.apply(node.rule, node.args).row
                    self.groups[row] = node.group
                    if node.name:
                        self.names[row] = node.name
        return self._rows[value]

    def _places_of(self, leaves: Sequence[Value]) -> Sequence[int]:
        """Where leaves are among all of them; at the end, if they were not known."""
        known, others = self._parameters, self._others
        if leaves:
            first = known.get(leaves[0], 0)
            together = range(first, first + len(leaves))  # as the weights of a neuron are
            if self.leaves[first : together.stop] == list(leaves):
                return together
        places: list[Any] = list(map(known.get, leaves))
        if None in places:
            for leaf in leaves:
                if leaf not in known and leaf not in others:
                    others[leaf] = len(self.leaves)
                    self.leaves.append(leaf)
                    self._leaf_rows.append(-1)
            places = [others[leaf] if place is None else place for leaf, place in zip(leaves, places, strict=True)]
        return places

    def _row(self, code: int, *operands: Sequence[int]) -> Recorded:
        self.codes.append(code)
        for some in operands:
            self.operands.extend(some)
        self.starts.append(len(self.operands))
        self.groups.append(current_group())
        return Recorded(self, len(self.codes) - 1)

    def taken(self, row: int) -> array[int]:
        """The operands of a row."""
        return self.operands[self.starts[row] : self.starts[row + 1]]

    def called(self, row: int) -> str:
        """A name for a row: its own, or x1, x2, ... for an input and v1, v2, ... by its place."""
        code, place = self.codes[row], self.operands[self.starts[row]]
        if code == LEAF:
            return self.leaves[place].name or f"p{place + 1}"
        return self.names.get(row) or (f"x{place + 1}" if code == INPUT else f"v{row + 1}")

    def change(self, other: Recording) -> str:
        """What is another in a recording of the same function made later; "" where they do the same."""
        for then, now in zip(map(repr, self.constants), map(repr, other.constants), strict=False):
            if then != now:  # as they are written -0.0 is not 0.0, and nan is nan
                return f"the number {then} in it is {now} now"
        mine, theirs = (
            (x.codes, x.starts, x.operands, x.rules, x.tables, x.inputs, len(x.leaves)) for x in (self, other)
        )
        if mine != theirs:
            return f"it has {len(other)} operations now, {len(self)} before, or others than these"
        if self.leaves == other.leaves:
            return ""
        others = [(x, y) for x, y in zip(self.leaves, other.leaves, strict=True) if x is not y and x.data != y.data]
        return f"it uses another Value now, {others[0][1]!r} instead of {others[0][0]!r}" if others else ""

    def operation(self, row: int) -> str:
        """What a row does, in names."""
        code, operands = self.codes[row], self.taken(row)
        if code == INPUT:
            return "an input"
        if code == LEAF:
            return "a parameter"
        if code == LOOKUP:
            columns, entries = self.tables[operands[0]]
            return f"column {operands[1] + 1} of {len(entries) // columns} rows, at {self.called(operands[2])}"
        rule = self.rules[code]
        terms = tuple([symbol(self.called(x)) if x >= 0 else self.constants[-1 - x] for x in operands])
        return Term(rule=rule, args=rule.nest(terms)).text()

    def __str__(self) -> str:
        shown = range(len(self)) if len(self) <= MOST_SHOWN else [*range(MOST_SHOWN - 2), len(self) - 1]
        cells = [(self.called(row), self.operation(row)) for row in shown]
        if len(shown) < len(self):
            cells.insert(-1, ("…", f"{len(self) - len(shown)} more rows"))
        return text_table(("row", "operation"), cells, "ll")

    def __repr__(self) -> str:
        return f"<recording of {len(self)} rows: {self.inputs} inputs, {len(self.leaves)} leaves>"


MOST_SHOWN = 60


def taken_from(numbers: array[int], places: Sequence[int]) -> array[int]:
    if isinstance(places, range):
        return numbers[places.start : places.stop]
    return array("q", [numbers[place] for place in places])


class Recorded(Operand):
    """A stand-in for a number while a function is recorded. It has no number: what asks for one raises
    `RecordingError`."""

    __slots__ = ("recording", "row")

    def __init__(self, recording: Recording, row: int) -> None:
        self.recording, self.row = recording, row

    @classmethod
    def apply(cls, rule: Rule, args: tuple[Any, ...]) -> Recorded:
        recording: Recording = next(x.recording for x in rule.flatten(args) if x.__class__ is Recorded)
        return recording.apply(rule, args)

    @property
    def name(self) -> str | None:
        return self.recording.names.get(self.row)

    @name.setter
    def name(self, name: str) -> None:
        self.recording.names[self.row] = name

    @property
    def inputs(self) -> NoReturn:
        raise RecordingError("what the function asks about its graph is not known while it is recorded")

    def __repr__(self) -> str:
        return f"<recorded {self.recording.called(self.row)}>"


refuse_questions(Recorded)
for _name in ("__eq__", "__ne__"):  # of a Value it is asked whether it is the same object
    setattr(Recorded, _name, refuse("a comparison", CHOOSE))
Recorded.__hash__ = refuse("the hash", PICK)  # type: ignore[method-assign]


@usage("lookup(items, 2)")
def lookup(items: Sequence[Any], index: Any) -> Any:
    """`items[index]`, where the index may be a number of the sample of a compiled function: a row of an embedding, a
    target class.

    Args:
        items: numbers or Values, or rows of them that are equally long.
        index: a whole number from 0 up.

    Raises:
        TypeError: for an index that is no whole number.
        IndexError: for one that is not below the number of items; a negative one does not count from the end.

    >>> lookup([10.0, 20.0, 30.0], 1)
    20.0
    """
    if isinstance(index, Recorded):
        return index.recording.look_up(items, index)
    place = whole(index)
    if not 0 <= place < len(items):
        raise IndexError(f"there are {len(items)} items to look up, and {place} is none of 0 to {len(items) - 1}")
    return items[place]


def whole(index: Any) -> int:
    number = real(index, "a whole number to look up")
    if not number.is_integer():
        raise TypeError(f"expected a whole number to look up, got {index!r}")
    return int(number)
