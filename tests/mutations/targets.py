"""Which files are mutated, and which tests are run against each: those of its lines, and against a mutant that is at
work at the import all of them, the quick ones that know the file best first, for a mutant is done with at the first
failure."""

from __future__ import annotations

__all__ = ["SLOW_TOO", "TABLE", "TARGETS"]


def engine(*names: str) -> tuple[str, ...]:
    return tuple([f"tests/engine/test_{name}.py" for name in names])


def nn(*names: str) -> tuple[str, ...]:
    return tuple([f"tests/nn/test_{name}.py" for name in names])


def experiments(*names: str) -> tuple[str, ...]:
    return tuple([f"tests/nn/experiments/test_{name}.py" for name in names])


COMPILED = engine("plan_sums", "plan", "program", "compiled", "instruction_set")
TRAINED = nn("train", "train_errors", "backends", "backends_choice", "regularizers", "dropout", "optimizers", "losses")
CHANGED = nn("changing_losses", "changing_samples")
RESUMED = nn("checkpoint", "resume", "backends_resume", "resume_settings", "pauses", "early_stopping")

PRECISE = (
    "tests/engine/test_precision.py::test_values_and_slopes",
    "tests/engine/test_precision.py::test_second_derivatives",
)
SLOW_TOO = (*nn("backends", "backends_choice", "train"), *CHANGED, *RESUMED, *engine("copy_pickle", "kernel"), *PRECISE)
"""Whose slow tests a mutant meets as well: nothing quick runs all lines of the steps of a training run, or sees the
last digits of a slope."""

TABLE = "engine/rules.py"
"""Its functions are read at the import, for the methods of a Value that are written from them: a mutant has these
written again, and meets tests that run them too."""

TARGETS: dict[str, tuple[str, ...]] = {
    TABLE: (
        *engine("rules", "rule_edges", "conventions", "known_answers", "terms", "gradient", "check"),
        *PRECISE,
        *engine("field_bugs", "value", "backward"),
    ),
    "engine/graph.py": engine("graph", "backward", "gradient", "value", "conventions", "scale", "wrong_calls"),
    "engine/value.py": engine("value", "record", "backward", "copy_pickle", "scope", "value_as_float", "rule_edges")
    + engine("own_rules", "field_bugs", "core", "tape", "conventions", "gradient", "wrong_calls", "source"),
    "engine/readers/tape.py": engine("tape", "known_answers", "conventions", "own_rules", "check", "wrong_calls")
    + engine("copy_pickle"),
    "engine/readers/gradient.py": engine("gradient", "rule_edges", "known_answers", "conventions", "own_rules")
    + engine("wrong_calls", "anomaly"),
    "engine/readers/check.py": engine("check", "wrong_calls"),
    "engine/compiler/recording.py": engine("record", "record_questions", "plan_sums", "plan", "program", "compiled")
    + engine("own_rules", "wrong_calls")
    + nn("train", "backends", "changing_losses"),
    "engine/compiler/watched.py": engine("record", "record_questions", "compiled") + nn("changing_losses"),
    "engine/compiler/sums.py": COMPILED,
    "engine/compiler/products.py": COMPILED,
    "engine/compiler/planner.py": COMPILED,
    "engine/compiler/kernel/cross_entropy.py": engine("kernel_translation", "kernel"),
    "engine/compiler/kernel/uses.py": engine("kernel_translation", "kernel"),
    "engine/compiler/kernel/translation.py": engine("kernel_translation", "kernel", "kernel_products"),
    "nn/experiments/samples.py": experiments("samples", "sweep"),
    "nn/experiments/record.py": experiments("sweep"),
    "nn/experiments/sweep.py": experiments("rows", "sweep"),
    "nn/experiments/data_parallel.py": experiments("data_parallel"),
    "nn/training/losses.py": nn("losses", "train_errors", "wrong_calls", "train", "metrics"),
    "nn/training/optimizers.py": nn("optimizers", "schedules", "wrong_calls", "backends", "resume", "train"),
    "nn/training/regularizers.py": nn("regularizers", "wrong_calls", "train"),
    "nn/training/task.py": nn("task") + TRAINED + CHANGED + RESUMED + nn("wrong_calls"),
    "nn/training/eager_steps.py": TRAINED + CHANGED + RESUMED,
    "nn/training/compiled_steps.py": nn("compiled_steps", "fused_steps", "epochs_at_once")
    + TRAINED
    + CHANGED
    + RESUMED,
    "nn/training/epochs.py": nn("epochs_at_once") + RESUMED,
    "nn/training/recorded.py": nn("compiled_steps", "epochs_at_once", "backends_shared") + TRAINED + CHANGED + RESUMED,
    "nn/training/flat.py": nn("compiled_steps", "fused_steps") + TRAINED + CHANGED + RESUMED,
    "nn/training/fused_steps.py": nn("fused_steps") + TRAINED + CHANGED + RESUMED,
    "nn/training/batches.py": nn("batches"),
    "nn/training/array_update.py": nn("array_update") + TRAINED + RESUMED,
}
