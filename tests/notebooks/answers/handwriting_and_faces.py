"""The answers in the notebook of handwriting and faces."""

from tests.notebooks.exercises import Answer

SEVEN = [
    ". . # # # # # .",
    ". . + + + # # .",
    ". . . . . # + .",
    ". . . . + # . .",
    ". . + # # # # .",
    ". . . # # . . .",
    ". . . # + . . .",
    ". . # # . . . .",
]
ONE = [". . . # # . . ."] * 8

ANSWERS: list[Answer] = [
    ("exercise-1-cell", "parameters = None", "parameters = 2410", ["parameters = 2368", "parameters = 74"]),
    (
        "exercise-2-cell",
        "seven = None",
        f"seven = {' '.join(SEVEN)!r}",
        [f"seven = {' '.join(ONE)!r}", "seven = '# # #'", f"seven = {' '.join('.' * 64)!r}"],
    ),
    ("exercise-3-cell", "photographs = None", "photographs = 1", ["photographs = 0.0125", "photographs = 10"]),
]
