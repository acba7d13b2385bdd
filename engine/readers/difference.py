"""What the values of a function say of a slope that somebody claims: difference quotients that know their own error.

No derivative is used. Steps start where rounding is far below the claimed slope and shrink; the quotients are
extrapolated to a step of 0 (Richardson; Ridders, 1982), and what two of them differ by is the error of what they give.
A slope is called wrong only if the smallest step that rounding allows says so too: a function that wiggles between the
larger steps, or bends within the smallest, accuses nobody.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Sequence
from typing import NamedTuple

__all__ = ["ROUNDING", "Finding", "Function", "Point", "Way", "judge"]

ROUNDING = 8 * sys.float_info.epsilon  # what an operation may be off by, relative to its result
CLEAR = 2.5e-4  # a slope that agrees is right if the error of the difference is at most this part of it
SETTLED = 0.1  # below this part of the function's steepness the error of a difference can be believed
AIM, LEAST = 1e-9, 1e-6  # where steps start rounding is such a part of the claimed slope: the first, if near enough
MOST, RESTARTS = 16, 4  # steps on a way down, and ways down


class Point(NamedTuple):
    """A function at one number."""

    value: float
    kinks: Sequence[float | None]
    """How far each operation is from its kink, with a sign; None if it has none."""


Function = Callable[[float], Point]
"""Raises a ValueError or an ArithmeticError where it is not defined."""
Way = Callable[[float], Sequence[float]]
"""The numbers on the way to the value, in its units: each times the derivative of the value in it."""


def no_way(x: float) -> Sequence[float]:
    return ()


class Finding(NamedTuple):
    numeric: float
    """The slope, extrapolated from difference quotients; nan where there are none."""
    error: float
    """How far off that may be."""
    verdict: str
    """ok, wrong, kink, edge or cannot tell."""


class Quotient(NamedTuple):
    step: float
    slope: float
    """(f(x + h) - f(x - h)) / 2h."""
    noise: float
    """How far off rounding may have brought it."""
    steepness: float
    """How much f moves per unit of the step, to the side where it moves more."""
    bend: float
    """By how much the slopes to the left and to the right differ."""
    kink: bool
    """Whether an operation is on different sides of its kink."""


class Limit(NamedTuple):
    """A slope as quotients with shrinking steps approach it."""

    slope: float
    error: float
    last: Quotient
    """The one with the smallest step."""
    quotients: int
    """How many it was made of."""


def judge(
    f: Function, x: float, y: float, claim: float, *, noise: float, doubt: float, tolerance: float, way: Way = no_way
) -> Finding:
    """Whether `claim` is the slope of f in x.

    Args:
        y: f(x).
        noise: how far off rounding may bring a value of f near x.
        doubt: how far off rounding may bring the claim.
        tolerance: the relative error that passes.
        way: what else is known of f, to see by whether a step is small.
    """
    return Judge(f, x, y, claim, noise, doubt, tolerance, way).judge()


class Judge:
    def __init__(
        self, f: Function, x: float, y: float, claim: float, noise: float, doubt: float, tolerance: float, way: Way
    ) -> None:
        self.f, self.x, self.y, self.way = f, x, y, way
        self.claim, self.noise, self.doubt, self.tolerance = claim, noise, doubt, tolerance
        self.smallest = 64 * math.ulp(x)
        self.obstacle, self.here, self.across = "", False, math.nan  # what was met, whether in x, the quotient across
        self.raised = False

    def judge(self) -> Finding:
        if not (math.isfinite(self.x) and math.isfinite(self.y) and math.isfinite(self.noise)):
            return Finding(math.nan, math.inf, "cannot tell")
        step = self.start()
        if self.claim == 0:
            step = self.moving(step)
            if not step:
                return Finding(0.0, 0.0, "ok")
        found = Finding(math.nan, math.inf, "")
        for _ in range(RESTARTS):
            limit = self.descend(step)
            if limit is None:
                break
            found = Finding(limit.slope, limit.error, self.opinion(limit))
            if found.verdict == "wrong":
                verdict, step = self.confirm(limit)
                found = found._replace(verdict=verdict)
                if not verdict:
                    continue
            break
        numeric = self.across if math.isnan(found.numeric) else found.numeric
        return Finding(numeric, found.error, found.verdict or self.obstacle or "cannot tell")

    def start(self) -> float:
        """A step at which f moves much further than it rounds, if the claim is right."""
        step = abs(self.x) / 16 or 1 / 16
        if self.claim and math.isfinite(self.claim) and self.noise:
            fine, coarse = (self.noise / max(part * abs(self.claim), sys.float_info.min) for part in (AIM, LEAST))
            step = min(max(step, coarse), fine)
        return self.within(step)

    def within(self, step: float) -> float:
        """A step neither so large nor so small that nothing can be computed with it."""
        return max(min(step, max(1e150, abs(self.x) / 16)), 16 * self.smallest)

    def moving(self, step: float) -> float:
        """A step, not smaller, at which f moves. 0.0 if it is at rest as far as it is defined, or until it comes to a
        kink: then rounding is no reason why."""
        if not self.noise:
            return step
        for climbed in range(6):
            quotient = self.quotient(step)
            if quotient is None or quotient.kink:
                return 0.0 if climbed else step
            if quotient.steepness:
                return step
            step *= 64
        return 0.0

    def quotient(self, step: float) -> Quotient | None:
        """The quotient for a step; None where f is not defined that far away."""
        above, below = self.x + step, self.x - step
        try:
            (high, kinks_above), (low, kinks_below) = self.f(above), self.f(below)
        except (ValueError, ArithmeticError):
            return None
        up, down = (high - self.y) / step, (self.y - low) / step
        slope = (high - low) / (above - below)
        if not (math.isfinite(up) and math.isfinite(down) and math.isfinite(slope)):
            return None
        crossed = any(
            a is not None and b is not None and a != b and (a <= 0 <= b or b <= 0 <= a)
            for a, b in zip(kinks_above, kinks_below, strict=False)
        )
        # far from x, where f is larger, it rounds more
        noise = self.noise and max(self.noise, ROUNDING * max(abs(high), abs(low)))
        return Quotient(step, slope, noise / step, max(abs(up), abs(down)), abs(up - down), crossed)

    def descend(self, step: float) -> Limit | None:
        """The best limit of quotients until something can be told, or rounding hides f; None if there is none."""
        best: Limit | None = None
        taken: list[Quotient] = []
        row: list[float] = []
        for _ in range(MOST):
            quotient = self.quotient(step)
            if quotient is None or quotient.kink:
                if step <= self.smallest or self.blocked(quotient):
                    break
                step, taken, row = max(step / 16, self.smallest), [], []
                continue
            if not taken and 0 < quotient.steepness < 1e3 * quotient.noise and not self.raised:
                self.raised = True
                step = self.within(self.noise / max(AIM * quotient.steepness, sys.float_info.min))
                continue
            if taken and sharper(quotient, taken[-1]):
                best, taken, row = None, [], []  # what came before was too coarse
            coarser, row = row, [quotient.slope]
            for column, number in enumerate(coarser):
                change = row[column] - number
                row.append(row[column] + change / ((taken[-1 - column].step / step) ** 2 - 1))
                limit = Limit(row[-1], abs(change) + 2 * quotient.noise, quotient, len(taken) + 1)
                best = limit if best is None or limit.error < best.error else best
            if best and (self.opinion(best) or quotient.noise > max(quotient.steepness, SETTLED * abs(self.claim))):
                break
            taken.append(quotient)
            # far from what f needs steps shrink fast, and near it so that the best one is not jumped over
            step /= 2 if coarser and abs(row[0] - coarser[0]) <= SETTLED * quotient.steepness else 5
            if step < self.smallest:
                break
        return best

    def blocked(self, quotient: Quotient | None) -> bool:
        """Whether what is in the way of a quotient is in the way of the smallest step too."""
        if not self.obstacle:
            self.obstacle = "edge" if quotient is None else "kink"
            nearest = self.quotient(self.smallest)
            self.here = nearest is None or nearest.kink
            if quotient and self.here:
                self.across = quotient.slope
        return self.here

    def opinion(self, limit: Limit) -> str:
        """ok, wrong, or nothing where a limit is too uncertain to tell."""
        scale = max(abs(limit.slope), abs(self.claim)) if math.isfinite(self.claim) else abs(limit.slope)
        gap, error = abs(self.claim - limit.slope), limit.error + self.doubt
        bending = limit.last.bend > limit.last.steepness
        if limit.error > SETTLED * limit.last.steepness > 0 or limit.quotients < 2 + bending:
            return ""
        if gap <= self.tolerance * scale:
            return "ok"
        if not math.isfinite(self.claim):
            return "wrong" if limit.last.steepness or not self.noise else ""
        if gap > self.tolerance * scale + error:
            return "wrong"
        return "ok" if error <= (CLEAR * scale if self.claim else CLEAR**2 * limit.last.steepness) else ""

    def confirm(self, limit: Limit) -> tuple[str, float]:
        """Ask the smallest step at which rounding hides little of the gap between limit and claim. Its verdict, or none
        and a step to go on with, because f moves otherwise over small steps than over large ones."""
        if not math.isfinite(self.claim):
            return "wrong", 0.0
        gap = abs(self.claim - limit.slope)
        step = max(min(16 * self.noise / gap, limit.last.step), self.smallest)
        quotient = self.quotient(step)
        if quotient is None or quotient.kink:
            return "edge" if quotient is None else "kink", 0.0
        finer = [quotient, *[self.quotient(max(step / part, self.smallest)) for part in (4, 16)]]
        agree = all(q is not None and abs(q.slope - limit.slope) <= gap / 2 for q in finer)
        at_rest = any(q.steepness <= q.noise for q in (quotient, limit.last))
        if agree and self.proportional(step, gap, at_rest):
            return "wrong", 0.0
        return "", limit.last.step / 4

    def proportional(self, step: float, gap: float, at_rest: bool) -> bool:
        """Whether the numbers on the way move in proportion to the step. One that swings to and fro within it may hide
        in the rounding of f, and have a slope all the same; so may one that leaves a place where f is at rest."""
        if at_rest and step > (abs(self.x) or 1.0):
            return False
        base = self.way(self.x)
        try:
            moves = [self.movements(base, step / part) for part in (1, 4, 16, 64)]
        except (ValueError, ArithmeticError):
            return False
        for number, a, b, c, d in zip(base, *moves, strict=True):
            counts = max(a, b) > max(256 * math.ulp(number), 1e-6 * gap * step)
            if counts and (b > a / 3 or c > a / 10 or d > a / 40 or (at_rest and b < a / 8)):
                return False
        return True

    def movements(self, base: Sequence[float], step: float) -> list[float]:
        above, below = self.way(self.x + step), self.way(self.x - step)
        return [max(abs(a - x), abs(b - x)) for x, a, b in zip(base, above, below, strict=True)]


def sharper(finer: Quotient, coarser: Quotient) -> bool:
    """Whether f moves, or bends, more in a smaller step than a smooth function can if the larger one is small enough
    for it."""
    bend = finer.bend - 4 * finer.noise
    scaled = coarser.bend * finer.step / coarser.step
    return finer.steepness - finer.noise > 2 * coarser.steepness or bend > max(2 * scaled, SETTLED * finer.steepness)
