"""What belongs into one sum, one matrix product, one instruction: counted by hand, since a plan that takes too many is
right as well, only slow, and one that takes too few is wrong."""

import itertools

import pytest

import engine
from engine import Rule, Value, lookup, tanh, weighted_sum
from engine.compiler import planner
from engine.compiler.instruction_set import Apply, Combine, Lookup, Products
from engine.compiler.products import Part, bounds_of, parts, product_sets
from tests.engine.test_plan import agree, kinds, planned

P = [Value(0.7), Value(-1.2), Value(0.4), Value(0.9)]
SAMPLE = [0.6, -0.9, 1.3]


def rows_of(f, sample=SAMPLE):
    """How many rows are computed, after it was seen that they are right."""
    plan = agree(f, P, sample)
    return plan.rows - plan.inputs


# A sum of products takes a factor only if nothing in it is a product of two things that are no constants: its terms
# p·v and v·w have none. Then it stays a row of its own, to which the factor is given.
SUMS = {
    "a sum, subtracted": (lambda s: P[0] * s[0] - (s[1] + P[1]), 1),
    "a sum, added": (lambda s: P[0] * s[0] + (P[1] * s[1] + s[2] * s[0]), 1),
    "a product, subtracted": (lambda s: s[0] - P[0] * s[1], 2),
    "a product of inputs, subtracted": (lambda s: s[0] - s[1] * s[2], 2),
    "the first parameter as the second factor": (lambda s: s[0] - s[1] * P[0], 2),
    "a product with a constant, subtracted": (lambda s: s[0] - 2.0 * s[1], 1),
    "a product with a constant, on the right": (lambda s: s[0] - P[1] * 2.0, 1),
    "a square, subtracted": (lambda s: s[0] - P[0] ** 2, 2),
    "a weighted sum of the first row, subtracted": (lambda s: s[1] - weighted_sum([P[0]], [s[0]], 1.0), 2),
    "the first row as a weight": (lambda s: s[1] - weighted_sum([s[0]], [P[0]], 1.0), 2),
    "a weighted sum of constants, subtracted": (lambda s: s[0] - weighted_sum([2.0, P[0]], [s[1], 3.0], P[1]), 1),
    "one product among constants": (lambda s: s[0] - weighted_sum([2.0, P[0]], [s[1], s[2]], P[1]), 2),
    "the offset of a scaled sum": (lambda s: 2.0 * weighted_sum([3.0], [s[1]], P[1]) + s[0], 1),
    "a sum that is used twice": (lambda s: tanh(s[0] + P[0]) * 1.0 + (s[0] + P[0]), 3),
    "the same sum in two places": (lambda s: (lambda z: z * s[1] + z)(s[0] + P[0]), 2),
    "a division by a constant": (lambda s: (s[0] + P[1]) / 4.0 - s[1], 1),
    "a division by what is none": (lambda s: s[0] / (P[1] + s[1] * s[1]) + s[2], 3),
    "a division by the first row": (lambda s: P[0] * s[1] / s[0] + 4.0, 3),
    "a power of the first row": (lambda s: P[0] * s[2] ** s[0] + 2.0, 2),
    "a square": (lambda s: (P[0] * s[0] + 1.0) ** 2, 2),
    "a cube": (lambda s: (P[0] * s[0] + 1.0) ** 3, 3),
    "a constant as an operand": (lambda s: engine.maximum(s[0], 0.25) + engine.maximum(s[1], 0.25), 4),
}


@pytest.mark.parametrize("name", SUMS)
def test_what_becomes_one_sum(name):
    f, rows = SUMS[name]
    assert rows_of(f) == rows


FACTORS = {
    "a parameter": lambda s, i: P[i % 4],
    "an input": lambda s, i: s[i % 3],
    "a constant": lambda s, i: 1.5 - i,
    "an operation": lambda s, i: tanh(s[i % 3]),
}


@pytest.mark.parametrize("n", [1, 2, 3])
@pytest.mark.parametrize("kinds_of_values", [*itertools.product(FACTORS, repeat=2)], ids=" and ".join)
@pytest.mark.parametrize("kind_of_weights", FACTORS)
def test_sums_of_products_of_whatever_it_is(kind_of_weights, kinds_of_values, n):
    """The first value is of one kind, all others of another."""

    def f(s):
        weights = [FACTORS[kind_of_weights](s, i) for i in range(n)]
        values = [FACTORS[kinds_of_values[i > 0]](s, i) for i in range(n)]
        z = weighted_sum(weights, values, P[3])
        return 2.0 * tanh(z) + P[0] * z

    agree(f, P, SAMPLE)


def test_a_sum_of_many_operations():
    def f(s):
        values = [tanh(P[i % 4] * s[i % 3] + float(i)) for i in range(60)]
        return weighted_sum([P[i % 4] for i in range(60)], values, P[0])

    agree(f, P, SAMPLE)


def test_a_square_is_a_product_and_a_power_of_one_half_a_root():
    assert "apply" not in kinds(agree(lambda s: (P[0] * s[0] + 1.0) ** 2, P, SAMPLE))
    plan = agree(lambda s: (P[0] * s[0] + 1.0) ** 0.5, P, SAMPLE)
    (apply,) = [i for i in plan if i.kind == "apply"]
    assert (plan.rules[apply.fields.rule].name, apply.fields.inputs) == ("sqrt", 1)
    plan = agree(lambda s: (P[0] * s[0] + 1.0) ** 0.5 + s[2] ** 0.5, P, SAMPLE)
    assert [rule.name for rule in plan.rules].count("sqrt") == 1
    plan = agree(lambda s: (P[0] * s[0] + 1.0) ** -0.5, P, SAMPLE)
    (apply,) = [i for i in plan if i.kind == "apply"]
    assert (plan.rules[apply.fields.rule].name, apply.fields.inputs) == ("pow", 2)


def test_what_no_result_needs_is_left_out_where_one_is_a_constant_too():
    def f(s):
        loss = P[0] * s[0] + s[1]
        return loss, [2.0] if engine.sin(s[2]) is not None else []  # which nothing needs

    assert rows_of(f) == 2


@pytest.mark.parametrize("loss", [lambda z: z * z, lambda z: z * z + z, lambda z: tanh(z)])
def test_a_result_keeps_its_row_though_other_results_are_made_of_it(loss):
    def f(s):
        z = P[0] * s[0] + s[1]
        return loss(z), [z]

    agree(f, P, SAMPLE)


def test_what_is_looked_up_may_be_all():
    assert rows_of(lambda s: lookup(P, s[2]), [0.6, -0.9, 1]) == 1


def test_a_number_that_is_looked_up_needs_no_row_of_the_function():
    def f(s):
        loss = lookup([s[0], 1.5], s[2]) * P[0]
        return loss if engine.sin(s[1]) is not None else 0.0  # which nothing needs

    assert rows_of(f, [0.6, -0.9, 1]) == 3


@pytest.mark.parametrize("more", [lambda z: z * z, lambda z: z * z + z])
def test_what_is_looked_up_keeps_its_row_though_it_is_used_elsewhere(more):
    def f(s):
        z = P[0] * s[0] + s[1]
        return lookup([z, s[0]], s[2]) + more(z)

    agree(f, P, [0.6, -0.9, 0])


def test_the_numbers_of_tables_are_no_rows():
    def f(s):
        product = s[0] * s[1]  # row 3, and there is a table 3
        return engine.total([lookup([s[0], s[1] + k], s[2]) for k in range(1, 5)]) + product

    assert rows_of(f, [0.6, -0.9, 1]) == 4 + 4 + 1


NAMESAKES = {
    "mul": Rule("mul", "", lambda x, y: x * y * y, (lambda x, y, z: y * y, lambda x, y, z: 2.0 * x * y)),
    "pow": Rule("pow", "", lambda x, y: x + 3.0 * y, (lambda x, y, z: 1.0, lambda x, y, z: 3.0)),
}


@pytest.mark.parametrize("name", NAMESAKES)
@pytest.mark.parametrize("constant", [2.0, 0.5])
def test_an_operation_that_is_only_called_like_one_of_the_table_stays_itself(name, constant):
    assert "apply" in kinds(agree(lambda s: NAMESAKES[name](P[0] * s[0], constant) + s[1], P, SAMPLE))


def test_what_is_looked_up_in_keeps_a_row_though_it_is_used_once():
    assert rows_of(lambda s: lookup([s[0] + P[0], s[1] + P[1]], s[2]) * 2.0, [0.6, -0.9, 1]) == 4


# Weights and values by number, as they lie in memory, and the matrix products: their sums in order, and how many lists
# of weights they have.
MATRICES = {
    "2 × 2 weights, two columns": (
        [(0, 1), (0, 1), (2, 3), (2, 3)],
        [(10, 11), (12, 13), (10, 11), (12, 13)],
        [([0, 1, 2, 3], 2)],
    ),
    "columns found in another order": (
        [(0, 1), (2, 3), (2, 3), (0, 1)],
        [(12, 13), (12, 13), (10, 11), (10, 11)],
        [([3, 0, 2, 1], 2)],
    ),
    "weights that lie down a column": ([(0, 3), (1, 4)], [(7, 9), (7, 9)], [([0, 1], 2)]),
    "one weight, two values": ([(5,), (5,)], [(1,), (2,)], [([0, 1], 1)]),
    "one weight each, one value": ([(5,), (7,)], [(1,), (1,)], [([0, 1], 2)]),
    "one sum": ([(4, 6, 8)], [(1, 2, 3)], [([0], 1)]),
    "an equal sum a second time": ([(0, 1), (0, 1)], [(5, 6), (5, 6)], [([0], 1)]),
    "two pairs by themselves": (
        [(0, 1), (2, 3), (10, 11), (12, 13)],
        [(20, 21), (20, 21), (30, 31), (30, 31)],
        [([0, 1], 2), ([2, 3], 2)],
    ),
    "a pair of columns by itself": (
        [(0, 1), (0, 1), (4, 5), (6, 7)],
        [(20, 21), (22, 23), (30, 31), (30, 31)],
        [([0, 1], 1), ([2, 3], 2)],
    ),
    "sums that have nothing in common": ([(0, 1), (2, 3)], [(20, 21), (30, 31)], []),
    "the same weight twice": ([(3, 3), (4, 4)], [(7, 8), (7, 8)], []),
    "the same value twice": ([(3, 4), (5, 6)], [(7, 7), (7, 7)], []),
    "weights at unequal distances": ([(0, 1), (2, 4)], [(7, 8), (7, 8)], []),
    "values at unequal distances": ([(0, 1, 2)], [(7, 8, 11)], []),
    "lists that are no rows": ([(0, 1), (1, 3)], [(7, 8), (7, 8)], []),
}


@pytest.mark.parametrize("name", MATRICES)
def test_which_sums_are_matrix_products(name):
    weights, values, expected = MATRICES[name]
    m, n = len(weights), len(weights[0])
    blocks, rest = product_sets(m, sum(weights, ()), sum(values, ()))
    assert [(block.members, block.product[0]) for block in blocks] == expected
    assert sorted([*rest, *(i for block in blocks for i in block.members)]) == list(range(m))
    for members, (height, terms, first, down, along, start, step, apart) in blocks:
        assert terms == n
        width = len(members) // height  # entry by entry, the product has the very weights and values of the sum
        for place, i in enumerate(members):
            h, c = divmod(place, width)
            assert [first + h * down + k * along for k in range(terms)] == list(weights[i])
            assert [start + k * step + c * apart for k in range(terms)] == list(values[i])


def several(count):
    """Two sums over `count` stretches of two terms each: as many matrices, which lie far from each other."""
    weights = [tuple(100 * k + 2 * i + j for k in range(count) for j in range(2)) for i in range(2)]
    values = [tuple(50 * k + j for k in range(count) for j in range(2)) for _ in range(2)]
    return 2, sum(weights, ()), sum(values, ())


@pytest.mark.parametrize("count", [2, 3, 4])
def test_one_sum_of_several_matrix_products(count):
    found = parts(*several(count))
    assert [part.terms for part in found] == [range(2 * k, 2 * k + 2) for k in range(count)]
    assert [[block.members for block in part.blocks] for part in found] == [[[0, 1]]] * count
    assert not any(part.rest for part in found)


def test_more_than_four_matrix_products_are_gathered():
    assert parts(*several(5)) == [Part(range(10), [], [0, 1])]


def test_sums_that_fall_apart_in_other_places_are_gathered():
    weights = [0, 1, 100, 102, 3, 50, 51, 53]
    values = [0, 1, 50, 51, 0, 30, 31, 32]
    assert parts(2, weights, values) == [Part(range(4), [], [0, 1])]


def test_matrix_products_of_sums_in_another_order_are_gathered():
    """One order of the sums must do for all the products."""
    weights, values = [0, 1, 102, 103, 2, 3, 100, 101], [0, 1, 50, 51] * 2
    assert parts(2, weights, values) == [Part(range(4), [], [0, 1])]


def test_matrix_products_of_some_of_the_sums_are_gathered():
    weights = [0, 1, 100, 101, 2, 3, 102, 103, 500, 501, 700, 701]
    values = [0, 1, 50, 51, 0, 1, 50, 51, 20, 21, 80, 81]
    assert parts(3, weights, values) == [Part(range(4), [], [0, 1, 2])]


@pytest.mark.parametrize(
    ("weights", "values", "bounds"),
    [
        ([4], [9], [0, 1]),
        ([0, 1, 2], [5, 6, 7], [0, 3]),
        ([0, 1, 2, 50, 51], [5, 6, 7, 8, 9], [0, 3, 5]),
        ([0, 1, 2, 3, 4], [5, 6, 7, 30, 31], [0, 3, 5]),
        ([0, 3, 4, 5], [0, 1, 2, 3], [0, 1, 4]),
        ([0, 1, 9], [0, 1, 2], [0, 2, 3]),  # as many one apart as eight: the nearer ones belong together
        ([0, 8, 9], [0, 1, 2], [0, 1, 3]),
        ([0, 1, 2], [0, 1, 9], [0, 2, 3]),
        ([0, 1, 2], [0, 8, 9], [0, 1, 3]),
    ],
)
def test_where_a_sum_falls_apart(weights, values, bounds):
    assert bounds_of(weights, values) == bounds


def test_one_sum_alone_is_not_taken_apart():
    assert parts(1, (0, 1, 100, 101), (0, 1, 50, 51)) == [Part(range(4), [], [0])]


# Depth: what can be computed at the same time is one instruction, and nothing is read before it is there.
DEPTHS = {
    "side by side": (lambda s: engine.total([engine.sin(x) for x in s]), 1),
    "one after another": (lambda s: engine.sin(engine.sin(engine.sin(s[0]))), 3),
    "one beside two": (lambda s: engine.sin(s[0]) + engine.sin(engine.sin(s[1])), 2),
    "of a parameter beside of an input": (lambda s: engine.sin(P[0]) + engine.sin(s[1]), 2),
    "deep on the left of a product": (lambda s: engine.sin(engine.sin(engine.sin(s[0])) * s[1]), 3),
    "deep on the right of a product": (lambda s: engine.sin(s[1] * engine.sin(engine.sin(s[0]))), 3),
    "deep in the first term": (lambda s: engine.sin(engine.sin(engine.sin(s[0])) + s[1]) + engine.sin(s[2]), 3),
    "deep in the last term": (lambda s: engine.sin(s[1] + engine.sin(engine.sin(s[0]))) + engine.sin(s[2]), 3),
    "deep under a weight": (lambda s: engine.sin(P[0] * engine.sin(s[0])) + engine.sin(s[1]), 2),
}


@pytest.mark.parametrize("name", DEPTHS)
def test_rows_of_equal_depth_are_one_instruction(name):
    f, instructions = DEPTHS[name]
    assert kinds(agree(f, P, SAMPLE)).count("apply") == instructions


def test_a_table_is_as_deep_as_its_deepest_entry():
    def f(s):
        return engine.sin(lookup([s[0], engine.sin(engine.sin(s[1])), engine.sin(P[0])], s[2])) + engine.sin(s[1])

    for index in range(3):
        plan = agree(f, P, [0.6, -0.9, index])
    assert kinds(plan).count("lookup among values") == 1


ACTIVE = {
    "an input": (lambda s: engine.sin(s[0] * 1.0) * s[1], [0]),
    "a parameter alone": (lambda s: engine.sin(P[0]) * s[0], [1]),
    "a parameter's product": (lambda s: engine.sin(P[0] * s[0]) * s[1], [1]),
    "a product of parameters": (lambda s: engine.sin(P[0] * P[1] + s[0]) * s[1], [1]),
    "below a product of rows": (lambda s: engine.sin(engine.sin(P[0]) * s[1]), [1, 1]),
    "a parameter that is looked up": (lambda s: engine.sin(lookup(P, s[2])) * s[1], [1]),
    "a row of inputs that is looked up": (lambda s: engine.sin(lookup([s[0], s[1]], s[2])) * s[1], [0]),
    "one of a parameter among them": (lambda s: engine.sin(lookup([s[0], P[0] * s[1]], s[2])) * s[1], [1]),
}


@pytest.mark.parametrize("name", ACTIVE)
def test_a_gradient_is_passed_to_what_depends_on_a_parameter(name):
    f, active = ACTIVE[name]
    plan = agree(f, P, [0.6, -0.9, 1])
    assert [i.fields.active for i in plan if i.kind == "apply"] == active


VARIES = {
    "an input": (lambda s: engine.sin(s[0]) * P[0], [0]),
    "a parameter": (lambda s: engine.sin(P[0]) * s[0], [1]),
    "both in a product": (lambda s: engine.sin(P[0] * s[0]), [0]),
    "a parameter that is looked up by an input": (lambda s: engine.sin(lookup(P, s[2])) * s[1], [0]),
    "two parameters": (lambda s: engine.sin(P[0] * P[1] + P[2]) * s[0], [1]),
}


@pytest.mark.parametrize("name", VARIES)
def test_rows_that_are_equal_for_all_samples(name):
    f, uniform = VARIES[name]
    plan = agree(f, P, [0.6, -0.9, 1])
    assert [i.fields.uniform for i in plan if i.kind == "apply"] == uniform


ORDERS = {
    "of one input": (lambda s: engine.total([engine.sin(s[i]) for i in (2, 0, 1)]), [(0,), (1,), (2,)]),
    "two of them": (lambda s: engine.sin(s[1]) * engine.sin(s[0]), [(0,), (1,)]),
    "of two inputs": (
        lambda s: engine.total([engine.maximum(s[i], s[j]) for i, j in ((1, 0), (0, 2), (0, 1))]),
        [(0, 1), (0, 2), (1, 0)],
    ),
    "sums": (lambda s: engine.total([tanh(2.0 * s[i] + 1.0) for i in (2, 0, 1)]), [(0,), (1,), (2,)]),
    "two sums": (lambda s: tanh(2.0 * s[1] + 1.0) * tanh(2.0 * s[0] + 1.0), [(0,), (1,)]),
    "sums of products": (
        lambda s: engine.total([tanh(s[i] * s[j] + 1.0) for i, j in ((2, 2), (0, 1), (0, 0))]),
        [(0, 0), (0, 1), (2, 2)],
    ),
    "what is looked up": (
        lambda s: engine.total([*lookup(ROWS, s[1]), *lookup(ROWS, s[0]), *lookup(ROWS, s[1])]),
        [(0, 0), (0, 1), (1, 0), (1, 0), (1, 1), (1, 1)],
    ),
}
ROWS = [P[:2], P[2:]]


@pytest.mark.parametrize("name", ORDERS)
def test_rows_are_in_the_order_of_what_they_read(name):
    """So that they lie one after another, as far as they can."""
    f, expected = ORDERS[name]
    plan = agree(f, P, [0, 1, 0] if "looked up" in name else SAMPLE)
    found = []
    for rows, fields, _ in plan:
        m = len(rows)
        match fields:
            case Apply(inputs=n, read=start):
                found.append([tuple(plan.table[start + k * m + i] for k in range(n)) for i in range(m)])
            case Combine(terms=1, read=start):
                found.append([(x,) for x in plan.table[start : start + m]])
            case Products(terms=1, left=left, right=right):
                found.append([(plan.table[left + i], plan.table[right + i]) for i in range(m)])
            case Lookup(read=start):
                found.append([tuple(plan.table[start + 2 * i : start + 2 * i + 2]) for i in range(m)])
    assert expected in found


def test_terms_are_in_order_whatever_order_they_were_written_in():
    """Else these two neurons would be no matrix product."""
    plan = agree(lambda s: tanh(P[0] * s[0] + P[1] * s[1]) * tanh(P[3] * s[1] + P[2] * s[0]), P, SAMPLE)
    assert kinds(plan).count("matmul") == 1
    assert "weights" not in kinds(plan)


def test_of_so_many_instructions_it_is_told_where_they_came_from(monkeypatch):
    monkeypatch.setattr(planner, "MOST_TOLD", 2)
    origins = planned(lambda s: engine.sin(engine.cos(tanh(s[0]))), P, SAMPLE)[0].origins
    assert list(map(bool, origins)) == [True, True, False]


def test_a_division_by_zero_stays_one():
    """The machine then gives what is not finite, and the eager run that follows the error."""
    plan, *_ = planned(lambda s: s[0] / 0.0 + P[0], P, SAMPLE)
    (apply,) = [i for i in plan if i.kind == "apply"]
    assert plan.rules[apply.fields.rule].name == "div"
