"""The answers in the notebook about the cost of training."""

from tests.notebooks.exercises import Answer

ANSWERS: list[Answer] = [
    ("exercise-1-cell", "products = None", "products = 660", ["products = 703", "products = 53", "products = 4000"]),
    ("exercise-2-cell", "times_as_fast = None", "times_as_fast = 2.5", ["times_as_fast = 4", "times_as_fast = 5"]),
    ("exercise-3-cell", "hours = None", "hours = 48", ["hours = 12", "hours = 16", "hours = 4"]),
]
