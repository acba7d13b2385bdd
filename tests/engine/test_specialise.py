"""Methods written from the table: the same bits, and no second formula."""

import math
import random
from fractions import Fraction
from functools import partial
from operator import attrgetter
from typing import Any

import pytest

from engine import Rule, Value, no_grad
from engine.formulas.specialise import method_source
from tests.engine.helpers import bits, raised
from tests.engine.points import BUILT_IN

OPERATORS = {"add": "add", "sub": "sub", "mul": "mul", "truediv": "div", "pow": "pow"}
SPECIALISED = {
    **{name: row for name, row in BUILT_IN.items() if len(row.parameters) == 1 and not row.lists},
    **{f"__{name}__": BUILT_IN[row] for name, row in OPERATORS.items()},
    "__neg__": BUILT_IN["neg"],
    "__abs__": BUILT_IN["abs"],
}
EDGES = [0.0, -0.0, 1.0, -1.0, 5e-324, -1e-310, 1e-8, 0.5, math.pi / 2, 36.7, -745.2, 709.8, 710.5, 1e16, 1e200, -1e308]
EDGES += [math.inf, -math.inf, math.nan]


def recorded(node: Value) -> tuple[Any, ...]:
    return (
        node.rule,
        node.inputs,
        bits(node.data),
        bits(*[math.nan if slope is None else slope for slope in node.slopes]),
    )


@pytest.mark.parametrize("name", SPECIALISED)
def test_a_specialised_method_gives_the_bits_that_the_table_gives(name):
    row = SPECIALISED[name]
    draw = random.Random(name)
    numbers = EDGES + [draw.gauss(0, 1) for _ in range(50)] + [draw.uniform(-1, 1) for _ in range(50)]
    for number in numbers:
        others = [()] if len(row.parameters) == 1 else [(Value(0.3),), (Value(draw.gauss(0, 10)),), (2.5,), (math.nan,)]
        for other in others:
            x = Value(number, "x")
            method = getattr(Value, name)
            written, table = partial(method, x, *other), partial(Value.apply, row, (x, *other))
            assert raised(lambda: recorded(written())) == raised(lambda: recorded(table()))  # noqa: B023


@pytest.mark.parametrize("row", [row for row in BUILT_IN.values() if row.written], ids=attrgetter("name"))
def test_a_rule_that_is_called_gives_the_bits_that_the_table_gives(row):
    draw = random.Random(row.name)
    for number in EDGES + [draw.gauss(0, 10) for _ in range(50)]:
        lists = [[Value(number), Value(draw.gauss(0, 1)), draw.gauss(0, 1)] for _ in range(row.lists)]
        args = (*lists, *[Value(number) for _ in row.parameters[row.lists :]])
        written, table = partial(row, *args), partial(Value.apply, row, args)
        assert raised(lambda: recorded(written())) == raised(lambda: recorded(table()))  # noqa: B023


@pytest.mark.parametrize("row", [row for row in BUILT_IN.values() if row.written], ids=attrgetter("name"))
def test_without_a_graph_it_gives_a_leaf_with_the_same_bits(row):
    for number in [1.5, -0.0, math.inf]:
        lists = [[Value(number), 0.25, Value(-1.0)]] * row.lists
        args = (*lists, *[Value(number) for _ in row.parameters[row.lists :]])
        with no_grad():
            leaf = raised(lambda: row(*args))  # noqa: B023
        node = raised(lambda: row(*args))  # noqa: B023
        if isinstance(node, Value):
            assert (bits(leaf.data), leaf.inputs, leaf.slopes, leaf.rule) == (bits(node.data), (), (), None)
            assert leaf.frozen
        else:
            assert leaf == node


class Own(Value):
    """A kind of number that says what an operation is."""

    @classmethod
    def apply(cls, rule: Rule, args: tuple[Any, ...]) -> Any:
        return f"{rule.name} of our own"


@pytest.mark.parametrize(
    ("name", "args"),
    [
        ("relu", (Own(2.0),)),
        ("weighted_sum", ([Value(1.0), Own(2.0)], [3.0, 4.0], 0.0)),
        ("weighted_sum", ([1.0], [2.0], Own(0.0))),
        ("logsumexp", ([1.0, Own(2.0)],)),
    ],
)
def test_what_is_written_out_leaves_other_kinds_of_number_to_themselves(name, args):
    assert BUILT_IN[name](*args) == f"{name} of our own"


@pytest.mark.parametrize("name", OPERATORS)
def test_a_specialised_operator_on_a_constant_and_a_value_gives_the_bits_that_the_table_gives(name):
    """2.0 * x: the constant is the first input; a constant of 0 and one of another kind of number too."""
    row, method, draw = BUILT_IN[OPERATORS[name]], getattr(Value, f"__r{name}__"), random.Random(name)
    for number in EDGES + [draw.gauss(0, 10) for _ in range(50)]:
        for constant in [*EDGES, draw.gauss(0, 10), 3, -2, 0, True, 10**400, Fraction(1, 3)]:
            x = Value(number, "x")
            if name == "add" and constant.__class__ in (int, float) and constant == 0:
                assert method(x, constant) is x
            else:
                written, table = partial(method, x, constant), partial(Value.apply, row, (constant, x))
                assert raised(lambda: recorded(written())) == raised(lambda: recorded(table()))  # noqa: B023


@pytest.mark.parametrize("name", [f"__{side}{name}__" for name in OPERATORS for side in ("", "r")])
@pytest.mark.parametrize("other", [None, "3", 1j], ids=str)
def test_a_specialised_operator_leaves_strangers_to_python(name, other):
    assert getattr(Value, name)(Value(2.0), other) is NotImplemented


@pytest.mark.parametrize("name", SPECIALISED)
def test_a_specialised_method_is_written_from_the_table(name):
    """Its slope is the text of the lambda: no second formula is kept anywhere."""
    row = SPECIALISED[name]
    source = method_source(row, name)
    assert row.name in source
    assert len(source.splitlines()) < 20
    if row.name not in name:
        return
    changed = Rule(row.name, row.latex, row.forward, (lambda x, z: 17.25 * z,) * len(row.slopes), text=row.text)
    if len(row.parameters) == 1:
        assert "17.25 * z" in method_source(changed, name)


@pytest.mark.parametrize("seed", range(30))
def test_a_weighted_sum_gives_the_bits_of_the_rows_own_lambdas(seed):
    """The forward function and the slopes of the row, called as they stand in the table; constants among weights and
    inputs."""
    draw, row = random.Random(seed), BUILT_IN["weighted_sum"]
    count = draw.randrange(6)

    def numbers() -> list[Any]:
        return [draw.choice([Value, float])(draw.choice([draw.gauss(0, 1), *EDGES])) for _ in range(count)]

    ws, xs, b = numbers(), numbers(), Value(draw.gauss(0, 1))
    plain = [[float(x) for x in ws], [float(x) for x in xs], float(b)]
    node = row(ws, xs, b)
    assert bits(node.data) == bits(row.forward(*plain))
    assert node.inputs == (*ws, *xs, b)
    for x, slope, expected in zip(node.inputs, node.slopes, row.flatten(row.slopes[0](*plain, node.data)), strict=True):
        assert slope is None if isinstance(x, float) else bits(slope) == bits(expected)


def test_a_weighted_sum_is_written_from_the_table():
    row = BUILT_IN["weighted_sum"]
    changed = Rule(row.name, row.latex, row.forward, (lambda ws, xs, b, z: (ws, xs, 17.25 * z),), lists=2)
    assert "in_ws, in_xs, in_b = ws, xs, 17.25 * z" in method_source(changed, "weighted_sum")
