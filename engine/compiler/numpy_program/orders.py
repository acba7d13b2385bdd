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
    List,
    Lookup,
    LookupAmongValues,
    Matmul,
    Products,
    Weights,
    instructions,
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
    table, m = plan.table, len(rows)
    match fields:
        case Apply(inputs=n, read=read):
            yield from ((table[read + j * m : read + (j + 1) * m], True) for j in range(n))
        case Matmul(height=t, terms=n, values=first, step=step, apart=apart):
            yield [first + j * step + v * apart for j in range(n) for v in range(m // t)], m == t
            yield rows, m == t
        case Products(terms=n, left=left, right=right):
            yield from ((table[read : read + m * n], n == 1) for read in (left, right))
        case Combine(terms=n, read=read) | Weights(terms=n, read=read) | List(items=n, read=read):
            yield table[read : read + m * n], n == 1 and isinstance(fields, Combine)
        case Lookup(read=read):
            yield table[read : read + 2 * m : 2], True
        case LookupAmongValues(entries=entries, items=items, columns=columns, read=read):
            yield table[read : read + 2 * m : 2], True
            yield table[entries : entries + items * columns], False
