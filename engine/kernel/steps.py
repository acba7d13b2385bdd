"""Many steps of gradient descent in one call: the batch is fed into lanes, run forward and backward, and the parameters move.

Several plans are run in a step, all of them by the same loops: that of the loss, over the samples of the batch, one for each shape of
samples; that of a penalty on the parameters, over one sample without inputs; and that of the optimizer's update, whose samples are the
parameters. Its input rows are a parameter, its gradient and what the optimizer remembers of it, its outputs the new parameter and what to
remember, and its own parameters are the numbers of the step, such as the learning rate.

Numba's call costs 70 ns for every argument, so what belongs to the plans comes in two arrays: J, whole numbers, and W, real ones. J begins
with where in J the first plan of a loss, the penalty's and the update's are (0: there is none), how many parameters move, where in W the
update is drafted, and where there is room for the rows of one plan at a time, V and then G. A plan is a header, the rows of its outputs,
its instructions and its index lists.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from engine.kernel.instructions import FIVE, SIX, WIDTH, backward, forward
from engine.kernel.products import FOUR, ONE, THREE, TWO, ZERO

__all__ = ["HEADER", "descend"]

HEADER = np.uint64(7)  # of a plan: instructions, rows, inputs, row of the loss, outputs, most lanes, where in W its constants begin
LARGEST = 1.7976931348623157e308  # for "is it finite": isfinite(x) asks whether x - x is 0, and fastmath is sure of that
PENALTY, UPDATE, MOVING, DRAFT, ROOM = ONE, TWO, THREE, FOUR, FIVE  # places in J; that of a loss is at its start


def run(J: Any, W: Any, part: Any, P: Any, GP: Any, X: Any, places: Any, order: Any, seed: Any, losses: Any, outputs: Any) -> Any:
    """The sum of the losses of samples; their gradient times seed is added to GP, unless this is empty, as `losses` and `outputs` may be.

    A chunk is filled up to a multiple of four lanes with copies of its last sample, whose seed is 0: loops over lanes then have no rest.
    """
    total, h = 0.0, J[part]
    begin, end = ZERO, ZERO
    while end < np.uint64(len(order)):
        begin, end = end, np.uint64(len(order))
        if len(places):  # those that follow with the same plan
            h, end = np.uint64(places[order[begin], 0]), begin + ONE
            while end < np.uint64(len(order)) and np.uint64(places[order[end], 0]) == h:
                end += ONE
        rows, inputs, loss, results = J[h + ONE], J[h + TWO], J[h + THREE], J[h + FOUR]
        most, room = J[h + FIVE], J[ROOM]
        listed, code = h + HEADER, h + HEADER + results
        T = code + J[h] * WIDTH
        D, V, G = W[J[h + SIX] :], W[room:], W[room + rows * most :]
        chunks = (end - begin + most - ONE) // most
        size = (end - begin + chunks - ONE) // chunks
        for start in range(begin, end, size):
            n = min(size, end - start)
            lanes = n if n == ONE else (n + THREE) // FOUR * FOUR
            for lane in range(lanes):
                sample = order[start + min(lane, n - ONE)]
                x = np.uint64(places[sample, 1]) if len(places) else np.uint64(sample) * inputs
                for i in range(inputs):
                    V[i * lanes + lane] = X[x + i]
            forward(J[code:T], J[T:], D, P, V, lanes)
            for lane in range(n):
                total += V[loss * lanes + lane]
            if len(losses):
                for lane in range(n):
                    losses[start + lane] = V[loss * lanes + lane]
            for i in range(results if len(outputs) else ZERO):
                for lane in range(n):
                    outputs[start + lane, i] = V[J[listed + i] * lanes + lane]
            if len(GP):
                for place in range(inputs * lanes, rows * lanes):  # nothing asks for the gradient in an input
                    G[place] = 0.0
                for lane in range(n):
                    G[loss * lanes + lane] = seed
                backward(J[code:T], J[T:], D, P, V, GP, G, lanes)
    return total


def update(J: Any, W: Any, P: Any, GP: Any, settings: Any, memory: Any) -> Any:
    """Moves the parameters, unless a new one is not finite: then nothing has changed, and the result is False."""
    h, moving, draft, states = J[UPDATE], J[MOVING], J[DRAFT], np.uint64(len(memory))
    results, most = J[h + FOUR], J[h + FIVE]
    listed, code = h + HEADER, h + HEADER + results
    T = code + J[h] * WIDTH
    D, V, new = W[J[h + SIX] :], W[J[ROOM] :], W[draft:]
    spoiled = 0.0
    for start in range(ZERO, moving, most):
        n = min(most, moving - start)
        lanes = (n + THREE) // FOUR * FOUR
        for lane in range(n):
            V[lane] = P[start + lane]
        for lane in range(n):
            V[lanes + lane] = GP[start + lane]
        for i in range(states):
            for lane in range(n):
                V[(i + TWO) * lanes + lane] = memory[i, start + lane]
        forward(J[code:T], J[T:], D, settings, V, lanes)
        for i in range(results):
            row, place = J[listed + i] * lanes, i * moving + start
            for lane in range(n):
                new[place + lane] = V[row + lane]
        for lane in range(n):
            spoiled += 0.0 * new[start + lane]  # 0 unless a number is not finite
    if spoiled != 0.0:
        return False
    for place in range(moving):
        P[place] = new[place]
    for i in range(states):
        for place in range(moving):
            memory[i, place] = new[(i + ONE) * moving + place]
    return True


def descend(J: Any, W: Any, P: Any, GP: Any, X: Any, places: Any, order: Any, batch: Any, seed: Any, settings: Any, memory: Any,
            losses: Any, outputs: Any, report: Any) -> Any:  # fmt: skip
    """One step for each `batch` samples of the order; how many were taken before one whose numbers are not finite.

    `places` says for each sample where in J its plan is and where in X its numbers begin; if it is empty all have the first plan, and X
    has them one after another.

    Without an update the gradient of the sum of all losses times seed is added to GP, unless GP is empty. With one GP is the gradient of
    the mean loss of the last batch and of the penalty, and a row of `report` tells the mean loss, the penalty and the gradient's length.
    """
    updating = J[UPDATE] != ZERO
    step = ZERO
    for begin in range(ZERO, np.uint64(len(order)), np.uint64(batch)):
        taken = min(np.uint64(batch), np.uint64(len(order)) - begin)
        if updating:
            seed = 1.0 / taken
            GP[:] = 0.0
        end = begin + taken
        total = run(J, W, ZERO, P, GP, X, places, order[begin:end], seed, losses[begin:end], outputs[begin:end])
        report[step, 0] = total / taken
        if J[PENALTY] != ZERO:
            report[step, 1] = run(J, W, PENALTY, P, GP, X, places[:0], order[begin : begin + ONE], 1.0, losses[:0], outputs[:0])
        if updating:
            squares = 0.0
            for i in range(J[MOVING]):
                squares += GP[i] * GP[i]
            report[step, 2] = math.sqrt(squares)
            finite = abs(report[step, 0] + report[step, 1] + squares) <= LARGEST
            if not finite or not update(J, W, P, GP, settings[step], memory):
                return np.int64(step)
            step += ONE
    return np.int64(step)
