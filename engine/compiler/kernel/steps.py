"""Many steps of gradient descent in one call: the batch is fed into lanes, run forward and backward, and the parameters
move.

Several plans are run in a step, all of them by the same loops: that of the loss, over the samples of the batch, one for
each shape of samples; that of a penalty on the parameters, over one sample without inputs; and that of the optimizer's
update, whose samples are the parameters. Its input rows are a parameter, its gradient and what the optimizer remembers
of it, its outputs the new parameter and what to remember, and its own parameters are the numbers of the step, such as
the learning rate.

Every argument of a call costs time (see `call.py`), so what belongs to the plans comes in two arrays: J, whole numbers,
and W, real ones. What J and a plan in it begin with is told in `constants.py`. A plan is a header, the rows of its
outputs, its instructions and its index lists. In W there is room for the rows of one plan at a time, V and then G, and
for what is needed in between: nothing here allocates.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from engine.compiler.kernel.constants import (
    ADDED_TO,
    BLOCK,
    CONSTANTS,
    DONE,
    EIGHT,
    HEADER,
    INPUTS,
    LANES,
    LOSS,
    MOVING,
    ONE,
    OPENED,
    OUTPUTS,
    PENALTY,
    ROOM,
    ROWS,
    SEVEN,
    TAKEN,
    THREE,
    TWO,
    UPDATE,
    WIDTH,
    ZERO,
)
from engine.compiler.kernel.feeding import feed
from engine.compiler.kernel.instructions import backward, forward
from engine.compiler.kernel.sharing import count, seen, take, tell, wait

__all__ = ["descend"]

# for "is it finite": isfinite(x) asks whether x - x is 0, and fastmath is sure of that
LARGEST = 1.7976931348623157e308


def next_block(shared: Any, gate: Any) -> Any:
    """Takes a block of the step whose last one has the number `gate`: how many are left with it, or none."""
    while True:
        taken = seen(shared, TAKEN)
        if taken >= gate:
            return ZERO
        if take(shared, TAKEN, taken):
            return gate - taken


def descend(J: Any, W: Any, P: Any, GP: Any, X: Any, places: Any, order: Any, batch: Any, seed: Any, settings: Any,
            memory: Any, draft: Any, losses: Any, outputs: Any, report: Any, parts: Any,
            shared: Any) -> Any:  # fmt: skip
    """One step for each `batch` samples of the order; how many were taken before one whose numbers are not finite.

    `places` says for each sample where in J its plan is and where in X its numbers begin; if it is empty all have the
    first plan, and X has them one after another. `losses` and `outputs` may be empty.

    Without an update the gradient of the sum of all losses times seed is added to GP, unless GP is empty. With one GP
    is the gradient of the mean loss of the last batch and of the penalty, and a row of `report` tells the mean loss,
    the penalty and the gradient's length. Where there is no loss to run, GP and the report begin with what they hold.

    A step drafts the new parameters, and below them what is to be remembered: `draft` has a row for each. If all is
    finite, draft and parameters change places; who calls has the last ones in P.

    A large batch is run in blocks, each of which has a row of `parts` for its gradient and, behind that, its loss. The
    blocks, and the order in which they are added up, depend on the batch alone. Threads call this with the same
    arguments, each with a W of its own, and all but one with `batch` negated: these take blocks, as the first one does,
    and leave the rest to it. What they tell each other is in `shared`: they wait for a step to be opened, and the first
    one waits for its blocks to be done.

    A chunk is filled up to a multiple of eight lanes with copies of its last sample, whose seed is 0: all rows then
    begin where a line of the cache does, and loops over lanes have no rest.

    One long function: Numba compiles what a function calls once more with it, so functions of its own would take 4
    seconds more.
    """
    updating, moving, states = J[UPDATE] != ZERO, J[MOVING], np.uint64(len(memory))
    helping, full, parameters = batch < 0, np.uint64(abs(batch)), np.uint64(len(GP))
    new, kept, step, gate, spoiled = draft[0], draft[1:], ZERO, ZERO, ZERO
    if updating and not helping:
        for place in range(moving, parameters):  # these stay as they are
            new[place] = P[place]
    for begin in range(ZERO, np.uint64(len(order)), full):
        taken = min(full, np.uint64(len(order)) - begin)
        blocks = min(taken // J[BLOCK], np.uint64(len(parts)))
        blocks = blocks if blocks > ONE else ZERO
        gate += blocks  # all blocks up to this step
        if updating and J[ZERO]:
            seed = 1.0 / taken
        if helping:
            while blocks and seen(shared, OPENED) < gate:
                wait()
        else:
            if updating and J[ZERO]:
                GP[:] = 0.0
            if blocks:
                tell(shared, OPENED, gate)
        for part in range(ONE if helping else THREE):
            if J[part] == ZERO or (helping and blocks == ZERO):
                continue
            samples, p, weight, total = taken, P, seed, 0.0
            if part == PENALTY:
                samples, weight = ONE, 1.0
            elif part == UPDATE:
                samples, p = moving, settings[step]
                squares = 0.0
            split = part == ZERO and blocks != ZERO
            left = next_block(shared, gate) if split else ONE
            while left:
                h, into, last, end = J[part], GP, samples, ZERO
                if split:
                    block = blocks - left
                    into, total = parts[block], 0.0
                    into[:] = 0.0
                    end, last = taken * block // blocks, taken * (block + ONE) // blocks
                while end < last:
                    first, end = end, last
                    if part == ZERO and len(places):  # those that follow with the same plan
                        h, end = np.uint64(places[order[begin + first], 0]), first + ONE
                        while end < last and np.uint64(places[order[begin + end], 0]) == h:
                            end += ONE
                    rows, inputs, loss = J[h + ROWS], J[h + INPUTS], J[h + LOSS]
                    results, most = J[h + OUTPUTS], J[h + LANES]
                    listed, code = h + HEADER, h + HEADER + results
                    T = code + J[h] * WIDTH
                    D, V, G = W[J[h + CONSTANTS] :], W[J[ROOM] :], W[J[ROOM] + rows * most :]
                    chunks = (end - first + most - ONE) // most
                    size = ((end - first + chunks - ONE) // chunks + SEVEN) // EIGHT * EIGHT
                    for start in range(first, end, size):
                        n = min(size, end - start)
                        lanes = n if n == ONE else (n + SEVEN) // EIGHT * EIGHT
                        if part == UPDATE:
                            for lane in range(n):
                                V[lane] = P[start + lane]
                            for lane in range(n):
                                slope = GP[start + lane]
                                V[lanes + lane] = slope
                                squares += slope * slope
                            for i in range(states):
                                for lane in range(n):
                                    V[(i + TWO) * lanes + lane] = memory[i, start + lane]
                        elif part == ZERO:
                            feed(V, X, places, order, begin + start, n, inputs, lanes)
                        forward(J[code:T], J[T:], D, p, V, G, rows * lanes, lanes)
                        if part == UPDATE:
                            for i in range(results):
                                row = J[listed + i] * lanes
                                if i:
                                    for lane in range(n):
                                        kept[i - ONE, start + lane] = V[row + lane]
                                else:
                                    for lane in range(n):
                                        x = V[row + lane]
                                        new[start + lane] = x
                                        spoiled += ZERO if abs(x) <= LARGEST else ONE
                            continue
                        for lane in range(n):
                            total += V[loss * lanes + lane]
                        if part == ZERO and len(losses):
                            for lane in range(n):
                                losses[begin + start + lane] = V[loss * lanes + lane]
                        for i in range(results if part == ZERO and len(outputs) else ZERO):
                            for lane in range(n):
                                outputs[begin + start + lane, i] = V[J[listed + i] * lanes + lane]
                        if len(GP):
                            for place in range(J[h + ADDED_TO] * lanes, rows * lanes):  # before: inputs, or set
                                G[place] = 0.0
                            for lane in range(n):
                                G[loss * lanes + lane] = weight
                            backward(J[code:T], J[T:], D, p, V, into, G, rows * lanes, lanes)
                left = ZERO
                if split:
                    into[parameters] = total
                    count(shared, DONE)
                    left = next_block(shared, gate)
            if helping:
                continue
            if split:
                while seen(shared, DONE) < gate:
                    wait()
                total = 0.0
                for block in range(blocks):
                    total += parts[block, parameters]
                    for place in range(parameters):
                        GP[place] += parts[block, place]
            if part != UPDATE:
                report[step, np.int64(part)] = total / samples
            else:
                report[step, 2] = math.sqrt(squares)
                spoiled += ZERO if abs(report[step, 0] + report[step, 1] + squares) <= LARGEST else ONE
        if spoiled:
            break
        if updating:
            P, new, memory, kept = new, P, kept, memory
            step += ONE
    if step & ONE and not helping:  # what is `new` is the caller's P
        for place in range(moving):
            new[place] = P[place]
        for i in range(states):
            for place in range(moving):
                kept[i, place] = memory[i, place]
    return np.int64(step)
