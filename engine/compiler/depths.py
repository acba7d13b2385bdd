"""How deep each row of a recording lies, and what it depends on: rows of equal depth can be computed together."""

from __future__ import annotations

from array import array
from collections.abc import Sequence

from engine.compiler.recording import INPUT, LOOKUP
from engine.compiler.sums import PRODUCT, VALUE, WEIGHT, Sums

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
    n = len(sums.recording)
    state = array("q", bytes(8 * len(sums)))
    below: dict[int, tuple[int, int]] = {}  # of a table's entries, asked once
    first, last, forms, left, right = sums.first, sums.last, sums.forms, sums.left, sums.right
    for row in [*range(n, len(sums)), *range(n)]:  # parameters and constants that became rows are the deepest
        code = sums.codes[row]
        if code is None:
            continue
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
            deepest = flags = 0
            for i in range(first[row], last[row]):
                form = forms[i]
                if form in (VALUE, PRODUCT):
                    x = state[left[i]]
                    deepest, flags = x if x > deepest else deepest, flags | x
                else:
                    flags |= ACTIVE
                if form in (WEIGHT, PRODUCT):
                    x = state[right[i]]
                    deepest, flags = x if x > deepest else deepest, flags | x
            depth = deepest >> 2
        state[row] = (depth + 1) << 2 | flags & 3
    return state
