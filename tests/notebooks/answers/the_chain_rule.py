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
    ("exercise-3-cell", "gradient_of_w = None", "gradient_of_w = 6", ["gradient_of_w = 2", "gradient_of_w = -6"]),
    ("exercise-3-cell", "new_w = None", "new_w = 1.4", ["new_w = 2.6", "new_w = -4"]),
    (
        "exercise-3-cell",
        "gradient_with_other_bias = None",
        "gradient_with_other_bias = 0",
        ["gradient_with_other_bias = -24", "gradient_with_other_bias = 6"],
    ),
    (
        "exercise-4-cell",
        "slope = None",
        "slope = lambda x, z: -2 * x * z",
        ["slope = lambda x, z: z", "slope = lambda x, z: 2 * x * z"],
    ),
]
