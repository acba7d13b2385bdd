"""The answers in the notebook of the museum of bugs."""

from tests.notebooks.exercises import Answer

GUESS = "guess = None"
ON_A_TREE = """(lambda a, b: (a * b).tanh())(Value(2.0, "a"), Value(3.0, "b"))"""
WITH_A_SHORT_CUT = """(lambda p: p + p**2)(Value(2.0, "a") * Value(3.0, "b"))"""
TWO_WAYS_OF_ONE_LENGTH = """(lambda s: s.sin() * s.tanh())(Value(0.5, "a") * 2.0)"""
BROKEN = """\
    def visit(node):
        for x, slope in edges(node):
            grads[x] += grads[node] * slope
        for x, _ in edges(node):
            visit(x)

    visit(y)
"""
PASSES_ON_WHAT_IS_NEW = """\
    def visit(node, new):
        for x, slope in edges(node):
            grads[x] += new * slope
            visit(x, new * slope)

    visit(y, 1.0)
"""
QUEUES = """\
    queue = [y]
    for node in queue:
        for x, slope in edges(node):
            if x not in queue:
                queue.append(x)
            grads[x] += grads[node] * slope
"""

ANSWERS: list[Answer] = [
    ("guess-overwrites", GUESS, "guess = 18", ["guess = 48", "guess = 6", "guess = 24"]),
    ("guess-recursive", GUESS, "guess = 8.0", ["guess = 4", "guess = 2"]),
    ("guess-depth-first", GUESS, "guess = 16", ["guess = 32", "guess = 8"]),
    ("guess-breadth-first", GUESS, "guess = 3", ["guess = 39", "guess = 36"]),
    ("guess-not-zeroed", GUESS, "guess = -9", ["guess = -3", "guess = -6", "guess = 9"]),
    ("guess-second-pass", GUESS, "guess = 45", ["guess = 27", "guess = 54"]),
    ("guess-drawn-early", GUESS, 'guess = "b"', ['guess = "a"', 'guess = "y"', "guess = 0"]),
    ("guess-plus-for-minus", GUESS, "guess = 12", ["guess = -12", "guess = 4"]),
    ("guess-late-slopes", GUESS, "guess = -3", ["guess = 15", "guess = 3"]),
    (
        "exercise-1-cell",
        "y = None",
        f"y = {TWO_WAYS_OF_ONE_LENGTH}",
        [f"y = {ON_A_TREE}", f"y = {WITH_A_SHORT_CUT}"],
    ),
    (
        "exercise-2-cell",
        "chosen = None",
        "chosen = [4, 5, 8, 9]",
        ["chosen = [5, 8, 9]", "chosen = [1, 2, 5, 8, 9]", "chosen = []"],
    ),
    ("exercise-3-cell", BROKEN, PASSES_ON_WHAT_IS_NEW, [QUEUES]),
]
