"""`Tape`: the table of a graph, and replays on new numbers, which must be what building the graph anew gives."""

import math
import xml.etree.ElementTree as ElementTree

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from engine import RULES, Row, Tape, Value, logsumexp, relu, rule, topological_order, weighted_sum
from tests.engine.helpers import bits, examples, raised
from tests.engine.programs import Program, programs

inf, nan = math.inf, math.nan


def neuron() -> tuple[Value, Value, Value, Value]:
    w, x, b = Value(0.5, "w"), Value(3.0, "x"), Value(-1.0, "b")
    return w, x, b, (w * x + b).tanh()


def results(tape: Tape) -> tuple[object, ...]:
    return bits(*tape.values), bits(*tape.adjoints)


@pytest.mark.slow
@examples(150)
@given(programs(longest=20), st.data())
def test_a_replay_is_the_graph_built_anew_bit_for_bit(program, data):
    new = tuple(data.draw(st.floats(-3, 3)) for _ in program.leaves)
    leaves, y = program.on_values()
    used = set(topological_order(y))
    replay = raised(lambda: Tape(y).replay({x: number for x, number in zip(leaves, new, strict=True) if x in used}))
    again = raised(lambda: Tape(Program(new, program.steps).on_values()[1]))
    assume(isinstance(again, Tape))
    assert results(replay) == results(again)


@pytest.mark.slow
@examples(100)
@given(programs(longest=20))
def test_a_replay_on_the_same_numbers_changes_nothing(program):
    _, y = program.on_values()
    assume(math.isfinite(y.data))
    tape = Tape(y)
    for same in ({}, {leaf: leaf.data for leaf in tape.leaves}):
        assert results(tape.replay(same)) == results(tape)


@pytest.mark.slow
@examples(100)
@given(programs(longest=20))
def test_adjoints_are_the_gradients(program):
    _, y = program.on_values()
    assume(math.isfinite(y.data))
    y.backward()
    tape = Tape(y)
    order = sorted(topological_order(y), key=lambda node: node.rule is not None)
    assert sorted(bits(*tape.values)) == sorted(bits(*[node.data for node in order]))
    for leaf, adjoint in zip(tape.leaves, tape.adjoints, strict=False):
        assert adjoint == pytest.approx(leaf.grad, rel=1e-9, abs=1e-9 * (1 + max(map(abs, tape.adjoints))))


def test_an_input_is_called_by_name_by_node_or_by_label():
    w, x, _, y = neuron()
    tape = Tape(y)
    expected = math.tanh(0.5 * 7.0 - 1.0)
    assert [row.label for row in tape.rows[:3]] == ["v-2", "v-1", "v0"]
    for key in ("x", x, "v-1"):
        assert tape.replay({key: 7}).value == expected
    assert tape.replay({w: 2, "x": 7, "v0": 1}).value == math.tanh(15.0)


def test_a_name_moves_all_inputs_that_have_it():
    tape = Tape(Value(2.0, "x") * Value(3.0, "x"))
    assert tape.replay({"x": 5.0}).value == 25.0


def test_a_replay_leaves_the_tape_and_the_graph_alone():
    w, x, b, y = neuron()
    tape = Tape(y)
    before = str(tape)
    assert str(tape.replay({x: 7.0})) != before
    assert str(tape) == before
    assert (x.data, [node.grad for node in (w, x, b, y)]) == (3.0, [None] * 4)


def test_a_replay_of_a_replay():
    *_, y = neuron()
    assert Tape(y).replay({"x": 7.0}).replay({"w": 2.0}).value == math.tanh(13.0)


def test_a_replay_takes_the_other_side_of_a_kink():
    x = Value(2.0, "x")
    tape = Tape(relu(x) * 3 + abs(x))
    assert (tape.value, tape.adjoints[0]) == (8.0, 4.0)
    assert [(t.value, t.adjoints[0]) for t in [tape.replay({x: -2.0})]] == [(2.0, -1.0)]


def test_rows():
    w, x, b, y = neuron()
    rows = Tape(y).rows
    assert rows[3] == Row("v1", None, RULES["mul"], (0, 1), 1.5, rows[3].adjoint)
    assert rows[0] == Row("v-2", "w", None, (), 0.5, rows[0].adjoint)
    assert [row.label for row in rows] == ["v-2", "v-1", "v0", "v1", "v2", "v3"]
    y.backward()
    assert [row.adjoint for row in rows[:3]] == pytest.approx([w.grad, x.grad, b.grad], rel=1e-15)
    assert len(Tape(y)) == len(rows) == 6


def test_constants_stay_in_their_rows():
    x = Value(3.0, "x")
    tape = Tape(2 - x**2)
    assert len(tape) == 3
    assert [row.inputs for row in tape.rows] == [(), (0, 2.0), (2.0, 1)]
    assert [tape.operation(i) for i in range(3)] == ["x", "v0 ** 2", "2 - v1"]


def test_a_tape_of_a_leaf():
    tape = Tape(Value(3.0))
    assert (tape.value, tape.adjoints, tape.label(0), tape.operation(0)) == (3.0, [1.0], "v0", "x1")
    assert tape.replay({"v0": 5.0}).value == 5.0


@pytest.mark.parametrize(
    ("make", "operation"),
    [
        (lambda x: x.log(), "ln v0"),
        (lambda x: x.sin(), "sin v0"),
        (lambda x: -x, "-v0"),
        (lambda x: abs(x), "|v0|"),
        (lambda x: x * x, "v0 * v0"),
        (lambda x: x - 1, "v0 - 1"),
        (lambda x: x.leaky_relu(0.1), "leaky_relu(v0, 0.1)"),
        (lambda x: (x**2).sqrt().exp(), "v0 ** 2"),
        (lambda x: weighted_sum([x, 3.0], [2.0, x], 1.0), "v0 * 2 + 3 * v0 + 1"),
        (lambda x: logsumexp([x, x]), "ln(exp(v0) + exp(v0))"),
    ],
)
def test_an_operation_in_words(make, operation):
    assert Tape(make(Value(2.0))).operation(1) == operation


def test_rows_are_in_the_order_of_depth():
    x = Value(0.5)
    y = ((x.sin() * x).cos() + x.exp()) * x.tanh()
    tape = Tape(y)
    depths: list[int] = []
    for row in tape.rows:
        depths.append(1 + max([depths[i] for i in row.inputs if isinstance(i, int)], default=-1))
    assert depths == sorted(depths)


def test_the_table_has_a_line_for_every_row():
    *_, y = neuron()
    y.name = "a"
    tape = Tape(y)
    title, rule_off, *lines = str(tape).splitlines()
    assert title.split() == ["row", "operation", "value", "↓", "adjoint", "↑"]
    assert set(rule_off) == {"-", " "}
    assert len(lines) == len(tape)
    for i, line in enumerate(lines):
        assert tape.label(i) in line
        assert tape.operation(i) in line
        assert f"{tape.values[i]:.10g}" in line
    assert lines[-1].startswith("v3 (a)")


def test_the_repr_of_a_long_tape_is_short():
    y = sum([Value(1.0) for _ in range(200)])
    assert "399 rows" in repr(Tape(y))
    assert len(repr(Tape(y))) < 100


HOSTILE = ["<script>alert(1)</script>", "a&b", '"quoted"', "</td></table>", "{0}", "%s"]


@pytest.mark.parametrize("name", HOSTILE)
def test_html_is_escaped(name):
    x = Value(2.0, name)
    y = x * 3
    y.name = name
    tape = Tape(y)
    table = ElementTree.fromstring(tape._repr_html_())
    cells = [[cell.text for cell in row] for row in table.find("tbody")]
    assert cells[0][:2] == ["v0", name]
    assert cells[1][:3] == [f"v1 ({name})", "v0 * 3", "6"]
    assert {element.tag for element in table.iter()} == {"table", "thead", "tbody", "tr", "th", "td"}
    assert tape.replay({name: 5.0}).value == 15.0


@pytest.mark.parametrize("y", [3.0, None, "y", [Value(1.0)]])
def test_only_values_have_tapes(y):
    with pytest.raises(TypeError, match="Tape takes a Value, got"):
        Tape(y)


@pytest.mark.parametrize("key", ["z", "v1", "v-9", Value(1.0), 0, None])
def test_what_is_no_input_is_refused_and_the_inputs_are_named(key):
    *_, y = neuron()
    with pytest.raises(KeyError, match=r"no input .*; its inputs are w, x, b"):
        Tape(y).replay({key: 1.0})


@pytest.mark.parametrize("number", ["1", None, 1j, [1.0], Value(1.0)])
def test_an_input_takes_a_real_number(number):
    *_, y = neuron()
    with pytest.raises(TypeError, match="real number"):
        Tape(y).replay({"x": number})


@pytest.mark.parametrize(
    ("make", "number", "error", "words"),
    [
        (lambda x: x.log() + 1, -1.0, ValueError, r"ln\(-1\.0\) is not defined.*row v1"),
        (lambda x: 1 / (x + 1), -1.0, ZeroDivisionError, r"1\.0 / 0\.0 is not defined.*row v2"),
        (lambda x: x.exp(), 1000.0, OverflowError, r"exp\(1000\.0\) is too large.*row v1"),
    ],
)
def test_an_error_names_the_row(make, number, error, words):
    tape = Tape(make(Value(2.0, "x")))
    with pytest.raises(error, match=words):
        tape.replay({"x": number})
    assert tape.replay({"x": 2.0}).value == tape.value


def test_infinite_slopes_and_nan_go_through_a_replay():
    x = Value(4.0, "x")
    tape = Tape(x.sqrt())
    assert tape.replay({x: 0.0}).adjoints == [inf, 1.0]
    assert math.isnan(tape.replay({x: nan}).value)


def test_rules_of_ones_own_replay():
    cube = rule("cube", "{0}^3", lambda x: x * x * x, lambda x, z: 3.0 * x * x)
    tape = Tape(cube(Value(2.0, "x")))
    again = tape.replay({"x": 3.0})
    assert (again.value, again.adjoints[0], again.operation(1)) == (27.0, 27.0, "cube v0")


def test_the_rows_that_change_with_a_row():
    x, w = Value(2.0, "x"), Value(3.0, "w")
    tape = Tape((x * 1.0 + w.sin()) * w)  # the constant is no row 1
    assert [tape.dependents(row) for row in range(6)] == [[2, 4, 5], [3, 4, 5], [4, 5], [4, 5], [5], []]


def test_an_input_takes_nothing_and_is_what_it_is():
    tape = Tape(Value(2.0) * 3.0)
    assert (tape.arguments(0, [5.0, 0.0]), tape.compute(0, [5.0, 0.0])) == ((), 5.0)
    assert (tape.arguments(1, [5.0, 0.0]), tape.compute(1, [5.0, 0.0])) == ((5.0, 3.0), 15.0)


@pytest.mark.parametrize(("rows", "whole"), [(3, True), (100, True), (101, False), (102, False)])
def test_a_tape_of_a_hundred_rows_is_shown_whole(rows, whole):
    y = Value(1.0)
    for _ in range(rows - 1):
        y = y + 1.0
    assert (repr(Tape(y)) == str(Tape(y))) is whole
