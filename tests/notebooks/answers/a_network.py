"""The answers in the notebook of a network."""

from tests.notebooks.exercises import Answer

ANSWERS: list[Answer] = [
    ("exercise-1-cell", "count = None", "count = 131", ["count = 112", "count = 64"]),
    ("exercise-2-cell", "activation = None", "activation = 0", ["activation = -0.5", "activation = 0.5"]),
    ("exercise-2-cell", "slope = None", "slope = 0", ["slope = 1", "slope = 2"]),
    (
        "exercise-3-cell",
        "w1_w2_b = None",
        "w1_w2_b = 1, 1, -1.5",
        ["w1_w2_b = 1, 1, -0.5", "w1_w2_b = 1, 1, -1", "w1_w2_b = 1, -1, 0.5"],
    ),
]
