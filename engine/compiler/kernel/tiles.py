"""Matrix products over lanes in tiles: sums stay in registers until they are done.

The plain loops of `products.py` go over the lanes of four rows for each four factors, and Numba's compiler first has to
ask each time whether these rows overlap: for the 32 lanes of a mini-batch that takes as long as the products. Four rows
of 32 lanes, or two times eight sums, fit the 32 registers of AVX-512; see `vectors.py` for the words. A variable holds
either a number, 32 lanes or eight, never now one and then another: that is why the names differ.
"""

from __future__ import annotations

from typing import Any

from engine.compiler.kernel.constants import EIGHT, FIVE, FOUR, ONE, SEVEN, SIX, THREE, TWO, ZERO
from engine.compiler.kernel.vectors import (
    WIDE,
    add_product,
    item,
    load,
    load_wide,
    save,
    save_wide,
    spread,
    spread_wide,
    sums_of_eight,
    turned,
)

__all__ = ["dots_in_tiles", "gradient_in_tiles", "product_in_tiles"]

TALL = EIGHT * EIGHT
"""So many i are worth that lanes are turned, however many these are."""


def product_in_tiles(C: Any, c: Any, c_row: Any, A: Any, a: Any, a_row: Any, a_column: Any, B: Any, b: Any, b_row: Any,
                     rows: Any, inner: Any, lanes: Any, begins: Any) -> None:  # fmt: skip
    """C[i] += sum over k of A[i, k] * B[k] for i < rows, k < inner. On `begins` see `product`."""
    i = ZERO
    while i < rows:
        four = i + FOUR <= rows and c_row >= lanes  # rows that overlap must not be held at once
        p = c + i * c_row
        q, r, s = p + c_row, p + TWO * c_row, p + THREE * c_row
        if begins == ONE:
            s0 = C[p]
            s1, s2, s3 = (C[q], C[r], C[s]) if four else (s0, s0, s0)
        else:
            s0, s1, s2, s3 = 0.0, 0.0, 0.0, 0.0
        lane = ZERO
        while lane < lanes:
            w, x, left = a + i * a_row, b + lane, lanes - lane
            w1, w2, w3 = w + a_row, w + TWO * a_row, w + THREE * a_row
            if left >= WIDE and four:
                if begins:
                    first, second, third, fourth = spread_wide(s0), spread_wide(s1), spread_wide(s2), spread_wide(s3)
                else:
                    first, second = load_wide(C, p + lane), load_wide(C, q + lane)
                    third, fourth = load_wide(C, r + lane), load_wide(C, s + lane)
                for k in range(inner):
                    y, at = load_wide(B, x + k * b_row), k * a_column
                    first, second = add_product(first, A[w + at], y), add_product(second, A[w1 + at], y)
                    third, fourth = add_product(third, A[w2 + at], y), add_product(fourth, A[w3 + at], y)
                save_wide(C, p + lane, first)
                save_wide(C, q + lane, second)
                save_wide(C, r + lane, third)
                save_wide(C, s + lane, fourth)
                lane += WIDE
            elif left >= WIDE:
                first = spread_wide(s0) if begins else load_wide(C, p + lane)
                for k in range(inner):
                    first = add_product(first, A[w + k * a_column], load_wide(B, x + k * b_row))
                save_wide(C, p + lane, first)
                lane += WIDE
            elif four:
                if begins:
                    few, more, some, last = spread(s0), spread(s1), spread(s2), spread(s3)
                else:
                    few, more = load(C, p + lane, left), load(C, q + lane, left)
                    some, last = load(C, r + lane, left), load(C, s + lane, left)
                for k in range(inner):
                    z, at = load(B, x + k * b_row, left), k * a_column
                    few, more = add_product(few, A[w + at], z), add_product(more, A[w1 + at], z)
                    some, last = add_product(some, A[w2 + at], z), add_product(last, A[w3 + at], z)
                save(C, p + lane, left, few)
                save(C, q + lane, left, more)
                save(C, r + lane, left, some)
                save(C, s + lane, left, last)
                lane += EIGHT
            else:
                few = spread(s0) if begins else load(C, p + lane, left)
                for k in range(inner):
                    few = add_product(few, A[w + k * a_column], load(B, x + k * b_row, left))
                save(C, p + lane, left, few)
                lane += EIGHT
        i += FOUR if four else ONE


def gradient_in_tiles(GA: Any, a: Any, a_row: Any, a_column: Any, GC: Any, c: Any, c_row: Any, B: Any, b: Any,
                      b_row: Any, rows: Any, inner: Any, lanes: Any) -> None:  # fmt: skip
    """GA[i, k] += sum over lanes of GC[i] * B[k] for i < rows, k < inner, in tiles of two i by eight k.

    Where there are too few k for that, i and k change roles, which makes the gradient of 16 neurons with two inputs
    three times faster. Lanes that do not fill a register are a turn of their own: masks on all of them would make it
    a quarter slower. Where there are many i, lanes are turned.
    """
    if a_column == ONE and inner >= EIGHT and rows >= min(lanes, TALL) and lanes % EIGHT == ZERO:
        gradient_turned(GA, a, a_row, GC, c, c_row, B, b, b_row, rows, inner, lanes)
        return
    if inner < EIGHT <= rows:
        rows, inner, a_row, a_column = inner, rows, a_column, a_row
        GC, c, c_row, B, b, b_row = B, b, b_row, GC, c, c_row
    rest = lanes % EIGHT
    if rest:
        sums_in_tiles(GA, a, a_row, a_column, GC, c, c_row, B, b, b_row, rows, inner, EIGHT, rest)
    if lanes > rest:
        c, b = c + rest, b + rest
        sums_in_tiles(GA, a, a_row, a_column, GC, c, c_row, B, b, b_row, rows, inner, lanes - rest, None)


def gradient_turned(GA: Any, a: Any, a_row: Any, GC: Any, c: Any, c_row: Any, B: Any, b: Any, b_row: Any, rows: Any,
                    inner: Any, lanes: Any) -> None:  # fmt: skip
    """The same where the k lie beside each other in GA, for lanes that are a multiple of eight: eight k take the place
    of lanes.

    16 lanes of eight k are turned once and stay in registers for all i. A sum then has no lanes that are to be added up
    in the end, which for many i takes longer than to turn.
    """
    for k in range(ZERO, inner, EIGHT):
        left = inner - k
        x0, x1, x2, x3, x4, x5, x6, x7 = eight_rows(b + k * b_row, b_row, left)
        lane = ZERO
        while lane < lanes:
            w, g = a + k, c + lane
            y0, y1, y2, y3, y4, y5, y6, y7 = turned(
                load(B, x0 + lane, None), load(B, x1 + lane, None), load(B, x2 + lane, None), load(B, x3 + lane, None),
                load(B, x4 + lane, None), load(B, x5 + lane, None), load(B, x6 + lane, None), load(B, x7 + lane, None),
            )  # fmt: skip
            lane += EIGHT
            if lane == lanes:
                for _ in range(rows):
                    p, q = add_eight(load(GA, w, left), spread(0.0), GC, g, y0, y1, y2, y3, y4, y5, y6, y7)
                    save(GA, w, left, add_product(p, 1.0, q))
                    w, g = w + a_row, g + c_row
                break
            z0, z1, z2, z3, z4, z5, z6, z7 = turned(
                load(B, x0 + lane, None), load(B, x1 + lane, None), load(B, x2 + lane, None), load(B, x3 + lane, None),
                load(B, x4 + lane, None), load(B, x5 + lane, None), load(B, x6 + lane, None), load(B, x7 + lane, None),
            )  # fmt: skip
            lane += EIGHT
            for _ in range(rows):
                p, q = add_eight(load(GA, w, left), spread(0.0), GC, g, y0, y1, y2, y3, y4, y5, y6, y7)
                p, q = add_eight(p, q, GC, g + EIGHT, z0, z1, z2, z3, z4, z5, z6, z7)
                save(GA, w, left, add_product(p, 1.0, q))
                w, g = w + a_row, g + c_row


def add_eight(p: Any, q: Any, A: Any, a: Any, y0: Any, y1: Any, y2: Any, y3: Any, y4: Any, y5: Any, y6: Any,
              y7: Any) -> Any:  # fmt: skip
    """p + A[0] * y0 + A[2] * y2 + ..., and q with the others: two sums, as one would have to wait for itself."""
    p, q = add_product(p, A[a], y0), add_product(q, A[a + ONE], y1)
    p, q = add_product(p, A[a + TWO], y2), add_product(q, A[a + THREE], y3)
    p, q = add_product(p, A[a + FOUR], y4), add_product(q, A[a + FIVE], y5)
    return add_product(p, A[a + SIX], y6), add_product(q, A[a + SEVEN], y7)


def eight_rows(first: Any, step: Any, left: Any) -> Any:
    """Where eight rows begin, the first one here; where fewer are left, the last of them is all others."""
    last = left - ONE
    return (first, first + step * min(ONE, last), first + step * min(TWO, last), first + step * min(THREE, last),
            first + step * min(FOUR, last), first + step * min(FIVE, last), first + step * min(SIX, last),
            first + step * min(SEVEN, last))  # fmt: skip


def sums_in_tiles(GA: Any, a: Any, a_row: Any, a_column: Any, GC: Any, c: Any, c_row: Any, B: Any, b: Any, b_row: Any,
                  rows: Any, inner: Any, lanes: Any, some: Any) -> None:  # fmt: skip
    """The same, of so many of each eight lanes, or of all. At the ends some sums are made twice and left out."""
    for i in range(ZERO, rows, TWO):
        g = c + i * c_row
        h = g + c_row if i + ONE < rows else g
        for k in range(ZERO, inner, EIGHT):
            x, last = b + k * b_row, inner - k - ONE
            if last >= SEVEN:  # to ask eight times would take a quarter of the time of 32 lanes
                x1, x2, x3, x4 = x + b_row, x + TWO * b_row, x + THREE * b_row, x + FOUR * b_row
                x5, x6, x7 = x + FIVE * b_row, x + SIX * b_row, x + SEVEN * b_row
            else:
                _, x1, x2, x3, x4, x5, x6, x7 = eight_rows(x, b_row, inner - k)
            p0 = spread(0.0)
            p1, p2, p3, p4, p5, p6, p7 = p0, p0, p0, p0, p0, p0, p0
            q0, q1, q2, q3, q4, q5, q6, q7 = p0, p0, p0, p0, p0, p0, p0, p0
            for lane in range(ZERO, lanes, EIGHT):
                first, second = load(GC, g + lane, some), load(GC, h + lane, some)
                y = load(B, x + lane, some)
                p0, q0 = add_product(p0, first, y), add_product(q0, second, y)
                y = load(B, x1 + lane, some)
                p1, q1 = add_product(p1, first, y), add_product(q1, second, y)
                y = load(B, x2 + lane, some)
                p2, q2 = add_product(p2, first, y), add_product(q2, second, y)
                y = load(B, x3 + lane, some)
                p3, q3 = add_product(p3, first, y), add_product(q3, second, y)
                y = load(B, x4 + lane, some)
                p4, q4 = add_product(p4, first, y), add_product(q4, second, y)
                y = load(B, x5 + lane, some)
                p5, q5 = add_product(p5, first, y), add_product(q5, second, y)
                y = load(B, x6 + lane, some)
                p6, q6 = add_product(p6, first, y), add_product(q6, second, y)
                y = load(B, x7 + lane, some)
                p7, q7 = add_product(p7, first, y), add_product(q7, second, y)
            w = a + i * a_row + k * a_column
            add_sums(GA, w, a_column, last, sums_of_eight(p0, p1, p2, p3, p4, p5, p6, p7))
            if i + ONE < rows:
                add_sums(GA, w + a_row, a_column, last, sums_of_eight(q0, q1, q2, q3, q4, q5, q6, q7))


def add_sums(GA: Any, w: Any, step: Any, last: Any, sums: Any) -> None:
    """Adds the sums, up to that of number `last`, to numbers that lie `step` apart."""
    if step == ONE and last >= SEVEN:
        save(GA, w, None, add_product(load(GA, w, None), 1.0, sums))
    else:
        for j in range(min(last, SEVEN) + ONE):
            GA[w + j * step] += item(sums, j)


def dots_in_tiles(C: Any, c: Any, A: Any, a: Any, a_row: Any, B: Any, b: Any, rows: Any, inner: Any) -> None:
    """C[i] += sum over k of A[i, k] * B[k] for i < rows, k < inner: a product in a single lane."""
    for i in range(ZERO, rows, EIGHT):
        w0, w1, w2, w3, w4, w5, w6, w7 = eight_rows(a + i * a_row, a_row, rows - i)
        p0 = spread(0.0)
        p1, p2, p3, p4, p5, p6, p7 = p0, p0, p0, p0, p0, p0, p0
        for k in range(ZERO, inner, EIGHT):
            left = inner - k
            x = load(B, b + k, left)
            p0, p1 = add_product(p0, load(A, w0 + k, left), x), add_product(p1, load(A, w1 + k, left), x)
            p2, p3 = add_product(p2, load(A, w2 + k, left), x), add_product(p3, load(A, w3 + k, left), x)
            p4, p5 = add_product(p4, load(A, w4 + k, left), x), add_product(p5, load(A, w5 + k, left), x)
            p6, p7 = add_product(p6, load(A, w6 + k, left), x), add_product(p7, load(A, w7 + k, left), x)
        sums = sums_of_eight(p0, p1, p2, p3, p4, p5, p6, p7)
        save(C, c + i, rows - i, add_product(load(C, c + i, rows - i), 1.0, sums))
