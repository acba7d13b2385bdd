"""In which order numbers lie in memory: those of a row side by side, or those of a sample.

A product with a wide matrix is faster where those of a sample do: BLAS then works along the neurons of a layer, which
are many, and not along the samples.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from engine.compiler.instruction_set import (
    Addition,
    Apply,
    Combine,
    Fields,
    Lookup,
    LookupAmongValues,
    Matmul,
    Products,
    instructions,
    rows_read,
)

__all__ = ["WIDE", "by_samples", "run", "same"]

WIDE = 128
"""Rows from which on a block gains by it."""


def run(items: Sequence[int]) -> tuple[int, int, int] | None:
    """(start, stop, step) of a list that goes up in equal steps; None for any other."""
    start, last, n = items[0], items[-1], len(items)
    step = 1 if n == 1 else (last - start) // (n - 1)
    return (start, last + 1, step) if step > 0 and list(items) == list(range(start, last + 1, step)) else None


def same(items: Sequence[int]) -> bool:
    """Is it one item, several times?"""
    return len(items) > 1 and items[0] == items[-1] and len(set(items)) == 1


def by_samples(plan: Any) -> list[range]:
    """The blocks of rows whose numbers lie sample by sample, in a plan with a wide matrix: the inputs and wide blocks,
    if matrix products read or write them, and all else reads them as they lie, never through a list. Wide blocks that
    are made of one another number by number have the same order."""
    code = list(instructions(plan.code))
    if not any(isinstance(fields, Matmul) and fields.height >= WIDE <= fields.terms for _, fields in code):
        return []
    blocks = [rows for rows, fields in code if not writes_over(fields)]
    blocks = [range(plan.inputs)] * (plan.inputs > 0) + blocks
    starts = [block.start for block in blocks]

    def within(rows: Sequence[int]) -> set[int]:
        return set(np.unique(np.searchsorted(starts, rows, side="right") - 1).tolist())

    multiplied, listed = set[int](), within([plan.loss, *plan.outputs])
    alike = [{place} for place in range(len(blocks))]
    for rows, fields in code:
        for items, as_they_lie in read_by(plan, rows, fields):
            found = within(items)
            if not (as_they_lie and len(found) == 1 and (run(items) or same(items))):
                listed |= found
            elif isinstance(fields, Matmul):
                multiplied |= found | within(rows)
            elif len(items) >= WIDE:
                joined = alike[found.pop()] | alike[within(rows).pop()]
                for place in joined:
                    alike[place] = joined
    return [
        block
        for block, together in zip(blocks, alike, strict=True)
        if (len(block) >= WIDE or block.start < plan.inputs) and together & multiplied and not together & listed
    ]


def writes_over(fields: Fields) -> bool:
    """Whether an instruction changes rows that another one has computed."""
    return isinstance(fields, Addition) or (isinstance(fields, Apply) and fields.in_place == 1)


def read_by(plan: Any, rows: range, fields: Fields) -> Iterator[tuple[Sequence[int], bool]]:
    """What rows an instruction reads, and whether its line takes them as they lie if it can."""
    lists, m = list(rows_read(plan.table, rows, fields)), len(rows)
    match fields:
        case Matmul(height=height):
            yield from ((items, m == height) for items in (*lists, rows))
        case Products(terms=n) | Combine(terms=n):
            yield from ((items, n == 1) for items in lists)
        case Apply() | Lookup():
            yield from ((items, True) for items in lists)
        case LookupAmongValues():
            yield from zip(lists, (True, False), strict=True)
        case _:
            yield from ((items, False) for items in lists)
