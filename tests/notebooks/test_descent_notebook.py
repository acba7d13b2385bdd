"""The notebook of gradient descent: its playground is complete in itself."""

from __future__ import annotations

import html
import re

import pytest

from engine.pages.packing import unpack
from tests.notebooks.running import ROOT, read

NOTEBOOK = ROOT / "notebooks" / "05-gradient-descent.ipynb"


@pytest.fixture(scope="module")
def notebook():
    return read(NOTEBOOK)


def test_the_stored_playground_is_a_page_of_its_own(notebook):
    (cell,) = [cell for cell in notebook.cells if cell.id == "lesson"]
    output, _bridge = cell.outputs
    (packed,) = re.findall(r'id="page">([^<]+)<', html.unescape(output.data["text/html"]))
    page = unpack(packed)
    assert "default-src 'none'" in page
    assert "Playground(" in page
