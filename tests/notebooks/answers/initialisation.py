"""The answers in the notebook of initialisation."""

from tests.notebooks.exercises import Answer

ANSWERS: list[Answer] = [
    ("exercise-1-cell", "how_many = None", "how_many = 1", ["how_many = 0", "how_many = 11", "how_many = 70"]),
    ("exercise-2-cell", "deviation = None", "deviation = 0.2", ["deviation = 2 / 50", "deviation = 0.1414"]),
    ("exercise-3-cell", "factor = None", "factor = 0.25**10", ["factor = 0.25", "factor = 0.5**10", "factor = 2.5"]),
]
