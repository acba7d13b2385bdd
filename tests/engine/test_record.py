"""Recording: what it writes, what it refuses, and looking up by a number of the sample."""

import math
from fractions import Fraction

import numpy as np
import pytest

import engine
from engine import RecordingError, Value, lookup
from engine.compiler.recording import LEAF, Recorded, Recording
from engine.compiler.samples import shape_of, take_apart
from engine.compiler.watched import watching


def recorded(f, inputs=2, parameters=()):
    recording = Recording(parameters)
    return recording, f(*[recording.input() for _ in range(inputs)])


def test_every_operation_is_a_row_in_the_order_of_the_function():
    w = Value(2.0, "w")
    recording, y = recorded(lambda x, t: engine.tanh(w * x) - t, parameters=[w])
    assert [recording.operation(row) for row in range(len(recording))] == [
        "an input", "an input", "a parameter", "w * x1", "tanh(v4)", "v5 - x2",
    ]  # fmt: skip
    assert (y.row, recording.inputs, recording.leaves) == (5, 2, [w])


P = [Value(float(i), f"p{i}") for i in range(5)]
OTHERS = [Value(-1.0, "q"), Value(-2.0, "r")]
LISTS = {
    "a run": [P[1:4]],
    "all, and a part of them": [P, P[2:4]],
    "a part, and all": [P[2:4], P],
    "backwards": [P[::-1]],
    "one twice": [[P[2], P[2]]],
    "some twice, known ones among them": [[P[0], P[3]], [P[3], P[1], P[3], P[1]]],
    "others": [OTHERS],
    "others twice, among parameters": [[OTHERS[1], P[0], OTHERS[0], OTHERS[1]], OTHERS],
    "a run that goes on with others": [[*P[3:], *OTHERS]],
    "constants among them": [[P[1], 2.0, P[0]]],
    "what was made of them among them": [[P[1], P[0] * P[2], P[0]]],
    "the same list twice": [P[:3], P[:3]],
    "none": [[], P[:2]],
}


@pytest.mark.parametrize("name", LISTS)
def test_a_list_is_recorded_as_its_numbers_one_after_another(name):
    at_once, one_by_one = Recording(P), Recording(P)
    for numbers in LISTS[name]:
        x, y = at_once.input(), one_by_one.input()
        row = at_once.apply(engine.RULES["weighted_sum"], (numbers, numbers, x))
        places = [one_by_one.operand(number) for number in numbers]
        assert at_once.taken(row.row).tolist() == [*places, *places, y.row]
        one_by_one.apply(engine.RULES["weighted_sum"], (numbers, numbers, y))
    assert str(at_once) == str(one_by_one)
    assert at_once.leaves == one_by_one.leaves
    read = [at_once.operands[at_once.starts[row]] for row, code in enumerate(at_once.codes) if code == LEAF]
    assert len(set(read)) == len(read)


def test_the_first_row_may_be_a_leaf():
    recording, total = Recording(P), engine.RULES["total"]
    rows = [recording.apply(total, (P[:n],)).row for n in (2, 3)]
    assert [recording.taken(row).tolist() for row in rows] == [[0, 1], [0, 1, 3]]


def test_names_and_groups_are_kept():
    def f(x, t):
        with engine.group("neuron"):
            z = x * t
            z.name = "z"
        return z

    recording, z = recorded(f)
    assert recording.called(z.row) == z.name == "z"
    assert recording.groups[z.row].path == ("neuron",)


def test_what_is_made_of_parameters_alone_is_recorded_too_and_only_once():
    a, b = Value(2.0, "a"), Value(3.0, "b")
    shared = engine.exp(a * b)
    shared.name = "s"
    recording, _ = recorded(lambda x, t: shared * x + shared * t, parameters=[a, b])
    assert recording.called(5) == "s"
    assert [recording.operation(row) for row in range(2, 6)] == ["a parameter", "a parameter", "a * b", "exp(v5)"]
    assert sum(recording.operation(row) == "exp(v5)" for row in range(len(recording))) == 1


def test_what_is_made_of_what_is_recorded_already_adds_its_own_rows_alone():
    a, b = Value(2.0, "a"), Value(3.0, "b")
    product = a * b
    recording, _ = recorded(lambda x, t: product * x + engine.exp(product) * t, parameters=[a, b])
    assert [recording.operation(row) for row in range(2, len(recording))] == [
        "a parameter", "a parameter", "a * b", "v5 * x1", "exp(v5)", "v7 * x2", "v6 + v8",
    ]  # fmt: skip


def test_a_deep_graph_of_parameters_is_recorded():
    w = y = Value(0.5, "w")
    for _ in range(5_000):
        y = y + w
    recording, _ = recorded(lambda x: y * x, 1, [w])
    assert len(recording) == 5_003


def test_what_was_made_before_keeps_its_group():
    w = Value(0.5, "w")
    with engine.group("before"):
        y = w.tanh()

    def f(x):
        with engine.group("now"):
            return y * x

    recording, _ = recorded(f, 1, [w])
    assert [group and group.name for group in recording.groups] == [None, None, "before", "now"]


W, V = Value(2.0, "w"), Value(3.0, "v")
CHANGES = {
    "nothing": (lambda x: W * x + 2.0, lambda x: W * x + 2.0, ""),
    "a number": (lambda x: x * 2.0, lambda x: x * 3.0, "the number 2.0 in it is 3.0 now"),
    "a later number": (lambda x: x * 2.0 + 3.0, lambda x: x * 2.0 + 4.0, "the number 3.0 in it is 4.0 now"),
    "a number after nan": (
        lambda x: x * math.nan + 3.0,
        lambda x: x * math.nan + 4.0,
        "the number 3.0 in it is 4.0 now",
    ),
    "the sign of 0": (lambda x: x * 0.0, lambda x: x * -0.0, "the number 0.0 in it is -0.0 now"),
    "one more number": (lambda x: x * 2.0, lambda x: x * 2.0 + 1.0, "it has 3 operations now, 2 before, or others"),
    "another operation": (engine.sin, engine.cos, "it has 2 operations now, 2 before, or others"),
    "another Value": (lambda x: W * x, lambda x: V * x, f"it uses another Value now, {V!r} instead of {W!r}"),
    "another Value of the same number": (lambda x: W * x, lambda x: Value(2.0) * x, ""),
}


@pytest.mark.parametrize("name", CHANGES)
def test_what_has_changed_since_a_function_was_recorded(name):
    before, now, words = CHANGES[name]
    change = recorded(before, 1)[0].change(recorded(now, 1)[0])
    assert change.startswith(words)
    assert bool(change) is bool(words)


def test_a_value_is_watched_by_the_innermost_recording():
    w, outer, inner = Value(2.0, "w"), Recording(), Recording()
    with watching(outer, [w]):
        with watching(inner, [w]):
            assert (w * 2.0).recording is inner
        assert (w * 2.0).recording is outer
    assert type(w) is Value
    assert (w * 2.0).data == 4.0


def test_a_constant_that_occurs_twice_is_written_once():
    recording, _ = recorded(lambda x, t: (x * 2.0 + 3.0) / (t * 2 + 3.0))
    assert recording.constants.tolist() == [2.0, 3.0]
    assert recording.operation(len(recording) - 1) == "v4 / v6"


def test_other_leaves_join_the_parameters():
    a, other = Value(2.0), Value(3.0)
    recording, _ = recorded(lambda x, t: a * x + other * t, parameters=[a])
    assert recording.leaves == [a, other]


ASKS = {
    "less": lambda x, w: x < 1,
    "greater, from a Value": lambda x, w: w > x,
    "equal": lambda x, w: x == 1,
    "among": lambda x, w: x in (1, 2),
    "bool": lambda x, w: 1 if x else 2,
    "float": lambda x, w: float(x),
    "int": lambda x, w: int(x),
    "math": lambda x, w: math.exp(x),
    "round": lambda x, w: round(x),
    "remainder": lambda x, w: x % 2,
    "remainder of a number": lambda x, w: 7 % x,
    "whole quotient": lambda x, w: x // 2.0,
    "both": lambda x, w: divmod(x, 2),
    "index": lambda x, w: [1, 2][x],
    "range": lambda x, w: range(x),
    "key": lambda x, w: {1: 2}[x],
    "max": lambda x, w: max(x, 1.0),
    "data": lambda x, w: x.data,
    "data of what depends on it": lambda x, w: (w * x).data,
    "grad": lambda x, w: x.grad,
    "inputs": lambda x, w: x.inputs,
    "lookup by what is computed": lambda x, w: lookup([w, w], x + 1.0),
    "lookup in nothing": lambda x, w: lookup([], x),
    "lookup in ragged rows": lambda x, w: lookup([[w], [w, w]], x),
}


@pytest.mark.parametrize("ask", ASKS.values(), ids=ASKS)
def test_a_number_that_is_not_known_is_refused(ask):
    w = Value(1.0)
    with pytest.raises(RecordingError):
        recorded(lambda x: ask(x, w), 1, [w])


@pytest.mark.parametrize("ask", ["less", "bool", "equal", "max"])
def test_the_refusal_says_what_to_use(ask):
    with pytest.raises(RecordingError, match="where"):
        recorded(lambda x: ASKS[ask](x, Value(1.0)), 1)


def test_no_grad_is_refused():
    def f(x):
        with engine.no_grad():
            return x * 2.0

    with pytest.raises(RecordingError, match="no_grad"):
        recorded(f, 1)


@pytest.mark.parametrize("f", [lambda x, y: x + y, lambda x, y: engine.total([x, y])])
def test_numbers_of_two_recordings_do_not_mix(f):
    _, stranger = recorded(lambda x: x, 1)
    with pytest.raises(RecordingError, match="another recording"):
        recorded(lambda x: f(x, stranger), 1)


def test_sum_starts_at_0_without_a_row():
    recording, _ = recorded(lambda x, t: sum([x, t]))
    assert len(recording) == 3


def test_lookup_of_plain_numbers():
    rows = [[1.0, 2.0], [3.0, 4.0]]
    assert lookup(rows, 1) is rows[1]
    assert lookup([5, 6, 7], 2.0) == 7
    assert lookup([5, 6, 7], np.int64(0)) == 5


@pytest.mark.parametrize("index", [-1, 3, 10**9])
def test_lookup_outside_names_the_range(index):
    with pytest.raises(IndexError, match=r"3 items.*none of 0 to 2"):
        lookup([1, 2, 3], index)


@pytest.mark.parametrize("index", [0.5, "1", None, Value(1.0)])
def test_lookup_takes_whole_numbers(index):
    with pytest.raises(TypeError, match="whole number"):
        lookup([1, 2, 3], index)


def test_lookup_while_recording_gives_a_row_for_each_column():
    table = [[Value(1.0), Value(2.0)], [Value(3.0), Value(4.0)]]
    recording, picked = recorded(lambda i: lookup(table, i), 1)
    assert [type(x) for x in picked] == [Recorded, Recorded]
    assert recording.lookups == {0: 2}
    assert [recording.operation(x.row) for x in picked] == ["column 1 of 2 rows, at x1", "column 2 of 2 rows, at x1"]


def test_a_table_of_one_item():
    w = Value(1.0, "w")
    recording, (one, (row,)) = recorded(lambda i: (lookup([w], i), lookup([[w]], i)), 1)
    assert recording.lookups == {0: 1}
    assert [recording.operation(x.row) for x in (one, row)] == ["column 1 of 1 rows, at x1"] * 2


def test_an_index_of_two_tables_is_one_of_the_shorter():
    for lengths in ((3, 2), (2, 3)):
        tables = [[1.0] * length for length in lengths]
        recording, _ = recorded(lambda i, tables=tables: [lookup(table, i) for table in tables], 1)
        assert recording.lookups == {0: 2}


def test_one_table_looked_up_in_twice_is_one_table():
    table = [Value(1.0), Value(2.0)]
    recording, _ = recorded(lambda i, j: lookup(table, i) + lookup(table, j))
    assert len(recording.tables) == 1


def test_a_sample_is_taken_apart_in_order():
    sample = {
        "x": [1, 2.5, (Fraction(1, 2),)],
        "name": "a",
        "flag": True,
        "y": np.arange(2.0),
        "z": [3.0, Fraction(1, 4)],
        "w": (),
    }
    numbers, again = [], []
    parts = take_apart(sample, lambda x: numbers.append(x) or len(numbers))
    assert parts == {"x": [1, 2, (3,)], "name": "a", "flag": True, "y": [4, 5], "z": [6, 7], "w": ()}
    shape_of(sample, again)
    assert numbers == again == [1, 2.5, 0.5, 0.0, 1.0, 3.0, 0.25]


SAMPLES = {
    "one number": [1.0, 2, Fraction(1, 2), np.float64(3.0), np.array(4.0)],
    "two": [[1.0, 2.0], (1, 2), np.arange(2.0), np.arange(2), [1.0, Fraction(1, 2)], [np.float64(1.0), 2.0]],
    "two rows": [[[1.0, 2.0], [3.0, 4.0]], np.ones((2, 2)), [np.ones(2), (1, 2.0)]],
    "nothing first": [[None, 1.0]],
    "nothing last": [[1.0, None]],
    "a flag": [[1.0, True]],
    "a flag that is not set": [[1.0, False]],
    "a word": [[1.0, "True"]],
    "named": [{"a": 1.0}, {"a": np.float64(2.0)}],
    "a name and a number": [[["a", 1.0]]],
    "none at all": [[], ()],
    "an empty row": [[[]]],
}


def test_samples_of_one_shape_have_one_key_and_others_another():
    keys = {name: {shape_of(sample, []) for sample in samples} for name, samples in SAMPLES.items()}
    assert all(len(found) == 1 for found in keys.values())
    assert len(set.union(*keys.values())) == len(SAMPLES)


def test_where_a_sample_has_none_makes_another_recording():
    w = Value(2.0)
    f = engine.compile(lambda s: w * (s[1] if s[0] is None else -s[0]), [w], backend="numpy")
    assert f.run([[None, 3.0], [3.0, None]]).losses.tolist() == [6.0, -6.0]


@pytest.mark.parametrize("wrong", [Value(1.0), object(), {1, 2}, 1j])
def test_what_is_no_sample_is_refused(wrong):
    for sample in (wrong, [1.0, wrong], {"x": (wrong,)}):
        with pytest.raises(TypeError, match="a sample made of numbers"):
            take_apart(sample, lambda x: x)
        with pytest.raises(TypeError, match="a sample made of numbers"):
            shape_of(sample, [])


@pytest.mark.parametrize(("operations", "shown", "more"), [(58, 60, None), (59, 59, 2), (500, 59, 443)])
def test_it_prints_its_rows_and_not_too_many(operations, shown, more):
    def f(x, t):
        for _ in range(operations):
            x = x * t
        return x

    recording, _ = recorded(f)
    lines = [line.split() for line in str(recording).splitlines()[2:]]
    last = [f"v{len(recording)}", f"v{len(recording) - 1}", "*", "x2"]
    assert lines[:3] == [["x1", "an", "input"], ["x2", "an", "input"], ["v3", "x1", "*", "x2"]]
    assert lines[-1] == last
    assert [line for line in lines if "more" in line] == ([] if more is None else [lines[-2]])
    if more is not None:
        assert lines.pop(-2) == ["…", str(more), "more", "rows"]
    assert len(lines) == shown
    assert repr(recording) == f"<recording of {operations + 2} rows: 2 inputs, 0 leaves>"


def test_every_kind_of_row_in_words():
    w, b = Value(0.5, "w"), Value(2.0)
    recording, _ = recorded(lambda x, t: lookup([[w, 1.0], [b, x]], t)[1] * w - 3.0, parameters=[w, b])
    assert [(recording.called(row), recording.operation(row)) for row in range(len(recording))] == [
        ("x1", "an input"),
        ("x2", "an input"),
        ("w", "a parameter"),
        ("p2", "a parameter"),
        ("v5", "column 1 of 2 rows, at x2"),
        ("v6", "column 2 of 2 rows, at x2"),
        ("v7", "v6 * w"),
        ("v8", "v7 - 3"),
    ]
