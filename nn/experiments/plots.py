"""Pictures of a sweep, by matplotlib, which is imported where it is used. All take plain numbers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import zip_longest
from pathlib import Path
from statistics import fmean, stdev
from typing import Any

from nn.plots import load_figure

__all__ = ["plot_curves", "plot_distribution", "plot_heat_map", "plot_parallel"]

MOST_ROWS = 40
"""More settings than that are not told apart in one picture."""
MOST_NUMBERS = 150
"""More squares than that have no room for their numbers."""


def plot_distribution(settings: Sequence[tuple[str, Sequence[float]]], score: str, path: str | Path | None) -> Any:
    """One row for each setting: a point for each seed, a bar at the mean."""
    shown = settings[:MOST_ROWS]
    with drawn((6.4, 1.2 + 0.3 * len(shown)), path) as figure:
        axes = figure.subplots()
        for place, (_, numbers) in enumerate(shown):
            axes.plot(numbers, [place] * len(numbers), "o", color="C0", alpha=0.5)
            axes.plot([fmean(numbers)], [place], "|", color="C1", markersize=14, markeredgewidth=3)
        axes.set_yticks(range(len(shown)), [name for name, _ in shown], fontsize=9)
        axes.invert_yaxis()
        axes.set(xlabel=score if len(shown) == len(settings) else f"{score} (the first {len(shown)} settings)")
    return figure


def plot_heat_map(cells: Sequence[Sequence[float | None]], rows: tuple[str, Sequence[str]],
                  columns: tuple[str, Sequence[str]], score: str, limits: tuple[float, float] | None,
                  path: str | Path | None) -> Any:  # fmt: skip
    """A square for each pair of two hyperparameters, each with its name and its values; white where there is none. Its
    number stands in it where there are not too many. What is beyond the limits has the colour of the nearer one."""
    size = (3.0 + 0.6 * len(columns[1]), 1.8 + 0.4 * len(rows[1]))
    low, high = limits or (None, None)
    with drawn((min(size[0], 14.0), min(size[1], 12.0)), path) as figure:
        axes = figure.subplots()
        image = axes.imshow(
            [[float("nan") if cell is None else cell for cell in line] for line in cells], aspect="auto", vmin=low,
            vmax=high,
        )  # fmt: skip
        if len(rows[1]) * len(columns[1]) <= MOST_NUMBERS:
            write_numbers(axes, cells, image)
        axes.set_xticks(range(len(columns[1])), columns[1], rotation=45, ha="right")
        axes.set_yticks(range(len(rows[1])), rows[1])
        axes.set(xlabel=columns[0], ylabel=rows[0])
        figure.colorbar(image, label=score, extend="both" if limits else "neither")
    return figure


def write_numbers(axes: Any, cells: Sequence[Sequence[float | None]], image: Any) -> None:
    """Each number on its square, dark on light and light on dark."""
    for i, line in enumerate(cells):
        for j, cell in enumerate(line):
            if cell is not None:
                red, green, blue, _ = image.to_rgba(cell)
                colour = "black" if 0.3 * red + 0.59 * green + 0.11 * blue > 0.5 else "white"
                axes.text(j, i, f"{cell:.2g}", ha="center", va="center", color=colour, fontsize=9)


def plot_parallel(axes: Mapping[str, Sequence[Any]], lines: Sequence[tuple[Sequence[Any], float]], score: str,
                  limits: tuple[float, float] | None, path: str | Path | None) -> Any:  # fmt: skip
    """A line for each setting through its values, each hyperparameter an upright axis, numbers by their rank; its
    colour and its right end are its figure, or the nearer limit."""
    with drawn((1.8 * (len(axes) + 1) + 1.0, 4.0), path) as figure:
        from matplotlib.cm import ScalarMappable
        from matplotlib.colors import Normalize

        room = figure.subplots()
        means = [mean for _, mean in lines] or [0.0]
        low, high = limits or (min(means), max(means))
        colours: Any = ScalarMappable(Normalize(low, high))
        for values, mean in lines:
            places = [ranked(known, value) for known, value in zip(axes.values(), values, strict=True)]
            last = (min(max(mean, low), high) - low) / (high - low or 1.0)
            room.plot(range(len(places) + 1), [*places, last], color=colours.to_rgba(mean), alpha=0.7)
        for place, known in enumerate(axes.values()):
            step = -(-len(known) // 12)
            for value in known[::step]:
                text = f"{value:.3g}" if isinstance(value, float) else str(value)
                room.annotate(text, (place, ranked(known, value)), fontsize=9, ha="right", xytext=(-3, 0),
                              textcoords="offset points")  # fmt: skip
            room.axvline(place, color="0.7", linewidth=1, zorder=0)
        room.set_xticks(range(len(axes) + 1), [*axes, score])
        room.set_yticks([])
        room.spines["left"].set_visible(False)
        figure.colorbar(colours, ax=room, label=score, extend="both" if limits else "neither")
    return figure


def plot_curves(curves: Sequence[tuple[str, Sequence[Sequence[float]]]], name: str, path: str | Path | None) -> Any:
    """The mean over the seeds for each setting, and a band of one standard deviation; a seed that ended early counts as
    long as it goes."""
    with drawn((6.4, 4.0), path) as figure:
        axes = figure.subplots()
        for setting, seeds in curves:
            steps = [[number for number in step if number is not None] for step in zip_longest(*seeds)]
            means = [fmean(step) for step in steps]
            spreads = [stdev(step) if len(step) > 1 else 0.0 for step in steps]
            numbers = range(1, len(means) + 1)
            [line] = axes.plot(numbers, means, marker="o" if len(means) == 1 else "", label=setting)
            axes.fill_between(
                numbers,
                [mean - spread for mean, spread in zip(means, spreads, strict=True)],
                [mean + spread for mean, spread in zip(means, spreads, strict=True)],
                color=line.get_color(), alpha=0.2, linewidth=0,
            )  # fmt: skip
        axes.xaxis.get_major_locator().set_params(integer=True)
        axes.set(xlabel="epoch", ylabel=name)
        axes.legend(fontsize=9)
    return figure


def ranked(known: Sequence[Any], value: Any) -> float:
    """Where a value stands among those that are known, from 0 to 1."""
    return known.index(value) / (len(known) - 1) if len(known) > 1 else 0.5


@contextmanager
def drawn(size: tuple[float, float], path: str | Path | None) -> Iterator[Any]:
    """A figure in the one style of all plots, written to the path at the end. ImportError without matplotlib."""
    figure_class = load_figure()
    from matplotlib import style

    with style.context("nn.plots"):
        figure = figure_class(figsize=size)
        yield figure
        if path is not None:
            figure.savefig(path, dpi=150)
