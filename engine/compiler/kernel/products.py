"""Matrix products over lanes, in registers: by far the most of the work. Where the processor has AVX-512 they are made
in tiles (`tiles.py`), elsewhere by the plain loops here.

Like `instructions.py` and `steps.py` this is plain Python over flat arrays, whose text `source.py` writes into the
module that Numba compiles. All indices are unsigned 64-bit numbers, constants too: Python's rule that -1 is the last
element would cost a test at each access, and no loop over lanes would be vectorised.
"""

from __future__ import annotations

from typing import Any

from engine.compiler.kernel.constants import FOUR, ONE, SETS, THREE, TWO, ZERO
from engine.compiler.kernel.tiles import gradient_in_tiles, product_in_tiles
from engine.compiler.kernel.vectors import TILES

__all__ = ["gradient_of_product", "product"]


def product(C: Any, c: Any, c_row: Any, A: Any, a: Any, a_row: Any, a_column: Any, B: Any, b: Any, b_row: Any,
            rows: Any, inner: Any, lanes: Any, begins: Any) -> None:  # fmt: skip
    """C[i] += sum over k of A[i, k] * B[k] for i < rows, k < inner: numbers times rows of lanes. Four rows by four k
    stay in registers.

    `begins` says what C begins with: 0 with what is there; ONE, in tiles only, with what is in the first lane of each
    row; SETS with 0.
    """
    if begins == SETS and (lanes == ONE or not TILES):
        for i in range(rows):
            for lane in range(lanes):
                C[c + i * c_row + lane] = 0.0
    if lanes == ONE:
        if a_column == ONE and b_row == ONE:
            for i in range(rows):
                total, w = 0.0, a + i * a_row
                for k in range(inner):
                    total += A[w + k] * B[b + k]
                C[c + i * c_row] += total
        elif a_row == ONE and c_row == ONE:
            for k in range(inner):
                w, x0 = a + k * a_column, B[b + k * b_row]
                for i in range(rows):
                    C[c + i] += A[w + i] * x0
        else:
            for i in range(rows):
                for k in range(inner):
                    C[c + i * c_row] += A[a + i * a_row + k * a_column] * B[b + k * b_row]
        return
    if TILES:
        product_in_tiles(C, c, c_row, A, a, a_row, a_column, B, b, b_row, rows, inner, lanes, begins)
        return
    i = ZERO
    while i < rows:
        four = i + FOUR <= rows and c_row != ZERO  # rows that are the same row must not be held at once
        w, p, x, k = a + i * a_row, c + i * c_row, b, ZERO
        q, r, s = p + c_row, p + TWO * c_row, p + THREE * c_row
        while k + FOUR <= inner:
            w0, w1, w2, w3 = A[w], A[w + a_column], A[w + TWO * a_column], A[w + THREE * a_column]
            x1, x2, x3 = x + b_row, x + TWO * b_row, x + THREE * b_row
            if four:
                at = w + a_row
                a0, a1, a2, a3 = A[at], A[at + a_column], A[at + TWO * a_column], A[at + THREE * a_column]
                at += a_row
                b0, b1, b2, b3 = A[at], A[at + a_column], A[at + TWO * a_column], A[at + THREE * a_column]
                at += a_row
                c0, c1, c2, c3 = A[at], A[at + a_column], A[at + TWO * a_column], A[at + THREE * a_column]
                for lane in range(lanes):
                    y0, y1, y2, y3 = B[x + lane], B[x1 + lane], B[x2 + lane], B[x3 + lane]
                    first = C[p + lane] + (w0 * y0 + w1 * y1 + w2 * y2 + w3 * y3)
                    second = C[q + lane] + (a0 * y0 + a1 * y1 + a2 * y2 + a3 * y3)
                    third = C[r + lane] + (b0 * y0 + b1 * y1 + b2 * y2 + b3 * y3)
                    fourth = C[s + lane] + (c0 * y0 + c1 * y1 + c2 * y2 + c3 * y3)
                    C[p + lane], C[q + lane], C[r + lane], C[s + lane] = first, second, third, fourth
            else:
                for lane in range(lanes):
                    C[p + lane] += w0 * B[x + lane] + w1 * B[x1 + lane] + w2 * B[x2 + lane] + w3 * B[x3 + lane]
            w, x, k = w + FOUR * a_column, x + FOUR * b_row, k + FOUR
        while k < inner:
            for row in range(FOUR if four else ONE):
                w0, at = A[w + row * a_row], p + row * c_row
                for lane in range(lanes):
                    C[at + lane] += w0 * B[x + lane]
            w, x, k = w + a_column, x + b_row, k + ONE
        i += FOUR if four else ONE


def gradient_of_product(GA: Any, a: Any, a_row: Any, a_column: Any, GC: Any, c: Any, c_row: Any, B: Any, b: Any,
                        b_row: Any, rows: Any, inner: Any, lanes: Any) -> None:  # fmt: skip
    """GA[i, k] += sum over lanes of GC[i] * B[k] for i < rows, k < inner. Two rows by four k at a time; at the ends
    some are summed twice and left out."""
    if lanes == ONE:
        for i in range(rows):
            g, w = GC[c + i * c_row], a + i * a_row
            if a_column == ONE and b_row == ONE:
                for k in range(inner):
                    GA[w + k] += g * B[b + k]
            else:
                for k in range(inner):
                    GA[w + k * a_column] += g * B[b + k * b_row]
        return
    if TILES:
        gradient_in_tiles(GA, a, a_row, a_column, GC, c, c_row, B, b, b_row, rows, inner, lanes)
        return
    for i in range(ZERO, rows, TWO):
        pair = i + ONE < rows
        g, w = c + i * c_row, a + i * a_row
        h, v = (g + c_row, w + a_row) if pair else (g, w)
        for k in range(ZERO, inner, FOUR):
            more = inner - k
            x0 = b + k * b_row
            x1 = x0 + b_row if more > ONE else x0
            x2 = x1 + b_row if more > TWO else x1
            x3 = x2 + b_row if more > THREE else x2
            p0, p1, p2, p3, q0, q1, q2, q3 = 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0
            for lane in range(lanes):
                first, second = GC[g + lane], GC[h + lane]
                y0, y1, y2, y3 = B[x0 + lane], B[x1 + lane], B[x2 + lane], B[x3 + lane]
                p0, p1, p2, p3 = p0 + first * y0, p1 + first * y1, p2 + first * y2, p3 + first * y3
                q0, q1, q2, q3 = q0 + second * y0, q1 + second * y1, q2 + second * y2, q3 + second * y3
            for of in range(TWO if pair else ONE):
                at = (v if of else w) + k * a_column
                GA[at] += q0 if of else p0
                if more > ONE:
                    GA[at + a_column] += q1 if of else p1
                if more > TWO:
                    GA[at + TWO * a_column] += q2 if of else p2
                if more > THREE:
                    GA[at + THREE * a_column] += q3 if of else p3
