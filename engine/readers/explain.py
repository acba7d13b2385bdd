"""`explain(y, x)`: the derivative of y in x as a textbook writes it: a chain of slopes, their formulas and numbers,
a sum over paths."""

from __future__ import annotations

import heapq
import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import reduce
from itertools import count
from typing import Any

from engine.advice import usage, wrong
from engine.formulas.notation import LATEX, MATHML, TEXT, Notation, shorten
from engine.formulas.terms import Term, slope_formulas
from engine.graph import adjoints_of, passed_on
from engine.primitives import add_up
from engine.readers.gradient import gradient
from engine.readers.structure import count_paths, names, users
from engine.value import Value, require_fresh

__all__ = ["Explanation", "Factor", "Path", "explain", "typeset"]


@dataclass(frozen=True)
class Factor:
    """One slope of a chain: of a node in one of its inputs."""

    node: Value
    index: int
    """Which of the node's inputs."""
    over: str
    """The name of the node."""
    under: str
    """The name of the input."""
    formula: Term
    """The slope in symbols, by the rule of the node: 1 - a ** 2."""
    value: float
    """The slope as a number, taken when the node was made."""


@dataclass(frozen=True)
class Path:
    """One way from x up to y: the slopes along it, that of y first."""

    factors: tuple[Factor, ...]

    @property
    def product(self) -> float:
        """The contribution of this path to the derivative."""
        return reduce(passed_on, [factor.value for factor in self.factors], 1.0)

    @property
    def nodes(self) -> list[str]:
        """The names along the way, from x to y; an input that a node has twice is told by its place:
        `x → y (input 2)`."""
        names = [factor.under for factor in self.factors[-1:]]
        for factor in reversed(self.factors):
            twice = sum(x is factor.node.inputs[factor.index] for x in factor.node.inputs) > 1
            names.append(f"{factor.over} (input {factor.index + 1})" if twice else factor.over)
        return names


class Explanation:
    """The derivative of y in x, taken apart. Print it for text; it shows itself as MathML in Jupyter; `latex()` gives
    LaTeX.

    Attributes:
        y, x: the nodes.
        gradient: dy/dx.
        paths: the paths from x to y with the largest contributions, largest first.
        number_of_paths: how many there are in all.
        remainder: what the paths that are not listed add up to: gradient minus the listed products.
    """

    def __init__(self, y: Value, x: Value, most: int) -> None:
        self.y, self.x = y, x
        self.names = {node: shorten(name) for node, name in names(y).items()}
        self.names.setdefault(x, shorten(x.name or "x"))
        self.gradient: float = gradient(y, x)[0]
        self.number_of_paths = count_paths(y, x) if x in adjoints_of(y) else 0
        self.paths = [self._path(edges) for edges in largest_paths(y, x, most)]
        listed = add_up([path.product for path in self.paths], 0.0)
        self.remainder = 0.0 if self.number_of_paths == len(self.paths) else self.gradient - listed

    def _path(self, edges: Sequence[tuple[Value, int]]) -> Path:
        factors = []
        for node, index in reversed(edges):
            slope = slope_formulas(node, self.names)[index]
            value = node.slopes[index]
            assert slope is not None and value is not None  # a path leads over Values, and only constants have no slope
            factors.append(Factor(node, index, self.names[node], self.names[node.inputs[index]], slope, value))
        return Path(tuple(factors))

    def __str__(self) -> str:
        lines = list(rows(self, TEXT))
        width = max(len(left) for left, _ in lines)
        return "\n".join(f"{left:{width}} {right}".rstrip() for left, right in lines)

    def __repr__(self) -> str:
        return str(self)

    def latex(self) -> str:
        r"""The explanation as LaTeX, one \begin{aligned} block, names escaped."""
        lines = [rf"{left} &{right}" for left, right in rows(self, LATEX)]
        return r"\begin{aligned} " + r" \\ ".join(lines) + r" \end{aligned}"

    def mathml(self) -> str:
        """The explanation as one MathML `math` element, names escaped."""
        lines = ""
        for left, right in rows(self, MATHML):
            above = ";padding-top:1em" if left.startswith("<mtext>") else ""  # here a path begins
            cells = ("right", left), ("left", typeset(right))
            row = [f'<mtd style="text-align:{side}{above}">{cell}</mtd>' for side, cell in cells]
            lines += f"<mtr>{''.join(row)}</mtr>"
        # a table sets what is in it small, unless it is told not to
        return f'<math displaystyle="true"><mtable displaystyle="true">{lines}</mtable></math>'

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        # as large as the formulas of the stepper, and where a chain is long it is pushed aside, not cut
        page = f'<div style="font-size:1.15em;overflow-x:auto">{self.mathml()}</div>'
        return {"text/plain": str(self), "text/html": page}


def typeset(markup: str) -> str:
    """MathML with true minus signs, close to the number that they belong to, and with room before words, to which an
    operator keeps no distance by itself."""
    signed = re.sub("(<mo>[=(]</mo>)<mo>-</mo>", r'\1<mo form="prefix">−</mo>', markup).replace(
        "<mo>-</mo>", "<mo>−</mo>"
    )
    return signed.replace("<mo>=</mo><mtext>", "<mo>=</mo><mtext>\u00a0")


@usage("explain(y, x)")
def explain(y: Value, x: Value, most: int = 12) -> Explanation:
    """Explain the derivative of y in x: the chain of slopes in symbols, the formula of each by its rule, the numbers,
    the sum over paths.

    Args:
        y: the result.
        x: a leaf or any other node.
        most: how many paths to list, the largest contributions first. There may be exponentially many; the rest is
            given as one number, and found without walking them.

    Raises:
        TypeError: if y or x is not a Value.
        ValueError: if data was changed since the graph was made.

    >>> w, x, b = Value(0.5, "w"), Value(2.0, "x"), Value(-1.0, "b")
    >>> z = w * x + b
    >>> a = z.tanh()
    >>> z.name, a.name = "z", "a"
    >>> print(explain(a, w))
    da/dw  = ∂a/∂z · ∂z/∂v1 · ∂v1/∂w
    ∂a/∂z  = 1 - a ** 2 = 1
    ∂z/∂v1 = 1
    ∂v1/∂w = x = 2
           = 1 · 1 · 2
           = 2
    """
    for node in (y, x):
        if not isinstance(node, Value):
            raise wrong("explain(y, x) takes two Values", node)
    if most < 1:
        raise ValueError(f"explain lists at least one path, got most={most!r}")
    require_fresh(y)
    return Explanation(y, x, most)


def largest_paths(y: Value, x: Value, most: int) -> Iterator[list[tuple[Value, int]]]:
    """The paths from x to y, as edges from below, by the size of their product, largest first; at most so many.

    `reach` holds the logarithm of the largest product from each node up to y, so it is known what each edge loses
    against the best one, and the part of a path that has lost least is continued first: no path is walked that is not
    among the largest.
    """
    up = users(y)
    if x not in up:
        return
    reach: dict[Value, float] = {}
    for node in reversed(up):
        reach[node] = max([log_size(*edge) + reach[edge[0]] for edge in up[node]], default=0.0)
    ticket = count(0, -1)  # of parts that have lost the same, the longest comes first
    queue: list[tuple[float, int, Value, tuple[Any, ...]]] = [(0.0, next(ticket), x, ())]
    while queue and most:
        lost, _, node, taken = heapq.heappop(queue)
        if node is y:
            most -= 1
            yield unlinked(taken)
        for user, index in reversed(up[node]):
            best, here = reach[node], log_size(user, index) + reach[user]
            further = lost if here == best else lost + best - here
            heapq.heappush(queue, (further, next(ticket), user, (taken, (user, index))))


def log_size(node: Value, index: int) -> float:
    """The logarithm of how large a slope is; one that does not exist counts as infinite, so that it is seen."""
    slope = abs(node.slopes[index] or 0.0)
    return math.log(slope) if 0.0 < slope < math.inf else -LIMIT if slope == 0.0 else LIMIT


LIMIT = 1e6  # stands for an infinite logarithm, and still adds up


def unlinked(taken: tuple[Any, ...]) -> list[tuple[Value, int]]:
    """The edges of a path that was kept as nested pairs, so that paths share their beginnings."""
    edges = []
    while taken:
        taken, edge = taken
        edges.append(edge)
    return edges[::-1]


def rows(e: Explanation, by: Notation) -> Iterator[tuple[str, str]]:
    """(what, what it equals), line by line, in a notation."""
    left = by.ratio("d", e.names[e.y], e.names[e.x])  # ∂c/∂b is the slope of an operation, dL/db is over all paths
    if not e.paths:
        reason = by.words(f"   ({e.names[e.y]} does not depend on {e.names[e.x]})")
        yield left, by.equals + shown(e.gradient, by) + reason
    elif e.number_of_paths == 1:
        yield from chain(e.paths[0], by, left, set())
    else:
        yield from sum_of_chains(e, by, left)


def sum_of_chains(e: Explanation, by: Notation, left: str) -> Iterator[tuple[str, str]]:
    more = e.number_of_paths - len(e.paths)
    yield left, by.equals + by.words(f"the sum over {e.number_of_paths:,} paths")
    said: set[str] = set()
    for number, path in enumerate(e.paths, 1):
        yield by.words(f"path {number}"), by.words("  " + " → ".join(elided(path.nodes, "⋯")))
        yield from chain(path, by, "", said)
    if more:
        yield by.words("the rest"), by.equals + shown(e.remainder, by) + by.words(f"   ({more:,} paths)")
    parts = [path.product for path in e.paths] + [e.remainder] * (more > 0)
    yield left, by.equals + by.plus.join([shown(part, by, within=True) for part in parts])
    yield "", by.equals + shown(e.gradient, by)


def chain(path: Path, by: Notation, left: str, said: set[str]) -> Iterator[tuple[str, str]]:
    """The product of slopes along a path, then each slope by its rule (unless it was said before), then the numbers."""
    if not path.factors:
        yield left, by.equals + shown(1.0, by)
        return
    factors = elided(path.factors, None)
    ratios = [by.ellipsis if factor is None else by.ratio("∂", factor.over, factor.under) for factor in factors]
    yield left, by.equals + by.times.join(ratios)
    for factor, ratio in zip(factors, ratios, strict=True):
        if factor is not None and ratio not in said:
            said.add(ratio)
            number = "" if factor.formula.number is not None else by.gap + by.equals + shown(factor.value, by)
            yield ratio, by.equals + by.enclose(factor.formula, 0) + number
    if len(path.factors) > 1:
        numbers = [by.ellipsis if factor is None else shown(factor.value, by, within=True) for factor in factors]
        yield "", by.equals + by.times.join(numbers)
        yield "", by.equals + shown(path.product, by)


def shown(x: float, by: Notation, within: bool = False) -> str:
    """A number in six digits; `within` a sum or a product in brackets if it is negative."""
    return by.enclose(float(f"{x:.6g}"), 3 if within else 0)


MOST_FACTORS = 10


def elided(items: Sequence[Any], dots: Any) -> list[Any]:
    """The items, those in the middle of a long chain replaced by dots."""
    if len(items) <= MOST_FACTORS:
        return list(items)
    return [*items[: MOST_FACTORS // 2], dots, *items[-MOST_FACTORS // 2 + 1 :]]
