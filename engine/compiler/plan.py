"""The plan: a recorded function as a few instructions on rows, which a NumPy program or a kernel runs and a reader
can print."""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from engine.compiler.instruction_set import (
    WIDTH,
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
    name,
    number,
    read,
)
from engine.readers.tables import text_table
from engine.rule import Rule

__all__ = ["Instruction", "Plan"]


class Instruction(NamedTuple):
    """One instruction of a plan, as it is read."""

    rows: range
    """The rows that it computes, or adds to."""
    fields: Fields
    origin: str
    """What it came from, in words."""

    @property
    def kind(self) -> str:
        """What its kind is called."""
        return name(type(self.fields))


@dataclass(eq=False)
class Plan:
    """A recorded function as a few instructions on rows, for as many samples side by side (lanes) as wanted.

    V is a matrix with a line for each row and a column for each sample; P is the vector of the parameters, the same for
    all samples. What each kind of instruction computes in V is told in `engine.compiler.instruction_set`.

    Attributes:
        inputs, parameters, rows: how many lines V has that are inputs (the first ones), the length of P, and how many
            lines V has.
        loss, outputs: lines of V.
        code, table, numbers: the instructions, WIDTH integers each, and the lists of integers and floats that they use.
        rules: the operations.
        origins: of each instruction, in words.
        lookups: (input, items) for each input that is an index.
    """

    inputs: int
    parameters: int
    rules: list[Rule]
    lookups: list[tuple[int, int]] = field(default_factory=list)
    rows: int = 0
    loss: int = 0
    outputs: list[int] = field(default_factory=list)
    code: array[int] = field(default_factory=lambda: array("q"))
    table: array[int] = field(default_factory=lambda: array("q"))
    numbers: array[float] = field(default_factory=lambda: array("d"))
    origins: list[str] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.origins)

    def __getitem__(self, i: int) -> Instruction:
        return Instruction(*read(self.code, range(len(self))[i] * WIDTH), self.origins[i])

    def __iter__(self) -> Iterator[Instruction]:
        return map(self.__getitem__, range(len(self)))

    def __str__(self) -> str:
        products = self.code[::WIDTH].count(number(Matmul))
        shown = [self[i] for i in range(min(len(self), MOST_SHOWN))]
        cells = [(lines(each.rows), each.kind, self.described(each), each.origin) for each in shown]
        if len(shown) < len(self):
            cells.append(("…", f"{len(self) - len(shown)} more", "", ""))
        title = f"{len(self)} instructions, {products} of them matrix products, "
        title += f"on {self.rows} rows, {self.inputs} of them inputs"
        return f"{title}\n{text_table(('rows', 'instruction', 'computes', 'from'), cells, 'llll')}"

    def described(self, instruction: Instruction) -> str:
        """What an instruction computes, in words and symbols."""
        m = len(instruction.rows)
        match instruction.fields:
            case Start() as start:
                return self._start(m, start)
            case Matmul(height=height, terms=n, values=first, step=step):
                values, more = self._called(range(first, first + n * step, step)), m // height - 1
                columns = f" and {more} more column{'s' * (more > 1)}" * (more > 0)
                return f"+ {height} × {n} weights · {values}{columns}"
            case Weights(terms=n, read=rows):
                return f"+ {sum_of(n, m)}parameter · {self._read(rows, m * n)}"
            case Products(terms=n, left=left, right=right):
                return f"+ {sum_of(n, m)}{self._read(left, m * n)} · {self._read(right, m * n)}"
            case Combine(terms=n, read=rows, factors=factors):
                return signed(self.numbers[factors : factors + m * n], sum_of(n, m), self._read(rows, m * n))
            case Parameters(terms=n):
                return f"+ {sum_of(n, m)}parameter · parameter"
            case Apply(rule=rule, in_place=1):
                return f"{self.rules[rule].name}, in place"
            case Apply(rule=rule, inputs=n, read=rows):
                return f"{self.rules[rule].name} of {', '.join(self._read(rows + k * m, m) for k in range(n))}"
            case List(rule=rule, items=n, read=rows):
                return f"{self.rules[rule].name} of {self._read(rows, n) if m == 1 else f'{n} rows each'}"
            case Lookup(items=n, read=rows) | LookupAmongValues(items=n, read=rows):
                indices = sorted(set(self.table[rows : rows + 2 * m : 2]))
                return f"picked from {n}, by {self._called(indices)}"

    def _start(self, m: int, start: Start) -> str:
        """Where m sums start: at a constant and some parameters each."""
        n, constant = start.terms, signed(self.numbers[start.constants : start.constants + m])
        if n:
            parameters = ("a parameter" if n == 1 else f"{n} parameters") + " each" * (m > 1)
            factors = self.numbers[start.factors : start.factors + m * n]
            terms = signed(factors, "" if n == 1 else "Σ of ", parameters)
            constant = terms if constant == "+ 0" else f"{terms} {constant}"
        return constant.removeprefix("+ ") if n else constant.replace("+ ", "").replace("- ", "-")

    def _read(self, start: int, count: int) -> str:
        """The rows that this part of the table lists."""
        return self._called(self.table[start : start + count])

    def _called(self, rows: Sequence[int]) -> str:
        """Rows in words; the first ones are inputs, and have the names that the recording gives them."""
        inputs = max(rows) < self.inputs
        if len(set(rows)) == 1:
            return f"x{rows[0] + 1}" if inputs else f"row {rows[0]}"
        step = rows[1] - rows[0]
        if step <= 0 or list(rows) != list(range(rows[0], rows[-1] + 1, step)):
            return "inputs" if inputs else "rows"
        between = f"x{rows[0] + 1} to x{rows[-1] + 1}" if inputs else f"{rows[0]} to {rows[-1]}"
        return ("inputs " if inputs else "rows ") + between + f" by {step}" * (step > 1)

    def __repr__(self) -> str:
        return f"<plan of {len(self)} instructions on {self.rows} rows>"


MOST_SHOWN = 100


def lines(rows: range) -> str:
    """Rows as a reader wants them: 3 to 18."""
    return str(rows[0]) if len(rows) == 1 else f"{rows[0]} to {rows[-1]}"


def sum_of(n: int, m: int) -> str:
    """What stands before the terms of m sums of n."""
    return "" if n == 1 else f"Σ of {n} " if m > 1 else "Σ "


def signed(numbers: Sequence[float], sigma: str = "", of: str = "") -> str:
    """What is added to a sum: a number if they all are the same, times the sum of something if that is given."""
    if len(set(numbers)) > 1:
        return f"+ {sigma}constants" + f" · {of}" * bool(of)
    size = f"{abs(numbers[0]):.6g}"
    factors = [size] * (size != "1" or not of) + [sigma + of] * bool(of)
    return ("- " if numbers[0] < 0 else "+ ") + " · ".join(factors)
