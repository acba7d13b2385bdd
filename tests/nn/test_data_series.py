"""A user's own CSV file of one row a time step."""

from __future__ import annotations

import pytest

from nn.data import load, load_series
from nn.data.shipped import FILES


def written(path, cells, split=None):
    rows = [f"{i},{cell}" + (f",{split[i]}" if split else "") for i, cell in enumerate(cells)]
    path.write_text("\n".join(["t,level" + (",split" if split else ""), *rows]) + "\n", encoding="utf-8")
    return path


def test_the_last_fifth_is_the_test_part(tmp_path):
    data = load_series(written(tmp_path / "own.csv", range(20)), "level", lags=3, unit="m")
    assert data.series == [float(i) for i in range(20)]
    assert [x for x, _ in data.train] == [[float(i), i + 1.0, i + 2.0] for i in range(13)]
    assert data.test.targets == [[16.0], [17.0], [18.0], [19.0]]
    assert data.test.inputs[0] == [13.0, 14.0, 15.0]
    assert (data.task, data.target, data.unit, data.features) == (
        "regression",
        "level",
        "m",
        ["lag_3", "lag_2", "lag_1"],
    )


def test_a_column_split_is_honoured(tmp_path):
    data = load_series(written(tmp_path / "own.csv", range(20), ["train"] * 13 + ["test"] * 7), "level", lags=2)
    assert data.test.targets == [[float(i)] for i in range(13, 20)]
    assert len(data.train) == 11


def test_the_shipped_file_read_as_ones_own_is_the_shipped_data():
    own, shipped = load_series(FILES / "elnino" / "elnino_sst.csv", "sst_c", lags=12), load("elnino")
    assert (own.train, own.test, own.series) == (shipped.train, shipped.test, shipped.series)


@pytest.mark.parametrize(
    ("cells", "split", "options", "message"),
    [
        ([1, 2, "", 4, 5, 6], None, {}, r"own\.csv, line 4, column 'level': an empty cell, expected a number"),
        ([1, 2, 3, "NA", 5, 6], None, {}, r"own\.csv, line 5, column 'level': found 'NA', expected a number"),
        ([1, 2, 3, 4, 5, "inf"], None, {}, r"own\.csv, line 7, column 'level': found 'inf', expected a finite number"),
        (range(5), None, {"column": "levels"}, r"own\.csv has no column 'levels'; did you mean 'level'"),
        (range(4), None, {}, r"own\.csv: 4 rows, 1 of them to test by; with windows of 2 at least 5 are expected"),
        (range(9), None, {"lags": 0}, "lags is 0"),
        (range(9), None, {"test_fraction": 1}, "test_fraction is 1; a number between 0 and 1"),
        (range(4), ["train", "test", "train", "test"], {}, r"own\.csv, line 4, column 'split': found train after test"),
        (
            range(3),
            ["train", "test", "tset"],
            {},
            r"own\.csv, line 4, column 'split': found 'tset', expected train or test",
        ),
        (range(3), ["train"] * 3, {}, r"own\.csv, column 'split': no row is marked test"),
        (range(3), ["test"] * 3, {}, r"own\.csv: 3 rows, 3 of them to test by; with windows of 2 at least 7"),
    ],
)
def test_what_is_wrong_is_named(tmp_path, cells, split, options, message):
    with pytest.raises(ValueError, match=message):
        load_series(written(tmp_path / "own.csv", cells, split), **{"column": "level", "lags": 2, **options})


@pytest.mark.parametrize("options", [{"lags": "2"}, {"lags": True}, {"test_fraction": "0.2"}, {"test_fraction": True}])
def test_types_are_checked(tmp_path, options):
    with pytest.raises(TypeError):
        load_series(written(tmp_path / "own.csv", range(20)), "level", **{"lags": 2, **options})


@pytest.mark.parametrize("empty", ["\n", '""\n'])
def test_a_gap_in_a_single_column_is_not_passed_over(tmp_path, empty):
    path = tmp_path / "own.csv"
    path.write_text(f"level\n1\n2\n{empty}4\n5\n6\n", encoding="utf-8")
    with pytest.raises(ValueError, match=r"own\.csv, line 4: an empty line, expected a row"):
        load_series(path, "level", lags=2)
    path.write_text('level,note\n1,\n2,"two\nlines"\n3,\n4,\n5,\n\n', encoding="utf-8")
    assert load_series(path, "level", lags=2).series == [1.0, 2.0, 3.0, 4.0, 5.0]


def test_the_smallest_series(tmp_path):
    data = load_series(written(tmp_path / "own.csv", range(5)), "level", lags=2)
    assert (len(data.train), len(data.test)) == (2, 1)
