"""The answers in the notebook about what a network can approximate."""

from tests.notebooks.exercises import Answer

ANSWERS: list[Answer] = [
    ("exercise-1-cell", "b = None", "b = -10", ["b = 10", "b = -0.5", "b = 0"]),
    ("exercise-2-cell", "pieces = None", "pieces = 32", ["pieces = 16", "pieces = 31", "pieces = 64", "pieces = 31.5"]),
    ("exercise-3-cell", "promised = None", 'promised = "ad"', ['promised = "a"', 'promised = "abd"', 'promised = ""']),
]
