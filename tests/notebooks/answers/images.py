"""The answers in the notebook of images."""

from tests.notebooks.exercises import Answer

ANSWERS: list[Answer] = [
    (
        "exercise-1-cell",
        "outputs, loss = None, None",
        'outputs, loss = 196, "mse"',
        ['outputs, loss = 28, "mse"', 'outputs, loss = 196, "cross_entropy"'],
    ),
    (
        "exercise-2-cell",
        "middle, above_0 = None, None",
        "middle, above_0 = 0.1, 9",
        ["middle, above_0 = 0.9, 9", "middle, above_0 = 0.1, 1"],
    ),
    ("exercise-3-cell", "weights = None", "weights = 64_000_000", ["weights = 1_000_064", "weights = 64_000"]),
]
