"""The notebook of what lies beyond: with PyTorch and without it."""

from __future__ import annotations

import importlib.util
import tempfile
from pathlib import Path

import pytest

from tests.notebooks.running import ROOT, read, run

NOTEBOOK = ROOT / "notebooks" / "20-beyond.ipynb"
REMARK = "PyTorch is not installed here"


def said(notebook):
    (cell,) = [cell for cell in notebook.cells if cell.id == "theirs"]
    return "".join(output.text for output in cell.outputs if "text" in output)


def test_without_pytorch_it_says_so_in_one_line():
    assert said(read(NOTEBOOK)).startswith(REMARK)
    assert said(read(NOTEBOOK)).count("\n") == 1


@pytest.mark.skipif(importlib.util.find_spec("torch") is None, reason="PyTorch is not installed")
def test_with_pytorch_the_losses_are_the_same():
    with tempfile.TemporaryDirectory() as folder:
        executed = run(read(NOTEBOOK), Path(folder))  # its claims compare all of them
    assert said(executed).startswith("the losses of 60 epochs differ by ")
