"""What each kind of instruction does, forward and backward, over lanes of samples.

V is a flat array of the rows of a plan, `lanes` samples beside each other in each: row r begins at r * lanes. G holds
their adjoints, P the parameters, GP the gradient in them, T the index lists and D the constants of the plan; `code` is
its instructions, in the format of `engine.compiler.instruction_set`: fields are read by their place, that of the kinds
whose places are the same together. See `products.py` on why all indices are unsigned.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from engine.compiler.kernel.constants import (
    ACTIVE,
    APPLY,
    BASE,
    COMBINE,
    EIGHT,
    FIVE,
    FOUR,
    JOINED,
    KEPT,
    LIST,
    LOOKUP,
    MATMUL,
    NINE,
    ONE,
    PARAMETERS,
    PRODUCTS,
    RUNS,
    SCALE,
    SETS,
    SEVEN,
    SIX,
    START,
    TEN,
    THREE,
    TWO,
    UNIFORM,
    WEIGHTS,
    WIDTH,
    ZERO,
)
from engine.compiler.kernel.lists import cross_entropy, logsumexp, logsumexp_back, take_base_out
from engine.compiler.kernel.products import gradient_of_product, product
from engine.compiler.kernel.tiles import dots_in_tiles, gradient_in_tiles, product_in_tiles
from engine.compiler.kernel.vectors import TILES

__all__ = ["backward", "forward"]

if TYPE_CHECKING:  # what is written from the table

    def apply(rule: Any, V: Any, out: Any, first: Any, second: Any, third: Any, lanes: Any) -> None:
        """V[out] = rule(V[first], V[second], V[third]) in each lane, with as many of the inputs as the rule has."""

    def apply_back(
        slope: Any, V: Any, G: Any, into: Any, out: Any, first: Any, second: Any, third: Any, lanes: Any
    ) -> None:
        """G[into] += G[out] * slope in each lane, where slope 3 r + j is that of rule r in input j, and `into` is
        this input."""


def forward(code: Any, T: Any, D: Any, P: Any, V: Any, G: Any, free: Any, lanes: Any) -> None:
    """All instructions: V from its input rows. T are the index lists, D the constants. From `free` on G has room for
    what is kept for the way back."""
    joined = ZERO
    for h in range(ZERO, np.uint64(len(code)), WIDTH):
        kind, m, z = code[h], code[h + ONE], code[h + TWO] * lanes
        f3, f4, f5 = code[h + THREE], code[h + FOUR], code[h + FIVE]
        joined, began = ZERO, joined
        if kind == START:
            w = code[h + SIX]
            joined = code[h + JOINED]
            if joined and not TILES and code[h + WIDTH] == MATMUL:  # plain loops add to all lanes
                joined = ZERO
            numbers = f4 <= ONE and (joined or lanes == ONE)  # a constant and a bias at most, in the first lane alone
            for i in range(m if numbers and f4 else ZERO):
                V[z + i * lanes] = D[f3 + i] + D[w + i] * P[T[f5 + i]]
            for i in range(m if numbers and f4 == ZERO else ZERO):
                V[z + i * lanes] = D[f3 + i]
            for i in range(ZERO if numbers else m):
                s = D[f3 + i]
                for k in range(i * f4, i * f4 + f4):
                    s += D[w + k] * P[T[f5 + k]]
                for lane in range(z, z + (ONE if joined else lanes)):
                    V[lane] = s
                z += lanes
        elif kind == MATMUL and TILES and lanes == ONE and code[h + SEVEN] == ONE and code[h + NINE] == ONE:
            # a single lane: numbers that lie beside each other along a row of weights take the place of lanes
            columns, b, su = m // f3, code[h + EIGHT], code[h + TEN]
            if columns == ONE:
                dots_in_tiles(V, z, P, f5, code[h + SIX], V, b, f3, f4)
            else:
                gradient_in_tiles(V, z, columns, ONE, P, f5, code[h + SIX], V, b, su, f3, columns, f4)
        elif kind == MATMUL:
            b, sk, su = code[h + EIGHT] * lanes, code[h + NINE] * lanes, code[h + TEN] * lanes
            columns = m // f3
            together = columns if su == lanes else ONE  # columns that lie beside each other are as many more lanes
            for _ in range(ZERO, columns, together):
                product(
                    V, z, columns * lanes, P, f5, code[h + SIX], code[h + SEVEN], V, b, sk, f3, f4, together * lanes,
                    began,
                )  # fmt: skip
                z, b = z + lanes, b + su
        elif kind <= COMBINE and lanes == ONE:
            sums(kind, T, D, P, V, z, m, f3, f4, f5)
        elif kind <= COMBINE:
            for i in range(m):
                first, end = i * f3, i * f3 + f3
                if began:
                    first += start_sum(kind, T, D, P, V, z, first, f3, f4, f5, lanes)
                for k in range(first, end):
                    if kind == PRODUCTS:
                        x, y = T[f4 + k] * lanes, T[f5 + k] * lanes
                        for lane in range(lanes):
                            V[z + lane] += V[x + lane] * V[y + lane]
                    else:
                        w0, x = term(kind, T, D, P, k, f4, f5)
                        x *= lanes
                        for lane in range(lanes):
                            V[z + lane] += w0 * V[x + lane]
                z += lanes
        elif kind == PARAMETERS:
            at = code[h + RUNS]
            for i in range(m):
                s = 0.0
                if at:  # squares of parameters that lie beside each other
                    runs, at = T[at], at + ONE
                    for _ in range(runs):
                        for k in range(T[at], T[at + ONE]):
                            s += P[k] * P[k]
                        at += TWO
                else:
                    for k in range(i * f3, i * f3 + f3):
                        s += P[T[f4 + k]] * P[T[f5 + k]]
                if code[h + SCALE]:
                    s *= D[code[h + SCALE] - ONE + i]
                for lane in range(z, z + lanes):
                    V[lane] += s
                z += lanes
        elif kind == APPLY:
            uniform = code[h + UNIFORM]
            length = m * lanes if code[h + RUNS] else ONE if uniform else lanes
            for i in range(ONE if code[h + RUNS] else m):
                a = T[f5 + i] * lanes
                b = T[f5 + m + i] * lanes if f4 > ONE else a
                c = T[f5 + TWO * m + i] * lanes if f4 > TWO else a
                apply(np.int64(f3), V, z, a, b, c, length)
                if uniform:
                    for lane in range(z + ONE, z + lanes):
                        V[lane] = V[z]
                z += lanes
        elif kind == LIST:
            for i in range(m):
                parts, first, base = free + (code[h + KEPT] + i * (f4 + ONE)) * lanes, f5 + i * f4, code[h + BASE]
                if base:
                    cross_entropy(T, V, G, z, first, f4, parts, T[base + i] * lanes, lanes)
                else:
                    logsumexp(T, V, G, z, first, f4, parts, lanes)
                z += lanes
        else:
            x = code[h + SIX]
            for i in range(m):
                which, column = T[x + TWO * i] * lanes, T[x + TWO * i + ONE]
                for lane in range(lanes):
                    place = T[f3 + np.uint64(V[which + lane]) * f5 + column]
                    V[z + lane] = P[place] if kind == LOOKUP else V[place * lanes + lane]
                z += lanes


def term(kind: Any, T: Any, D: Any, P: Any, k: Any, first: Any, second: Any) -> Any:
    """The number and the row of a term of WEIGHTS or COMBINE."""
    return (P[T[first + k]], T[second + k]) if kind == WEIGHTS else (D[second + k], T[first + k])


def start_sum(kind: Any, T: Any, D: Any, P: Any, V: Any, z: Any, k: Any, n: Any, first: Any, second: Any,
              lanes: Any) -> Any:  # fmt: skip
    """Computes a sum of WEIGHTS or COMBINE in all lanes from its start, which is in the first one, up to two terms; how
    many."""
    s, (w0, x) = V[z], term(kind, T, D, P, k, first, second)
    x *= lanes
    if n == ONE:
        for lane in range(lanes):
            V[z + lane] = s + w0 * V[x + lane]
        return ONE
    w1, y = term(kind, T, D, P, k + ONE, first, second)
    y *= lanes
    for lane in range(lanes):
        V[z + lane] = s + w0 * V[x + lane] + w1 * V[y + lane]
    return TWO


def sums(kind: Any, T: Any, D: Any, P: Any, V: Any, z: Any, m: Any, n: Any, first: Any, second: Any) -> None:
    """WEIGHTS, PRODUCTS and COMBINE in a single lane: a number for each sum."""
    for i in range(m):
        s = V[z + i]
        if kind == PRODUCTS:
            for k in range(i * n, i * n + n):
                s += V[T[first + k]] * V[T[second + k]]
        elif kind == WEIGHTS:
            for k in range(i * n, i * n + n):
                s += P[T[first + k]] * V[T[second + k]]
        else:
            for k in range(i * n, i * n + n):
                s += D[second + k] * V[T[first + k]]
        V[z + i] = s


def sums_back(kind: Any, T: Any, D: Any, P: Any, V: Any, GP: Any, G: Any, z: Any, m: Any, n: Any, first: Any,
              second: Any, active: Any) -> None:  # fmt: skip
    """The gradient of WEIGHTS, PRODUCTS and COMBINE in a single lane."""
    for i in range(m):
        g = G[z + i]
        for k in range(i * n, i * n + n):
            if kind == PRODUCTS:
                x, y = T[first + k], T[second + k]
                if active & ONE:
                    G[x] += g * V[y]
                if active & TWO:
                    G[y] += g * V[x]
            elif kind == WEIGHTS:
                p, x = T[first + k], T[second + k]
                GP[p] += g * V[x]
                if active:
                    G[x] += P[p] * g
            elif active:
                G[T[first + k]] += D[second + k] * g


def backward(code: Any, T: Any, D: Any, P: Any, V: Any, GP: Any, G: Any, free: Any, lanes: Any) -> None:
    """All instructions in reverse: adds to G and GP what the chain rule says, from the row of the loss in G down. From
    `free` on G holds what `forward` kept."""
    for from_end in range(WIDTH, np.uint64(len(code)) + WIDTH, WIDTH):
        h = np.uint64(len(code)) - from_end
        kind, m, z = code[h], code[h + ONE], code[h + TWO] * lanes
        f3, f4, f5 = code[h + THREE], code[h + FOUR], code[h + FIVE]
        active = code[h + ACTIVE]
        if kind in (START, PARAMETERS):
            n, at = f4 if kind == START else f3, ZERO if kind == START else code[h + RUNS]
            numbers = kind == START and n == ONE and lanes == ONE
            for i in range(m if numbers else ZERO):
                GP[T[f5 + i]] += D[code[h + SIX] + i] * G[z + i]
            for i in range(m if n and not numbers else ZERO):
                s = 0.0
                for lane in range(z, z + lanes):
                    s += G[lane]
                if kind == PARAMETERS and code[h + SCALE]:
                    s *= D[code[h + SCALE] - ONE + i]
                if at:
                    runs, at = T[at], at + ONE
                    for _ in range(runs):
                        for k in range(T[at], T[at + ONE]):
                            GP[k] += (s + s) * P[k]
                        at += TWO
                for k in range(i * n, i * n if at else i * n + n):
                    if kind == START:
                        GP[T[f5 + k]] += D[code[h + SIX] + k] * s
                    else:
                        p, q = T[f4 + k], T[f5 + k]
                        GP[p] += s * P[q]
                        GP[q] += s * P[p]
                z += lanes
        elif kind == MATMUL and TILES and lanes == ONE and code[h + SEVEN] == ONE and code[h + NINE] == ONE:
            columns, sr, b, su = m // f3, code[h + SIX], code[h + EIGHT], code[h + TEN]
            product_in_tiles(GP, f5, sr, G, z, columns, ONE, V, b, su, f3, columns, f4, ZERO)
            if active & ONE:
                product_in_tiles(G, b, su, G, z, ONE, columns, P, f5, sr, columns, f3, f4, active & SETS)
        elif kind == MATMUL:
            b, sk, su = code[h + EIGHT] * lanes, code[h + NINE] * lanes, code[h + TEN] * lanes
            columns, sr, sc = m // f3, code[h + SIX], code[h + SEVEN]
            together = columns if su == lanes else ONE  # columns that lie beside each other
            width, c_row = together * lanes, columns * lanes
            for _ in range(ZERO, columns, together):
                gradient_of_product(GP, f5, sr, sc, G, z, c_row, V, b, sk, f3, f4, width)
                if active & ONE:
                    product(G, b, sk, P, f5, sc, sr, G, z, c_row, f4, f3, width, active & SETS)
                z, b = z + lanes, b + su
        elif kind <= COMBINE and lanes == ONE:
            sums_back(kind, T, D, P, V, GP, G, z, m, f3, f4, f5, active)
        elif kind == PRODUCTS:
            for i in range(m):
                for k in range(i * f3, i * f3 + f3):
                    x, y = T[f4 + k] * lanes, T[f5 + k] * lanes
                    if active & ONE:
                        for lane in range(lanes):
                            G[x + lane] += G[z + lane] * V[y + lane]
                    if active & TWO:
                        for lane in range(lanes):
                            G[y + lane] += G[z + lane] * V[x + lane]
                z += lanes
        elif kind <= COMBINE:
            for i in range(m):
                for k in range(i * f3, i * f3 + f3):
                    if kind == WEIGHTS:
                        p, x = T[f4 + k], T[f5 + k] * lanes
                        w0, s = P[p], 0.0
                        for lane in range(lanes):
                            s += G[z + lane] * V[x + lane]
                        GP[p] += s
                    else:
                        w0, x = D[f5 + k], T[f4 + k] * lanes
                    if active:
                        for lane in range(lanes):
                            G[x + lane] += w0 * G[z + lane]
                z += lanes
        elif kind == APPLY:
            uniform = code[h + UNIFORM]
            length = m * lanes if code[h + RUNS] else ONE if uniform else lanes
            for i in range(ONE if code[h + RUNS] and active else m if active else ZERO):
                a = T[f5 + i] * lanes
                b = T[f5 + m + i] * lanes if f4 > ONE else a
                c = T[f5 + TWO * m + i] * lanes if f4 > TWO else a
                if uniform:  # one slope for all lanes
                    for lane in range(z + ONE, z + lanes):
                        G[z] += G[lane]
                for j in range(f4):
                    if active >> j & ONE:
                        into = a if j == ZERO else b if j == ONE else c
                        apply_back(np.int64(THREE * f3 + j), V, G, into, z, a, b, c, length)
                z += lanes
        elif kind == LIST:
            for i in range(m if active else ZERO):
                parts, first, base = free + (code[h + KEPT] + i * (f4 + ONE)) * lanes, f5 + i * f4, code[h + BASE]
                if base:
                    take_base_out(V, G, f4, parts, T[base + i] * lanes, lanes)
                logsumexp_back(T, V, G, z, first, f4, parts, lanes)
                z += lanes
        elif kind == LOOKUP or active:
            x = code[h + SIX]
            for i in range(m):
                which, column = T[x + TWO * i] * lanes, T[x + TWO * i + ONE]
                for lane in range(lanes):
                    place = T[f3 + np.uint64(V[which + lane]) * f5 + column]
                    if kind == LOOKUP:
                        GP[place] += G[z + lane]
                    else:
                        G[place * lanes + lane] += G[z + lane]
                z += lanes
