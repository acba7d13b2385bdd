"""The answers in the notebook of overfitting."""

from tests.notebooks.exercises import Answer

ANSWERS: list[Answer] = [
    ("exercise-1-cell", "after_l1 = None", "after_l1 = 0.2", ["after_l1 = 0.25", "after_l1 = 0.243"]),
    ("exercise-1-cell", "after_l2 = None", "after_l2 = 0.243", ["after_l2 = 0.27", "after_l2 = 0.2"]),
    ("exercise-2-cell", "stops_after = None", "stops_after = 5", ["stops_after = 3", "stops_after = 8"]),
    ("exercise-2-cell", "keeps = None", "keeps = 3", ["keeps = 5", "keeps = 6", "keeps = 10"]),
    ("exercise-3-cell", "strength = None", "strength = 0.01", ["strength = 0.0", "strength = 1.0"]),
]
