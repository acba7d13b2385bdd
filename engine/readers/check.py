"""Checking derivatives against central differences: `check` for every node of a graph, `gradcheck` for a function."""

from __future__ import annotations

import math
import random
import sys
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from engine.advice import shown, wrong
from engine.readers.gradient import gradient
from engine.readers.structure import by_depth, names
from engine.readers.tables import html_table, text_table
from engine.readers.tape import Tape
from engine.rule import real
from engine.value import Value

__all__ = ["Checked", "GradientError", "Report", "check", "gradcheck"]

TITLES, ALIGN = ("node", "gradient", "numeric", "difference", "verdict"), "lrrrl"
STEP = sys.float_info.epsilon ** (1 / 3)  # balances the rounding and the truncation error of a central difference


class GradientError(AssertionError):
    """A gradient that does not agree with central differences."""


class Checked(NamedTuple):
    """What the check found at one node."""

    node: Value
    name: str
    gradient: float
    """What the chain rule says, dy/dnode."""
    numeric: float
    """(y(node + h) - y(node - h)) / 2h; nan where y is not defined there."""
    verdict: str
    """ok, wrong, kink (the slope jumps within ±h) or edge (y is not defined within ±h)."""

    @property
    def error(self) -> float:
        return abs(self.gradient - self.numeric)


class Report:
    """The outcome of `check`: a table of nodes, worst first in `worst`, true as a condition if nothing is wrong."""

    def __init__(self, checked: list[Checked], size: int, replays: int) -> None:
        self.checked, self.size, self.replays = checked, size, replays

    def __bool__(self) -> bool:
        return not self.wrong

    @property
    def wrong(self) -> list[Checked]:
        """The nodes whose gradient is wrong."""
        return [row for row in self.checked if row.verdict == "wrong"]

    @property
    def worst(self) -> Checked:
        """The node with the largest difference, among the wrong ones if there are any. ValueError if no node was
        checked."""
        if not self.checked:
            raise ValueError(f"no node was checked, so none is the worst: {self.cost}")
        return max(self.wrong or self.checked, key=lambda row: row.error if row.verdict in ("ok", "wrong") else -1.0)

    def __getitem__(self, node: Value | str) -> Checked:
        """The row of a node, or of the node with that name."""
        for row in self.checked:
            if row.node is node or row.name == node:
                return row
        raise KeyError(f"{node!r} was not checked")

    @property
    def _cells(self) -> list[tuple[str, ...]]:
        return [
            (row.name, f"{row.gradient:.10g}", f"{row.numeric:.10g}", f"{row.error:.1e}", row.verdict)
            for row in self.checked
        ]

    @property
    def cost(self) -> str:
        """What was checked, and what that took."""
        return f"{len(self.checked)} of {self.size} nodes checked with {self.replays} replays of the graph"

    def __str__(self) -> str:
        return f"{text_table(TITLES, self._cells, ALIGN)}\n{self.cost}"

    def _repr_html_(self) -> str:
        return f"{html_table(TITLES, self._cells, ALIGN)}<p>{self.cost}</p>"

    __repr__ = __str__


def check(
    y: Value, gradients: Mapping[Value, float] | None = None, *, most: int = 300, seed: int = 0, tolerance: float = 1e-6
) -> Report:
    """Compare the gradient of every node, interior ones too, with a central difference.

    The value of a node is moved by ±h and what depends on it is computed again, on a tape: two replays for every node,
    so the cost grows with the square of the graph.

    Args:
        y: the result.
        gradients: gradients to be checked instead of those of the chain rule, by node (of a broken engine, or those in
            `grad`); nodes that are not among them are left out.
        most: of a larger graph so many nodes are drawn at random.
        seed: for that.
        tolerance: the relative error that passes.

    Raises:
        ValueError: if data was changed since the graph was made, or if `most` is below 1.
    """
    if not isinstance(y, Value):
        raise wrong("check takes a Value", y)
    if most < 1:
        raise ValueError(f"check takes at least one node, got most={most!r}")
    tape, order, called = Tape(y), by_depth(y), names(y)
    rows = [row for row, node in enumerate(order) if gradients is None or node in gradients]
    if len(rows) > most:
        rows = sorted(random.Random(seed).sample(rows, most))
    checked, replays = [], 0
    for row in rows:
        node = order[row]
        slope = tape.adjoints[row] if gradients is None else gradients[node]
        numeric, verdict = math.nan, "wrong"
        for size in (20.0, 1.0, 0.05):  # the smallest step decides what is a kink
            coarser = numeric
            numeric, noise, verdict = difference(tape, row, STEP * size * max(1.0, abs(node.data)))
            replays += 2
            if not verdict:
                # how much the quotient still changes with the step
                bend = 0.0 if math.isnan(coarser) else abs(numeric - coarser)
                close = abs(slope - numeric) <= tolerance * max(abs(slope), abs(numeric)) + 10 * noise + bend
                verdict = "ok" if close or (math.isnan(slope) and math.isnan(numeric)) else "wrong"
            if verdict == "ok":
                break
        checked.append(Checked(node, called[node], slope, numeric, verdict))
    return Report(checked, len(order), replays)


def difference(tape: Tape, row: int, h: float) -> tuple[float, float, str]:
    """The central difference of the result in one row, its rounding error, and "kink" or "edge" where it says
    nothing."""
    sides = []
    for x in (tape.values[row] + h, tape.values[row] - h):
        values = tape.values[:]
        values[row] = x
        try:
            sides.append(tape.forward(values, held=row))
        except (ValueError, ArithmeticError):
            return math.nan, 0.0, "edge"
    above, below = sides
    numeric = (above[-1] - below[-1]) / (above[row] - below[row])
    passed_on = [abs(value * adjoint) for value, adjoint in zip(above[row:], tape.adjoints[row:], strict=True)]
    # each row rounds, and the result changes with it
    noise = sys.float_info.epsilon * sum(filter(math.isfinite, passed_on)) / h
    jumps = [(tape.kink(i, above), tape.kink(i, below)) for i in range(row + 1, len(tape))]
    if any(a is not None and b is not None and a != b and a * b <= 0 for a, b in jumps):
        return numeric, noise, "kink"
    return numeric, noise, ""


def gradcheck(f: Callable[..., Value], *inputs: Any, order: int = 2, tolerance: float = 1e-5) -> bool:
    """Check the derivatives of a function against central differences, up to the second order.

    Args:
        f: takes as many Values as there are inputs and returns a Value.
        inputs: the numbers (or Values, whose numbers are taken) to check at: away from kinks and edges.
        order: 1 for the gradient, 2 for the gradient of the gradient too.
        tolerance: the error that passes, relative to the size of the entry, at least to 1.

    Returns:
        True.

    Raises:
        GradientError: naming the entry that is worst, what the chain rule says there and what the difference quotient
            says.
        ValueError: for an order other than 1 or 2, or if there are no inputs.
        TypeError: for an input that is no number, or if f returns no Value.
    """
    if not callable(f):
        raise TypeError(
            f"gradcheck(f, x, ...) takes a function of Values, got {shown(f)}; write gradcheck(lambda x: x * x, 2.0)"
        )
    if order not in (1, 2):
        raise ValueError(f"gradcheck checks order 1 or 2, got {order!r}")
    if not inputs:
        raise ValueError("gradcheck(f, x, ...) takes the numbers to check f at, got none")
    point = [x.data if isinstance(x, Value) else real(x) for x in inputs]

    def first(at: list[float], as_values: bool = False) -> tuple[list[Value], tuple[Any, ...]]:
        xs = [Value(x, f"x{i}") for i, x in enumerate(at)]
        y = f(*xs)
        if not isinstance(y, Value):
            raise TypeError(
                f"gradcheck takes a function that returns a Value, got one that returned {type(y).__name__} {y!r}"
            )
        return xs, gradient(y, *xs, as_values=as_values)

    found = []
    slopes = first(point)[1]
    xs, graphs = first(point, as_values=True)
    for j in range(len(point)):
        h = STEP * max(1.0, abs(point[j]))
        above, below = ([*point[:j], point[j] + side, *point[j + 1 :]] for side in (h, -h))
        numeric = (f(*map(Value, above)).data - f(*map(Value, below)).data) / (2 * h)
        found.append((f"∂f/∂x{j}", slopes[j], numeric))
        if order == 2:
            sides = zip(first(above)[1], first(below)[1], strict=True)
            found += [
                (f"∂²f/∂x{i}∂x{j}", gradient(graphs[i], xs[j])[0], (a - b) / (2 * h)) for i, (a, b) in enumerate(sides)
            ]
    entry, said, numeric = max(found, key=lambda row: miss(row[1], row[2]))
    if not miss(said, numeric) <= tolerance:
        raise GradientError(
            f"{entry} at {tuple(point)}: the chain rule says {said!r}, the central difference {numeric!r}"
        )
    return True


def miss(said: float, numeric: float) -> float:
    if math.isnan(said) or math.isnan(numeric):
        return math.inf
    return abs(said - numeric) / max(1.0, abs(said), abs(numeric))
