"""What the kernel notes in a plan's instructions: which products set a gradient and which add to it, and which of them
begin with their start."""

import importlib.util
import os
from itertools import pairwise

import pytest

from engine import rules
from tests.engine.plans import PLANS, HandMade

if importlib.util.find_spec("numba") is None and os.environ.get("CI") != "true":
    pytest.skip("the tests of the kernel need the package numba", allow_module_level=True)

from engine.compiler.instruction_set import Apply, List, Matmul, Parameters, Start, Weights, number, places
from engine.compiler.kernel.constants import ACTIVE, JOINED, RUNS, SETS
from engine.compiler.kernel.translation import translated


def layers(*widths: int, in_place: bool) -> HandMade:
    """A multilayer perceptron without biases, whose loss is the sum of its outputs."""
    plan = HandMade(widths[0], sum(n * m for n, m in pairwise(widths)))
    below, first = range(widths[0]), 0
    for n, m in pairwise(widths):
        z = plan.start([0.0] * m)
        plan.matmul(z, m, n, (first, n, 1), (below[0], 1, 1))
        below = plan.apply_in_place(rules.relu, z) if in_place else plan.apply(rules.tanh, z)
        first += n * m
    return plan.done(list(below))


def products(plan):
    """Of each product whether it sets the gradient of what it reads."""
    code = translated(plan).code
    return [bool(row[int(ACTIVE)] & int(SETS)) for row in code if row[0] == number(Matmul)]


def test_the_last_reader_sets_a_gradient_and_all_others_add_to_it():
    """In the order of the plan: of inputs; alone; after a sum; before another product; after it; before a sum; every
    other row; the loss, whose gradient is given."""
    assert products(PLANS["several readers"]()) == [False, True, True, False, True, False, True, False]


@pytest.mark.parametrize(
    ("plan", "expected"),
    [
        (layers(3, 5, 4, 2, in_place=True), 3 + 5 + 4),  # all hidden layers are set by the product that reads them
        (layers(3, 5, 4, 2, in_place=False), 3),  # of the first sums, which come before what is set, no product is
        (layers(3, 2, in_place=True), 3),
        (PLANS["lists"](), 4),
    ],
)
def test_from_which_row_on_gradients_begin_with_0(plan, expected):
    assert translated(plan).added_to == expected


def test_columns_side_by_side_add_to_a_gradient():
    """The rows of two columns would each be set twice."""
    plan = HandMade(2, 8)
    z = plan.start([0.0] * 4)
    plan.matmul(z, 4, 2, (0, 2, 1), (0, 1, 1))
    y = plan.start([0.0] * 4)
    plan.matmul(y, 2, 3, (0, 3, 1), (z[0], 1, 1))
    assert products(plan.done(list(y))) == [False, False]


@pytest.mark.parametrize(("columns", "joined"), [(1, True), (2, False)])
def test_a_product_of_one_column_begins_with_its_start(columns, joined):
    """Of two columns each has the start of its own."""
    plan = HandMade(4, 6)
    z = plan.start([0.5] * 3 * columns)
    plan.matmul(z, 3, 2, (0, 2, 1), (0, 1, 2))
    starts = [row for row in translated(plan.done(list(z))).code if row[0] == number(Start)]
    assert bool(starts[0][int(JOINED)]) == joined


@pytest.mark.parametrize(
    ("rule", "read", "expected"),
    [
        (rules.tanh, [[0, 1, 2]], 1),
        (rules.tanh, [[1, 2]], 1),
        (rules.tanh, [[0, 2]], 0),
        (rules.tanh, [[1, 0]], 0),
        (rules.tanh, [[1]], 0),  # one row is one loop anyway
        (rules.mul, [[0, 1], [1, 2]], 1),
        (rules.mul, [[0, 1], [2, 2]], 0),
        (rules.mul, [[0, 0], [1, 2]], 0),
        (rules.tanh, [[3, 4]], 0),  # rows that no sample reaches are computed in one lane
    ],
)
def test_inputs_that_lie_one_after_another_are_noted(rule, read, expected):
    plan = HandMade(3, 0)
    plan.start([0.5, 1.5])
    plan.done(list(plan.apply(rule, *read)))
    (found,) = [row[int(RUNS)] for row in translated(plan).code if row[0] == number(Apply)]
    assert found == expected


@pytest.mark.parametrize(
    ("left", "right", "expected"),
    [
        ([[0, 1, 2]], [[0, 1, 2]], [1, 0, 3]),
        ([[4, 0, 1, 6]], [[4, 0, 1, 6]], [3, 4, 5, 0, 2, 6, 7]),
        ([[2, 3], [5, 4]], [[2, 3], [5, 4]], [1, 2, 4, 2, 5, 6, 4, 5]),
        ([[0, 1, 2]], [[0, 1, 3]], None),
        ([[0, 1]], [[1, 0]], None),
    ],
)
def test_runs_of_squares_are_listed(left, right, expected):
    """For each sum how many runs of parameters it has, and of each the first and the one behind the last."""
    plan = HandMade(1, 7)
    rows = plan.start([0.0] * len(left))
    plan.squares(rows, left, right)
    other = plan.start([0.0])
    plan.squares(other, [[3]], [[3]])
    code, table, *_ = translated(plan.done([*rows, *other]))
    place, after = [int(row[places(Parameters)["runs"]]) for row in code if row[0] == number(Parameters)]
    assert table[after : after + 3].tolist() == [1, 3, 4]
    assert place == 0 if expected is None else table[place : place + len(expected)].tolist() == expected


@pytest.mark.parametrize(("rows", "terms", "as_sum"), [(1, 1, True), (1, 2, True), (1, 3, False), (2, 2, False)])
def test_small_products_are_written_as_sums(rows, terms, as_sum):
    plan = HandMade(9, 20)
    z = plan.start([0.0] * rows)
    plan.matmul(z, rows, terms, (4, 7, 3), (2, 2, 1))
    code, table, *_ = translated(plan.done(list(z)))
    kinds = [int(row[0]) for row in code]
    assert kinds[1] == number(Weights if as_sum else Matmul)
    if as_sum:
        at = int(code[1][places(Weights)["parameters"]])
        assert code[1].tolist() == [number(Weights), 1, z[0], terms, at, at + terms, 0, 0, 0, 0, 0, 0]
        assert table[at : at + 2 * terms].tolist() == [4, 7][:terms] + [2, 4][:terms]


@pytest.mark.parametrize(("items", "expected"), [([], 0), ([1], 2), ([3, 2], 4)])
def test_room_for_the_gradient_of_lists(items, expected):
    """A row for each part of the longest, and one for their sum."""
    plan = HandMade(3, 1)
    start = plan.start([0.0], [[0]], [[1.0]])
    tops = [plan.collect(rules.logsumexp, [list(range(count))])[0] for count in items]
    translation = translated(plan.done([*start, *tops]))
    assert sum(row[0] == number(List) for row in translation.code) == len(items)
    assert translation.between == expected
