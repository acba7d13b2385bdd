"""Pictures of training, by matplotlib, which is imported where it is used (the extra `lab`)."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from nn.history import Epoch
    from nn.layers import MLP

__all__ = ["plot_history", "plot_network"]

MOST_UNITS = 24  # of a layer in a picture


def plot_history(history: Sequence[Epoch], path: str | Path | None = None) -> Any:
    """The loss of each epoch, of the training and the validation samples, as a matplotlib figure.

    Args:
        history: the epochs.
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
    if history and all(epoch.loss > 0 and (epoch.validation is None or epoch.validation > 0) for epoch in history):
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


def plot_network(model: MLP, inputs: Sequence[str], outputs: Sequence[str], path: str | Path | None = None) -> Any:
    """A network as circles and lines, as a matplotlib figure: the weights by thickness, the positive ones blue and solid, the negative
    ones orange and dashed. Of wide layers the first units are drawn.

    Args:
        model: the network.
        inputs, outputs: what to call the units at both ends.
        path: where to write it too, as .png, .svg or .pdf.

    Raises:
        ImportError: without matplotlib, with the line that installs it.
    """
    widths = [model.inputs, *model.sizes]
    shown = [min(width, MOST_UNITS) for width in widths]
    figure = load_figure()(figsize=(2.6 * len(widths) + 1.4, max(2.5, 0.45 * max(shown))), layout="constrained")
    axes = figure.subplots()
    largest = max([abs(w.data) for w in model.weights()], default=1.0) or 1.0
    places = [[(float(column), (count - 1) / 2.0 - row) for row in range(count)] for column, count in enumerate(shown)]
    for before, after, layer in zip(places, places[1:], model.layers, strict=False):
        for end, neuron in zip(after, layer.neurons, strict=False):
            for start, w in zip(before, neuron.w, strict=False):
                strength = abs(w.data) / largest
                color, dashes = ("#0072B2", "-") if w.data >= 0 else ("#D55E00", "--")
                look = {"color": color, "linewidth": 0.2 + 2.8 * strength, "alpha": 0.25 + 0.75 * strength}
                axes.plot(*zip(start, end, strict=True), dashes, zorder=1, **look)
    for column, (width, units) in enumerate(zip(widths, places, strict=True)):
        axes.scatter(*zip(*units, strict=True), s=160, color="white", edgecolor="black", zorder=2)
        label = "inputs" if column == 0 else "outputs" if column == len(widths) - 1 else f"hidden {column}"
        axes.text(column, max(shown) / 2 + 0.1, f"{label}: {width}", ha="center", va="bottom")
        if width > len(units):
            axes.text(column, units[-1][1] - 0.45, f"and {width - len(units)} more", ha="center", va="top", fontsize=8)
    for names, units, side, align in ((inputs, places[0], -0.12, "right"), (outputs, places[-1], 0.12, "left")):
        for name, (x, y) in zip(names, units, strict=False):
            axes.text(x + side, y, literal(name), ha=align, va="center")
    for color, dashes, label in (("#0072B2", "-", "positive weight"), ("#D55E00", "--", "negative weight")):
        axes.plot([], [], dashes, color=color, linewidth=2.0, label=label)
    axes.legend(loc="lower center", ncols=2, frameon=False, fontsize=8)
    axes.set(xlim=(-1.0, len(widths) - 0.2), ylim=(-max(shown) / 2 - 1.0, max(shown) / 2 + 0.6))
    axes.axis("off")
    if path is not None:
        figure.savefig(path, dpi=150)
    return figure


def literal(name: str) -> str:
    """A user's name as matplotlib shows it as it is: a dollar sign would start a formula."""
    return name[:40].replace("$", r"\$")
