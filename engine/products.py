"""Finding matrix products: sums in which every list of weights meets every list of values."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

__all__ = ["Block", "product_sets"]

Terms = Sequence[tuple[int, int]]


class Block(NamedTuple):
    """Sums that together are one matrix product."""

    members: list[int]
    """Which sums, those with the first weights first."""
    fields: list[int]
    """t n a sr sc b sk su: t × n weights, that of row i and column k at a + i·sr + k·sc; value k of column u at b + k·sk + u·su."""


def product_sets(sums: Sequence[Terms]) -> tuple[list[Block], list[int]]:
    """The matrix products among sums of equally many terms weight · value, and the sums that are in none.

    Sums with the same values belong together; and where other values meet just the same weights, these are further columns.
    Weights and values must lie in memory as the entries of matrices do, at equal distances.

    Args:
        sums: the terms (weight, value) of each, sorted.
    """
    if not sums or not sums[0]:
        return [], list(range(len(sums)))
    columns: dict[tuple[int, ...], dict[tuple[int, ...], list[int]]] = {}
    for i, terms in enumerate(sums):
        weights, values = zip(*terms, strict=True)
        columns.setdefault(values, {}).setdefault(weights, []).append(i)
    alike: dict[tuple[tuple[int, ...], ...], list[tuple[int, ...]]] = {}
    for values, met in columns.items():
        alike.setdefault(tuple(sorted(met)), []).append(values)
    blocks, inside = [], set()
    for weights, met_by in alike.items():
        met_by.sort()
        a, b = spaced(weights), spaced(met_by)
        if a and b and (len(alike) == 1 or len(weights) * len(met_by) > 1):
            members = [columns[x][w][0] for w in weights for x in met_by]  # equal sums beyond the first one stay by themselves
            start, su, sk = b
            blocks.append(Block(members, [len(weights), len(sums[0]), *a, start, sk, su]))
            inside.update(members)
    return blocks, [i for i in range(len(sums)) if i not in inside]


def spaced(lists: Sequence[tuple[int, ...]]) -> tuple[int, int, int] | None:
    """(start, step from list to list, step within a list) if the numbers lie at equal distances; None if not."""
    start, n = lists[0][0], len(lists[0])
    down = lists[1][0] - start if len(lists) > 1 else n
    along = lists[0][1] - start if n > 1 else 1
    if down <= 0 or along <= 0:
        return None
    for i, numbers in enumerate(lists):
        low = start + i * down
        if numbers != tuple(range(low, low + n * along, along)):
            return None
    return start, down, along
