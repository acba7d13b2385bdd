"""Pictures of what a use came to, by matplotlib, which is imported where it is used. All take plain numbers and the
path to write to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from nn.plots import load_figure

__all__ = ["plot_attention", "plot_confusion", "plot_pictures", "plot_points", "plot_told", "plot_weights"]


def plot_confusion(counts: Sequence[Sequence[int]], labels: Sequence[str], path: Path) -> Any:
    """Row i, column j: how many of class i were taken for class j; shaded by the share of the row."""
    many = len(labels) > 12
    figure = load_figure()(
        figsize=(7, 6.4) if many else (1.8 + 0.55 * len(labels), 1.4 + 0.5 * len(labels)), layout="constrained"
    )
    axes = figure.subplots()
    shares = [[n / (sum(row) or 1) for n in row] for row in counts]
    axes.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    axes.set(xlabel="told", ylabel="true")
    ticks = range(0, len(labels), 5 if many else 1)
    axes.set_xticks(ticks, [labels[i] for i in ticks], rotation=45, ha="right")
    axes.set_yticks(ticks, [labels[i] for i in ticks])
    for i, row in enumerate(counts if not many else []):
        for j, n in enumerate(row):
            if n:
                axes.text(
                    j, i, str(n), ha="center", va="center", color="white" if shares[i][j] > 0.5 else "black", fontsize=9
                )
    figure.savefig(path, dpi=150)
    return figure


def plot_pictures(pictures: Sequence[tuple[Sequence[float], str, bool]], width: int, colours: str,
                  limits: tuple[float, float], path: Path) -> Any:  # fmt: skip
    """A sheet of small pictures, each pixels row by row with its caption, which is red where the third of them is
    False.

    `colours` is the name of a colour map, which goes from the first of the limits to the second.
    """
    columns = min(8, len(pictures))
    lines = -(-len(pictures) // columns)
    figure = load_figure()(figsize=(1.25 * columns, 1.65 * lines), layout="constrained")
    every = list(figure.subplots(lines, columns, squeeze=False).flat)
    for axes in every:
        axes.set_axis_off()
    for (pixels, caption, good), axes in zip(pictures, every, strict=False):
        rows = [pixels[start : start + width] for start in range(0, len(pixels), width)]
        axes.imshow(rows, cmap=colours, vmin=limits[0], vmax=limits[1])
        axes.set_title(caption, fontsize=8, color="black" if good else "#B00020")
    figure.savefig(path, dpi=150)
    return figure


def plot_told(true: Sequence[float], told: Sequence[float], what: str, path: Path) -> Any:
    """One point a row: what is true, and what was told; on the line they are equal."""
    figure = load_figure()(figsize=(4.8, 4.6), layout="constrained")
    axes = figure.subplots()
    ends = [min(*true, *told), max(*true, *told)]
    axes.plot(ends, ends, color="0.6", linewidth=1, label="told = true")
    axes.plot(true, told, "o", color="#0072B2", markersize=4, alpha=0.8)
    axes.set(xlabel=f"{what}, true", ylabel=f"{what}, told")
    axes.legend(frameon=False)
    axes.spines[["top", "right"]].set_visible(False)
    figure.savefig(path, dpi=150)
    return figure


def plot_points(
    points: Sequence[tuple[float, float]], labels: Sequence[str], shares: tuple[float, float], path: Path
) -> Any:
    """Labels at their places in a plane; the axes say which share of the variance they show."""
    figure = load_figure()(figsize=(5.2, 5.0), layout="constrained")
    axes = figure.subplots()
    axes.plot(*zip(*points, strict=True), ".", color="0.85", markersize=14)
    for (x, y), label in zip(points, labels, strict=True):
        axes.text(x, y, label, ha="center", va="center", color="#D55E00" if label in "aeiou" else "#0072B2")
    axes.set(xlabel=f"first principal direction ({shares[0]:.0%} of the variance)", ylabel=f"second ({shares[1]:.0%})")
    axes.spines[["top", "right"]].set_visible(False)
    figure.savefig(path, dpi=150)
    return figure


def plot_attention(heads: Sequence[Sequence[Sequence[float]]], labels: Sequence[str], path: Path) -> Any:
    """For each head a triangle: row t shows how much the place t takes of each place up to it."""
    columns = 2 if len(heads) > 1 else 1
    lines = -(-len(heads) // columns)
    size = 0.9 + 0.26 * len(labels)
    figure = load_figure()(figsize=(columns * size + 0.8, lines * size + 0.4), layout="constrained")
    for number, (head, axes) in enumerate(
        zip(heads, figure.subplots(lines, columns, squeeze=False).flat, strict=False), 1
    ):
        square = [[*row, *[float("nan")] * (len(labels) - len(row))] for row in head]
        picture = axes.imshow(square, cmap="Blues", vmin=0, vmax=1)
        axes.set_title(f"head {number}", fontsize=10)
        axes.set_xticks(range(len(labels)), labels)
        axes.set_yticks(range(len(labels)), labels)
    for axes in figure.axes[len(heads) :]:
        axes.set_axis_off()
    figure.supxlabel("takes from", fontsize=10)
    figure.supylabel("after this letter", fontsize=10)
    figure.colorbar(picture, ax=figure.axes, shrink=0.7, label="share")
    figure.savefig(path, dpi=150)
    return figure


def plot_forecast(true: Sequence[float], told: Sequence[float], persistence: Sequence[float], future: Sequence[float],
                  errors: Sequence[float], what: str, ticks: Mapping[int, str], path: Path) -> Any:  # fmt: skip
    """A series with its forecasts one step ahead and those that repeat the last number; beyond its end what is told,
    ± an error a step."""
    figure = load_figure()(figsize=(9, 4.2), layout="constrained")
    axes = figure.subplots()
    axes.plot(persistence, color="0.75", linewidth=1, linestyle="--", label="as the last (persistence)")
    axes.plot(true, color="black", linewidth=1.3, label="true")
    axes.plot(told, color="#0072B2", linewidth=1.3, label="told one step ahead")
    beyond, future = range(len(true) - 1, len(true) + len(future)), [true[-1], *future]
    axes.plot(
        beyond,
        future,
        color="#D55E00",
        linewidth=1.3,
        marker=".",
        markersize=5,
        label="told beyond the end, ± RMSE so far ahead",
    )
    low, high = ([y + sign * error for y, error in zip(future, [0.0, *errors], strict=True)] for sign in (-1, 1))
    axes.fill_between(beyond, low, high, color="#D55E00", alpha=0.18, linewidth=0)
    axes.set(ylabel=what)
    axes.set_xticks(list(ticks), list(ticks.values()))
    axes.spines[["top", "right"]].set_visible(False)
    figure.legend(frameon=False, loc="outside upper center", ncols=4, fontsize=9)
    figure.savefig(path, dpi=150)
    return figure


def plot_weights(weights: Sequence[Sequence[tuple[str, float]]], labels: Sequence[str], path: Path) -> Any:
    """A panel for each class, with a bar for each of its words; at most six panels."""
    shown = list(zip(labels, weights, strict=True))[:6]
    figure = load_figure()(
        figsize=(3.2 * len(shown), 0.8 + 0.27 * max(len(words) for _, words in shown)), layout="constrained"
    )
    for axes, (label, words) in zip(figure.subplots(1, len(shown), squeeze=False)[0], shown, strict=True):
        axes.barh([word for word, _ in words], [weight for _, weight in words], color="#0072B2")
        axes.invert_yaxis()
        axes.set(title=label, xlabel="added to the log-odds")
        axes.spines[["top", "right"]].set_visible(False)
    figure.savefig(path, dpi=150)
    return figure
