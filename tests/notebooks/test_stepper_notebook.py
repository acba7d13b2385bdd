"""The notebook of the stepper: a saved stepper has its picture and its page."""

from __future__ import annotations

import base64
import re
from xml.etree import ElementTree

import pytest

from tests.notebooks.running import ROOT, VIEW, read

NOTEBOOK = ROOT / "notebooks" / "02-step-by-step.ipynb"


@pytest.fixture(scope="module")
def notebook():
    return read(NOTEBOOK)


def test_every_saved_stepper_has_a_picture_and_a_page_in_its_place(notebook):
    outputs = [output.data for cell in notebook.cells for output in cell.get("outputs", []) if "data" in output]
    views = [i for i, data in enumerate(outputs) if VIEW in data]
    assert len(views) == 3
    for i in views:
        html = outputs[i + 1]["text/html"]
        assert f"saved-{outputs[i][VIEW]['model_id']}" in html  # they know of each other
        assert "<iframe" in html and "srcdoc=" in html
        (picture,) = re.findall(r'<img [^>]*src="data:image/svg\+xml;base64,([^"]+)"', html)
        assert ElementTree.fromstring(base64.b64decode(picture)).tag.endswith("svg")
