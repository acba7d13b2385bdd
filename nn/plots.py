"""Pictures of training, by matplotlib, which is imported where it is used (the extra `lab`)."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from nn.json_files import whole_file

__all__ = ["load_figure", "plot_history", "write_pictures"]


def plot_history(history: Sequence[Any], path: str | Path | None = None) -> Any:
    """The loss of each epoch, of the training and the validation samples, as a matplotlib figure.

    Args:
        history: the epochs, each with `number`, `loss` and `validation`.
        path: where to write it too, as .png, .svg or .pdf.

    Raises:
        ImportError: without matplotlib, with the line that installs it.
    """
    figure_class = load_figure()
    figure = figure_class(figsize=(6.4, 4.0), layout="constrained")
    axes = figure.subplots()
    numbers = [epoch.number for epoch in history]
    marker = "o" if len(history) == 1 else ""  # one point is no line
    axes.plot(numbers, [epoch.loss for epoch in history], marker=marker, color="#0072B2", label="training")
    validation = [epoch.validation for epoch in history]
    if any(loss is not None for loss in validation):
        axes.plot(numbers, validation, marker=marker, color="#D55E00", linestyle="--", label="validation")
    axes.set(xlabel="epoch", ylabel="mean loss")
    losses = [loss for epoch in history for loss in (epoch.loss, epoch.validation) if loss is not None]
    # over less than a decade a linear axis is read more easily
    if losses and min(losses) > 0 and max(losses) >= 10 * min(losses):
        axes.set_yscale("log")
    axes.legend(frameon=False)
    axes.spines[["top", "right"]].set_visible(False)
    if path is not None:
        figure.savefig(path, dpi=150)
    return figure


def load_figure() -> Any:
    """matplotlib's figure without pyplot, so that no window system and no global state is touched."""
    try:
        from matplotlib.figure import Figure
    except ImportError:
        raise ImportError("plots need matplotlib: pip install matplotlib") from None
    return Figure


def write_pictures(folder: Path, pictures: Mapping[str, Callable[[Path], Any]]) -> None:
    """Write each picture of a run by what is given for its name; a line on standard error says why one cannot be."""
    for name, write in pictures.items():
        try:
            with whole_file(folder / name) as beside:
                write(beside)
        except (ImportError, OSError, RuntimeError, ArithmeticError) as error:
            print(f"no {name}: {error}", file=sys.stderr)
