"""The answers in the notebook of time series."""

from tests.notebooks.exercises import Answer

ANSWERS: list[Answer] = [
    ("exercise-1-cell", "windows = None", "windows = 732 - 24", ["windows = 732", "windows = 709", "windows = 30.5"]),
    ("exercise-2-cell", "months_later = None", "months_later = 11", ["months_later = 10", "months_later = 12"]),
    (
        "exercise-3-cell",
        "rule = None",
        'rule = "mean of the month"',
        ['rule = "the last month"', 'rule = "a year before"', 'rule = "linear"'],
    ),
]
