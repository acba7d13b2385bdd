"""The answers in the notebook of the stepper."""

from tests.notebooks.exercises import Answer

ANSWERS: list[Answer] = [
    ("exercise-1-cell", '"before": None', '"before": 5', ['"before": 0', '"before": 3']),
    ("exercise-1-cell", '"upstream": None', '"upstream": 3', ['"upstream": 1']),
    ("exercise-1-cell", '"local": None', '"local": 1', ['"local": 3']),
    ("exercise-1-cell", '"after": None', '"after": 8.0', ['"after": 3', '"after": 15']),
    (
        "exercise-2-cell",
        "order = None",
        'order = ["y", "f", "d", "c"]',
        ['order = ["y", "d", "f", "c"]', 'order = ["y", "f", "d"]'],
    ),
    ("exercise-3-cell", "-1.024: None", '-1.024: "sign"', ['-1.024: "data"']),
    ("exercise-3-cell", "-0.512: None", '-0.512: "local"', ['-0.512: "upstream"']),
    ("exercise-3-cell", "-2.0: None", '-2.0: "upstream"', ['-2.0: "local"', '-2.0: "sign"']),
    ("exercise-3-cell", "-0.256: None", '-0.256: "data"', ['-0.256: "sign"']),
]
