"""The Indonesian edition has the code of its originals to the letter, their formulas, and words of its own."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.notebooks.editions import EDITIONS, following
from tests.notebooks.running import ROOT, read

FILES = sorted(EDITIONS.glob("*.ipynb"))
DISPLAYED = re.compile(r"\$\$.*?\$\$", re.DOTALL)
LINK = re.compile(r"\]\(([^)\s]+)\)")
MOST_BYTES = 500_000


@pytest.fixture(scope="module", params=FILES, ids=lambda path: path.name)
def path(request):
    return request.param


@pytest.fixture(scope="module")
def edition(path):
    return read(path)


@pytest.fixture(scope="module")
def original(path):
    return read(ROOT / "notebooks" / path.name)


def words(notebook):
    return {cell.id: cell.source for cell in notebook.cells if cell.cell_type == "markdown"}


def test_the_first_lessons_are_there():
    assert {path.name[:2] for path in FILES} >= {"01", "02", "05"}


def test_all_but_the_words_is_the_same(edition, original):
    assert [(cell.id, cell.cell_type, cell.metadata) for cell in edition.cells] == [
        (cell.id, cell.cell_type, cell.metadata) for cell in original.cells
    ]
    different = [
        own.id
        for own, cell in zip(edition.cells, original.cells, strict=True)
        if cell.cell_type == "code" and own != cell
    ]
    assert not different, "`python -m tests.notebooks` copies them"
    assert following(edition, original) == edition


def test_the_words_are_its_own(edition, original):
    ours, theirs = words(edition), words(original)
    assert not [name for name in ours if not set(paragraphs(ours[name])).isdisjoint(paragraphs(theirs[name]))]


def paragraphs(text):
    """Those that hold more than a formula."""
    return [part.strip() for part in text.split("\n\n") if re.search(r"\w", DISPLAYED.sub("", part))]


def test_sections_have_the_same_numbers(edition, original):
    ours, theirs = words(edition), words(original)
    assert [(name, headings(ours[name])) for name in ours] == [(name, headings(theirs[name])) for name in theirs]


def headings(text):
    """Their levels and numbers."""
    return [(level, re.findall(r"\d+", title)) for level, title in re.findall(r"^(#+) (.*)$", text, re.MULTILINE)]


def test_formulas_are_the_same(edition, original):
    ours, theirs = words(edition), words(original)
    assert [(name, formulas(ours[name])) for name in ours] == [(name, formulas(theirs[name])) for name in theirs]


def formulas(text):
    """Those that are displayed, without words."""
    return [re.sub(r"\\text\{[^}]*\}|\s", "", formula) for formula in DISPLAYED.findall(text)]


def test_it_leads_where_its_original_leads(edition, original):
    ours, theirs = [{Path(target).name for target in links(notebook)} for notebook in (edition, original)]
    assert theirs and theirs <= ours


def links(notebook):
    return [target for text in words(notebook).values() for target in LINK.findall(text)]


def test_each_leads_to_the_other_in_its_first_cell(path, edition, original):
    assert f"](../{path.name})" in edition.cells[0].source
    assert f"](id/{path.name})" in original.cells[0].source


def test_links_to_what_there_is_in_indonesian_stay_in_indonesian(path, edition):
    targets = [Path(target) for target in links(edition)]
    outside = {target.name for target in targets if target.parts[0] == ".."}
    inside = {target.name for target in targets if target.parts[0] != ".."}
    assert not outside & {path.name for path in FILES} - {path.name}
    assert inside <= {path.name for path in FILES}


def test_it_is_small_enough(path):
    assert path.stat().st_size < MOST_BYTES


def test_an_edition_follows_its_original(edition, original):
    from nbformat import from_dict
    from nbformat.v4 import new_markdown_cell

    changed = from_dict(original)
    code = next(cell for cell in changed.cells if cell.cell_type == "code")
    code.source += "\n# changed"
    new = new_markdown_cell("New.")
    changed.cells.append(new)
    followed = following(edition, changed)
    assert [cell for cell in followed.cells if cell.cell_type == "code"] == [
        cell for cell in changed.cells if cell.cell_type == "code"
    ]
    assert words(followed) == words(edition) | {new.id: "New."}
