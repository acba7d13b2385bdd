"""A user's own CSV file as a data set."""

from __future__ import annotations

import csv

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nn.data import Dataset, Examples, Preparation, load_csv, read_table
from tests.nn.helpers import examples

PEOPLE = """age,sex,weight
20,m,60
30,f,50
40,f,70
50,m,80
60,f,55
"""


@pytest.fixture
def written(tmp_path):
    def write(content: str, name: str = "people.csv") -> str:
        path = tmp_path / name
        path.write_text(content, encoding="utf-8", newline="")
        return str(path)

    return write


def both_parts(data: Dataset) -> list:
    return sorted([*data.train, *data.test])


def test_regression(written):
    data = load_csv(written(PEOPLE), "weight", unit="kg")
    assert (data.name, data.task, data.target, data.unit) == (
        "people",
        "regression",
        "weight",
        "kg",
    )
    assert data.features == ["age", "sex=f", "sex=m"]
    assert data.classes is None
    assert (len(data.train), len(data.test)) == (4, 1)
    assert both_parts(data)[:2] == [([20.0, 0.0, 1.0], [60.0]), ([30.0, 1.0, 0.0], [50.0])]
    assert "5 rows" in data.source
    assert "3 inputs -> weight in kg" in repr(data)


def test_classification(written):
    data = load_csv(written(PEOPLE), "sex", features=["age"], test_fraction=0.4, seed=1)
    assert (data.task, data.classes) == ("classification", ["f", "m"])
    assert (len(data.train), len(data.test)) == (3, 2)
    assert both_parts(data)[:2] == [([20.0], 1), ([30.0], 0)]
    assert "age -> sex (f, m)" in repr(data)


def test_the_seed_decides_the_split(written):
    path = written(PEOPLE)
    splits = [load_csv(path, "weight", seed=seed).test for seed in range(8)]
    assert splits == [load_csv(path, "weight", seed=seed).test for seed in range(8)]
    assert len({repr(list(part)) for part in splits}) > 1


def test_no_test_part(written):
    data = load_csv(written(PEOPLE), "weight", test_fraction=0)
    assert (len(data.train), len(data.test)) == (5, 0)


def test_numbers_as_classes(written):
    data = load_csv(written("x,y\n1,10\n2,9\n3,10\n4,9\n"), "y", task="classification")
    assert data.classes == ["9", "10"]
    assert both_parts(data) == [([1.0], 1), ([2.0], 0), ([3.0], 1), ([4.0], 0)]


def test_a_split_column_is_honoured_and_no_feature(written):
    path = written("x,split,y\n1,train,2\n2,test,4\n3,train,6\n")
    data = load_csv(path, "y")
    assert data.features == ["x"]
    assert data.train == Examples([[1.0], [3.0]], [[2.0], [6.0]])
    assert data.test == Examples([[2.0]], [[4.0]])
    assert load_csv(path, "y", features=["x"]) == data


def test_a_split_column_about_something_else_is_a_feature(written):
    data = load_csv(written("split,y\nbanana,2\npea,4\npea,6\n"), "y")
    assert data.features == ["split=banana", "split=pea"]


@pytest.mark.parametrize("options", [{"target": "split"}, {"target": "y", "features": ["split"]}])
def test_a_split_column_that_is_asked_for_is_an_ordinary_one(written, options):
    rows = "".join(f"{i},{'train' if i % 2 else 'test'},{i}\n" for i in range(10))
    data = load_csv(written("x,split,y\n" + rows), **options)
    assert (len(data.train), len(data.test)) == (8, 2)


def test_missing_cells_can_be_left_out(written):
    path = written("x,note,y\n1,,2\nNA,a,3\n3,b,\n4,,5\n5,c,6\n")
    data = load_csv(path, "y", features=["x"], missing="drop")
    assert both_parts(data) == [([1.0], [2.0]), ([4.0], [5.0]), ([5.0], [6.0])]
    assert "5 rows, 2 left out for a missing cell" in data.source


def test_decimal_commas(written):
    data = load_csv(written("x;y\n1,5;a\n2,5;b\n3;a\n4;b\n"), "y")
    assert [x for (x,), _ in both_parts(data)] == [1.5, 2.5, 3.0, 4.0]


@pytest.mark.parametrize(
    "content, options, message",
    [
        (PEOPLE, {"target": "wieght"}, "no column 'wieght'; did you mean 'weight'.*age, sex, we"),
        (PEOPLE, {"features": ["height"]}, r"people\.csv has no column 'height'"),
        (PEOPLE, {"features": "age", "missing": "drop"}, "features is the text 'age'"),
        (PEOPLE, {"features": ["age", "weight"]}, "cannot be among the features"),
        ("split,y\ntrain,2\ntrain,4\ntest,1\n", {"target": "y"}, "no column to learn 'y' from"),
        (PEOPLE, {"missing": "skip"}, "unknown missing 'skip'; known are error, drop, mean"),
        (PEOPLE, {"test_fraction": 1.0}, "fraction is 1.0"),
        (PEOPLE, {"task": "guess"}, "task is 'guess'"),
        (PEOPLE, {"target": "sex", "task": "regression"}, "line 2, column 'sex': found 'm'"),
        (PEOPLE.replace("70", "NaN"), {}, "line 4, column 'weight': found 'NaN'"),
        (PEOPLE.replace("70", "inf"), {}, "line 4, column 'weight': found 'inf'"),
        (PEOPLE.replace("70", "inf"), {"missing": "drop"}, "line 4.*'inf', expected a finite"),
        (PEOPLE.replace("70", ""), {}, "line 4, column 'weight': an empty cell"),
        (PEOPLE.replace("70", "7o"), {}, "line 4, column 'weight': found '7o', expected a number"),
        (PEOPLE.replace("40,f,", "40,"), {}, "line 4: 2 cells; 3 are expected"),
        ("x,y\n1,2\n2,3\n", {"target": "y"}, "2 rows; at least 3 are expected"),
        ("x,y\n1,\n2,\n3,1\n", {"target": "y", "missing": "drop"}, "1 rows, 2 left out"),
        ("x,y\n1,a\n2,a\n3,a\n", {"target": "y"}, "one class only"),
        ("x,split,y\n1,train,2\n2,tset,4\n3,test,1\n", {"target": "y"}, "line 3.*'tset'"),
        ("x,split,y\n1,train,2\n2,,4\n3,test,1\n", {"target": "y"}, "line 3.*found ''"),
        ("x,split,y\n1,train,2\n2,train,4\n3,train,1\n", {"target": "y"}, "3 rows train and 0"),
        ("x,split,y\n1,train,2\n2,test,4\n3,test,1\n", {"target": "y"}, "1 rows train and 2"),
        (
            "x,split,y\n1,train,a\n2,train,a\n3,test,b\n",
            {"target": "y"},
            "the training part has one class only",
        ),
    ],
)
def test_errors(written, content, options, message):
    options = {"target": "weight"} | options
    with pytest.raises(ValueError, match=message):
        load_csv(written(content), **options)


def test_missing_file(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"there is no file .*none\.csv"):
        load_csv(tmp_path / "none.csv", "y")


numbers = st.floats(-1e300, 1e300)
labels = st.sampled_from(["red", "green, light", 'the "blue"', "ungu"])


@given(st.lists(st.tuples(numbers, labels, numbers), min_size=3, max_size=20))
@examples(100)
def test_what_was_written_is_loaded(tmp_path_factory, rows):
    path = tmp_path_factory.mktemp("csv") / "data.csv"
    with path.open("w", newline="", encoding="utf-8") as stream:
        csv.writer(stream).writerows([("x", "colour", "y"), *rows])
    data = load_csv(path, "y")
    colours = [feature.removeprefix("colour=") for feature in data.features[1:]]
    assert colours == sorted({colour for _, colour, _ in rows})
    assert both_parts(data) == sorted(([x] + [float(c == colour) for c in colours], [y]) for x, colour, y in rows)


class TestDataset:
    def test_standardised_by_the_training_part(self, written):
        raw = load_csv(written(PEOPLE), "weight", unit="kg")
        data = raw.standardised()
        ages = [x[0] for x in data.train.inputs]
        assert sum(ages) == pytest.approx(0.0, abs=1e-12)
        assert sum(a * a for a in ages) == pytest.approx(len(ages))
        for (x, y), (raw_x, raw_y) in zip([*data.train, *data.test], [*raw.train, *raw.test], strict=True):
            assert x[1:] == raw_x[1:]
            assert data.preparation.decode_output(y) == pytest.approx(raw_y[0])
        assert data.standardised() is data
        assert "standardised" in repr(data)

    def test_the_preparation_makes_the_same_inputs_from_the_file(self, written):
        path = written("split,age,sex,y\ntrain,1,m,3\ntrain,4,f,5\ntest,6,m,9\n")
        data = load_csv(path, "y").standardised()
        saved = Preparation.from_dict(data.preparation.to_dict())
        assert saved.encode_rows(read_table(path)) == data.train.inputs + data.test.inputs

    def test_one_hot_targets(self, written):
        data = load_csv(written(PEOPLE), "sex", features=["age"]).one_hot()
        assert sorted([*data.train, *data.test])[:2] == [([20.0], [0.0, 1.0]), ([30.0], [1.0, 0.0])]
        with pytest.raises(TypeError, match="a whole number from 0 to 1"):
            data.one_hot()

    def test_one_hot_needs_classes(self, written):
        with pytest.raises(ValueError, match="regression of 'weight': it has no classes"):
            load_csv(written(PEOPLE), "weight").one_hot()

    def test_only_some_classes(self, written):
        path = written("x,y\n1,a\n2,b\n3,c\n4,a\n5,b\n6,c\n")
        data = load_csv(path, "y", test_fraction=0).only(["c", "a"])
        assert data.classes == ["c", "a"] == data.preparation.classes
        assert list(data.train) == [([1.0], 1), ([3.0], 0), ([4.0], 1), ([6.0], 0)]
        assert data.preparation.decode_output([2.0, 1.0]) == "c"

    @pytest.mark.parametrize(
        "classes, message",
        [
            (["a"], "two or more different ones"),
            (["a", "a"], "two or more different ones"),
            (["a", "d"], r"no class 'd' \(the classes: a, b\)"),
            ("ab", "a list of labels is expected"),
        ],
    )
    def test_only_errors(self, written, classes, message):
        data = load_csv(written("x,y\n1,a\n2,b\n3,a\n4,b\n"), "y", test_fraction=0)
        with pytest.raises(ValueError, match=message):
            data.only(classes)

    def test_a_task_is_one_of_three(self):
        none = Examples([], [])
        with pytest.raises(ValueError, match="task is 'guess'"):
            Dataset("d", "guess", none, none, ["x"], None, "y")
        with pytest.raises(ValueError, match="needs the names of the classes"):
            Dataset("d", "classification", none, none, ["x"], None, "y")
