"""The answers in the notebook about data that change."""

from tests.notebooks.exercises import Answer

ANSWERS: list[Answer] = [
    ("exercise-1-cell", "steps = None", "steps = 7", ["steps = 5", "steps = 6", "steps = 8"]),
    ("exercise-2-cell", "answer = None", 'answer = "ac"', ['answer = "a"', 'answer = "abc"', 'answer = "acd"']),
]
