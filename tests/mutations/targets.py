"""Which files are mutated, and which tests are run against each of their mutants that are at work at the import: the
quick ones that know the file best come first, for a mutant is done with at the first failure."""

from __future__ import annotations

__all__ = ["FOLDERS", "TARGETS"]

FOLDERS = ("tests/engine", "tests/nn", "engine", "nn")
"""Where the tests are, and the examples in docstrings."""


def engine(*names: str) -> tuple[str, ...]:
    return tuple([f"tests/engine/test_{name}.py" for name in names])


def nn(*names: str) -> tuple[str, ...]:
    return tuple([f"tests/nn/test_{name}.py" for name in names])


COMPILED = engine("plan", "program", "compiled", "instruction_set")
TRAINED = nn("train", "train_errors", "backends", "backends_choice", "regularizers", "dropout", "optimizers")
RESUMED = nn("checkpoint", "resume", "backends_resume", "resume_settings", "pauses", "early_stopping")

TARGETS: dict[str, tuple[str, ...]] = {
    "engine/rules.py": (
        *engine("rules", "rule_edges", "conventions", "known_answers", "terms", "gradient", "check"),
        "tests/engine/test_precision.py::test_values_and_slopes",
        "tests/engine/test_precision.py::test_second_derivatives",
        *engine("field_bugs", "value"),
    ),
    "engine/graph.py": engine("graph", "backward", "gradient", "value", "scale", "random_programs"),
    "engine/value.py": engine("value", "record", "backward", "copy_pickle", "scope", "value_as_float", "rule_edges")
    + engine("own_rules", "field_bugs", "core", "tape"),
    "engine/readers/tape.py": engine("tape", "random_programs", "check", "known_answers"),
    "engine/readers/gradient.py": engine("gradient", "rule_edges", "random_programs", "known_answers"),
    "engine/readers/check.py": engine("check"),
    "engine/compiler/recording.py": engine("record_questions", *("plan", "program", "compiled", "own_rules", "record"))
    + nn("train", "backends"),
    "engine/compiler/sums.py": COMPILED,
    "engine/compiler/products.py": COMPILED,
    "engine/compiler/planner.py": COMPILED,
    "nn/training/losses.py": nn("losses", "train_errors", "train", "scores"),
    "nn/training/optimizers.py": nn("optimizers", "schedules", "backends", "resume", "train"),
    "nn/training/regularizers.py": nn("regularizers", "train"),
    "nn/training/task.py": TRAINED + RESUMED,
    "nn/training/eager_steps.py": TRAINED + RESUMED,
    "nn/training/compiled_steps.py": TRAINED + RESUMED,
    "nn/training/fused_steps.py": TRAINED + RESUMED,
}
