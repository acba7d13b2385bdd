"""A plan's instructions as the kernel reads them: its own numbers of the rules, and notes of what saves it work.

What can be told from a plan once is noted here, for all steps: inputs that lie one after another, sums that begin
where they are started, products that set a gradient instead of adding to it, multiples of sums, lists that measure
their items from one of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from typing import Any, NamedTuple

import numpy as np

from engine.compiler.instruction_set import (
    WIDTH,
    Apply,
    Combine,
    List,
    LookupAmongValues,
    Matmul,
    Parameters,
    Start,
    Weights,
    instructions,
    number,
    places,
    rows_read,
)
from engine.compiler.kernel.constants import BASE, JOINED, KEPT, SCALE, SETS
from engine.compiler.kernel.cross_entropy import measured_lists
from engine.compiler.kernel.source import NUMBERS
from engine.compiler.kernel.uses import Uses
from engine.rule import Rule
from engine.rules import logsumexp

__all__ = ["Translation", "translated"]

APPLY, COMBINE, LIST, LOOKUP_AMONG_VALUES, MATMUL, PARAMETERS, START, WEIGHTS = map(
    number, (Apply, Combine, List, LookupAmongValues, Matmul, Parameters, Start, Weights)
)
KIND, ROWS, FIRST, RULE, INPUTS, READ, RUNS, UNIFORM, ACTIVE = (
    places(Apply)[field] for field in ("kind", "rows", "first", "rule", "inputs", "read", "runs", "uniform", "active")
)
JOIN, PARTS, BASES, SCALED = map(int, (JOINED, KEPT, BASE, SCALE))
HEIGHT, N, WEIGHT, ALONG, VALUES, STEP = (
    places(Matmul)[field] for field in ("height", "terms", "weights", "along", "values", "step")
)
TERMS, LEFT, RIGHT, SQUARES = (places(Parameters)[field] for field in ("terms", "left", "right", "runs"))
RULE_OF_LIST, ITEMS, READ_LIST = (places(List)[field] for field in ("rule", "items", "read"))


class Translation(NamedTuple):
    """A plan as the kernel reads it."""

    code: Any
    """int64[instructions, WIDTH]"""
    table: Any
    """int64[...], the plan's index lists, and after them those that were added."""
    between: int
    """How many rows operations on lists need beside V and G."""
    added_to: int
    """The row from which on a gradient must begin with 0; those before it are of inputs, or set."""


def translated(plan: Any) -> Translation:
    """The instructions of a plan with the kernel's numbers of the rules and its notes.

    Raises:
        ValueError: if the plan applies a rule that the kernel does not have.
    """
    code = np.array(plan.code, np.int64).reshape(len(plan), WIDTH)
    table = np.array(plan.table, np.int64)
    write_rules(code, plan.rules)
    table = as_sums(code, as_runs(code, table))
    multiples = scale_parameters(code, plan) if PARAMETERS in code[:, KIND] else []
    join_starts(code)
    added_to = set_gradients(code, plan)
    lists, table = as_cross_entropies(code, table, plan) if LOOKUP_AMONG_VALUES in code[:, KIND] else ([], table)
    code = np.delete(code, [*multiples, *lists], axis=0)
    return Translation(code, table, keep_parts(code), added_to)


def write_rules(code: Any, rules: Sequence[Rule]) -> None:
    """Writes the kernel's numbers of the rules into the instructions."""
    applied = code[:, KIND] == APPLY
    numbers = np.zeros(len(rules), np.int64)
    for place in set(code[applied, RULE].tolist()):
        numbers[place] = number_of(rules[place])
    code[applied, RULE] = numbers[code[applied, RULE]]
    for place in set(code[code[:, KIND] == LIST, RULE_OF_LIST].tolist()):
        check_list(rules[place])


def as_runs(code: Any, table: Any) -> Any:
    """Notes which instructions read runs of rows or of parameters. The table, to which the latter are added."""
    for i in np.flatnonzero((code[:, KIND] == APPLY) & (code[:, ROWS] > 1) & (code[:, UNIFORM] == 0)):
        m, n, x = code[i, [ROWS, INPUTS, READ]]
        code[i, RUNS] = (np.diff(table[x : x + n * m].reshape(n, m), axis=1) == 1).all()
    added: list[int] = []
    for i in np.flatnonzero(code[:, KIND] == PARAMETERS):
        m, n, p, q = code[i, [ROWS, TERMS, LEFT, RIGHT]]
        left, right = table[p : p + n * m].reshape(m, n), table[q : q + n * m].reshape(m, n)
        if (left == right).all():
            code[i, SQUARES] = len(table) + len(added)
            added += chain.from_iterable(runs_of(row) for row in left)
    return np.append(table, np.array(added, np.int64))


def as_sums(code: Any, table: Any) -> Any:
    """Writes products of one row and at most two weights as the sums that they are. The table, to which their terms are
    added."""
    added: list[int] = []
    for i in np.flatnonzero((code[:, KIND] == MATMUL) & (code[:, ROWS] == 1) & (code[:, N] <= 2)):
        n, at = int(code[i, N]), len(table) + len(added)
        for start, step in ((WEIGHT, ALONG), (VALUES, STEP)):
            added += [int(code[i, start] + k * code[i, step]) for k in range(n)]
        code[i] = [WEIGHTS, 1, code[i, FIRST], n, at, at + n, 0, 0, 0, 0, 0, code[i, -1]]
    return np.append(table, np.array(added, np.int64))


def scale_parameters(code: Any, plan: Any) -> list[int]:
    """Writes multiples of sums of products of parameters, such as a penalty, as one instruction, where nothing else
    needs the sums. The instructions of these and of their starts, which are spared."""
    uses, spared = Uses(plan), list[int]()
    for place, (rows, fields) in enumerate(uses.code):
        readers = set().union(*(uses.readers[row] for row in rows))
        if not isinstance(fields, Parameters) or len(readers) != 1 or len(code) in readers:
            continue
        (reader,) = readers
        multiples, by = uses.code[reader]
        if not isinstance(by, Combine) or by.terms > 1 or list(plan.table[by.read :][: len(multiples)]) != list(rows):
            continue
        if all(uses.is_sum_from_0(row, place) for row in rows):
            code[place, [FIRST, SCALED]] = multiples.start, by.factors + 1
            code[reader] = code[place]
            spared += [place - 1, place]
    return spared


def join_starts(code: Any) -> None:
    """Notes which starts are joined to the sum or the product after them, which begins its rows then: no pass over the
    lanes comes before."""
    start, after = code[:-1], code[1:]
    of_the_same = (start[:, KIND] == START) & (start[:, ROWS] == after[:, ROWS]) & (start[:, FIRST] == after[:, FIRST])
    one_column = (after[:, KIND] == MATMUL) & (after[:, ROWS] == after[:, HEIGHT])
    start[of_the_same & (one_column | np.isin(after[:, KIND], (WEIGHTS, COMBINE))), JOIN] = 1


def as_cross_entropies(code: Any, table: Any, plan: Any) -> tuple[list[int], Any]:
    """Writes lists that measure their items from one of them as lists of the items themselves. The instructions that
    only these needed, and the table, to which the items and their bases are added."""
    found = measured_lists(plan)
    added: list[int] = []
    for lists in found:
        code[lists.place, READ_LIST] = len(table) + len(added)
        added += chain.from_iterable(lists.items)
        code[lists.place, BASES] = len(table) + len(added)
        added += lists.bases
    return [place for lists in found for place in lists.spared], np.append(table, np.array(added, np.int64))


def keep_parts(code: Any) -> int:
    """Notes where lists keep their parts for the way back: how many rows these take, and one that all share."""
    lists = np.flatnonzero(code[:, KIND] == LIST)
    ends = np.cumsum(code[lists, ROWS] * (code[lists, ITEMS] + 1))
    code[lists[1:], PARTS] = ends[:-1]
    return int(ends[-1]) + 1 if len(lists) else 0


def set_gradients(code: Any, plan: Any) -> int:
    """Notes which products, on the way back, are the first to pass a gradient to the rows that they read: these set it
    where others add to what is there. The row from which on gradients must begin with 0."""
    last = np.zeros(plan.rows, np.int64)  # the last instruction that reads a row
    for place, (rows, fields) in enumerate(instructions(plan.code)):
        for items in rows_read(plan.table, rows, fields):
            last[items] = place
    last[plan.loss] = len(code)
    begun = np.arange(plan.rows) < plan.inputs  # nothing asks for the gradient in an input
    for i in np.flatnonzero((code[:, KIND] == MATMUL) & (code[:, ROWS] == code[:, HEIGHT]) & (code[:, ACTIVE] != 0)):
        n, first, step = code[i, [N, VALUES, STEP]].tolist()
        read = first + step * np.arange(n)
        if step and first >= plan.inputs and (last[read] == i).all():
            code[i, ACTIVE] |= int(SETS)
            begun[read] = True
    return int(begun.argmin())


def runs_of(places: Any) -> list[int]:
    """How many runs there are of places that follow each other, and of each the first place and the one after the
    last."""
    ends = np.append(np.flatnonzero(np.diff(places) != 1), len(places) - 1)
    starts = np.append(0, ends[:-1] + 1)
    return [len(ends), *np.stack([places[starts], places[ends] + 1], axis=1).ravel().tolist()]


def number_of(rule: Rule) -> int:
    """What the kernel calls a rule."""
    if rule not in NUMBERS:
        raise ValueError(
            f"the kernel has the built-in rules only, and this plan applies {rule!r}; the NumPy program runs it"
        )
    return NUMBERS[rule]


def check_list(rule: Rule) -> None:
    if rule is not logsumexp:
        raise ValueError(
            f"the kernel has one operation on lists, logsumexp, and this plan applies {rule!r}; the NumPy program runs "
            "it"
        )
