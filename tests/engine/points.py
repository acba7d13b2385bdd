"""Where the rules are tested: points inside their domains, away from kinks."""

import math
import random

from engine.rule import RULES, Rule
from engine.value import Value

BUILT_IN = dict(RULES)
"""The rows of the table, before any test has added one."""


def within(low: float, high: float, part: float) -> float:
    """A number inside an interval that may be endless, for a part between 0 and 1."""
    if math.isinf(low):
        low = high - 6.0 if math.isfinite(high) else -3.0
        return low + 5.9 * part
    if math.isinf(high):
        return low + 0.1 + 3.0 * part
    return low + (high - low) * (0.05 + 0.9 * part)


def points(row: Rule, length: int = 3) -> list[tuple[float, ...]]:
    """Arguments (those in lists one after the other) at fixed and at random places of the domain, away from kinks."""
    domain = [interval for i, interval in enumerate(row.domain) for _ in range(length if i < row.lists else 1)]
    draw = random.Random(row.name)
    places = [[part] * len(domain) for part in (0.12, 0.55, 0.93)]
    places += [[draw.random() for _ in domain] for _ in range(6)]
    found = [tuple(within(*interval, part) for interval, part in zip(domain, place, strict=True)) for place in places]
    return [point for point in found if row.kink is None or abs(row.kink(*row.nest(point))) > 0.1]


def slopes(row: Rule, point: tuple[float, ...]) -> tuple[float, ...]:
    """The slope in every input, as a node records them."""
    return row(*row.nest(tuple(map(Value, point)))).slopes
