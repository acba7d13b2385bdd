"""A user's own CSV file of texts as a data set."""

from __future__ import annotations

import csv
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nn.data import load, load_texts
from nn.data.shipped import FILES
from tests.nn.helpers import examples

REVIEWS = """review,stars
"Good, and cheap",good
Never again,bad
NA,good
So-so,bad
Fine,good
"""


@pytest.fixture
def written(tmp_path):
    def write(content: str, name: str = "reviews.csv") -> str:
        path = tmp_path / name
        path.write_text(content, encoding="utf-8", newline="")
        return str(path)

    return write


def test_classes(written):
    data = load_texts(written(REVIEWS), "review", "stars", test_fraction=0)
    assert (data.name, data.task, data.features, data.target) == ("reviews", "text", ["review"], "stars")
    assert data.classes == ["bad", "good"]
    assert data.train.inputs == ["Good, and cheap", "Never again", "NA", "So-so", "Fine"]
    assert data.train.targets == [1, 0, 1, 0, 1]
    assert "5 rows" in data.source


def test_texts_as_targets(written):
    data = load_texts(written("en;id\none;satu\ntwo;dua\nthree;tiga\n"), "en", "id", labels=False, test_fraction=0)
    assert data.classes is None and data.train.targets == ["satu", "dua", "tiga"] and data.target == "id"


def test_no_target(written):
    data = load_texts(written("name\nanna\notto\nNan\n"), test_fraction=0)
    assert data.train.inputs == data.train.targets == ["anna", "otto", "Nan"]
    assert data.features == ["name"] and data.classes is None


def test_the_text_column_is_found_where_there_is_one(written):
    path = written("split,label,comment\ntrain,0,a\ntrain,1,b\ntest,0,c\n")
    assert load_texts(path, target="label") == load_texts(path, "comment", "label")
    with pytest.raises(
        ValueError, match=r"reviews.csv: say which column holds the texts \(its columns: split, label, comment\)"
    ):
        load_texts(path)


def test_the_own_split_is_honoured(written):
    data = load_texts(written("text,label,split\na,1,test\nb,0,train\nc,1,train\n"), "text", "label")
    assert data.train.inputs == ["b", "c"] and data.test.inputs == ["a"] and data.test.targets == [1]


def test_a_split_by_seed(written):
    path = written("text,label\n" + "".join(f"text {i},{'ab'[i % 2]}\n" for i in range(50)))
    one, same, other = (load_texts(path, "text", "label", seed=seed) for seed in (1, 1, 2))
    assert len(one.test) == 10 and one == same and one != other
    assert sorted(one.train.inputs + one.test.inputs) == sorted(f"text {i}" for i in range(50))


def test_the_shipped_texts_by_the_same_way():
    path = FILES / "number_words" / "number_words_en_id.csv"
    data, shipped = load_texts(path, "en", "id", labels=False), load("number_words")
    assert data.train == shipped.train and data.test == shipped.test
    amazon = load_texts(FILES / "sentiment" / "sentiment_amazon.csv", target="label")
    assert amazon.classes == ["0", "1"]
    assert amazon.test.inputs == load("sentiment").test.inputs[: len(amazon.test)]
    assert amazon.test.targets == load("sentiment").test.targets[: len(amazon.test)]


@examples(50)
@given(texts=st.lists(st.text(st.characters(exclude_categories=["Cs", "Cc"])).map(str.strip).filter(bool), min_size=3))
def test_any_text_comes_back(tmp_path, texts):
    path = tmp_path / "any.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([["text", "label"], *([text, str(i % 2)] for i, text in enumerate(texts))])
    assert load_texts(path, "text", "label", test_fraction=0).train.inputs == texts


@pytest.mark.parametrize(
    ("content", "options", "message"),
    [
        (REVIEWS, {"text": "reviews"}, "has no column 'reviews'; did you mean 'review'? (its columns: review, stars)"),
        (REVIEWS, {"target": "star"}, "has no column 'star'; did you mean 'stars'?"),
        (REVIEWS, {"text": "stars", "target": "stars"}, "'stars' is the target; it cannot be the text too"),
        (
            "text,label\na,1\n,0\nb,1\n",
            {"target": "label"},
            "reviews.csv, line 3, column 'text': an empty cell, expected a text",
        ),
        (
            "text,label\na,1\nb,\nc,0\n",
            {"target": "label"},
            "reviews.csv, line 3, column 'label': an empty cell, expected a value",
        ),
        (
            "en,id\na,b\nb,\nc,d\n",
            {"text": "en", "target": "id", "labels": False},
            "line 3, column 'id': an empty cell, expected a text",
        ),
        ("text,label\na,1\nb,1\nc,1\n", {"target": "label"}, "reviews.csv, target 'label': one class only (1)"),
        ("text,label\na,1\n", {"target": "label"}, "reviews.csv: 1 rows; at least 3 are expected"),
        ("text,label\na,1,2\n", {"target": "label"}, "reviews.csv, line 2: 3 cells; 2 are expected"),
        (
            "text,split\na,train\nb,trian\nc,test\n",
            {},
            "reviews.csv, line 3, column 'split': found 'trian', expected train or test",
        ),
        ("text,split\na,train\nb,train\nc,train\n", {}, "column 'split': 3 rows train and 0 test"),
        (
            "text,label,split\na,1,train\nb,1,train\nc,0,test\n",
            {"target": "label"},
            "target 'label': the training part has one class only",
        ),
        (
            "text,label\n" + "".join(f"t,label {i}\n" for i in range(30)),
            {"target": "label"},
            "30 different texts in 30 rows",
        ),
    ],
)
def test_errors(written, content, options, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        load_texts(written(content), **options)


def test_errors_of_files_and_shares(written, tmp_path):
    with pytest.raises(FileNotFoundError, match=r"there is no file .*review\.csv; did you mean 'reviews\.csv'\?"):
        written(REVIEWS) and load_texts(tmp_path / "review.csv")
    with pytest.raises(ValueError, match=r"fraction is 1\.5"):
        load_texts(written(REVIEWS), target="stars", test_fraction=1.5)
