"""Columns to numbers and outputs to answers."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nn.data import Column, Examples, Preparation, Table
from tests.nn.helpers import examples


def table(header: str, *rows: str) -> Table:
    """A table from blank-separated words; `.` is an empty cell."""
    names = header.split()
    cells = [[("" if cell == "." else cell) for cell in row.split()] for row in rows]
    records = [dict(zip(names, row, strict=True)) for row in cells]
    return Table.of_rows("t.csv", names, records, list(range(2, len(rows) + 2)))


PEOPLE = table(
    "age sex city weight",
    "20 m Bandung 60",
    "30 f Medan 50",
    "40 f Bandung 70",
    "50 m Solo 80",
)
SEX = Column("sex", "category", categories=("f", "m"))
SPECIES = Column("species", "category", categories=("a", "b", "c"))
AGE = Column("age", "number", mean=35.0, scale=10.0)
WEIGHT = Column("weight", "number", mean=65.0, scale=5.0, unit="kg")


class TestFit:
    def test_regression(self):
        fitted = Preparation.fit(PEOPLE, "weight", unit="kg")
        assert fitted.task == "regression"
        assert fitted.classes is None
        assert fitted.features == [
            "age",
            "sex=f",
            "sex=m",
            "city=Bandung",
            "city=Medan",
            "city=Solo",
        ]
        assert fitted.encode(PEOPLE) == Examples(
            [
                [20.0, 0.0, 1.0, 1.0, 0.0, 0.0],
                [30.0, 1.0, 0.0, 0.0, 1.0, 0.0],
                [40.0, 1.0, 0.0, 1.0, 0.0, 0.0],
                [50.0, 0.0, 1.0, 0.0, 0.0, 1.0],
            ],
            [[60.0], [50.0], [70.0], [80.0]],
        )
        assert "age, sex, city -> weight: kg" in repr(fitted)

    def test_classification_by_chosen_features(self):
        fitted = Preparation.fit(PEOPLE, "sex", features=["weight", "age"])
        assert fitted.task == "classification"
        assert fitted.classes == ["f", "m"]
        assert fitted.encode(PEOPLE)[0] == ([60.0, 20.0], 1)
        assert "weight, age -> sex: f, m" in repr(fitted)

    def test_drop_first_leaves_the_first_category_all_zeros(self):
        fitted = Preparation.fit(PEOPLE, "weight", drop_first=True)
        assert fitted.features == ["age", "sex=m", "city=Medan", "city=Solo"]
        assert fitted.encode_rows(PEOPLE)[2] == [40.0, 0.0, 0.0, 0.0]

    def test_numbers_as_classes_are_in_the_order_of_their_size(self):
        marks = table("x mark", "1 10", "2 9", "3 10")
        assert Preparation.fit(marks, "mark").task == "regression"
        assert Preparation.fit(marks, "mark", task="classification").classes == ["9", "10"]

    def test_unused_columns_may_hold_anything(self):
        odd = table("x note y", "1 . 2", "2 inf 3", "3 abc 5")
        assert Preparation.fit(odd, "y", features=["x"]).features == ["x"]

    @pytest.mark.parametrize(
        "columns, options, message",
        [
            (("x y", "1 2", "two 3", "3 4"), {}, "line 3, column 'x': found 'two', expected a num"),
            (("x y", "1 2", ". 3"), {}, "line 3, column 'x': an empty cell, expected a value"),
            (("x y", "1 2", "NA 3"), {}, "line 3, column 'x': found 'NA'.*missing=\"drop\""),
            (("x y", "1 2", "2 nan"), {}, "line 3, column 'y': found 'nan'"),
            (("x y", "1 2", "inf 3"), {}, "line 3, column 'x': found 'inf', expected a finite"),
            (("x y", "1 2", "-1e999 3"), {}, "found '-1e999', expected a finite number"),
            (("x y", "a 2", ". 3"), {}, "line 3, column 'x': an empty cell"),
            (("x y", "1 a", "2 a"), {}, "target 'y': one class only"),
            (("x y", "1 1", "2 1"), {"task": "classification"}, r"one class only \(1\)"),
            (("x y", "1 2", "2 b", "3 c"), {"task": "regression"}, "found 'b', expected a number"),
            (("x y", "1 2"), {"task": "clustering"}, "task is 'clustering'; 'classification' or"),
            (("x y", "1 2"), {"features": []}, "no column to learn 'y' from"),
            (("y", "1", "2"), {}, "no column to learn 'y' from"),
            (("x y", "1 2"), {"features": "x"}, "features is the text 'x'"),
            (("x y", "1 2"), {"features": ["x", "x"]}, "named twice"),
            (("x y", "1 2"), {"features": ["x", "y"]}, "cannot be among the features"),
            (("x y", "1 2"), {"features": ["X"]}, "no column 'X'; did you mean 'x'"),
            (("x z", "1 2"), {}, r"no column 'y'.*columns: x, z"),
            (("x y", "a 2", "a 3"), {"drop_first": True}, "one category only"),
        ],
    )
    def test_errors(self, columns, options, message):
        with pytest.raises(ValueError, match=message):
            Preparation.fit(table(*columns), "y", **options)

    def test_half_numbers_is_not_mostly_numbers(self):
        half = Preparation.fit(table("x y", "1 2", "two 3"), "y")
        assert half.features == ["x=1", "x=two"]

    @pytest.mark.parametrize(("categories", "rows"), [(20, 20), (21, 42), (60, 600)])
    def test_many_categories_that_come_again_are_categories(self, categories, rows):
        cells = [f"c{i % categories} {i}" for i in range(rows)]
        assert len(Preparation.fit(table("x y", *cells), "y").features) == categories

    @pytest.mark.parametrize("rows", [21, 41])
    def test_texts_that_are_nearly_all_different_are_no_categories(self, rows):
        cells = [f"name{i % 21} {i}" for i in range(rows)]
        with pytest.raises(ValueError, match=r"'who': 21 different texts in .*exclude="):
            Preparation.fit(table("who y", *cells), "y")


class TestEncode:
    prepared = Preparation((AGE, SEX), WEIGHT)

    def test_a_row_of_texts_or_of_numbers(self):
        expected = [-1.5, 0.0, 1.0]
        assert self.prepared.encode_row({"age": "20", "sex": "m"}) == expected
        assert self.prepared.encode_row({"age": 20, "sex": " m ", "city": "Solo"}) == expected
        assert self.prepared.encode_row({"age": np.float64(20), "sex": "m"}) == expected
        assert self.prepared.encode_row({"age": np.int64(20), "sex": "m"}) == expected

    @pytest.mark.parametrize(
        "row, message",
        [
            ({"age": "20"}, r"the row: no column 'sex' \(its columns: age\)"),
            ({"Age": "20", "sex": "m"}, "no column 'age'; did you mean 'Age'"),
            ({"age": "old", "sex": "m"}, "column 'age': found 'old', expected a number"),
            ({"age": "", "sex": "m"}, "column 'age': an empty cell, expected a number"),
            ({"age": "NA", "sex": "m"}, "column 'age': found 'NA', expected a number"),
            ({"age": None, "sex": "m"}, "column 'age': found None, expected a number"),
            ({"age": True, "sex": "m"}, "column 'age': found True, expected a number"),
            ({"age": math.inf, "sex": "m"}, "column 'age': found inf, expected a finite number"),
            ({"age": 10**400, "sex": "m"}, "column 'age': .*expected a finite number"),
            ({"age": "20", "sex": "x"}, "column 'sex': found 'x', expected one of f, m"),
            ({"age": "20", "sex": "M"}, "found 'M', expected one of f, m; did you mean 'm'"),
            ({"age": "20", "sex": ""}, "column 'sex': an empty cell, expected one of f, m"),
            ({"age": "9" * 500 + "x", "sex": "m"}, r"found '9+\.\.\., expected"),
        ],
    )
    def test_errors(self, row, message):
        with pytest.raises(ValueError, match=message) as caught:
            self.prepared.encode_row(row)
        assert len(str(caught.value)) < 200

    def test_a_table_without_the_target(self):
        asked = table("sex age", "f 45", "m 35")
        assert self.prepared.encode_rows(asked) == [[1.0, 1.0, 0.0], [0.0, 0.0, 1.0]]

    def test_errors_in_a_table_name_the_line(self):
        with pytest.raises(ValueError, match=r"t\.csv, line 3, column 'sex': found 'x'"):
            self.prepared.encode_rows(table("sex age", "f 45", "x 35"))
        with pytest.raises(ValueError, match=r"t\.csv has no column 'age'"):
            self.prepared.encode_rows(table("sex", "f"))
        with pytest.raises(ValueError, match=r"line 2, column 'weight': found 'big'"):
            self.prepared.encode(table("sex age weight", "f 45 big"))

    @pytest.mark.parametrize(
        "target, cell, expected",
        [(WEIGHT, "70", [1.0]), (WEIGHT, 60.0, [-1.0]), (SPECIES, "c", 2), (SPECIES, "a", 0)],
    )
    def test_targets(self, target, cell, expected):
        assert Preparation((AGE,), target).encode_target(cell) == expected

    @pytest.mark.parametrize("target, cell", [(WEIGHT, "abc"), (SPECIES, "d"), (WEIGHT, "")])
    def test_target_errors(self, target, cell):
        with pytest.raises(ValueError, match=f"column '{target.name}'"):
            Preparation((AGE,), target).encode_target(cell)


class TestDecode:
    @pytest.mark.parametrize(
        "target, output, answer",
        [
            (WEIGHT, [0.0], 65.0),
            (WEIGHT, [-2.0], 55.0),
            (SPECIES, [0.1, 3.0, -5.0], "b"),
            (SPECIES, [1.0, 1.0, 1.0], "a"),
            (SPECIES, [-math.inf, -1.0, math.inf], "c"),
            (SEX, [0.2, 0.1], "f"),
            (SEX, [0.1], "m"),
            (SEX, [0.0], "f"),
            (SEX, [-3.0], "f"),
        ],
    )
    def test_answers(self, target, output, answer):
        assert Preparation((AGE,), target).decode_output(output) == answer

    @pytest.mark.parametrize(
        "target, output, message",
        [
            (WEIGHT, [1.0, 2.0], "2 outputs; 1 expected to tell 'weight'"),
            (WEIGHT, [], "0 outputs; 1 expected"),
            (SPECIES, [1.0], "1 outputs; 3 expected to tell 'species'"),
            (SEX, [1.0, 2.0, 3.0], "3 outputs; 1 or 2 expected"),
            (SPECIES, [1.0, math.nan, 2.0], "NaN"),
        ],
    )
    def test_errors(self, target, output, message):
        with pytest.raises(ValueError, match=message):
            Preparation((AGE,), target).decode_output(output)

    @given(st.floats(-1e9, 1e9), st.floats(-1e9, 1e9), st.floats(1e-3, 1e9))
    @examples(100)
    def test_a_number_comes_back(self, y, mean, scale):
        target = Column("y", "number", mean=mean, scale=scale)
        prepared = Preparation((AGE,), target)
        error = 1e-14 * (abs(y) + abs(mean)) + 1e-300
        assert prepared.decode_output(prepared.encode_target(y)) == pytest.approx(y, abs=error)

    @given(st.sampled_from(SPECIES.categories))
    @examples(100)
    def test_a_label_comes_back(self, label):
        prepared = Preparation((AGE,), SPECIES)
        index = prepared.encode_target(label)
        assert prepared.decode_output([float(i == index) for i in range(3)]) == label


class TestStandardised:
    def test_numbers_by_the_training_part_and_categories_not(self):
        raw = Preparation.fit(PEOPLE, "weight", features=["age", "sex"])
        examples = raw.encode(PEOPLE)
        fitted = raw.standardised(examples[:2])
        assert not raw.is_standardised
        assert fitted.is_standardised
        assert (fitted.columns[0].mean, fitted.columns[0].scale) == (25.0, 5.0)
        assert (fitted.target.mean, fitted.target.scale) == (55.0, 5.0)
        assert fitted.columns[1] == raw.columns[1]
        assert fitted.encode(PEOPLE)[3] == ([5.0, 0.0, 1.0], [5.0])
        rows = [fitted.standardizer.apply(row) for row in examples.inputs]
        assert rows == fitted.encode_rows(PEOPLE)

    @pytest.mark.parametrize(("mean", "scale"), [(3.0, 1.0), (0.0, 2.0)])
    def test_a_mean_or_a_scale_alone_is_a_change(self, mean, scale):
        changed = Column("x", "number", mean=mean, scale=scale)
        assert Preparation((changed,), SEX).is_standardised
        assert Preparation((SEX,), changed).is_standardised
        assert not Preparation((Column("x", "number"),), SEX).is_standardised

    def test_only_once(self):
        raw = Preparation.fit(PEOPLE, "weight")
        examples = raw.encode(PEOPLE)
        with pytest.raises(ValueError, match="standardises already"):
            raw.standardised(examples).standardised(examples)


@pytest.mark.parametrize(
    "options, message",
    [
        ({"kind": "date"}, "kind: 'date'"),
        ({"kind": "category"}, "categories: none"),
        ({"kind": "number", "categories": ("a",)}, "a number column has none"),
        ({"kind": "number", "scale": math.inf}, "scale: inf"),
    ],
)
def test_columns_that_do_not_fit_together(options, message):
    with pytest.raises(ValueError, match=message):
        Column("x", **options)


@pytest.mark.parametrize("fill", [0.5, None])
@pytest.mark.parametrize("cells", ["1,,NA,-2.5,nan,3e2", "1,1_000,", "1,x,", "inf,"])
def test_a_column_with_missing_cells_is_encoded_as_its_cells_are(cells, fill):
    cells = cells.split(",")
    table = Table.of_rows("t.csv", ["a"], [{"a": cell} for cell in cells], list(range(2, len(cells) + 2)))
    column = Column("a", "number", mean=1.0, scale=2.0, fill=fill)

    def outcome(encoded):
        try:
            return encoded()
        except ValueError as error:
            return str(error)

    one_by_one = outcome(lambda: [column.encode(cell, table.where(i, "a"))[0] for i, cell in enumerate(cells)])
    assert outcome(lambda: list(column.encode_all(table)[0])) == one_by_one
