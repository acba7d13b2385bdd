"""How samples get into lanes: what lies beside each other in a sample comes to lie in rows.

Where the processor has AVX-512, eight numbers of eight samples are turned in registers: of a mini-batch of 32 images of
64 pixels number by number that took 2,300 cycles, and as long as a tenth of all else.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from engine.compiler.kernel.constants import EIGHT, FIVE, FOUR, ONE, SEVEN, SIX, THREE, TWO, ZERO
from engine.compiler.kernel.vectors import TILES, load, save_turned

__all__ = ["feed"]


def feed(V: Any, X: Any, places: Any, order: Any, first: Any, n: Any, inputs: Any, lanes: Any) -> None:
    """The input rows of V from the n samples of the order from the first on; lanes beyond them hold the last one once
    more."""
    last = first + n - ONE
    if TILES and lanes != ONE:
        for lane in range(ZERO, lanes, EIGHT):
            at = first + lane
            x0 = begin(places, order, at, last, inputs)
            x1, x2 = begin(places, order, at + ONE, last, inputs), begin(places, order, at + TWO, last, inputs)
            x3, x4 = begin(places, order, at + THREE, last, inputs), begin(places, order, at + FOUR, last, inputs)
            x5, x6 = begin(places, order, at + FIVE, last, inputs), begin(places, order, at + SIX, last, inputs)
            x7 = begin(places, order, at + SEVEN, last, inputs)
            for i in range(ZERO, inputs, EIGHT):
                left = inputs - i
                save_turned(V, i * lanes + lane, lanes, left, load(X, x0 + i, left), load(X, x1 + i, left),
                            load(X, x2 + i, left), load(X, x3 + i, left), load(X, x4 + i, left),
                            load(X, x5 + i, left), load(X, x6 + i, left), load(X, x7 + i, left))  # fmt: skip
        return
    for lane in range(lanes):
        x = begin(places, order, first + lane, last, inputs)
        for i in range(inputs):
            V[i * lanes + lane] = X[x + i]


def begin(places: Any, order: Any, at: Any, last: Any, inputs: Any) -> Any:
    """Where in X a sample of the order begins, none beyond the last one."""
    sample = order[min(at, last)]
    return np.uint64(places[sample, 1]) if len(places) else np.uint64(sample) * inputs
