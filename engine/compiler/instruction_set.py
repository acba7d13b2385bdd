"""The set of instructions of a plan: its kinds, and where the fields of each lie among the integers of the code.

Whoever writes, reads or runs a plan takes them from here, in whatever language: `KINDS`, `name`, `places` and `WIDTH`
are the whole format.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple, TypeAlias, get_args

__all__ = [
    "KINDS", "WIDTH", "Addition", "Apply", "Combine", "Fields", "List", "Lookup", "LookupAmongValues", "Matmul",
    "Parameters", "Products", "Start", "Weights", "instructions", "name", "number", "places", "read", "rows_read",
    "written",
]  # fmt: skip

# An instruction computes m rows of V (or adds to them): row i of them, from 0 to m - 1, as its kind says below. P are
# the parameters, T and D the plan's lists of integers and floats. A sum goes over k from 0 to terms - 1, and
# j = i·terms + k. The last field of many, `active`, says which of the rows that are read depend on a parameter, so that
# a gradient is passed to them: bit 0 for the first factor or input, bit 1 for the second, and so on.


class Start(NamedTuple):
    """= D[constants + i] + Σ D[factors + j] · P[T[parameters + j]]"""

    constants: int
    terms: int
    parameters: int
    factors: int


class Matmul(NamedTuple):
    """+= Σ P[weights + h·down + k·along] · V[values + k·step + c·apart], where i = h·(m / height) + c"""

    height: int
    terms: int
    weights: int
    down: int
    along: int
    values: int
    step: int
    apart: int
    active: int


class Weights(NamedTuple):
    """+= Σ P[T[parameters + j]] · V[T[read + j]]"""

    terms: int
    parameters: int
    read: int
    active: int


class Products(NamedTuple):
    """+= Σ V[T[left + j]] · V[T[right + j]]"""

    terms: int
    left: int
    right: int
    active: int


class Combine(NamedTuple):
    """+= Σ D[factors + j] · V[T[read + j]]"""

    terms: int
    read: int
    factors: int
    active: int


class Parameters(NamedTuple):
    """+= Σ P[T[left + j]] · P[T[right + j]]

    `runs` is left 0: who runs the plan may note there where it lists runs of parameters, if these are squares.
    """

    terms: int
    left: int
    right: int
    runs: int


class Apply(NamedTuple):
    """= rule(V[T[read + i]], V[T[read + m + i]], ...) of so many inputs

    `runs` is left 0: who runs the plan may note there that all inputs are rows that lie one after another. `in_place`
    says that the one input is the row itself, whose gradient is multiplied by the slope then; this can be told from the
    result. `uniform` says that no row here depends on the sample: all lanes are equal.
    """

    rule: int
    inputs: int
    read: int
    runs: int
    in_place: int
    uniform: int
    active: int


class List(NamedTuple):
    """= rule([V[T[read + i·items]], ..., V[T[read + i·items + items - 1]]])"""

    rule: int
    items: int
    read: int
    active: int


class Lookup(NamedTuple):
    """= P[T[entries + V[T[read + 2i]]·columns + T[read + 2i + 1]]], from a table of items · columns entries"""

    entries: int
    items: int
    columns: int
    read: int


class LookupAmongValues(NamedTuple):
    """= V[the same]"""

    entries: int
    items: int
    columns: int
    read: int
    active: int


Addition: TypeAlias = Matmul | Weights | Products | Combine | Parameters
Fields: TypeAlias = Start | Addition | Apply | List | Lookup | LookupAmongValues
KINDS: tuple[type[Fields], ...] = get_args(Fields)
"""The place of a kind is its number in the code."""
WIDTH = 12
"""How many integers an instruction has: its kind, how many rows, the first of them, its fields, zeros, and those fields
that are always the last ones."""
HEAD, LAST = ("kind", "rows", "first"), ("uniform", "active")


def name(kind: type[Fields]) -> str:
    """What a kind is called in print.

    >>> name(LookupAmongValues)
    'lookup among values'
    """
    return re.sub("(?<=[a-z])(?=[A-Z])", " ", kind.__name__).lower()


def number(kind: type[Fields]) -> int:
    """The number of a kind."""
    return KINDS.index(kind)


def places(kind: type[Fields]) -> dict[str, int]:
    """Where among the integers of an instruction of this kind each of its fields is.

    >>> places(List)
    {'kind': 0, 'rows': 1, 'first': 2, 'rule': 3, 'items': 4, 'read': 5, 'active': 11}
    """
    front = [*HEAD, *(each for each in kind._fields if each not in LAST)]
    back = {each: WIDTH - len(LAST) + place for place, each in enumerate(LAST) if each in kind._fields}
    return {each: place for place, each in enumerate(front)} | back


# of each kind its number, how many of its fields are not at the end, and the zeros between these and the others
SHAPES = {
    kind: (number(kind), sum(each not in LAST for each in kind._fields), (0,) * (WIDTH - len(HEAD) - len(kind._fields)))
    for kind in KINDS
}


def written(rows: range, fields: Fields) -> tuple[int, ...]:
    """An instruction as WIDTH integers."""
    kind_number, front, zeros = SHAPES[type(fields)]
    return (kind_number, len(rows), rows.start, *fields[:front], *zeros, *fields[front:])


def read(code: Sequence[int], place: int) -> tuple[range, Fields]:
    """The rows and the fields of the instruction that begins at this place of the code."""
    kind_number, m, first, *rest = code[place : place + WIDTH]
    kind = KINDS[kind_number]
    _, front, zeros = SHAPES[kind]
    return range(first, first + m), kind._make(rest[:front] + rest[front + len(zeros) :])


def instructions(code: Sequence[int]) -> Iterator[tuple[range, Fields]]:
    """Rows and fields of all instructions."""
    return (read(code, place) for place in range(0, len(code), WIDTH))


def rows_read(table: Sequence[int], rows: range, fields: Fields) -> Iterator[Sequence[int]]:
    """The rows that an instruction reads beside its own, a list for each of its factors or inputs.

    Args:
        table: the plan's lists of integers.
        rows, fields: the instruction.
    """
    m = len(rows)
    match fields:
        case Apply(inputs=n, read=start):
            yield from (table[start + j * m : start + (j + 1) * m] for j in range(n))
        case Matmul(height=height, terms=n, values=first, step=step, apart=apart):
            yield [first + k * step + c * apart for k in range(n) for c in range(m // height)]
        case Products(terms=n, left=left, right=right):
            yield from (table[start : start + m * n] for start in (left, right))
        case Combine(terms=n, read=start) | Weights(terms=n, read=start) | List(items=n, read=start):
            yield table[start : start + m * n]
        case Lookup(read=start):
            yield table[start : start + 2 * m : 2]
        case LookupAmongValues(entries=entries, items=items, columns=columns, read=start):
            yield table[start : start + 2 * m : 2]
            yield table[entries : entries + items * columns]
