"""Finding matrix products: sums in which every list of weights meets every list of values."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

__all__ = ["Block", "Part", "parts", "product_sets", "some_of"]

MOST_PARTS = 4
"""More products than these are no faster in the kernel than to gather all weights at once, and slower in the NumPy
program."""


class Block(NamedTuple):
    """Sums that together are one matrix product."""

    members: list[int]
    """Which sums, those with the first weights first."""
    product: tuple[int, ...]
    """The fields of a `Matmul`, but for the last one: what is active is not known here."""


class Part(NamedTuple):
    """Some of the terms of sums, and the matrix products among them."""

    terms: range
    """Which terms of each sum."""
    blocks: list[Block]
    rest: list[int]
    """The sums that are in none of the blocks."""


def parts(m: int, weights: Sequence[int], values: Sequence[int]) -> list[Part]:
    """The terms weight · value of m sums: all of them, or several parts where these are matrix products of all sums and
    the whole is not.

    So W·h + u·x in one sum is found to be two products.

    Args:
        m, weights, values: as for `product_sets`.
    """
    n = len(weights) // m
    whole = Part(range(n), *product_sets(m, weights, values))
    if whole.blocks or m == 1:
        return [whole]
    starts = range(0, m * n, n)
    bounds = bounds_of(weights[:n], values[:n])
    if len(bounds) > MOST_PARTS + 1 or any(bounds_of(weights[i : i + n], values[i : i + n]) != bounds for i in starts):
        return [whole]
    found = []
    for first, end in pairwise(bounds):
        terms = range(first, end)
        found.append(Part(terms, *product_sets(m, some_of(weights, n, terms), some_of(values, n, terms))))
    members = [[block.members for block in part.blocks] for part in found]
    in_the_same_order = all(each == members[0] for each in members) and not any(part.rest for part in found)
    return found if in_the_same_order else [whole]


def some_of(flat: Sequence[int], n: int, terms: range) -> Sequence[int]:
    """Of n numbers for each sum, those of these terms."""
    if len(terms) == n:
        return flat
    return [x for i in range(0, len(flat), n) for x in flat[i + terms.start : i + terms.stop]]


def bounds_of(weights: Sequence[int], values: Sequence[int]) -> list[int]:
    """Where the terms of a sum begin that are as far from each other as most are; last, how many terms there are."""
    steps = [(b - a, y - x) for (a, b), (x, y) in zip(pairwise(weights), pairwise(values), strict=True)]
    count = Counter(steps)
    usual = max(count, key=lambda step: (count[step], -step[0], -step[1]), default=None)
    return [0, *[k for k, step in enumerate(steps, 1) if step != usual], len(weights)]


def product_sets(m: int, weights: Sequence[int], values: Sequence[int]) -> tuple[list[Block], list[int]]:
    """The matrix products among m sums of equally many terms weight · value, and the sums that are in none.

    Sums with the same values belong together; and where other values meet just the same weights, these are further
    columns. Weights and values must lie in memory as the entries of matrices do, at equal distances.

    Args:
        m: how many sums.
        weights, values: what is multiplied, sum by sum; the terms of each are sorted.
    """
    n = len(weights) // m
    if m == 1:
        found = product([tuple(weights)], [tuple(values)])
        return ([Block([0], found)], []) if found else ([], [0])
    columns: dict[tuple[int, ...], dict[tuple[int, ...], list[int]]] = {}
    for i in range(m):
        terms = slice(i * n, i * n + n)
        columns.setdefault(tuple(values[terms]), {}).setdefault(tuple(weights[terms]), []).append(i)
    alike: dict[tuple[tuple[int, ...], ...], list[tuple[int, ...]]] = {}
    for x, met in columns.items():
        alike.setdefault(tuple(sorted(met)), []).append(x)
    blocks, inside = [], set()
    for lists, met_by in alike.items():
        met_by.sort()
        found = product(lists, met_by) if len(alike) == 1 or len(lists) * len(met_by) > 1 else None
        if found:
            # equal sums beyond the first one stay by themselves
            members = [columns[x][w][0] for w in lists for x in met_by]
            blocks.append(Block(members, found))
            inside.update(members)
    return blocks, [i for i in range(m) if i not in inside]


def product(weights: Sequence[tuple[int, ...]], values: Sequence[tuple[int, ...]]) -> tuple[int, ...] | None:
    """The fields of the product of lists of weights with lists of values; None if they do not lie as matrices do."""
    matrix, columns = spaced(weights), spaced(values)
    if not matrix or not columns:
        return None
    first, apart, step = columns
    return len(weights), len(weights[0]), *matrix, first, step, apart


def spaced(lists: Sequence[tuple[int, ...]]) -> tuple[int, int, int] | None:
    """(start, step from list to list, step within a list) if the numbers lie at equal distances; None if not."""
    start, n = lists[0][0], len(lists[0])
    if n == len(lists) == 1:
        return start, 1, 1
    down = lists[1][0] - start if len(lists) > 1 else n
    along = lists[0][1] - start if n > 1 else 1
    if down <= 0 or along <= 0:
        return None
    for i, numbers in enumerate(lists):
        low = start + i * down
        if numbers != tuple(range(low, low + n * along, along)):
            return None
    return start, down, along
