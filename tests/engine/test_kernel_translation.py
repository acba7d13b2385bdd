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

from engine.compiler.instruction_set import Matmul, Start, number
from engine.compiler.kernel.constants import ACTIVE, JOINED, SETS
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
