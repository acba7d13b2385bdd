"""The notebook about compiling on a machine without the kernel's package."""

from __future__ import annotations

import tempfile
from pathlib import Path

from tests.notebooks.running import ROOT, read, run

NOTEBOOK = ROOT / "notebooks" / "19-from-graph-to-machine.ipynb"
REMARK = "numba is not installed"


def test_without_numba_it_says_so_in_one_line_and_goes_on():
    from nbformat.v4 import new_code_cell

    notebook = read(NOTEBOOK)
    notebook.cells.insert(0, new_code_cell("import sys\n\nsys.modules['numba'] = None  # as if it were not installed"))
    with tempfile.TemporaryDirectory() as folder:
        executed = run(notebook, Path(folder))
    said = [
        output.text
        for cell in executed.cells
        if cell.cell_type == "code"
        for output in cell.outputs
        if "text" in output
    ]
    assert [text.count("\n") for text in said if REMARK in text] == [1]
    assert not [text for text in said if "kernel " in text and REMARK not in text]


def test_with_numba_the_stored_outputs_are_those_of_the_kernel_too():
    stored = {cell.id: cell for cell in read(NOTEBOOK).cells}
    assert "kernel" in stored["one-step"].outputs[0].text
    assert REMARK not in stored["prepare-kernel"].outputs[0].text
