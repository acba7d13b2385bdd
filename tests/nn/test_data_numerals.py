"""Plain numbers in a column are read at once: the answers are those of taking each cell apart."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nn.data import numerals
from nn.data.numerals import Custom, custom_of

PLAIN = st.one_of(
    st.integers(-2000, 2_000_000).map(str),
    st.floats(-1e4, 1e4).map(lambda x: f"{x:.3f}"),
    st.floats(allow_nan=False, allow_infinity=False).map(repr),
    st.from_regex(r"[+-]?[0-9]{1,4}(\.[0-9]{1,4})?([eE][+-]?[0-9]{1,3})?", fullmatch=True),
)
DRESSED = st.builds(
    "{}{}{}".format,
    st.sampled_from(["", "$", "€ ", "-", "−", "("]),
    st.sampled_from(["1", "1.5", "1,5", "1,234", "1.234", "1.234,5", "1 234", "0.123", "007", "12."]),
    st.sampled_from(["", " kg", "%", " €", ")"]),
)
CELLS = PLAIN | DRESSED | st.sampled_from(["?", "text", "1_000", "inf", ""])
UNITS = ["", "kg", "$"]


@settings(deadline=None)
@given(PLAIN, st.sampled_from([".", ","]), st.sampled_from(UNITS))
def test_a_plain_number_is_what_it_is_as_a_spreadsheet_wraps_it(cell, decimal, unit):
    custom = Custom(decimal, unit)
    assert custom.read(cell) == custom.read(f'="{cell}"')


@pytest.mark.parametrize(
    ("cell", "decimal", "unit", "number"),
    [
        ("-12.5", ".", "", -12.5),
        ("+3", ",", "", 3.0),
        ("1.234", ".", "", 1.234),
        ("1.234", ",", "", 1234.0),
        ("12.5", ",", "", None),
        ("0.123", ",", "", None),
        ("1e-3", ",", "", 0.001),
        ("1.25e2", ".", "", 125.0),
        ("1.25e2", ",", "", None),
        ("7", ".", "kg", None),
        ("7", ".", "$", 7.0),
        ("7.5", ",", "€", None),
    ],
)
def test_a_plain_number_in_a_custom(cell, decimal, unit, number):
    assert Custom(decimal, unit).read(cell) == number


@settings(deadline=None)
@given(st.lists(CELLS, max_size=12), st.sampled_from([None, ".", ","]))
def test_columns_are_read_as_cell_by_cell(cells, decimal):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(numerals, "PLAIN", re.compile(r"(?!)()"))  # nothing is plain
        apart = answer(cells, decimal)
    assert answer(cells, decimal) == apart


def answer(cells, decimal):
    """The custom and the numbers, or what was ambiguous."""
    try:
        custom = custom_of(cells, decimal)
    except numerals.Ambiguous as error:
        return error.place, error.readings
    return custom, custom and [custom.read(cell) for cell in cells]
