"""The answers in the notebook of what lies beyond."""

from tests.notebooks.exercises import Answer

ANSWERS: list[Answer] = [
    ("exercise-1-cell", "after_one = None", "after_one = 2", ["after_one = 0", "after_one = 3 - 4 * 27 / 100"]),
    ("exercise-2-cell", "fewest = None", "fewest = 10", ["fewest = 784", "fewest = 1", "fewest = 7840"]),
    (
        "exercise-3-cell",
        "local_slope = None",
        "local_slope = lambda x: 1 - tanh(x) ** 2",
        ["local_slope = lambda x: 1 - x**2", "local_slope = tanh", "local_slope = lambda x: 1"],
    ),
]
