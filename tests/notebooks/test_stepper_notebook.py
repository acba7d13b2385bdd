"""The notebook of the stepper: exercises take right answers and stop wrong ones, and a saved stepper has its picture
and its page."""

from __future__ import annotations

import base64
import re
from xml.etree import ElementTree

import pytest

from tests.notebooks.exercises import run_with_answers
from tests.notebooks.running import ROOT, VIEW, read

NOTEBOOK = ROOT / "notebooks" / "02-step-by-step.ipynb"
ANSWERS = [  # exercise, what the student replaces, a right answer and wrong ones
    ("exercise-1-cell", '"before": None', '"before": 5', ['"before": 0', '"before": 3']),
    ("exercise-1-cell", '"upstream": None', '"upstream": 3', ['"upstream": 1']),
    ("exercise-1-cell", '"local": None', '"local": 1', ['"local": 3']),
    ("exercise-1-cell", '"after": None', '"after": 8.0', ['"after": 3', '"after": 15']),
    (
        "exercise-2-cell",
        "order = None",
        'order = ["y", "f", "d", "c"]',
        ['order = ["y", "d", "f", "c"]', 'order = ["y", "f", "d"]'],
    ),
    ("exercise-3-cell", "-1.024: None", '-1.024: "sign"', ['-1.024: "data"']),
    ("exercise-3-cell", "-0.512: None", '-0.512: "local"', ['-0.512: "upstream"']),
    ("exercise-3-cell", "-2.0: None", '-2.0: "upstream"', ['-2.0: "local"', '-2.0: "sign"']),
    ("exercise-3-cell", "-0.256: None", '-0.256: "data"', ['-0.256: "sign"']),
]


@pytest.fixture(scope="module")
def notebook():
    return read(NOTEBOOK)


def tagged(notebook, tag):
    return [cell for cell in notebook.cells if tag in cell.metadata.get("tags", [])]


def test_exercises_take_right_answers_and_stop_wrong_ones():
    run_with_answers(read(NOTEBOOK), ANSWERS)


def test_every_exercise_is_tried_and_has_a_hidden_solution(notebook):
    exercises, solutions = tagged(notebook, "exercise"), tagged(notebook, "solution")
    assert [cell.id for cell in exercises] == list(dict.fromkeys(answer[0] for answer in ANSWERS))
    assert len(exercises) == len(solutions) == 3
    assert all(cell.metadata["jupyter"]["source_hidden"] for cell in solutions)
    assert all(cell.source.startswith(f"# Solution of exercise {i}\n") for i, cell in enumerate(solutions, 1))


def test_every_saved_stepper_has_a_picture_and_a_page_in_its_place(notebook):
    outputs = [output.data for cell in notebook.cells for output in cell.get("outputs", []) if "data" in output]
    views = [i for i, data in enumerate(outputs) if VIEW in data]
    assert len(views) == 2
    for i in views:
        html = outputs[i + 1]["text/html"]
        assert f"saved-{outputs[i][VIEW]['model_id']}" in html  # they know of each other
        assert "<iframe" in html and "srcdoc=" in html
        (picture,) = re.findall(r'<img [^>]*src="data:image/svg\+xml;base64,([^"]+)"', html)
        assert ElementTree.fromstring(base64.b64decode(picture)).tag.endswith("svg")
