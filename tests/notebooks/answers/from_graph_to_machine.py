"""The answers in the notebook of compiling."""

from tests.notebooks.exercises import Answer

ANSWERS: list[Answer] = [
    ("exercise-1-cell", "instructions = None", "instructions = 16", ["instructions = 13", "instructions = 17"]),
    ("exercise-1-cell", "products = None", "products = 4", ["products = 3"]),
    (
        "exercise-2-cell",
        "clipped_too = None",
        "clipped_too = lambda x: engine.minimum(engine.maximum(w * x, -1.0), 1.0)",
        ["clipped_too = lambda x: w * x", "clipped_too = lambda x: engine.maximum(w * x, -1.0)"],
    ),
    (
        "exercise-2-cell",
        "clipped_too = None",
        "clipped_too = lambda x: where(w * x - 1.0, 1.0, where(w * x + 1.0, w * x, -1.0))",
        [],
    ),
    (
        "exercise-3-cell",
        "rows, columns, columns_of_inputs = None, None, None",
        "rows, columns, columns_of_inputs = 1, 3, 3",
        ["rows, columns, columns_of_inputs = 3, 3, 1", "rows, columns, columns_of_inputs = 1, 3, 5"],
    ),
]
