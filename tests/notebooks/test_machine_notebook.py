"""The notebook about compiling: its exercises, the claims that it makes about the plan, and a machine without the
kernel's package."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest

from tests.notebooks.exercises import run_with_answers
from tests.notebooks.running import ROOT, read, run

NOTEBOOK = ROOT / "notebooks" / "09-from-graph-to-machine.ipynb"
ANSWERS = [  # exercise, what the student replaces, a right answer and wrong ones
    ("exercise-1-cell", "instructions = None", "instructions = 16", ["instructions = 13", "instructions = 17"]),
    ("exercise-1-cell", "products = None", "products = 4", ["products = 3"]),
    ("exercise-2-cell", "clipped_too = "
                        "None", "clipped_too = lambda x: engine.minimum(engine.maximum(w * x, -1.0), 1.0)",
     ["clipped_too = lambda x: w * x", "clipped_too = lambda x: engine.maximum(w * x, -1.0)"]),
    ("exercise-2-cell", "clipped_too = "
                        "None", "clipped_too = lambda x: where(w * x - 1.0, 1.0, where(w * x + 1.0, w * x, -1.0))", []),
    ("exercise-3-cell", "rows, columns, columns_of_inputs = None, None, "
                        "None", "rows, columns, columns_of_inputs = 1, 3, 3",
     ["rows, columns, columns_of_inputs = 3, 3, 1", "rows, columns, columns_of_inputs = 1, 3, 5"]),
]  # fmt: skip
REMARK = "numba is not installed"


@pytest.fixture(scope="module")
def notebook():
    return read(NOTEBOOK)


def test_exercises_take_right_answers_and_stop_wrong_ones(notebook):
    without_measurements(notebook)
    run_with_answers(notebook, ANSWERS)


def test_every_exercise_has_a_hidden_solution(notebook):
    tagged = [(tag, cell) for cell in notebook.cells for tag in cell.metadata.get("tags", [])]
    exercises = [cell for tag, cell in tagged if tag == "exercise"]
    solutions = [cell for tag, cell in tagged if tag == "solution"]
    assert all(cell.metadata["jupyter"]["source_hidden"] for cell in solutions)
    assert all(cell.source.startswith(f"# Solution of exercise {i}\n") for i, cell in enumerate(solutions, 1))
    assert [cell.id for cell in exercises] == list(dict.fromkeys(answer[0] for answer in ANSWERS))
    assert len(exercises) == len(solutions)


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


def without_measurements(notebook):
    """Leave out what takes long and what no exercise needs."""
    notebook.cells = [
        cell for cell in notebook.cells if "measured" not in cell.metadata.get("tags", []) or cell.id == "eager-time"
    ]
