"""The exercises of the first notebook: a right answer passes, a wrong one is stopped, and the solutions come after
the exercises."""

from __future__ import annotations

import pytest

from tests.notebooks.exercises import run_with_answers
from tests.notebooks.running import ROOT, read

NOTEBOOK = ROOT / "notebooks" / "01-the-chain-rule.ipynb"
ANSWERS = [  # exercise, what the student replaces, a right answer and wrong ones
    ("exercise-1-cell", '"a": None', '"a": 6.0', ['"a": -6.0', '"a": 3']),
    ("exercise-1-cell", '"f": None', '"f": 4', ['"f": -2']),
    ("exercise-2-cell", "number_of_paths = None", "number_of_paths = 3", ["number_of_paths = 2"]),
    ("exercise-2-cell", "number_of_steps = "
                        "None", "number_of_steps = 4", ["number_of_steps = 3", "number_of_steps = 6"]),
    ("exercise-2-cell", "gradient_of_x = None", "gradient_of_x = 27", ["gradient_of_x = 9"]),
    ("exercise-3-cell", "new_bias = None", "new_bias = math.log(2) - 1 + "
                                           "0.256", ["new_bias = -0.05", "new_bias = -0.5629"]),
    ("exercise-3-cell", "new_bias = None", "new_bias = -0.05085", []),  # worked out with a pocket calculator
    ("exercise-4-cell", "slope = None", "slope = lambda x, z: -2 * x * "
                                        "z", ["slope = lambda x, z: z", "slope = lambda x, z: 2 * x * z"]),
]  # fmt: skip


@pytest.fixture(scope="module")
def notebook():
    return read(NOTEBOOK)


def test_exercises_take_right_answers_and_stop_wrong_ones(notebook):
    run_with_answers(notebook, ANSWERS)


def test_every_exercise_has_a_hidden_solution(notebook):
    tagged = [(tag, cell) for cell in notebook.cells for tag in cell.metadata.get("tags", [])]
    exercises = [cell for tag, cell in tagged if tag == "exercise"]
    solutions = [cell for tag, cell in tagged if tag == "solution"]
    assert 3 <= len(exercises) == len(solutions) <= 5
    assert all(cell.metadata["jupyter"]["source_hidden"] for cell in solutions)
    assert all(cell.source.startswith(f"# Solution of exercise {i}\n") for i, cell in enumerate(solutions, 1))
    assert {cell.id for cell in exercises} == {answer[0] for answer in ANSWERS}
