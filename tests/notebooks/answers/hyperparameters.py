"""The answers in the notebook about hyperparameters."""

from tests.notebooks.exercises import Answer

ANSWERS: list[Answer] = [
    (
        "exercise-1-cell",
        "five = None",
        "five = [0.001, 0.01, 0.1, 1, 10]",
        ["five = [0.001, 2.50075, 5.0005, 7.50025, 10]", "five = [0.001, 0.1, 10]", "five = [0.01, 0.1, 1, 10, 100]"],
    ),
    ("exercise-2-cell", "n = None", "n = 29", ["n = 10", "n = 28", "n = 30"]),
    ("exercise-3-cell", "report = None", 'report = "b"', ['report = "a"', 'report = "c"', 'report = "B or c"']),
]
