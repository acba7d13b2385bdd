"""The answers in the notebook of classification and regression."""

from tests.notebooks.exercises import Answer

ANSWERS: list[Answer] = [
    (
        "exercise-1-cell",
        "answer = None",
        'answer = [(10, "cross_entropy"), (1, "mse"), (1, "binary_cross_entropy")]',
        [
            'answer = [(1, "mse"), (1, "mse"), (1, "binary_cross_entropy")]',
            'answer = [(10, "cross_entropy"), (1, "cross_entropy"), (2, "cross_entropy")]',
            'answer = [(10, "cross_entropy"), (1, "mse"), (2, "mse")]',
        ],
    ),
    ("exercise-2-cell", "slope = None", "slope = -0.8", ["slope = 0.2", "slope = 0.8", "slope = -0.3"]),
    (
        "exercise-3-cell",
        "model_accuracy, found_share = None, None",
        "model_accuracy, found_share = 0.96, 0.2",
        ["model_accuracy, found_share = 0.95, 0.2", "model_accuracy, found_share = 0.96, 0.96"],
    ),
]
