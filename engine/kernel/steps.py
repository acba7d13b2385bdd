"""Many steps of gradient descent in one call: the batch is fed into lanes, run forward and backward, and the parameters move.

Up to three plans are run in a step, all of them by the same loops: that of the loss, over the samples of the batch; that of a penalty on
the parameters, over one sample without inputs; and that of the optimizer's update, whose samples are the parameters. Its input rows are a
parameter, its gradient and what the optimizer remembers of it, its outputs the new parameter and what to remember, and its own
parameters are the numbers of the step, such as the learning rate.

Numba's call costs 70 ns for every argument, so what belongs to the plans comes in two arrays: J, whole numbers, and W, real ones. J begins
with where in J the three plans are (0: there is none), how many parameters move, and where in W the update is drafted. A plan is a header,
the rows of its outputs, its instructions and its index lists; its room in W holds its constants, then V, then G.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from engine.kernel.instructions import FIVE, SEVEN, SIX, WIDTH, backward, forward
from engine.kernel.products import FOUR, ONE, THREE, TWO, ZERO

__all__ = ["HEADER", "descend"]

HEADER = np.uint64(8)  # of a plan: instructions, rows, inputs, row of the loss, outputs, constants, most lanes, where its room in W is
LARGEST = 1.7976931348623157e308  # for "is it finite": isfinite(x) asks whether x - x is 0, and fastmath is sure of that
PENALTY, UPDATE, MOVING, DRAFT = ONE, TWO, THREE, FOUR  # places in J; the plan of the loss is at its start


def descend(J: Any, W: Any, P: Any, GP: Any, X: Any, order: Any, batch: Any, seed: Any, settings: Any, memory: Any, losses: Any,
            outputs: Any, report: Any) -> Any:  # fmt: skip
    """One step for each `batch` samples of X[order]; how many were taken before one whose numbers are not finite.

    Without an update the gradient of the sum of all losses times seed is added to GP, unless GP is empty. With one GP is the gradient of
    the mean loss of the last batch and of the penalty, and a row of `report` tells the mean loss, the penalty and the gradient's length.

    A chunk is filled up to a multiple of four lanes with copies of its last sample, whose seed is 0: loops over lanes then have no rest.
    """
    updating, moving = J[UPDATE] != ZERO, J[MOVING]
    states = np.uint64(len(memory))
    step = ZERO
    for begin in range(ZERO, np.uint64(len(order)), np.uint64(batch)):
        taken = min(np.uint64(batch), np.uint64(len(order)) - begin)
        if updating:
            seed = 1.0 / taken
            GP[:] = 0.0
        for part in range(THREE):
            h = J[part]
            if h == ZERO:
                continue
            rows, inputs, loss, results, constants, most, room = (
                J[h + ONE],
                J[h + TWO],
                J[h + THREE],
                J[h + FOUR],
                J[h + FIVE],
                J[h + SIX],
                J[h + SEVEN],
            )
            listed, code = h + HEADER, h + HEADER + results
            T = code + J[h] * WIDTH
            samples, p, weight, total = taken, P, seed, 0.0
            if part == PENALTY:
                samples, weight = ONE, 1.0
            elif part == UPDATE:
                samples, p = moving, settings[step]
                squares = 0.0
                for i in range(moving):
                    squares += GP[i] * GP[i]
                report[step, 2] = math.sqrt(squares)
                if not abs(report[step, 0] + report[step, 1] + squares) <= LARGEST:
                    return np.int64(step)
            D, V, G = W[room : room + constants], W[room + constants : room + constants + rows * most], W[room + constants + rows * most :]
            chunks = (samples + most - ONE) // most
            size = (samples + chunks - ONE) // max(chunks, ONE)
            for start in range(ZERO, samples, max(size, ONE)):
                n = min(size, samples - start)
                lanes = n if n == ONE else (n + THREE) // FOUR * FOUR
                if part == UPDATE:
                    for lane in range(n):
                        V[lane] = P[start + lane]
                    for lane in range(n):
                        V[lanes + lane] = GP[start + lane]
                    for i in range(states):
                        for lane in range(n):
                            V[(i + TWO) * lanes + lane] = memory[i, start + lane]
                else:
                    for lane in range(lanes):
                        sample = np.uint64(order[begin + start + min(lane, n - ONE)])
                        for i in range(inputs):
                            V[i * lanes + lane] = X[sample, i]
                forward(J[code:T], J[T:], D, p, V, lanes)
                for lane in range(n if part != UPDATE else ZERO):
                    total += V[loss * lanes + lane]
                    if part == ZERO:
                        losses[begin + start + lane] = V[loss * lanes + lane]
                for i in range(results):
                    row, draft = J[listed + i] * lanes, J[DRAFT] + i * moving + start
                    if part == UPDATE:
                        for lane in range(n):
                            W[draft + lane] = V[row + lane]
                    else:
                        for lane in range(n):
                            outputs[begin + start + lane, i] = V[row + lane]
                if len(GP) and part != UPDATE:
                    for place in range(rows * lanes):
                        G[place] = 0.0
                    for lane in range(n):
                        G[loss * lanes + lane] = weight
                    backward(J[code:T], J[T:], D, p, V, GP, G, lanes)
            if part != UPDATE:
                report[step, np.int64(part)] = total / samples
        if updating:
            spoiled = 0.0
            for place in range(moving):
                spoiled += 0.0 * W[J[DRAFT] + place]  # 0 unless a number is not finite
            if spoiled != 0.0:
                return np.int64(step)
            for place in range(moving):
                P[place] = W[J[DRAFT] + place]
            for i in range(states):
                for place in range(moving):
                    memory[i, place] = W[J[DRAFT] + (i + ONE) * moving + place]
            step += ONE
    return np.int64(step)
