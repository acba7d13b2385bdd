"""How deep each row of a recording lies, and what it depends on: rows of equal depth can be computed together."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Sequence
from itertools import compress

from engine.compiler.recording import INPUT, LOOKUP
from engine.compiler.sums import PARAMETER, PARAMETERS, PRODUCT, VALUE, WEIGHT, Sums

__all__ = ["ACTIVE", "VARIES", "measure"]

VARIES, ACTIVE = 1, 2
"""What a row depends on: the sample, a parameter."""


def measure(sums: Sums, tables: Sequence[tuple[int, str, list[int]]]) -> array[int]:
    """For each row: its depth, times four, and whether it depends on a parameter (ACTIVE) and on the sample
    (VARIES).

    Args:
        sums: the rows.
        tables: what is looked up in, as `sums.tables()` gives it.
    """
    n, rows = len(sums.recording), sums.rows
    state = array("q", bytes(8 * len(sums)))
    below: dict[int, tuple[int, int]] = {}  # of a table's entries, asked once
    first, last, forms, left, right = sums.first, sums.last, sums.forms, sums.left, sums.right
    made = bisect_left(rows, n)  # parameters and constants that became rows are the deepest
    for row in (*rows[made:], *rows[:made]):
        code = sums.codes[row]
        if code == INPUT:
            state[row] = VARIES
            continue
        if code == LOOKUP:
            number = sums.recording.taken(row)[0]
            if number not in below:
                _, kind, entries = tables[number]
                states = [state[x] for x in entries] if kind == "V" else [ACTIVE]
                below[number] = max(states) >> 2, VARIES | ACTIVE * any(each & ACTIVE for each in states)
            depth, flags = below[number]
        else:
            terms, here = slice(first[row], last[row]), forms[first[row] : last[row]]
            read = {state[x] for x in compress(left[terms], here.translate(READ_LEFT))}
            read |= {state[x] for x in compress(right[terms], here.translate(READ_RIGHT))}
            depth, flags = max(read, default=0) >> 2, ACTIVE * any(here.translate(OF_PARAMETERS))
            for each in read:
                flags |= each
        state[row] = (depth + 1) << 2 | flags & 3
    return state


def marked(*forms: int) -> bytes:
    """What `bytes.translate` needs to mark the terms of these forms by 1 and others by 0."""
    return bytes([form in forms for form in range(256)])


READ_LEFT, READ_RIGHT = marked(VALUE, PRODUCT), marked(WEIGHT, PRODUCT)
OF_PARAMETERS = marked(PARAMETER, PARAMETERS, WEIGHT)
