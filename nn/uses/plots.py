"""Pictures of what a use came to, by matplotlib, which is imported where it is used. All take plain numbers and the path to write to."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from nn.plots import load_figure

__all__ = ["plot_confusion", "plot_told"]


def plot_confusion(counts: Sequence[Sequence[int]], labels: Sequence[str], path: Path) -> Any:
    """Row i, column j: how many of class i were taken for class j; shaded by the share of the row."""
    many = len(labels) > 12
    figure = load_figure()(figsize=(7, 6.4) if many else (1.8 + 0.55 * len(labels), 1.4 + 0.5 * len(labels)), layout="constrained")
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
                axes.text(j, i, str(n), ha="center", va="center", color="white" if shares[i][j] > 0.5 else "black", fontsize=9)
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
