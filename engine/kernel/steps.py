"""Running a plan on a batch: samples are fed into lanes, a chunk of them at a time, so that V and G stay in the cache.

Numba's call costs 70 ns for every argument, so what belongs to the plan comes in two arrays: J, whole numbers (a header, the rows of the
outputs, instructions, index lists), and W, real ones (constants, then room for V and for G).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from engine.kernel.instructions import FIVE, SIX, WIDTH, backward, forward
from engine.kernel.products import FOUR, ONE, THREE, TWO, ZERO

__all__ = ["HEADER", "run"]

HEADER = np.uint64(8)  # numbers at the start of J: instructions, rows, inputs, row of the loss, outputs, constants, most lanes, unused


def run(J: Any, W: Any, P: Any, GP: Any, X: Any, index: Any, seed: Any, losses: Any, outputs: Any) -> None:
    """Losses and outputs of the samples X[index], and seed times the sum of their gradients added to GP (unless GP is empty).

    A chunk is filled up to a multiple of four lanes with copies of its last sample, whose seed is 0: loops over lanes then have no rest.
    """
    rows, inputs, loss, constants, most = J[ONE], J[TWO], J[THREE], J[FIVE], J[SIX]
    first = HEADER + J[FOUR]
    listed = J[HEADER:first]
    code, T = J[first : first + J[ZERO] * WIDTH], J[first + J[ZERO] * WIDTH :]
    D, V, G = W[:constants], W[constants : constants + rows * most], W[constants + rows * most :]
    samples = np.uint64(len(index))
    chunks = (samples + most - ONE) // most
    size = (samples + chunks - ONE) // max(chunks, ONE)
    for start in range(ZERO, samples, max(size, ONE)):
        n = min(size, samples - start)
        lanes = n if n == ONE else (n + THREE) // FOUR * FOUR
        for lane in range(lanes):
            sample = np.uint64(index[start + min(lane, n - ONE)])
            for i in range(inputs):
                V[i * lanes + lane] = X[sample, i]
        forward(code, T, D, P, V, lanes)
        for lane in range(n):
            losses[start + lane] = V[loss * lanes + lane]
            for i in range(np.uint64(len(listed))):
                outputs[start + lane, i] = V[listed[i] * lanes + lane]
        if len(GP):
            for place in range(rows * lanes):
                G[place] = 0.0
            for lane in range(n):
                G[loss * lanes + lane] = seed
            backward(code, T, D, P, V, GP, G, lanes)
