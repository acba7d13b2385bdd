"""The answers in the notebook of words: sentiment and translation."""

from tests.notebooks.exercises import Answer

ANSWERS: list[Answer] = [
    ("exercise-1-cell", "slope = None", "slope = 0.8 - 1", ["slope = 0.2", "slope = -0.4", "slope = 0.8"]),
    ("exercise-2-cell", "pair = None", 'pair = "not{}"', ['pair = "{}"', 'pair = "not {}"', 'pair = "not"']),
]
