"""Checking derivatives against difference quotients: `check` for every node of a graph, `gradcheck` for a function."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache, partial
from typing import Any, NamedTuple

from engine.advice import shown, usage, wrong
from engine.graph import adjoints_of
from engine.primitives import add_up
from engine.readers.difference import ROUNDING, Finding, Point, judge
from engine.readers.gradient import gradient
from engine.readers.structure import by_depth, names
from engine.readers.tables import html_table, text_table
from engine.readers.tape import Tape
from engine.rule import real
from engine.value import Value

__all__ = ["Checked", "GradientError", "Report", "check", "gradcheck"]

TITLES, ALIGN = ("node", "gradient", "numeric", "difference", "verdict"), "lrrrl"
ROLLS = 3  # sweeps with the last places rolled


class GradientError(AssertionError):
    """A gradient that does not agree with central differences."""


class Checked(NamedTuple):
    """What the check found at one node."""

    node: Value
    name: str
    gradient: float
    """What the chain rule says, dy/dnode."""
    numeric: float
    """(y(node + h) - y(node - h)) / 2h, extrapolated to h = 0; nan where y is not defined there."""
    uncertainty: float
    """How far off `numeric` may be, by its own estimate."""
    verdict: str
    """ok, wrong, kink (a slope jumps within ±h), edge (y is not defined within ±h, or a slope is infinite) or cannot
    tell (rounding hides how y moves)."""

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
        judged = self.wrong or [row for row in self.checked if row.verdict == "ok"] or self.checked
        return max(judged, key=lambda row: math.inf if math.isnan(row.error) else row.error)

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
        """What was checked, what that took, and of how many nodes it told nothing."""
        open_ones = sum(row.verdict == "cannot tell" for row in self.checked)
        rest = f"; it cannot tell of {open_ones}" if open_ones else ""
        return f"{len(self.checked)} of {self.size} nodes checked with {self.replays} replays of the graph{rest}"

    def __str__(self) -> str:
        return f"{text_table(TITLES, self._cells, ALIGN)}\n{self.cost}"

    def _repr_html_(self) -> str:
        return f"{html_table(TITLES, self._cells, ALIGN)}<p>{self.cost}</p>"

    __repr__ = __str__


@usage("check(y)")
def check(
    y: Value, gradients: Mapping[Value, float] | None = None, *, most: int = 300, seed: int = 0, tolerance: float = 1e-6
) -> Report:
    """Compare the gradient of every node, interior ones too, with difference quotients.

    The value of a node is moved by ±h and what depends on it is computed again, on a tape, for as many h as it takes to
    know the slope and how far off it may be: mostly two, so four replays for every node, and the cost grows with the
    square of the graph. A gradient is called wrong only where that is established; where rounding, a kink or an edge
    hides the slope, the verdict says so, and the report is no less true.

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
    noise, doubts = roundings(tape, order), doubts_of(tape)
    checked, replays = [], ROLLS
    for row in rows:
        node = order[row]
        slope = tape.adjoints[row] if gradients is None else gradients[node]
        moved = Moved(tape, row)
        found = judge(
            moved, node.data, y.data, slope, noise=add_up([noise[i] for i in moved.rows]), doubt=doubts[row],
            tolerance=tolerance, way=moved.way,
        )  # fmt: skip
        replays += moved.replays
        checked.append(Checked(node, called[node], slope, *excused(found, [order[i] for i in moved.rows])))
    return Report(checked, len(order), replays)


class Moved:
    """The result of a tape as a function of the number in one row."""

    def __init__(self, tape: Tape, row: int) -> None:
        self.tape, self.row, self.rows, self.replays = tape, row, tape.dependents(row), 0
        self.bent = [i for i in self.rows if tape.kink(i, tape.values) is not None]

    def __call__(self, x: float) -> Point:
        values = self.replay(x)
        return Point(values[-1], [self.tape.kink(i, values) for i in self.bent])

    def way(self, x: float) -> list[float]:
        values = self.replay(x)
        return [values[i] * self.tape.adjoints[i] for i in self.rows]

    def replay(self, x: float) -> list[float]:
        self.replays += 1
        values = self.tape.values[:]
        values[self.row] = x
        return self.tape.forward(values, self.rows)


def roundings(tape: Tape, order: Sequence[Value]) -> list[float]:
    """How far the rounding in each row may move the result; not finite where its adjoint is not."""
    found = []
    for node, adjoint in zip(order, tape.adjoints, strict=True):
        size = abs(node.data) if node.rule else 0.0
        if node.rule and node.rule.lists:  # what it adds up may be larger than the sum
            args = node.rule.each(float, node.args)
            slopes = node.rule.all_slopes(args, node.data)
            size += add_up([abs(x * slope) for x, slope in zip(node.rule.flatten(args), slopes, strict=True)])
        found.append(ROUNDING * size * abs(adjoint) if size else 0.0)
    return found


def doubts_of(tape: Tape) -> list[float]:
    """How far rounding may have moved each adjoint: sweeps in which the last places of every number are rolled."""
    draw = random.Random(0)

    def rolled(x: float) -> float:
        return x * (1 + ROUNDING * draw.uniform(0.5, 1) * draw.choice((-1, 1)))

    doubts = [0.0] * len(tape)
    for _ in range(ROLLS):
        values = tape.values[:]
        slopes: list[tuple[Any, ...]] = []
        for row in range(len(tape)):
            try:
                values[row] = rolled(tape.compute(row, values)) if row >= len(tape.leaves) else values[row]
                local = tape.local_slopes(row, values)
            except (ValueError, ArithmeticError, TypeError):  # rolled over an edge: the number stays what it was
                local = tape.local_slopes(row, tape.values)
            slopes.append(tuple([slope and rolled(slope) for slope in local]))
        for row, (adjoint, again) in enumerate(zip(tape.adjoints, tape.sweep(slopes), strict=True)):
            doubts[row] = max(doubts[row], abs(adjoint - again) if math.isfinite(again) else math.inf)
    return doubts


def excused(found: Finding, passed: Iterable[Value]) -> Finding:
    """At an infinite slope the chain rule gives what a convention says: no difference can call that wrong."""
    infinite = any(slope is not None and math.isinf(slope) for node in passed for slope in node.slopes)
    return found._replace(verdict="edge") if found.verdict in ("wrong", "cannot tell") and infinite else found


@usage("gradcheck(lambda x, y: x * y, 2.0, 3.0)")
def gradcheck(f: Callable[..., Value], *inputs: Any, order: int = 2, tolerance: float = 1e-5) -> bool:
    """Check the derivatives of a function against difference quotients, up to the second order.

    What a difference cannot tell at this point, because of rounding, a kink or an edge, is left alone: choose points
    away from them.

    Args:
        f: takes as many Values as there are inputs and returns a Value.
        inputs: the numbers (or Values, whose numbers are taken) to check at.
        order: 1 for the gradient, 2 for the gradient of the gradient too.
        tolerance: the relative error that passes.

    Returns:
        True: some entry is right, and none is wrong.

    Raises:
        GradientError: naming the entry that is worst, what the chain rule says there and what the difference quotient
            says.
        ValueError: if no entry can be told, for an order other than 1 or 2, or if there are no inputs.
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
    found = entries(f, point, order, tolerance)
    wrong = [entry for entry in found if entry.finding.verdict == "wrong"]
    if wrong:
        worst = max(wrong, key=lambda entry: miss(entry.said, entry.finding.numeric))
        raise GradientError(
            f"{worst.name} at {tuple(point)}: the chain rule says {worst.said!r}, the central difference "
            f"{worst.finding.numeric!r}"
        )
    if all(entry.finding.verdict != "ok" for entry in found):
        verdicts = ", ".join([f"{entry.name} {entry.finding.verdict}" for entry in found])
        raise ValueError(f"gradcheck can tell nothing at {tuple(point)}, check at another point: {verdicts}")
    return True


class Entry(NamedTuple):
    """A derivative of a function, what the chain rule says of it, and what a difference does."""

    name: str
    said: float
    finding: Finding


def entries(f: Callable[..., Value], point: list[float], order: int, tolerance: float) -> list[Entry]:
    xs, y = apply(f, point)
    first = Claims(y, xs)
    claimed = [("∂f/", first, first.noise)]
    if order == 2:
        for i, slope in enumerate(gradient(y, *xs, as_values=True)):
            second = Claims(slope, xs)
            claimed.append((f"∂²f/∂x{i}", second, max(second.noise, first.doubts[i])))
    found = []
    for j, x in enumerate(point):
        at = cache(partial(results, f, point, j))
        for place, (name, claims, noise) in enumerate(claimed):
            finding = judge(
                partial(one_of, at, place), x, at(x)[0][place], claims.said[j], noise=noise, doubt=claims.doubts[j],
                tolerance=tolerance,
            )  # fmt: skip
            found.append(Entry(f"{name}∂x{j}", claims.said[j], excused(finding, claims.order)))
    return found


Results = tuple[tuple[float, ...], list[float]]


def results(f: Callable[..., Value], point: list[float], j: int, number: float) -> Results:
    """f and its gradient with that number in input j, and how far operations are from their kinks."""
    xs, y = apply(f, [*point[:j], number, *point[j + 1 :]])
    kinks = [rule.kink(*rule.each(float, node.args)) for node in adjoints_of(y) if (rule := node.rule) and rule.kink]
    return (y.data, *gradient(y, *xs)), kinks


def one_of(at: Callable[[float], Results], place: int, number: float) -> Point:
    numbers, kinks = at(number)
    return Point(numbers[place], kinks)


class Claims:
    """The derivatives of a result in some leaves, and how far off rounding may bring it and them."""

    def __init__(self, y: Value, xs: Sequence[Value]) -> None:
        tape, order = Tape(y), by_depth(y)
        place = {node: row for row, node in enumerate(order)}
        doubts = doubts_of(tape)
        self.said = gradient(y, *xs)
        self.doubts = [doubts[place[x]] if x in place else 0.0 for x in xs]
        self.noise, self.order = add_up(roundings(tape, order)), order


def apply(f: Callable[..., Value], point: list[float]) -> tuple[list[Value], Value]:
    xs = [Value(x, f"x{i}") for i, x in enumerate(point)]
    y = f(*xs)
    if not isinstance(y, Value):
        raise TypeError(
            f"gradcheck takes a function that returns a Value, got one that returned {type(y).__name__} {y!r}"
        )
    return xs, y


def miss(said: float, numeric: float) -> float:
    """The relative difference."""
    gap = abs(said - numeric) / max(abs(said), abs(numeric))
    return math.inf if math.isnan(gap) else gap
