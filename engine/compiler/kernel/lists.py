"""The one operation on lists that the kernel has, logsumexp, over lanes of samples; and the cross entropy of classes,
which is one measured from one of its items (see `cross_entropy.py`).

Its slopes are shares: parts over the sum of all parts, where a part is e^(x - z) for an item x and the result z, or for
any other z, as shares do not change by it. Here z is the largest item: the parts that the way forward adds up are then
those of the way back, and are kept. Arrays are those of `instructions.py`.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from engine.compiler.kernel.constants import ONE
from engine.compiler.kernel.functions import apart, exponential, logarithm

__all__ = ["cross_entropy", "logsumexp", "logsumexp_back", "take_base_out"]


def logsumexp(T: Any, V: Any, G: Any, out: Any, first: Any, n: Any, parts: Any, lanes: Any) -> None:
    """V[out] = log of the sum of the exponentials of the n rows listed from T[first] on. For `parts` see below."""
    rest = parts + n * lanes
    take_apart(T, V, G, out, first, n, parts, lanes)
    for lane in range(lanes):
        top = V[out + lane]
        V[out + lane] = top + logarithm(G[rest + lane]) if abs(top) < math.inf else top


def cross_entropy(T: Any, V: Any, G: Any, out: Any, first: Any, n: Any, parts: Any, base: Any, lanes: Any) -> None:
    """The same, measured from that one of the rows whose number is in V[base]; NaN where that one is infinite, as
    whoever finds NaN computes it again eagerly, with care."""
    rest = parts + n * lanes
    zero = rest + lanes
    take_apart(T, V, G, out, first, n, parts, lanes)
    for lane in range(lanes):
        G[zero + lane] = V[T[first + np.uint64(V[base + lane])] * lanes + lane]
    for lane in range(lanes):
        top = V[out + lane] - G[zero + lane]
        V[out + lane] = top + logarithm(G[rest + lane]) if abs(top) < math.inf else top + 0.0 * G[zero + lane]


def take_apart(T: Any, V: Any, G: Any, out: Any, first: Any, n: Any, parts: Any, lanes: Any) -> None:
    """V[out] = the largest of the rows. G holds their parts from `parts` on, then in each lane the sum of all but that
    of the largest, which is 1: small ones would be lost beside it."""
    rest = parts + n * lanes
    tops = rest + lanes
    for lane in range(lanes):
        V[out + lane] = V[T[first] * lanes + lane]
    for k in range(first + ONE, first + n):
        x = T[k] * lanes
        for lane in range(lanes):
            top, y = V[out + lane], V[x + lane]
            V[out + lane] = y if y > top or y != y else top  # a NaN stays the top: nothing is larger
    for k in range(n):
        x, part = T[first + k] * lanes, parts + k * lanes
        for lane in range(lanes):
            G[part + lane] = exponential(apart(V[x + lane], V[out + lane]))
    for lane in range(lanes):
        G[rest + lane], G[tops + lane] = 0.0, -1.0
    for part in range(parts, rest, lanes):
        for lane in range(lanes):
            power = G[part + lane]
            G[rest + lane] += 0.0 if power == 1.0 else power
            G[tops + lane] += 1.0 if power == 1.0 else 0.0
    for lane in range(lanes):
        G[rest + lane] += G[tops + lane]


def take_base_out(V: Any, G: Any, n: Any, parts: Any, base: Any, lanes: Any) -> None:
    """Before `logsumexp_back` for a cross entropy: the row that all are measured from gets minus what all others get,
    and nothing as one of them."""
    rest = parts + n * lanes
    for lane in range(lanes):
        part = parts + np.uint64(V[base + lane]) * lanes + lane
        G[part] = -G[rest + lane] if G[part] == 1.0 else G[part] - 1.0 - G[rest + lane]


def logsumexp_back(T: Any, V: Any, G: Any, out: Any, first: Any, n: Any, parts: Any, lanes: Any) -> None:
    """Adds to the gradient of each row its share."""
    rest = parts + n * lanes
    for lane in range(lanes):
        G[rest + lane] = G[out + lane] / (1.0 + G[rest + lane])
    for k in range(n):
        x, part = T[first + k] * lanes, parts + k * lanes
        for lane in range(lanes):
            G[x + lane] += G[rest + lane] * G[part + lane]
