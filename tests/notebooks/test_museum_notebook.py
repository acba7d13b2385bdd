"""The museum of bugs as a notebook: no exhibit is missing, and each is asked about before it is shown."""

from __future__ import annotations

import re

import pytest

from engine.museum import BUGS
from tests.notebooks.running import ROOT, read

NOTEBOOK = ROOT / "notebooks" / "03-museum-of-bugs.ipynb"


@pytest.fixture(scope="module")
def notebook():
    return read(NOTEBOOK)


def test_every_exhibit_is_asked_about_before_it_is_shown(notebook):
    place = {cell.id: i for i, cell in enumerate(notebook.cells)}
    for number, name in enumerate(BUGS, 1):
        room = name.replace("_", "-")
        heading = next(
            i
            for i, cell in enumerate(notebook.cells)
            if re.search(rf"^### Exhibit {number}\. ", cell.source, re.MULTILINE)
        )
        cells = [place[f"{what}-{room}"] for what in ("guess", "show", "why")]
        assert [heading, *cells] == sorted([heading, *cells])
        assert f'BUGS["{name}"]' in notebook.cells[cells[0]].source
