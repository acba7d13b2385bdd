"""How much `check` finds, and whether it accuses anybody: `python -m tests.engine.check_power` checks 10,000 nodes of
random graphs over all rules, once with their gradients and once with an error planted in each. (Another number of
nodes, and another seed, may follow.)"""

from __future__ import annotations

import math
import random
import sys
from collections import Counter
from collections.abc import Iterator

from engine import Value, check, gradient, topological_order
from engine.rule import Rule
from tests.engine.points import BUILT_IN

SIZES = (1e-3, 1e-2, 1e-1, 1.0, 10.0)
"""The planted errors, as parts of the gradient, lie between these."""


def magnitude(draw: random.Random) -> float:
    return draw.choice((-1, 1)) * 10 ** draw.uniform(-9, 9)


def target(draw: random.Random, low: float, high: float) -> float:
    """A number inside an interval; one time in three near an end of it."""
    ends = [end for end in (low, high) if math.isfinite(end)]
    if ends and draw.random() < 1 / 3:
        end = draw.choice(ends)
        return end + (1 if end == low else -1) * 10 ** draw.uniform(-9, -1)
    return draw.uniform(max(low, -5), min(high, 5)) if draw.random() < 0.7 else magnitude(draw)


def argument(draw: random.Random, made: list[Value], interval: tuple[float, float]) -> Value | float:
    """A node made before, moved or scaled into the interval or not, or a constant."""
    kind = draw.random()
    if kind < 0.1:
        return target(draw, *interval)
    x = draw.choice(made[-4:] if draw.random() < 0.6 else made)
    if kind < 0.4:
        return x + (target(draw, *interval) - x.data)
    if kind < 0.7:
        return x * (target(draw, *interval) / x.data)
    return x


def application(draw: random.Random, made: list[Value]) -> Value | None:
    """A rule applied to nodes; None where it is not defined, or the result is out of range."""
    row: Rule = draw.choice(list(BUILT_IN.values()))
    length = draw.randint(1, 5)
    try:
        flat = [
            argument(draw, made, interval)
            for i, interval in enumerate(row.domain)
            for _ in range(length if i < row.lists else 1)
        ]
        z = row(*row.nest(tuple(flat)))
    except (ValueError, ArithmeticError):
        return None
    return z if isinstance(z, Value) and 1e-30 < abs(z.data) < 1e30 else None


def graphs(draw: random.Random) -> Iterator[Value]:
    while True:
        made = [
            Value(magnitude(draw) if draw.random() < 0.5 else draw.uniform(-3, 3)) for _ in range(draw.randint(1, 4))
        ]
        for _ in range(draw.randint(1, 25)):
            z = application(draw, made)
            made += [] if z is None else [z]
        if made[-1].rule:
            yield made[-1]


def measure(count: int, seed: int = 0) -> tuple[dict[float, Counter[str]], list[str]]:
    """The verdicts on so many nodes by the size of the error planted (0 for none), and the right ones called wrong or
    the wrong ones called right, in words."""
    draw = random.Random(seed)
    verdicts: dict[float, Counter[str]] = {size: Counter() for size in (0.0, *SIZES[:-1])}
    mistakes: list[str] = []
    for y in graphs(draw):
        order = [node for node in topological_order(y) if node is not y]
        nodes = draw.sample(order, min(5, len(order)))
        right = dict(zip(nodes, gradient(y, *nodes), strict=True))
        for row in check(y, right).checked:
            verdicts[0.0][row.verdict] += 1
            if row.verdict == "wrong":
                mistakes.append(f"right, called wrong: {row} of {y}")
        planted, sizes = {}, {}
        for node, slope in right.items():
            if slope and math.isfinite(slope):
                error = 10 ** draw.uniform(-3, 1)
                sizes[node] = max(size for size in SIZES[:-1] if size <= error)
                planted[node] = slope * (1 + draw.choice((-1, 1)) * error)
        for row in check(y, planted).checked:
            verdicts[sizes[row.node]][row.verdict] += 1
            if row.verdict == "ok":
                mistakes.append(f"wrong, called ok: {row} instead of {right[row.node]} of {y}")
        if verdicts[0.0].total() >= count:
            return verdicts, mistakes
    raise AssertionError("there is always another graph")


def table(verdicts: dict[float, Counter[str]]) -> str:
    columns = ("ok", "wrong", "cannot tell", "kink", "edge")
    lines = ["| error planted | nodes | " + " | ".join(columns) + " |", "|" + "---|" * (len(columns) + 2)]
    for size, counts in verdicts.items():
        name = f"{size:g} to {10 * size:g} of the gradient" if size else "none"
        lines.append(f"| {name} | {counts.total():,} | " + " | ".join(f"{counts[word]:,}" for word in columns) + " |")
    return "\n".join(lines)


def main() -> int:
    verdicts, mistakes = measure(*map(int, sys.argv[1:] or ["10000"]))
    print(table(verdicts), *mistakes, sep="\n")
    return bool(mistakes)


if __name__ == "__main__":
    sys.exit(main())
