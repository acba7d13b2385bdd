"""The plan: a recorded function as a few instructions on rows, which a NumPy program or a kernel runs and a reader
can print."""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from engine.readers.tables import text_table
from engine.rule import Rule

__all__ = ["KINDS", "WIDTH", "Instruction", "Plan"]

KINDS = (
    "start",
    "matmul",
    "weights",
    "products",
    "combine",
    "parameters",
    "apply",
    "list",
    "lookup",
    "lookup among values",
)
WIDTH = 12
"""How many integers an instruction has."""


class Instruction(NamedTuple):
    """One instruction of a plan, as it is read."""

    kind: str
    rows: range
    """The rows that it computes, or adds to."""
    fields: tuple[int, ...]
    origin: str
    """What it came from, in words."""


@dataclass(eq=False)
class Plan:
    """A recorded function as a few instructions on rows, for as many samples side by side (lanes) as wanted.

    V is a matrix with a line for each row and a column for each sample; P is the vector of the parameters, the same for
    all samples. T and D are `table` and `numbers`. The fields of an instruction that computes the m rows from r on (i
    from 0 to m - 1):

    ===================  ================================  =============================================================
    kind                 fields                            V[r + i] =, or += from "matmul" to "parameters"
    ===================  ================================  =============================================================
    start                c n p w                           D[c+i] + Σ_k<n D[w+i·n+k] · P[T[p+i·n+k]]
    matmul               t n a sr sc b sk su active        Σ_k<n P[a+i'·sr+k·sc] · V[b+k·sk+u·su], i = i'·(m/t) + u
    weights              n p x . . . . . active            Σ_k<n P[T[p+i·n+k]] · V[T[x+i·n+k]]
    products             n x y . . . . . active            Σ_k<n V[T[x+i·n+k]] · V[T[y+i·n+k]]
    combine              n x w . . . . . active            Σ_k<n D[w+i·n+k] · V[T[x+i·n+k]]
    parameters           n p q                             Σ_k<n P[T[p+i·n+k]] · P[T[q+i·n+k]]
    apply                rule n x . . . . uniform active   rule(V[T[x+i]], V[T[x+m+i]], ...) of n rows
    list                 rule n x . . . . . active         rule of the list V[T[x+i·n]], ..., V[T[x+i·n+n-1]]
    lookup               t items columns x                 P[T[t + V[T[x+2i]]·columns + T[x+2i+1]]]
    lookup among values  t items columns x . . . . active  V[the same]
    ===================  ================================  =============================================================

    `active` says which of the rows that are read depend on a parameter, so that a gradient is passed to them: bit 0 for
    the first factor or input, bit 1 for the second. `uniform` says that no row here depends on the sample: all lanes
    are equal.

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
        place = range(len(self))[i] * WIDTH
        kind, m, first, *fields = self.code[place : place + WIDTH]
        return Instruction(KINDS[kind], range(first, first + m), tuple(fields), self.origins[i])

    def __iter__(self) -> Iterator[Instruction]:
        return map(self.__getitem__, range(len(self)))

    def __str__(self) -> str:
        products = self.code[::WIDTH].count(KINDS.index("matmul"))
        shown = [self[i] for i in range(min(len(self), MOST_SHOWN))]
        cells = [(lines(each.rows), each.kind, self.described(each), each.origin) for each in shown]
        if len(shown) < len(self):
            cells.append(("…", f"{len(self) - len(shown)} more", "", ""))
        title = f"{len(self)} instructions, {products} of them matrix products, "
        title += f"on {self.rows} rows, {self.inputs} of them inputs"
        return f"{title}\n{text_table(('rows', 'instruction', 'computes', 'from'), cells, 'llll')}"

    def described(self, instruction: Instruction) -> str:
        """What an instruction computes, in words and symbols."""
        kind, rows, fields, _ = instruction
        m, n = len(rows), fields[0]
        if kind == "start":
            return self._start(m, *fields[:4])
        if kind == "matmul":
            values, more = self._called(range(fields[5], fields[5] + fields[1] * fields[6], fields[6])), m // n - 1
            return f"+ {n} × {fields[1]} weights · {values}" + f" and {more} more column{'s' * (more > 1)}" * (more > 0)
        if kind == "apply":
            return f"{self.rules[n].name} of {', '.join(self._read(fields[2] + k * m, m) for k in range(fields[1]))}"
        if kind == "list":
            return f"{self.rules[n].name} of {self._read(fields[2], fields[1]) if m == 1 else f'{fields[1]} rows each'}"
        if kind.startswith("lookup"):
            indices = sorted(set(self.table[fields[3] : fields[3] + 2 * m : 2]))
            return f"picked from {fields[1]}, by {self._called(indices)}"
        sum_of = "" if n == 1 else f"Σ of {n} " if m > 1 else "Σ "
        if kind == "combine":
            return signed(self.numbers[fields[2] : fields[2] + m * n], sum_of, self._read(fields[1], m * n))
        factors = {"weights": "PV", "products": "VV", "parameters": "PP"}[kind]
        names = [
            "parameter" if factor == "P" else self._read(start, m * n)
            for factor, start in zip(factors, fields[1:3], strict=True)
        ]
        return f"+ {sum_of}{' · '.join(names)}"

    def _start(self, m: int, constants: int, n: int, _: int, factors: int) -> str:
        """Where m sums start: at a constant and n parameters each."""
        constant = signed(self.numbers[constants : constants + m])
        if n:
            parameters = ("a parameter" if n == 1 else f"{n} parameters") + " each" * (m > 1)
            terms = signed(self.numbers[factors : factors + m * n], "" if n == 1 else "Σ of ", parameters)
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


def signed(numbers: Sequence[float], sum_of: str = "", of: str = "") -> str:
    """What is added to a sum: a number if they all are the same, times the sum of something if that is given."""
    if len(set(numbers)) > 1:
        return f"+ {sum_of}constants" + f" · {of}" * bool(of)
    size = f"{abs(numbers[0]):.6g}"
    factors = [size] * (size != "1" or not of) + [sum_of + of] * bool(of)
    return ("- " if numbers[0] < 0 else "+ ") + " · ".join(factors)
