"""The shipped data: sizes, contents, sources and licences, and loading by name."""

from __future__ import annotations

import ast
import math
import sys
from collections import Counter
from pathlib import Path

import pytest

import nn.data
from nn.data import DATASETS, load

PACKAGE = Path(nn.data.__file__).parent


@pytest.mark.parametrize(
    "name, options, task, train, test, inputs, classes",
    [
        ("penguins", {}, "classification", 266, 67, 4, 3),
        ("penguins", {"target": "body_mass_g"}, "regression", 266, 67, 6, 0),
        ("digits", {}, "classification", 1437, 360, 64, 10),
        ("elnino", {}, "regression", 573, 147, 12, 0),
        ("elnino", {"lags": 3}, "regression", 582, 147, 3, 0),
        ("us_macro", {}, "regression", 157, 41, 4, 0),
        ("fashion", {}, "classification", 2000, 500, 49, 10),
    ],
)
def test_sizes(name, options, task, train, test, inputs, classes):
    data = load(name, **options)
    assert (data.name, data.task) == (name, task)
    assert (len(data.train), len(data.test)) == (train, test)
    assert len(data.features) == len(set(data.features)) == inputs
    assert len(data.classes or []) == classes
    for x, y in [*data.train, *data.test]:
        assert len(x) == inputs
        assert all(type(number) is float for number in x)
        if classes:
            assert type(y) is int
            assert 0 <= y < classes
        else:
            assert len(y) == 1
            assert type(y[0]) is float


@pytest.mark.parametrize(
    "name, train, test",
    [("names", 4130, 1033), ("number_words", 800, 200), ("sentiment", 2383, 596)],
)
def test_text_sizes(name, train, test):
    data = load(name)
    assert data.task == "text"
    assert (len(data.train), len(data.test)) == (train, test)
    assert all(type(text) is str and text for text in data.train.inputs + data.test.inputs)
    with pytest.raises(ValueError, match="text inputs cannot be standardised"):
        data.standardised()


def test_digits_are_those_of_scikit_learn():
    from sklearn.datasets import load_digits

    data = load("digits")
    theirs = load_digits()
    ours = Counter((tuple(x), y) for x, y in [*data.train, *data.test])
    pairs = zip(theirs.data / 16, theirs.target, strict=True)
    assert ours == Counter((tuple(x.tolist()), int(y)) for x, y in pairs)


def test_series_are_reachable_and_windows_lie_in_them():
    data = load("elnino", lags=2)
    assert len(data.series) == 732
    assert data.series[:2] == [23.11, 24.2]
    joined = data.train.targets + data.test.targets
    assert [y for (y,) in joined] == data.series[2:]
    growth = load("us_macro").series
    assert len(growth) == 202
    assert growth[0] == pytest.approx(100 * math.log(2778.801 / 2710.349), rel=1e-12)


ENGLISH = """
zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen
sixteen seventeen eighteen nineteen
"""
ENGLISH_TENS = "- - twenty thirty forty fifty sixty seventy eighty ninety"
INDONESIAN = "nol satu dua tiga empat lima enam tujuh delapan sembilan"


def english(n: int) -> str:
    if n < 20:
        return ENGLISH.split()[n]
    if n < 100:
        return ENGLISH_TENS.split()[n // 10] + (f" {ENGLISH.split()[n % 10]}" if n % 10 else "")
    return f"{ENGLISH.split()[n // 100]} hundred" + (f" {english(n % 100)}" if n % 100 else "")


def indonesian(n: int) -> str:
    if n < 10:
        return INDONESIAN.split()[n]
    if n < 20:
        return {10: "sepuluh", 11: "sebelas"}.get(n) or f"{INDONESIAN.split()[n - 10]} belas"
    power, word = (10, "puluh") if n < 100 else (100, "ratus")
    first, rest = divmod(n, power)
    head = f"se{word}" if first == 1 else f"{INDONESIAN.split()[first]} {word}"
    return head + (f" {indonesian(rest)}" if rest else "")


def test_number_words_spelt_by_rule():
    data = load("number_words")
    assert dict([*data.train, *data.test]) == {english(n): indonesian(n) for n in range(1000)}


def test_the_sexes_of_names():
    data = load("names")
    sexes = dict([*data.train, *data.test])
    assert set(sexes.values()) == {"f", "m", "fm"}
    # The census lists have 4275 names of women and 1219 of men.
    assert sum("f" in sex for sex in sexes.values()) == 4275
    assert sum("m" in sex for sex in sexes.values()) == 1219


def test_sentiment_labels_are_classes():
    data = load("sentiment")
    assert data.classes == ["negative", "positive"]
    labels = dict([*data.train, *data.test])
    assert labels["Wow... Loved this place."] == 1
    assert labels["Crust is not good."] == 0
    assert data.one_hot().train.targets[0] == [1.0, 0.0]


@pytest.mark.parametrize(
    "name, words",
    [
        ("penguins", ["CC0 1.0", "Horst"]),
        ("digits", ["CC BY 4.0", "10.24432/C50P49", "Alpaydin", "Changes:"]),
        ("elnino", ["public domain", "NOAA"]),
        ("us_macro", ["public domain", "FRED"]),
        ("fashion", ["Copyright (c) 2017 Zalando SE", "Permission is hereby granted", "AS IS"]),
        ("names", ["public domain", "1990"]),
        ("number_words", ["num2words"]),
        ("sentiment", ["CC BY 4.0", "10.24432/C57604", "Kotzias", "Changes:"]),
    ],
)
def test_sources_carry_their_licences(name, words):
    source = load(name).source
    assert [word for word in words if word not in source] == []


def test_every_file_is_named_in_its_source_and_the_other_way_round():
    for folder in (PACKAGE / "files").iterdir():
        source = (folder / "SOURCE.md").read_text(encoding="utf-8")
        files = {path.name for path in folder.glob("*.csv")}
        named = {word for word in source.replace("`", " ").split() if word.endswith(".csv")}
        own = {word for word in named if "/" not in word}
        assert own == files, folder.name


class TestLoad:
    def test_every_name_loads(self):
        for name in DATASETS:
            data = load(name)
            assert data.name == name
            assert len(repr(data)) < 250
            assert load(name) == data

    def test_unknown_name(self):
        with pytest.raises(ValueError, match="no data set 'pinguins'; did you mean 'penguins'") as e:
            load("pinguins")
        assert all(name in str(e.value) for name in DATASETS)

    def test_unknown_option(self):
        with pytest.raises(TypeError, match=r"elnino has no option 'lag'; did you mean 'lags'"):
            load("elnino", lag=3)
        with pytest.raises(TypeError, match=r"digits has no option 'n' \(its options: none\)"):
            load("digits", n=3)

    @pytest.mark.parametrize(
        "name, options, error, message",
        [
            ("penguins", {"target": "island"}, ValueError, "'species' or 'body_mass_g'"),
            ("elnino", {"lags": 0}, ValueError, "lags is 0"),
            ("elnino", {"lags": 600}, ValueError, "lags is 600; at most 583"),
            ("us_macro", {"lags": "4"}, TypeError, "lags is '4'"),
        ],
    )
    def test_bad_options(self, name, options, error, message):
        with pytest.raises(error, match=message):
            load(name, **options)

    def test_the_longest_windows_leave_two_to_learn_from(self):
        assert len(load("elnino", lags=583).train) == 2


def test_only_the_standard_library_is_imported():
    for path in [*PACKAGE.glob("*.py"), PACKAGE.parent / "checks.py", PACKAGE.parent / "user_files.py"]:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = []
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                names = [node.module or ""]
            for name in names:
                top = name.partition(".")[0]
                pillow = top == "PIL" and path.name == "pictures.py"  # imported where a picture is read
                ours = name.startswith("nn.data") or name in ("nn.checks", "nn.user_files", "engine")
                assert ours or top in sys.stdlib_module_names or pillow, (path, name)
