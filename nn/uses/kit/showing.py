"""What a person wants to see of answers: who is taken for whom, and how far off numbers are. Printed, and as
pictures."""

from __future__ import annotations

from collections.abc import Sequence

from nn.plots import write_pictures
from nn.scoring.metrics import classes_told, counted
from nn.scoring.predict import predict
from nn.uses.kit.plots import plot_confusion, plot_told
from nn.uses.kit.use import Result

__all__ = ["confusion_text", "show_classes", "show_numbers"]


def show_classes(result: Result) -> list[tuple[int, int]]:
    """Print who is taken for whom among the test rows, and draw it. Returns (true, told) for each row."""
    data = result.data
    assert data.classes is not None
    outputs = predict(result.model, [x for x, _ in data.test], result.backend)
    pairs = classes_told(outputs, data.test.targets)
    counts = counted(pairs, len(data.classes))
    print(confusion_text(counts, data.classes))
    write_pictures(result.folder, {"confusion.png": lambda path: plot_confusion(counts, data.classes or [], path)})
    return pairs


def confusion_text(counts: Sequence[Sequence[int]], labels: Sequence[str]) -> str:
    """The counts as text: a row for each true class, a column for what it was taken for; of many classes only the
    errors, most first."""
    if len(labels) > 12:
        wrong = [(n, labels[i], labels[j]) for i, row in enumerate(counts) for j, n in enumerate(row) if n and i != j]
        lines = [f"  {true} taken for {told}: {n}" for n, true, told in sorted(wrong, key=lambda one: -one[0])[:10]]
        return "\n".join(["errors on the test rows, most frequent first:", *(lines or ["  none"])])
    wide = max(map(len, labels))
    width = max(5, *(len(str(n)) + 1 for row in counts for n in row), *(len(label) + 1 for label in labels))
    head = f"{'true, and told as':<{max(wide, 18)}}" + "".join(f"{label:>{width}}" for label in labels)
    return "\n".join([head] + [f"{label:<{max(wide, 18)}}" + "".join(f"{n or '·':>{width}}" for n in row)
                               for label, row in zip(labels, counts, strict=True)])  # fmt: skip


def show_numbers(result: Result) -> None:
    """Print a few rows with what was told and what is true, the worst among them, and draw all."""
    preparation = result.data.preparation
    assert preparation is not None
    target = preparation.target
    outputs = predict(result.model, [x for x, _ in result.data.test], result.backend)
    said = [target.undo(output[0]) for output in outputs]
    true = [target.undo(t[0]) for t in result.data.test.targets]
    worst = sorted(range(len(true)), key=lambda i: -abs(said[i] - true[i]))[:3]
    print(
        f"{target.name}{f' in {target.unit}' if target.unit else ''} of test rows, three as they come and the three "
        "worst:"
    )
    print(f"{'':>4}{'told':>10}{'true':>10}{'error':>10}")
    for i in [*(i for i in range(len(true)) if i not in worst)][:3] + worst:
        print(f"{i:>4}{said[i]:>10.4g}{true[i]:>10.4g}{said[i] - true[i]:>+10.3g}")
    write_pictures(
        result.folder, {"told.png": lambda path: plot_told(true, said, f"{target.name} {target.unit}".strip(), path)}
    )
