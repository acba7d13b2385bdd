"""The answers in the notebook of names."""

from tests.notebooks.exercises import Answer

ANSWERS: list[Answer] = [
    ("exercise-1-cell", "second_share = None", "second_share = 3 / 4", ["second_share = 1 / 4", "second_share = 3"]),
    ("exercise-2-cell", "shares_of_ten = None", "shares_of_ten = 55", ["shares_of_ten = 100", "shares_of_ten = 45"]),
    ("exercise-3-cell", "slope = None", "slope = 0", ["slope = 0.5", "slope = 1"]),
]
