"""The answers in the notebook of one multiplication to a neuron."""

from tests.notebooks.exercises import Answer

ANSWERS: list[Answer] = [
    ("exercise-1-cell", '"a": None', '"a": 6.0', ['"a": -6.0', '"a": 3']),
    ("exercise-1-cell", '"f": None', '"f": 4', ['"f": -2']),
    ("exercise-2-cell", "number_of_paths = None", "number_of_paths = 3", ["number_of_paths = 2"]),
    (
        "exercise-2-cell",
        "number_of_steps = None",
        "number_of_steps = 4",
        ["number_of_steps = 3", "number_of_steps = 6"],
    ),
    ("exercise-2-cell", "gradient_of_x = None", "gradient_of_x = 27", ["gradient_of_x = 9"]),
    (
        "exercise-3-cell",
        "new_bias = None",
        "new_bias = math.log(2) - 1 + 0.256",
        ["new_bias = -0.05", "new_bias = -0.5629"],
    ),
    ("exercise-3-cell", "new_bias = None", "new_bias = -0.05085", []),  # worked out with a pocket calculator
    (
        "exercise-4-cell",
        "slope = None",
        "slope = lambda x, z: -2 * x * z",
        ["slope = lambda x, z: z", "slope = lambda x, z: 2 * x * z"],
    ),
]
