"""What the kernel notes in a plan's instructions: which products set a gradient and which add to it, and which of them
begin with their start."""

import importlib.util
import os
from itertools import pairwise

import pytest

from engine import rules
from tests.engine.plans import PLANS, HandMade, agrees

if importlib.util.find_spec("numba") is None and os.environ.get("CI") != "true":
    pytest.skip("the tests of the kernel need the package numba", allow_module_level=True)

from engine.compiler.instruction_set import (
    KINDS,
    Apply,
    Combine,
    List,
    LookupAmongValues,
    Matmul,
    Parameters,
    Start,
    Weights,
    number,
    places,
)
from engine.compiler.kernel import Kernel
from engine.compiler.kernel.constants import ACTIVE, BASE, JOINED, KEPT, RUNS, SCALE, SETS
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


@pytest.mark.parametrize(("items", "expected"), [([], 0), ([1], 3), ([3, 2], 8)])
def test_room_for_operations_on_lists(items, expected):
    """Of each list a row for each part and one for their sum; and one for all."""
    plan = HandMade(3, 1)
    start = plan.start([0.0], [[0]], [[1.0]])
    tops = [plan.collect(rules.logsumexp, [list(range(count))])[0] for count in items]
    translation = translated(plan.done([*start, *tops]))
    kept = [row[int(KEPT)] for row in translation.code if row[0] == number(List)]
    assert kept == [0, items[0] + 1][: len(items)] if items else not kept
    assert translation.between == expected


def kinds(plan):
    return [KINDS[row[0]] for row in translated(plan).code]


def test_multiples_of_sums_of_parameters_are_one_instruction():
    plan = PLANS["penalties"]()
    code, *_ = translated(plan)
    assert [KINDS[row[0]] for row in code] == [Start, Parameters, Start, Parameters, Combine, Apply, Start, Combine]
    scaled = [row for row in code if row[0] == number(Parameters)]
    factors = [plan.numbers[row[int(SCALE)] - 1 :][: row[1]].tolist() for row in scaled]
    assert factors == [[0.5, -2.0, 0.1], [3.0, 0.25]]
    assert [row[2] for row in scaled] == [6, 9]  # the rows of the multiples


@pytest.mark.parametrize("change", [
    "none", "an output", "read twice", "read by another", "not from 0", "two terms", "another order", "some of them",
    "products", "added to", "the loss",
])  # fmt: skip
def test_sums_of_parameters_that_are_needed_are_left_as_they_are(change):
    plan = HandMade(1, 6)
    sums = plan.start([0.0, 1.0 if change == "not from 0" else 0.0])
    plan.squares(sums, [[0, 1], [2, 3]], [[0, 1], [2, 5]])
    if change == "added to":
        plan.combine(sums, [[1.0], [1.0]], [[0], [0]])
    read = {
        "another order": [[2], [1]],
        "some of them": [[1]],
        "two terms": [[1, 0], [2, 0]],
        "read twice": [[1], [2], [2]],
    }.get(change, [[1], [2]])
    prices = plan.start([0.0] * len(read))
    if change == "products":
        plan.products(prices, read, read)
    else:
        plan.combine(prices, [[0.5] * len(items) for items in read], read)
    more, outputs = {"read by another": ([sums[0]], []), "an output": ([], [sums[1]])}.get(change, ([], []))
    plan.done([*prices, *more], outputs)
    if change == "the loss":
        plan.loss = sums[1]
    assert (len(kinds(plan)) < len(plan)) == (change == "none")
    for samples in (1, 9):
        agrees(Kernel(plan), plan, samples)


def test_a_cross_entropy_is_measured_from_the_right_class():
    """Neither look-ups nor differences are left: the logits in their order, and where the number of the class is."""
    plan = PLANS["classes of two lists"]()
    code, table, between, _ = translated(plan)
    assert kinds(plan) == [Start, Start, Matmul, Matmul, Start, List, Start, Combine]
    lists = next(row for row in code if row[0] == number(List))
    read, base = lists[places(List)["read"]], lists[int(BASE)]
    assert table[read : read + 8].tolist() == list(range(4, 12))  # after four inputs
    assert table[base : base + 2].tolist() == [2, 3]
    assert between == 2 * (4 + 1) + 1


def test_cross_entropies_of_several_kinds():
    code, table, between, _ = translated(PLANS["two kinds of classes"]())
    lists = [row for row in code if row[0] == number(List)]
    read, bases = places(List)["read"], int(BASE)
    items = [table[row[read] : row[read] + row[1] * row[places(List)["items"]]].tolist() for row in lists]
    assert [[b - a for a, b in pairwise(rows)] for rows in items] == [[1] * 5, [1], [1] * 3]
    assert [table[row[bases] : row[bases] + row[1]].tolist() for row in lists] == [[2, 3], [4], [5]]
    assert LookupAmongValues not in [KINDS[row[0]] for row in code]
    assert between == 2 * (3 + 1) + (2 + 1) + (4 + 1) + 1


def class_plan(change: str) -> HandMade:
    """The cross entropy of three classes, with a change."""
    plan = HandMade(4, 6)
    z = plan.start([0.5, 0.25, 0.0])
    plan.matmul(z, 3, 2, (0, 2, 1), (0, 1, 1))
    (zero,) = plan.start([1.0 if change == "measured from one" else 0.0])
    orders = [[z[k], *z[:k], *z[k + 1 :]] for k in range(3)]
    if change == "an item twice":
        orders[1] = [z[1], z[0], z[0]]
    if change == "more classes than items":
        orders.append(orders[0])
    if change == "right ones twice":  # all classes have all items, but the first is right for two of them
        orders[1] = [z[0], z[1], z[2]]
    which = [(2, 0), (2, 1), (3 if change == "chosen by two numbers" else 2, 2)]
    right, *others = plan.look_up("V", orders, which)
    gaps = plan.start([0.0, 1.0 if change == "a difference and one" else 0.0])
    factors = {"sums": [1.0, 1.0], "twice": [-2.0, 2.0], "the other way round": [1.0, -1.0]}.get(change, [-1.0, 1.0])
    pairs = [[right, other] for other in others]
    if change == "the order of the terms":
        factors, pairs = [1.0, -1.0], [[other, right] for other in others]
    if change == "from two items":
        pairs[1] = others
    if change == "from an input":
        pairs = [[0, other] for other in others]
    plan.combine(gaps, [factors] * 2, pairs)
    if change == "added to":
        plan.combine(gaps, [[0.5]] * 2, [[0]] * 2)
    if change == "one row apart":
        plan.combine(plan.start([0.0]), [[1.0, 1.0]], [[gaps[0], 0]])
    items = {
        "two zeros": [zero, zero, gaps[0]],
        "no zero": list(gaps),
        "last": [*gaps, zero],
        "one gap": [zero, gaps[1]],
        "input": [zero, *gaps, 0],
    }.get(change, [zero, *gaps])
    tops = plan.collect(rules.logsumexp, [items])
    more = {"needed again": [gaps[0]], "looked up for two": [right]}.get(change, [])
    return plan.done([*tops, *more], {"an output": [others[0]]}.get(change, []))


@pytest.mark.parametrize("change", ["none", "last", "the order of the terms"])
def test_cross_entropies_are_found(change):
    assert LookupAmongValues not in kinds(class_plan(change))


@pytest.mark.parametrize("change", [
    "measured from one", "an item twice", "more classes than items", "chosen by two numbers", "a difference and one",
    "sums", "twice", "the other way round", "from two items", "from an input", "added to", "one row apart", "two zeros",
    "no zero", "one gap", "input", "needed again", "looked up for two", "an output",
])  # fmt: skip
def test_what_is_like_a_cross_entropy_is_left_as_it_is(change):
    plan = class_plan(change)
    assert kinds(plan) == [KINDS[kind] for kind in plan.code[::12]]


@pytest.mark.parametrize("samples", [1, 9])
@pytest.mark.parametrize("change", [
    "none", "last", "the order of the terms", "right ones twice", "an item twice", "the other way round", "sums",
])  # fmt: skip
def test_cross_entropies_agree_with_the_interpreter(change, samples):
    plan = class_plan(change)
    agrees(Kernel(plan), plan, samples)
