"""The CSV reader."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nn.data import Column, Preparation, Table, read_table
from nn.data.cells import is_missing
from nn.data.table import check_header, parse_number
from tests.nn.helpers import examples


def written(folder, content: str | bytes, name: str = "data.csv") -> str:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return str(path)


def test_a_plain_file(tmp_path):
    table = read_table(written(tmp_path, "age,sex\n31,male\n27,female\n"))
    assert table.header == ["age", "sex"]
    assert table.rows == [{"age": "31", "sex": "male"}, {"age": "27", "sex": "female"}]
    assert table.lines == [2, 3]
    assert table.column("sex") == ["male", "female"]
    assert len(table) == 2
    assert "2 rows; columns age, sex" in repr(table)


@pytest.mark.parametrize(
    "content",
    [
        "a,b\n1,x y\n",
        "\ufeffa,b\n1,x y\n",
        "a,b\r\n1,x y\r\n",
        "a,b\r1,x y\r",
        "a,b\n1,x y",
        "a;b\n1;x y\n",
        "a\tb\n1\tx y\n",
        '"a","b"\n"1","x y"\n',
        " a , b \n 1 , x y \n",
        "\na,b\n\n1,x y\n\n",
        "a,b\n1,x y\n,\n",
    ],
)
def test_forms_of_the_same_table(tmp_path, content):
    table = read_table(written(tmp_path, content))
    assert (table.header, table.rows) == (["a", "b"], [{"a": "1", "b": "x y"}])


def test_a_path_object(tmp_path):
    written(tmp_path, "a\n1\n")
    assert read_table(tmp_path / "data.csv").rows == [{"a": "1"}]


@pytest.mark.parametrize(
    "content",
    [
        '"price (EUR, net)";size\n"1;5";2\n3;4\n',
        'price (EUR, net);size\n"1;5";2\n3;4\n',
    ],
)
def test_another_delimiter_may_stand_in_the_cells(tmp_path, content):
    table = read_table(written(tmp_path, content))
    assert table.header == ["price (EUR, net)", "size"]
    assert table.column("price (EUR, net)") == ["1;5", "3"]


def test_line_numbers_count_line_breaks_inside_quotes(tmp_path):
    table = read_table(written(tmp_path, 'text,n\n"two\nlines",1\n\nx,2\n'))
    assert table.rows[0]["text"] == "two\nlines"
    assert table.lines == [2, 5]
    assert table.where(1, "n").endswith("data.csv, line 5, column 'n'")


@pytest.mark.parametrize(
    "content, cells",
    [
        ("x;y\n1,234;5.6\n", ["1,234"]),
        ('x,y\n"3,14",a\n', ["3,14"]),
        ("x;y\none, two;a\n1,5;b\n", ["one, two", "1,5"]),
    ],
)
def test_cells_stay_as_they_are(tmp_path, content, cells):
    assert read_table(written(tmp_path, content)).column("x") == cells


cell_texts = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=8).map(str.strip)


@pytest.mark.slow
@given(
    header=st.lists(cell_texts.filter(bool), min_size=2, max_size=4, unique=True),
    data=st.data(),
)
@examples(100)
def test_what_the_csv_module_writes_is_read_back(tmp_path_factory, header, data):
    row = st.lists(cell_texts, min_size=len(header), max_size=len(header)).filter(any)
    rows = data.draw(st.lists(row, min_size=1, max_size=5))
    stream = io.StringIO(newline="")
    csv.writer(stream, quoting=csv.QUOTE_ALL).writerows([header, *rows])
    path = tmp_path_factory.mktemp("csv") / "data.csv"
    path.write_bytes(stream.getvalue().encode())
    table = read_table(path)
    assert table.header == header
    assert [list(record.values()) for record in table.rows] == rows


@pytest.mark.parametrize(
    "content, message",
    [
        ("", "data.csv is empty"),
        ("\n \n", "data.csv is empty"),
        ("a,b\n", "a header but no rows"),
        ("a,b,a\n1,2,3\n", "line 1: two columns are called 'a'"),
        ("a,,c\n1,2,3\n", "line 1: column 2 has no name"),
        ("\n\na,a\n1,2\n", "line 3: two columns"),
        ("a,b,c\n1,2,3\n4,5\n", r"line 3: 2 cells; 3 are expected.*\(a, b, c\)"),
        ("a,b\n1,2\n\n4,5,6\n", "line 4: 3 cells; 2 are expected"),
        ('a,b\n1,2\n"open,3\n4,5\n', "line 3: cannot be read as CSV.*quotation mark"),
        ('a,b\n"x"y,2\n', "line 2: cannot be read as CSV"),
        (b"a,b\n1,2\nM\x81ller,3\n", "line 3: byte 0x81 is not UTF-8"),
        (b"\xff\xfea\x00,\x00b", "line 1: byte 0x62 is not UTF-16 text"),
        ("a,b\n1,2\n".encode("utf-16-le"), "line 1: a zero byte"),
        (b"PK\x03\x04rest", "a zip archive or a spreadsheet"),
        (b"\x1f\x8b\x08rest", "a gzip archive"),
        ("a,b\n1," + "x" * 200_000 + "\n", "line 2: cannot be read as CSV"),
    ],
)
def test_errors_name_the_file_and_the_line(tmp_path, content, message):
    with pytest.raises(ValueError, match=message) as caught:
        read_table(written(tmp_path, content))
    assert "data.csv" in str(caught.value)


@pytest.mark.parametrize("end", [",", ";", "\t", "\n", "\r"])
def test_too_many_cells_are_counted_before_there_is_one(tmp_path, monkeypatch, end):
    """Each of these bytes would take twenty in memory."""
    monkeypatch.setattr(csv, "reader", None)
    with pytest.raises(ValueError, match=r"data\.csv has about 25,000,001 cells; at most 25,000,000 are read"):
        read_table(written(tmp_path, "a" + end * 25_000_001))


def test_a_missing_file_is_named_with_a_close_one(tmp_path):
    written(tmp_path, "a\n1\n", "penguins.csv")
    with pytest.raises(FileNotFoundError, match=r"pengiuns\.csv; did you mean 'penguins\.csv'"):
        read_table(tmp_path / "pengiuns.csv")
    with pytest.raises(FileNotFoundError, match="there is no file"):
        read_table(tmp_path / "no" / "folder.csv")


def test_a_folder_is_no_file(tmp_path):
    with pytest.raises(ValueError, match="is a folder"):
        read_table(tmp_path)


class Counted(str):
    """A text that counts how often such texts are compared."""

    compared = 0
    __hash__ = str.__hash__

    def __eq__(self, other):
        Counted.compared += 1
        return str.__eq__(self, other)


def test_a_column_costs_the_same_however_many_there_are():
    """Names and categories are found by their hash: comparing each with each took 27 seconds for 40,000 columns."""
    count = 1000
    names = [Counted(f"c{i}") for i in range(count)]
    cells = [Counted(f"k{i}") for i in range(count)]
    Counted.compared = 0
    header = check_header(names, "t.csv", 1)
    table = Table.of_rows("t.csv", header, [dict(zip(names, cells, strict=True))] * 2, [2, 3])
    table.require(Counted(name) for name in names)
    for name in names:
        assert len(table.column(Counted(name))) == 2
    Preparation(tuple(Column(name, "number") for name in names), Column("y", "number"))
    column = Column("k", "category", categories=tuple(cells))
    assert [column.index(cell) for cell in cells] == list(range(count))
    assert Counted.compared < 20 * count


def test_two_columns_of_one_name_are_found_in_a_wide_file(tmp_path):
    names = [f"c{i}" for i in range(3000)]
    table = read_table(written(tmp_path, ",".join(names) + "\n" + ",".join("1" for _ in names) + "\n"))
    assert table.header == names
    with pytest.raises(ValueError, match="line 1: two columns are called 'c7'"):
        read_table(written(tmp_path, ",".join([*names, "c7"]) + "\n"))


TABLE = Table.of_rows("t.csv", ["Age", "sex"], [{"Age": "1", "sex": ""}, {"Age": "2", "sex": "m"}], [2, 5])


@pytest.mark.parametrize(
    "name, message",
    [
        ("age", r"t\.csv has no column 'age'; did you mean 'Age'\? \(its columns: Age, sex\)"),
        ("height", r"no column 'height' \(its columns: Age, sex\)"),
    ],
)
def test_an_unknown_column_lists_those_that_are_there(name, message):
    with pytest.raises(ValueError, match=message):
        TABLE.column(name)


def test_a_table_without_header_says_so(tmp_path):
    table = read_table(written(tmp_path, "5.1,3.5\n4.9,3.0\n"))
    with pytest.raises(ValueError, match="the first line must name the columns"):
        table.column("petal")


def test_rows_with_a_missing_cell_are_left_out_with_their_line_numbers():
    kept = TABLE.without_missing(["Age", "sex"])
    assert kept.rows == [{"Age": "2", "sex": "m"}]
    assert kept.lines == [5]
    assert TABLE.without_missing(["Age"]) == TABLE


@pytest.mark.parametrize("cell", ["", " ", "NA", "nan", "NaN", "n/a", "NULL", "<NA>"])
def test_cells_that_say_nothing(cell):
    assert is_missing(cell)


@pytest.mark.parametrize("cell", ["0", "no", "none", "unknown", "Namibia", "-"])
def test_cells_that_say_something(cell):
    assert not is_missing(cell)


@given(st.floats(allow_nan=False))
@examples(100)
def test_numbers_are_read_to_the_last_bit(x):
    assert parse_number(repr(x)) == x


@pytest.mark.parametrize("cell", ["", "abc", "1_000", "1,5", "0x10", "12 kg", "1.2.3", "--1"])
def test_cells_that_are_no_numbers(cell):
    assert parse_number(cell) is None
