"""Columns of a table as text and as numbers, and rows of numbers in one block, each beside the lists it stands for."""

from __future__ import annotations

import csv
import io
import math
from array import array
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.linear_model import LinearRegression

from nn import MLP, Adam, fit
from nn.data import Examples, cells, load_csv, read_table, records
from nn.data.cells import Cells, is_missing
from nn.data.rows import Rows, taken
from nn.data.table import parse_number
from nn.scoring.predict import predict
from nn.training import least_squares as squares
from tests.nn.helpers import COMPILED, bits, numbers

TEXTS = st.lists(st.one_of(st.text(st.characters(exclude_characters="\0")), st.floats().map(str), st.just("1_0")))
NUMBERS = st.floats(allow_nan=False)


@given(TEXTS, st.sampled_from([1, 2, 3, 512]))
def test_cells_are_the_texts_they_were_made_of(texts, size):
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(cells, "BLOCK", size)
        column = Cells.of(texts)
        assert (list(column), len(column), column[:2]) == (texts, len(texts), texts[:2])
        assert [column[i] for i in range(-len(texts), len(texts))] == texts * 2
        with pytest.raises(IndexError):
            column[len(texts)]


@given(TEXTS)
def test_a_column_has_numbers_where_every_cell_is_a_finite_one(texts):
    found = [parse_number(text) for text in texts]
    column = Cells.of(texts)
    if all(x is not None and math.isfinite(x) for x in found):
        assert column.numbers == array("d", found)
        assert column.range == ((min(found), max(found)) if found else None)
    else:
        assert column.numbers is None


@given(TEXTS | st.lists(st.floats().map(str) | st.sampled_from(["", "NA", "n/a"])))
def test_a_column_has_numbers_and_gaps_where_every_other_cell_is_missing(texts):
    found = [math.nan if is_missing(text) else parse_number(text) for text in texts]
    column = Cells.of(texts)
    if any(x is None or math.isinf(x) for x in found):
        assert column.numbers_and_gaps is None
        assert column.range is None
    else:
        np.testing.assert_array_equal(column.numbers_and_gaps, found)
        known = [x for x in found if not math.isnan(x)]
        assert column.range == ((min(known), max(known)) if known else None)


CELL = st.text(st.characters(codec="utf-8", exclude_characters="\0\r", exclude_categories=["Cs"]), max_size=4)


@given(st.lists(st.lists(CELL, min_size=2, max_size=2), min_size=1, max_size=9))
def test_a_file_read_in_pieces_is_what_was_written(rows):
    """Quoted cells with line ends in them are cut by no piece."""
    rows = [[a.strip(), b.strip()] for a, b in rows if a.strip() or b.strip()] or [["1", "2"]]
    content = io.StringIO(newline="")
    csv.writer(content, quoting=csv.QUOTE_ALL, lineterminator="\n").writerows([["a", "b"], *rows])
    with pytest.MonkeyPatch.context() as patched:
        for place, name, size in ((cells, "BLOCK", 2), (records, "BLOCK", 2), (records, "READ_AT_ONCE", 3)):
            patched.setattr(place, name, size)
        header, columns, lines, _ = records.read_columns(content.getvalue(), ",", "t.csv")
        assert (header, [list(row) for row in zip(*columns, strict=True)]) == (["a", "b"], rows)
    starts = [2]
    for row in rows:
        starts.append(starts[-1] + 1 + "".join(row).count("\n"))
    assert lines == [1, *starts[:-1]]


@pytest.mark.parametrize("end", ["\n", "\r", "\r\n"])
def test_line_ends_of_all_systems_are_cut_alike(tmp_path, monkeypatch, end):
    monkeypatch.setattr(records, "READ_AT_ONCE", 1)
    (tmp_path / "t.csv").write_bytes(end.join(["a,b", "1,2", "3,4", ""]).encode())
    found = read_table(tmp_path / "t.csv")
    assert (list(found.rows), found.lines) == ([{"a": "1", "b": "2"}, {"a": "3", "b": "4"}], [2, 3])


@pytest.mark.parametrize(
    ("limit", "message"),
    [
        ("MOST_COLUMNS", r"t\.csv has 6 columns; at most 5 are read"),
        ("LONGEST_LINE", r"t\.csv, line 1: 12 characters; at most 5 are read in a line"),
    ],
)
def test_what_would_fill_the_memory_is_refused(tmp_path, monkeypatch, limit, message):
    monkeypatch.setattr(records, limit, 5)
    (tmp_path / "t.csv").write_text("a,b,c,d,e,f\n1,2,3,4,5,6\n", encoding="utf-8")
    with pytest.raises(ValueError, match=message):
        read_table(tmp_path / "t.csv")


@given(st.integers(1, 4).flatmap(lambda k: st.lists(st.lists(NUMBERS, min_size=k, max_size=k), min_size=1)), st.data())
def test_rows_are_the_lists_they_were_made_of(lists, data):
    width = len(lists[0])
    rows = Rows.of(lists, width)
    assert rows == Rows.of_columns(zip(*lists, strict=True), width) == lists
    assert (list(rows), len(rows), rows[-1]) == (lists, len(lists), lists[-1])
    chosen = data.draw(st.lists(st.integers(0, len(lists) - 1)))
    assert list(rows.take(chosen)) == taken(lists, chosen)
    assert list(rows[1:3]) == lists[1:3]
    assert [list(column) for column in rows.by_column()] == [list(column) for column in zip(*lists, strict=True)]
    assert rows.finite == all(math.isfinite(x) for row in lists for x in row)
    assert (np.asarray(rows) == np.array(lists)).all()
    assert [*rows, *rows] == rows + rows
    assert len(set(rows.keys())) == len({tuple(bits(row)) for row in lists})


def test_numpy_reads_rows_where_they_are():
    rows = Rows.of([[1.0, 2.0], [3.0, 4.0]], 2)
    np.asarray(rows)[1, 0] = 5.0
    assert rows[1] == [5.0, 4.0]


def both(samples: Any) -> tuple[Any, Any]:
    """The samples of a table, and the same as a list of pairs."""
    assert isinstance(samples.inputs, Rows)
    return samples, list(samples)


@pytest.fixture(params=["number", "classes"])
def data(request, tmp_path):
    path = tmp_path / "t.csv"
    rows = [(math.sin(i), math.cos(3 * i), "ab"[i % 2], i % 7) for i in range(40)]
    lines = [f"{a},{b},{side},{y if request.param == 'number' else 'xyz'[y % 3]}" for a, b, side, y in rows]
    path.write_text("\n".join(["a,b,side,y", *lines]), encoding="utf-8")
    return load_csv(path, "y").standardised()


@pytest.mark.parametrize("backend", ["eager", *COMPILED])
@pytest.mark.parametrize("dropout", [0.0, 0.5])
def test_a_table_is_learned_from_as_the_same_list_is(data, backend, dropout):
    """To the last bit: parameters, history and outputs."""
    found = []
    for samples in both(data.train):
        model = MLP(4, [3, 3 if data.classes else 1], dropout=dropout)
        history = fit(model, samples, loss="cross_entropy" if data.classes else "mse", optimizer=Adam(0.05), epochs=3,
                      batch_size=8, validation=0.25, backend=backend, progress=False)  # fmt: skip
        outputs = predict(model, [x for x, _ in samples] if isinstance(samples, list) else samples.inputs, backend)
        losses = [(epoch.loss, epoch.validation) for epoch in history]
        found.append((bits(numbers(model)), losses, outputs))
    assert found[0] == found[1]


def test_inputs_and_targets_of_a_table_may_be_given_apart(data):
    found = []
    for parts in ([data.train], [data.train.inputs, data.train.targets]):
        model = MLP(4, [3, 3 if data.classes else 1])
        fit(model, *parts, loss="cross_entropy" if data.classes else "mse", epochs=2, progress=False)
        found.append((bits(numbers(model)), predict(model, parts[-1].inputs if len(parts) == 1 else parts[0])))
    assert found[0] == found[1]


@pytest.mark.parametrize("size", [7, 50_000])
def test_the_linear_model_is_that_of_least_squares(size, monkeypatch):
    monkeypatch.setattr(squares, "ROWS_AT_ONCE", size)
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(60, 3)), rng.normal(size=60)
    *weights, bias = squares.least_squares(Examples(X.tolist(), [[t] for t in y]))
    theirs = LinearRegression().fit(X, y)
    assert [*weights, bias] == pytest.approx([*theirs.coef_, theirs.intercept_], rel=1e-9)


def test_a_column_that_says_the_same_as_another_shares_its_weight():
    """Of all lines with the smallest error the shortest: y = 2 a + 1 with a given twice."""
    examples = Examples([[a, a] for a in (0.0, 1.0, 2.0)], [[1.0], [3.0], [5.0]])
    assert squares.least_squares(examples) == pytest.approx([1.0, 1.0, 1.0])
