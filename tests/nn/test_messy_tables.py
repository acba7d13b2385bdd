"""Tables as people and programs write them, made from a public one: each is read as the plain file is, or warned of, or
refused by its line, column and cell."""

from __future__ import annotations

import csv
import datetime
import io
import math
import random
import re
from pathlib import Path
from typing import Any

import pytest

from nn.data import Preparation, load_csv, load_series
from nn.data.shipped import FILES

PENGUINS = [
    row
    for row in csv.DictReader((FILES / "penguins" / "penguins.csv").read_text(encoding="utf-8").splitlines())
    if "NA" not in row.values()
][::5][:60]
NAMES = ["species", "bill_length_mm", "body_mass_g"]
ROWS = [[row[name] for name in NAMES] for row in PENGUINS]


def text(rows: list[list[str]] = ROWS, header: list[str] = NAMES, sep: str = ",") -> str:
    stream = io.StringIO(newline="")
    csv.writer(stream, delimiter=sep, lineterminator="\n").writerows([header, *rows])
    return stream.getvalue()


def changed(**changes: Any) -> list[list[str]]:
    """The rows with cells of some columns written otherwise."""
    return [
        [changes[name](cell) if name in changes else cell for name, cell in zip(NAMES, row, strict=True)]
        for row in ROWS
    ]


def comma(cell: str) -> str:
    return cell.replace(".", ",")


def thousands(apart: str) -> Any:
    return lambda cell: f"{int(cell):,}".replace(",", apart)


def german(cell: str) -> str:
    return f"{int(cell):,}.00".replace(",", "_").replace(".", ",").replace("_", ".")


def grouped(cell: str) -> str:
    return f"{float(cell):,.1f}"


SAME = {
    "plain": text(),
    "currency and thousands": text(changed(body_mass_g=lambda cell: f"${grouped(cell)}")),
    "currency behind": text(changed(body_mass_g=lambda cell: f"{german(cell)} €"), sep=";"),
    "rupiah": text(changed(body_mass_g=lambda cell: f"Rp {german(cell)}"), sep=";"),
    "1.500,00": text(changed(body_mass_g=german, bill_length_mm=comma), sep=";"),
    "decimal commas in a file of commas": text(changed(bill_length_mm=comma)),
    "decimal commas in one column only": text(changed(bill_length_mm=comma), sep=";"),
    "blanks among thousands": text(changed(body_mass_g=thousands("\u00a0"))),
    "apostrophes among thousands": text(changed(body_mass_g=thousands("'"))),
    "per cent": text(changed(bill_length_mm=lambda cell: f"{cell}%")),
    "a unit": text(changed(body_mass_g=lambda cell: f"{cell} g", bill_length_mm=lambda cell: f"{cell}mm")),
    "a spreadsheet's texts": text(changed(body_mass_g=lambda cell: f'="{cell}"')),
    "the index of pandas": text([[str(i), *row] for i, row in enumerate(ROWS)], ["", *NAMES]),
    "the row names of R": text([[str(i), *row] for i, row in enumerate(ROWS, 1)]),
    "commas at the ends": text([[*row, "", ""] for row in ROWS], [*NAMES, "", ""]),
    "commas at the ends of rows": text([[*row, ""] for row in ROWS]),
    "sep=;": "sep=;\n" + text(sep=";"),
    "comments": "# measured at Palmer station\n# 2007 to 2009\n" + text() + "# end\n",
    "a row of units": text([["", "mm", "g"], *ROWS]),
    "a row of units in brackets": text([["", "[mm]", "[g]"], *ROWS]),
    "bars": text(sep="|"),
    "tabs": text(sep="\t"),
    "a blank before a quote": "\n".join(", ".join(f'"{cell}"' for cell in row) for row in [NAMES, *ROWS]),
}


def load(tmp_path: Path, content: str | bytes, target: str = "species", **options: Any) -> Any:
    path = tmp_path / "messy.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return load_csv(path, target, **options)


@pytest.mark.parametrize("name", SAME)
@pytest.mark.parametrize("target", ["species", "body_mass_g"])
def test_it_is_read_as_the_plain_file(tmp_path, name, target):
    expected = load(tmp_path, text(), target)
    found = load(tmp_path, SAME[name], target)
    assert found.features == expected.features
    assert (found.train, found.test, found.classes) == (expected.train, expected.test, expected.classes)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "latin-1", "cp1252"])
def test_encodings(tmp_path, encoding):
    rows = [[cell.replace("Adelie", "Adélie") for cell in row] for row in ROWS]
    found = load(tmp_path, text(rows).encode(encoding))
    assert "Adélie" in found.classes
    assert ("read as Latin-1" in found.overview) == (encoding in ("latin-1", "cp1252"))
    assert load(tmp_path, text(rows).encode("cp852"), encoding="cp852").classes == found.classes


@pytest.mark.parametrize(
    "cell, number", [("(200)", -200.0), ("−3", -3.0), ("-3", -3.0), ("3-", -3.0), ("+3", 3.0), (".5", 0.5)]
)
def test_signs(tmp_path, cell, number):
    data = load(tmp_path, f"x,y\n{cell},1\n4.5,2\n2,3.5\n", "y", test_fraction=0)
    assert data.train.inputs == [[number], [4.5], [2.0]]


@pytest.mark.parametrize("mark", ["?", "-", "None", "#DIV/0!", "n/a", "N/A", "", "NaN", "#N/A", "NULL", "--"])
def test_what_stands_for_a_missing_number(tmp_path, mark):
    rows = [row[:] for row in ROWS]
    for i in (3, 20, 41):
        rows[i][1] = mark
    with pytest.raises(ValueError, match=r"messy\.csv, line 5, column 'bill_length_mm': .*missing=\"drop\""):
        load(tmp_path, text(rows))
    dropped = load(tmp_path, text(rows), missing="drop")
    assert len(dropped.train) + len(dropped.test) == 57
    filled = load(tmp_path, text(rows), missing="mean", test_fraction=0)
    known = [float(row[1]) for i, row in enumerate(rows) if i not in (3, 20, 41)]
    assert filled.train.inputs[3][0] == pytest.approx(sum(known) / 57, rel=1e-12)
    assert "3 missing" in filled.overview


def test_the_mean_is_that_of_the_training_rows_and_stands_in_for_new_rows_too(tmp_path):
    rows = [row[:] for row in ROWS]
    rows[10][1] = "NA"
    data = load(tmp_path, text(rows), missing="mean", seed=3).standardised()
    (column, *_) = [column for column in data.preparation.columns if column.name == "bill_length_mm"]
    plain = load(tmp_path, text(rows), missing="mean", seed=3)
    known = [x for x, _ in plain.train if x[0] != column.fill]
    assert column.fill == pytest.approx(sum(x[0] for x in known) / len(known), rel=1e-12)
    again = type(data.preparation).from_dict(data.preparation.to_dict())
    row = again.encode_row({"bill_length_mm": "", "body_mass_g": "4000"})
    assert row[0] == pytest.approx((column.fill - column.mean) / column.scale, rel=1e-12)


def test_a_text_of_ones_own_for_missing(tmp_path):
    rows = changed(bill_length_mm=lambda cell: "-999" if cell == ROWS[0][1] else cell)
    count = sum(row[1] == "-999" for row in rows)
    warned = load(tmp_path, text(rows)).overview
    assert f"-999 ({count} times) is far from all else" in warned
    assert 'na=["-999"]' in warned
    told = load(tmp_path, text(rows), na=["-999"], missing="drop")
    assert len(told.train) + len(told.test) == 60 - count
    assert "-999" not in told.overview


@pytest.mark.parametrize("form", ["%Y-%m-%d", "%d.%m.%Y", "%d/%m/%Y", "%m/%d/%Y", "%d %b %Y", "%Y-%m-%dT%H:%M:%S"])
def test_dates_are_year_month_on_a_circle_and_day(tmp_path, form):
    chance = random.Random(1)
    days = [datetime.datetime(2007, 1, 31) + datetime.timedelta(chance.randrange(900)) for _ in ROWS]
    rows = [[day.strftime(form), *row] for day, row in zip(days, ROWS, strict=True)]
    data = load(tmp_path, text(rows, ["seen", *NAMES]), features=["seen"], test_fraction=0)
    assert data.features == ["seen_year", "seen_month_sin", "seen_month_cos", "seen_day"]
    turns = [2 * math.pi * (day.month - 1) / 12 for day in days]
    expected = [[day.year, math.sin(t), math.cos(t), day.day] for day, t in zip(days, turns, strict=True)]
    assert data.train.inputs == [pytest.approx(row, abs=1e-15) for row in expected]
    said = {"%d/%m/%Y": ", the day before the month", "%m/%d/%Y": ", the month before the day"}.get(form, "")
    assert f"note: seen: dates{said}, as year" in data.overview
    again = Preparation.from_dict(data.preparation.to_dict())
    assert {column.dayfirst for column in again.columns} == {{"%d/%m/%Y": True, "%m/%d/%Y": False}.get(form)}


def test_dates_that_are_the_same_either_way_have_no_order(tmp_path):
    rows = [[f"{1 + i % 12}/{1 + i % 12}/2024", str(i % 7)] for i in range(60)]
    data = load(tmp_path, text(rows, ["at", "y"]), "y", features=["at"], test_fraction=0)
    assert [row[3] for row in data.train.inputs] == [1.0 + i % 12 for i in range(60)]
    assert data.preparation.dayfirst == {}


@pytest.mark.parametrize("form", ["%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%dT%H:%M:%S.000Z", "%Y-%m-%d %H:%M:%S+00:00",
                                  "%d/%m/%Y %H:%M", "%Y-%m-%d %H:%M:%S.%f"])  # fmt: skip
def test_the_time_of_day_and_its_zone_are_passed_over(tmp_path, form):
    """As JavaScript, pandas and spreadsheets write them."""
    rows = [[f"{datetime.datetime(2024, 1 + i % 12, 1 + i % 28, i % 24):{form}}", str(i % 7)] for i in range(60)]
    data = load(tmp_path, text(rows, ["at", "y"]), "y", features=["at"], test_fraction=0)
    days = [[row[0], row[3]] for row in data.train.inputs]
    assert days == [[2024.0, 1.0 + i % 28] for i in range(60)]


REFUSED: dict[str, tuple[str, str, dict[str, Any], str]] = {
    "1,234 alone": (text(changed(body_mass_g=thousands(","))), "species", {},
                    r"line 2, column 'body_mass_g': found '3,750', which may be 3750 or 3.75; say decimal=\"\.\" or"),
    "3/4/2024 alone": ("day,y\n3/4/2024,1\n5/6/2024,2\n7/8/2024,4\n", "y", {},
                       r"line 2, column 'day': found '3/4/2024', which may be 03 April 2024 or 04 March 2024"),
    "a text among numbers": ('x,y\n1,1\n"2",2\n3,3\na,4\nb,5\n', "y", {},
                             r"line 5, column 'x': found 'a', expected a number \(then 'b' in line 6\)"),
    "another unit": (text(changed(body_mass_g=lambda c: f"{c} lb" if c == ROWS[1][2] else f"{c} g")), "species", {},
                     r"line 3, column 'body_mass_g': found '\d+ lb', expected a number"),
    "a text target": (text(changed(body_mass_g=lambda c: f"about {c}" if c == ROWS[1][2] else c)), "body_mass_g", {},
                      r"line 3, column 'body_mass_g': found 'about \d+', expected a number"),
    "names as a feature": (text([[f"N{i}A", *row] for i, row in enumerate(ROWS)], ["id", *NAMES]), "species", {},
                           r"column 'id': 60 different texts in 60 rows are no categories; .*exclude=\[\"id\"\]"),
    "dates to tell": ("day,x\n2024-01-02,1\n2024-01-03,2\n2024-01-04,4\n", "day", {}, "the target 'day' holds dates"),
    "an unknown sign": (text(), "species", {"decimal": ";"}, "decimal is ';'"),
    "a column that is not there": (text(), "species", {"exclude": ["bil_length_mm"]}, "did you mean 'bill_length_mm'"),
    "a wrong encoding": ("é,y\n1,2\n", "y", {"encoding": "ascii"}, "line 1: byte 0xc3 is not ASCII"),
    "no encoding": (text(), "species", {"encoding": "latin-99"}, "no encoding 'latin-99'"),
    "an empty column and the mean": ("x,z,y\n1,NA,2\n2,NA,3\n3,NA,4\n", "y", {"missing": "mean"}, "column 'z'"),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_it_is_refused_by_line_column_and_cell(tmp_path, name):
    content, target, options, message = REFUSED[name]
    with pytest.raises(ValueError, match=message):
        load(tmp_path, content, target, **options)


def test_the_sign_before_the_decimals_can_be_told(tmp_path):
    content = text(changed(body_mass_g=thousands(",")))
    assert load(tmp_path, content, decimal=".") == load(tmp_path, text())
    comma = load(tmp_path, content, "body_mass_g", decimal=",", test_fraction=0)
    assert comma.train.targets[0] == [3.75]


def test_a_sign_that_is_told_is_for_columns_that_do_not_tell(tmp_path):
    rows = changed(body_mass_g=thousands(","), bill_length_mm=comma)
    assert load(tmp_path, text(rows, sep=";"), decimal=".") == load(tmp_path, text())
    rows = changed(body_mass_g=lambda cell: f"{int(cell) / 1000:.3f}", bill_length_mm=lambda cell: f"{float(cell):.2f}")
    assert load(tmp_path, text(rows), decimal=",") == load(tmp_path, text())  # 3.750 is 3750, 39.10 is 39.1


def test_the_unit_is_kept_for_the_answer(tmp_path):
    data = load(tmp_path, SAME["a unit"], "body_mass_g")
    assert data.unit == "g"
    assert load(tmp_path, SAME["a row of units"], "body_mass_g").unit == "g"
    assert load(tmp_path, SAME["a unit"], "body_mass_g", unit="grams").unit == "grams"


WARNED: dict[str, tuple[str, str, str]] = {
    "an id": (text([[str(100 + i), *row] for i, row in enumerate(ROWS)], ["no", *NAMES]), "species",
              r'no: counts the rows, as an id does.*exclude=\["no"\]'),
    "a constant": (text([["7", *row] for row in ROWS], ["one", *NAMES]), "species", "one: every row has '7'"),
    "rows in both parts": (text(ROWS + ROWS), "species", r"test rows stand among the training rows too"),
    "classes that differ in case": (text(ROWS[:30] + [["adelie", *row[1:]] for row in ROWS[30:]]), "species",
                                    "classes 'Adelie', 'adelie' differ only in case"),
    "few whole numbers": (text([[*row, str(i % 3)] for i, row in enumerate(ROWS)], [*NAMES, "grade"]), "grade",
                          r'grade: only 3 whole numbers \(0, 1, 2\).*task="classification"'),
    "nought and one": (text([[*row, str(i % 2)] for i, row in enumerate(ROWS)], [*NAMES, "ill"]), "ill",
                       r'ill: all numbers are 0 or 1.*task="classification"'),
    "a column called split": (text([[*row, "test" if i % 5 == 0 else "train"] for i, row in enumerate(ROWS)],
                                   [*NAMES, "split"]), "species", "the column split says which rows are to test by"),
    "large whole numbers": (text([[str(2**53 + i * i), *row] for i, row in enumerate(ROWS)], ["key", *NAMES]),
                            "species", r"key: whole numbers above 2\^53"),
}  # fmt: skip


@pytest.mark.parametrize("name", WARNED)
def test_it_is_warned_of(tmp_path, name):
    content, target, message = WARNED[name]
    assert re.search(message, load(tmp_path, content, target).overview)


def months(*numbers: int) -> str:
    return "".join(f"{2000 + n // 12}-{n % 12 + 1:02}-01,{n * n % 7},\n" for n in numbers)


@pytest.mark.parametrize(
    "numbers, message",
    [
        (range(30), ""),
        ([*range(20), *range(25, 40)], r"line 22, column 'day': a gap before it, and 1 in all"),
        (range(30, 0, -1), r"line 3, column 'day': before the row above it; the oldest comes first"),
    ],
)
def test_the_dates_of_a_series(tmp_path, numbers, message):
    path = tmp_path / "series.csv"
    path.write_text("day,tide (cm),\n" + months(*numbers), encoding="utf-8")
    overview = load_series(path, "tide (cm)", 3).overview
    assert re.search(message, overview) if message else "warning" not in overview


def test_a_series_in_costume(tmp_path):
    path = tmp_path / "series.csv"
    path.write_text("tide\n" + "".join(f'"{n},5 cm"\n' for n in range(20)), encoding="utf-8")
    data = load_series(path, "tide", 2)
    assert (data.unit, data.series) == ("cm", [n + 0.5 for n in range(20)])


def test_a_plain_table_is_warned_of_nothing(tmp_path):
    overview = load(tmp_path, text()).overview
    assert "warning" not in overview
    assert [line.split("  ")[0] for line in overview.splitlines()] == [
        "bill_length_mm",
        "body_mass_g",
        "species (to tell)",
    ]
