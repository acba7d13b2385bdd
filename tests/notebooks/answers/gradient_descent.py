"""The answers in the notebook of gradient descent."""

from tests.notebooks.exercises import Answer

ANSWERS: list[Answer] = [
    ("exercise-1-cell", "after_one = None", "after_one = 2", ["after_one = 0", "after_one = 1.5"]),
    ("exercise-2-cell", "border = None", "border = 1 / 4", ["border = 1 / 8", "border = 0.5"]),
    ("exercise-3-cell", "steps_taken = None", "steps_taken = 400", ["steps_taken = 20", "steps_taken = 20000"]),
]
