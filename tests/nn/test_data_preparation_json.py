"""The JSON form of a preparation: exact, and safe against broken or foreign content."""

from __future__ import annotations

import copy
import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nn.data import Column, Preparation
from tests.nn.helpers import examples

AGE = Column("age", "number", mean=35.0, scale=10.0)
SEX = Column("sex", "category", categories=("f", "m"))

names = st.text(max_size=10)
finite = st.floats(allow_nan=False, allow_infinity=False)
scales = st.floats(min_value=0, exclude_min=True, allow_infinity=False)
number_columns = st.builds(Column, names, st.just("number"), mean=finite, scale=scales, unit=names)
category_lists = st.lists(names, min_size=2, max_size=5, unique=True).map(tuple)
category_columns = st.builds(Column, names, st.just("category"), categories=category_lists, drop_first=st.booleans())
target_columns = number_columns | st.builds(Column, names, st.just("category"), categories=category_lists)
preparations = (
    st.tuples(
        st.lists(number_columns | category_columns, min_size=1, unique_by=lambda c: c.name),
        target_columns,
    )
    .filter(lambda parts: parts[1].name not in [column.name for column in parts[0]])
    .map(lambda parts: Preparation(*parts))
)


class TestJson:
    @pytest.mark.slow
    @given(preparations)
    @examples(100)
    def test_round_trip_is_exact(self, prepared):
        text = json.dumps(prepared.to_dict())
        assert Preparation.from_dict(json.loads(text)) == prepared

    def test_whole_numbers_are_numbers(self):
        data = Preparation((AGE,), SEX).to_dict()
        data["columns"][0]["mean"] = 35
        assert Preparation.from_dict(data) == Preparation((AGE,), SEX)

    @pytest.mark.parametrize("foreign", [None, 3, "text", [], [{}]])
    def test_something_else(self, foreign):
        with pytest.raises(ValueError, match=r"preparation: .* an object is expected"):
            Preparation.from_dict(foreign)

    @pytest.mark.parametrize(
        "path, value, message",
        [
            (["columns"], ..., "preparation.columns: missing"),
            (["target"], ..., "preparation.target: missing"),
            (["colour"], 1, "preparation.colour: unknown; expected columns, target"),
            (["columns"], {}, "preparation.columns: {}; a list is expected"),
            (["columns"], [], "preparation.columns: none"),
            (["columns", 0], 3, r"preparation.columns\[0\]: 3; an object is expected"),
            (["columns", 1], "x" * 999, r"columns\[1\]: 'x+\.\.\.; an object"),
            (["columns", 0, "name"], ..., r"columns\[0\].name: missing; a text is expected"),
            (["columns", 0, "name"], 7, r"columns\[0\].name: 7; a text is expected"),
            (["columns", 0, "name"], "sex", "preparation.columns: two are called 'sex'"),
            (["columns", 0, "name"], "y", "preparation.columns: the target 'y' is among them"),
            (["columns", 0, "kind"], "date", r"columns\[0\].kind: 'date'; 'number' or"),
            (["columns", 0, "kind"], ..., r"columns\[0\].kind: missing"),
            (["columns", 0, "mean"], ..., r"columns\[0\].mean: missing; a number is expected"),
            (["columns", 0, "mean"], "1.5", r"columns\[0\].mean: '1.5'; a number is expected"),
            (["columns", 0, "mean"], True, r"columns\[0\].mean: True; a number is expected"),
            (["columns", 0, "mean"], math.nan, r"columns\[0\].mean: nan; a finite number"),
            (["columns", 0, "mean"], 10**400, r"columns\[0\].mean: inf; a finite number"),
            (["columns", 0, "scale"], 0.0, r"columns\[0\].scale: 0.0; a finite number above 0"),
            (["columns", 0, "scale"], -1.0, r"columns\[0\].scale: -1.0"),
            (["columns", 0, "scale"], None, r"columns\[0\].scale: None; a number is expected"),
            (["columns", 0, "dayfirst"], 1, r"columns\[0\].dayfirst: 1; true or false"),
            (["columns", 0, "categories"], ["a"], r"columns\[0\].categories: unknown"),
            (["columns", 1, "mean"], 0.0, r"columns\[1\].mean: unknown; expected name, kind"),
            (["columns", 1, "categories"], "fm", r"columns\[1\].categories: 'fm'; a list"),
            (["columns", 1, "categories"], [], r"columns\[1\].categories: none"),
            (["columns", 1, "categories"], ["f", 1], r"columns\[1\].categories\[1\]: 1; a text"),
            (["columns", 1, "categories"], ["f", "f"], r"categories: one of f, f appears twice"),
            (["columns", 1, "drop_first"], 1, r"columns\[1\].drop_first: 1; true or false"),
            (["target", "unit"], ..., "preparation.target.unit: missing"),
            (["target"], [], r"preparation.target: \[\]; an object is expected"),
        ],
    )
    def test_broken_fields_are_named(self, path, value, message):
        data = copy.deepcopy(Preparation((AGE, SEX), Column("y", "number")).to_dict())
        place = data
        for key in path[:-1]:
            place = place[key]
        if value is ...:
            del place[path[-1]]
        else:
            place[path[-1]] = value
        with pytest.raises(ValueError, match=message):
            Preparation.from_dict(data)

    def test_a_target_drops_nothing(self):
        data = Preparation((AGE,), SEX).to_dict()
        data["target"]["drop_first"] = True
        with pytest.raises(ValueError, match=r"preparation\.target: drop_first"):
            Preparation.from_dict(data)
