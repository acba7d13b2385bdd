"""The one operation on lists that the kernel has, logsumexp, over lanes of samples. Its arrays are those of
`instructions.py`."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from engine.compiler.kernel.constants import ONE
from engine.compiler.kernel.functions import exponential

__all__ = ["logsumexp", "logsumexp_back"]

if TYPE_CHECKING:  # what is written from the table

    def logsumexp_exponent(x: Any, z: Any) -> Any:
        """Of what the exponential is a part, for an item x of a list whose logsumexp is z: slopes are shares of the
        sum of all parts."""


def logsumexp(T: Any, V: Any, G: Any, out: Any, first: Any, n: Any, lanes: Any) -> None:
    """V[out] = log of the sum of the exponentials of the n rows listed from T[first] on. V holds the largest of those
    seen, whose exponential is 1 beside it, and G the sum of the others'."""
    for lane in range(lanes):
        V[out + lane] = V[T[first] * lanes + lane]
        G[lane] = 0.0
    for k in range(first + ONE, first + n):
        x = T[k] * lanes
        for lane in range(lanes):
            top, y = V[out + lane], V[x + lane]
            power = exponential(-abs(y - top) if y != top else 0.0)  # inf - inf is no number
            larger = y > top or y != y  # a NaN stays the top: nothing is larger
            V[out + lane] = y if larger else top
            G[lane] = (G[lane] + 1.0) * power if larger else G[lane] + power
    for lane in range(lanes):
        if abs(V[out + lane]) < math.inf:
            V[out + lane] += math.log1p(G[lane])


def logsumexp_back(T: Any, V: Any, G: Any, out: Any, first: Any, n: Any, free: Any, lanes: Any) -> None:
    """The gradient of it: a part for each row, over the sum of the parts. From `free` on G has room for the sums, and
    after them for the parts."""
    parts = free + lanes
    for k in range(n):
        x, part = T[first + k] * lanes, parts + k * lanes
        for lane in range(lanes):
            G[part + lane] = logsumexp_exponent(V[x + lane], V[out + lane])
    for place in range(parts, parts + n * lanes):  # a loop of its own is vectorised, one loop of all is long enough
        G[place] = exponential(G[place])
    for lane in range(free, free + lanes):
        G[lane] = 0.0
    for part in range(parts, parts + n * lanes, lanes):
        for lane in range(lanes):
            G[free + lane] += G[part + lane]
    for lane in range(lanes):
        G[free + lane] = G[out + lane] / G[free + lane]
    for k in range(n):
        x, part = T[first + k] * lanes, parts + k * lanes
        for lane in range(lanes):
            G[x + lane] += G[free + lane] * G[part + lane]
