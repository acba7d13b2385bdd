"""The notebook of gradient descent: exercises take right answers and stop wrong ones, and its playground is complete in
itself."""

from __future__ import annotations

import html
import re

import pytest

from engine.pages.packing import unpack
from tests.notebooks.exercises import run_with_answers
from tests.notebooks.running import ROOT, read

NOTEBOOK = ROOT / "notebooks" / "04-gradient-descent.ipynb"
ANSWERS = [  # exercise, what the student replaces, a right answer and wrong ones
    ("exercise-1-cell", "after_one = None", "after_one = 2", ["after_one = 0", "after_one = 1.5"]),
    ("exercise-2-cell", "border = None", "border = 1 / 4", ["border = 1 / 8", "border = 0.5"]),
]


@pytest.fixture(scope="module")
def notebook():
    return read(NOTEBOOK)


@pytest.mark.slow
def test_exercises_take_right_answers_and_stop_wrong_ones():
    run_with_answers(read(NOTEBOOK), ANSWERS)


def test_every_exercise_is_tried_and_has_a_hidden_solution(notebook):
    by_tag = {
        tag: [cell for cell in notebook.cells if tag in cell.metadata.get("tags", [])]
        for tag in ("exercise", "solution")
    }
    assert [cell.id for cell in by_tag["exercise"]] == [answer[0] for answer in ANSWERS]
    solutions = [cell for cell in by_tag["solution"] if cell.id.startswith("solution-")]
    assert len(solutions) == len(ANSWERS)
    assert all(cell.metadata["jupyter"]["source_hidden"] for cell in by_tag["solution"])
    assert all(cell.source.startswith(f"# Solution of exercise {i}\n") for i, cell in enumerate(solutions, 1))


def test_the_stored_playground_is_a_page_of_its_own(notebook):
    (cell,) = [cell for cell in notebook.cells if cell.id == "lesson"]
    (output,) = cell.outputs
    (packed,) = re.findall(r'id="page">([^<]+)<', html.unescape(output.data["text/html"]))
    page = unpack(packed)
    assert "default-src 'none'" in page
    assert "Playground(" in page
