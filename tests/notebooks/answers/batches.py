"""The answers in the notebook of batches."""

from tests.notebooks.exercises import Answer

ANSWERS: list[Answer] = [
    ("exercise-1-cell", "steps_taken = None", "steps_taken = 230", ["steps_taken = 220", "steps_taken = 23"]),
    ("exercise-2-cell", "batch_size = None", "batch_size = 144", ["batch_size = 48", "batch_size = 16"]),
    ("exercise-2-cell", "batch_size = None", "batch_size = 150", ["batch_size = 1000"]),
    ("exercise-3-cell", "first = None", "first = 100", ["first = 10", "first = 40"]),
]
