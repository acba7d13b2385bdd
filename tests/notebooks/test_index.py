"""The way through the course leads to every lesson."""

from __future__ import annotations

import re

import pytest

from tests.notebooks.editions import EDITIONS
from tests.notebooks.running import METADATA, NOTEBOOKS, ROOT, read

INDEX = ROOT / "notebooks" / "index.ipynb"
README = ROOT / "notebooks" / "README.md"
LINK = re.compile(r"\]\(([^)\s]+)\)")


@pytest.fixture(scope="module")
def sections():
    index = read(INDEX)
    assert dict(index.metadata) == METADATA
    assert {cell.cell_type for cell in index.cells} == {"markdown"}
    return {cell.id: cell.source for cell in index.cells}


def test_every_lesson_has_a_row_and_they_are_in_order(sections):
    rows = re.findall(r"^\| \[(\d\d) .*?\]\((.*?)\) \| (\d+) \|", sections["all-lessons"], re.MULTILINE)
    assert rows == [(name[:2], f"{name}.ipynb", minutes) for name, minutes, _ in table()]
    assert [name for _, name, _ in rows] == [path.name for path in NOTEBOOKS]


def table():
    """Of each lesson in the README: its name, its minutes, and the number of the lesson that it needs, if any."""
    rows = re.findall(
        r"^\| \[(\d\d-.*?)\].*\| (\d+)[^|]*\| ([^|]*) \|$", README.read_text(encoding="utf-8"), re.MULTILINE
    )
    return [(name, minutes, re.match(r"(?:\d\d)?", needs)[0]) for name, minutes, needs in rows]


def test_the_arrows_of_the_map_are_what_the_readme_says_is_needed(sections):
    named = re.findall(r"L(\d\d)\[", sections["map"])
    arrows = re.findall(r"L(\d\d)\S* ?.*? [-=]+> L(\d\d)", sections["map"])
    assert sorted(named) == [path.name[:2] for path in NOTEBOOKS]
    assert sorted(arrows) == sorted((needed, name[:2]) for name, _, needed in table() if needed)


def test_a_term_goes_through_all_of_it(sections):
    weeks = re.findall(r"^\| (\d+) \|", sections["term"], re.MULTILINE)
    lessons = LINK.findall(sections["term"])
    assert [int(week) for week in weeks] == list(range(1, 15))
    assert lessons == [path.name for path in NOTEBOOKS]


def test_ninety_minutes_are_ninety(sections):
    minutes = re.findall(r"^\| (\d+) \|", sections["ninety-minutes"], re.MULTILINE)
    assert sum(map(int, minutes)) == 90


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
