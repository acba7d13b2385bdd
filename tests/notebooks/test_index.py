"""The way through the course leads to every lesson."""

from __future__ import annotations

import re
from itertools import pairwise

import pytest

from tests.notebooks.editions import EDITIONS
from tests.notebooks.running import METADATA, NOTEBOOKS, ROOT, read

INDEX = ROOT / "notebooks" / "index.ipynb"
LINK = re.compile(r"\]\(([^)\s]+)\)")


@pytest.fixture(scope="module")
def sections():
    index = read(INDEX)
    assert dict(index.metadata) == METADATA
    assert {cell.cell_type for cell in index.cells} == {"markdown"}
    return {cell.id: cell.source for cell in index.cells}


def test_every_lesson_has_a_row_and_they_are_in_order(sections):
    rows = re.findall(r"^\| \[(\d\d) .*?\]\((.*?)\) \| \d+ \|", sections["all-lessons"], re.MULTILINE)
    assert rows == [(path.name[:2], path.name) for path in NOTEBOOKS]


def test_the_map_has_every_lesson_and_no_arrow_goes_back(sections):
    named = re.findall(r"L(\d\d)\[", sections["map"])
    arrows = re.findall(r"L(\d\d)\S* ?.*? [-=]+> L(\d\d)", sections["map"])
    assert sorted(named) == [path.name[:2] for path in NOTEBOOKS]
    assert len(arrows) == sections["map"].count("> L")
    assert all(before < after for before, after in arrows)


def test_a_term_goes_through_all_of_it(sections):
    weeks = re.findall(r"^\| (\d+) \|", sections["term"], re.MULTILINE)
    lessons = LINK.findall(sections["term"])
    assert [int(week) for week in weeks] == list(range(1, 15))
    assert lessons == [path.name for path in NOTEBOOKS]


def test_ninety_minutes_are_ninety(sections):
    minutes = re.findall(r"^\| (\d+) \|", sections["ninety-minutes"], re.MULTILINE)
    lessons = LINK.findall(sections["ninety-minutes"])
    assert sum(map(int, minutes)) == 90
    assert all(before < after for before, after in pairwise(lessons))


def test_links_of_all_notebooks_lead_somewhere():
    for path in [INDEX, *NOTEBOOKS, *EDITIONS.glob("*.ipynb")]:
        links = [
            link for cell in read(path).cells if cell.cell_type == "markdown" for link in LINK.findall(cell.source)
        ]
        lost = [link for link in links if "://" not in link and not (path.parent / link.partition("#")[0]).exists()]
        assert links and not lost, path.name


def test_the_last_lesson_looks_back_at_all_others():
    last = read(NOTEBOOKS[-1])
    (text,) = [cell.source for cell in last.cells if cell.id == "where"]
    assert LINK.findall(text) == [*[path.name for path in NOTEBOOKS[:-1]], INDEX.name]
