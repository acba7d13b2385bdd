"""`Results`: what the runs of a sweep came to, as a table: its best settings, one hyperparameter against another, CSV,
pandas and pictures."""

from __future__ import annotations

import csv
import json
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from statistics import fmean, stdev
from typing import Any

from nn.checks import did_you_mean, listing, one_of
from nn.experiments import plots
from nn.experiments.record import Row

__all__ = ["Pivot", "Results", "Summary"]

SHOWN = 60
"""How many rows of a table are printed at most."""


@dataclass(frozen=True)
class Summary:
    """A setting over its seeds."""

    setting: dict[str, Any]
    """Its hyperparameters by name."""
    score: str
    """The figure that is summed up."""
    numbers: tuple[float, ...]
    """That figure for each seed that gave it."""
    failed: int
    """How many seeds failed."""

    @property
    def mean(self) -> float:
        """Over the seeds; NaN where all failed."""
        return fmean(self.numbers) if self.numbers else math.nan

    @property
    def spread(self) -> float:
        """The standard deviation over the seeds; 0 for one."""
        return stdev(self.numbers) if len(self.numbers) > 1 else 0.0

    def __str__(self) -> str:
        seeds = f"{len(self.numbers)} seed{'s' * (len(self.numbers) != 1)}"
        failed = f", {self.failed} failed" if self.failed else ""
        return f"{named(self.setting)}: {self.score} {self.mean:.4g} ± {self.spread:.2g} ({seeds}{failed})"


@dataclass(frozen=True)
class Pivot:
    """A figure for each pair of values of two hyperparameters: the mean over all else; None where there is none."""

    row: str
    column: str
    score: str
    rows: list[Any]
    columns: list[Any]
    cells: list[list[float | None]]

    def __str__(self) -> str:
        body = [[label(value), *map(number, cells)] for value, cells in zip(self.rows, self.cells, strict=True)]
        head = [f"{self.row} \\ {self.column}", *map(label, self.columns)]
        return f"mean {self.score}\n" + aligned([head, *body])

    def _repr_html_(self) -> str:
        body = [[label(value), *map(number, cells)] for value, cells in zip(self.rows, self.cells, strict=True)]
        return html([f"{self.row} \\ {self.column}", *map(label, self.columns)], body, f"mean {self.score}")


class Results(Sequence[Row]):
    """The runs of a sweep in order: setting by setting, and of each seed by seed. Rows are read when they are asked
    for.

    Args:
        rows: the runs.

    Attributes:
        hyperparameters, varied: the names of the hyperparameters, and of those that have more than one value.
        figures, curves: the names of what the runs gave, numbers and lists of them.
    """

    def __init__(self, rows: Sequence[Row]) -> None:
        self.rows = rows
        names: dict[str, dict[str, None]] = {"hyperparameters": {}, "figures": {}, "curves": {}}
        for row in rows:
            names["hyperparameters"] |= dict.fromkeys(row.setting)
            for name, figure in row.figures.items():
                names["curves" if isinstance(figure, list) else "figures"][name] = None
        self.hyperparameters, self.figures, self.curves = map(list, names.values())
        self.varied = [name for name in self.hyperparameters if len(self.values(name)) > 1]

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, place: Any) -> Any:
        return Results(self.rows[place]) if isinstance(place, slice) else self.rows[place]

    def __iter__(self) -> Iterator[Row]:
        return iter(self.rows)

    @property
    def failed(self) -> list[Row]:
        """The runs that failed."""
        return [row for row in self if row.reason]

    def summaries(self, score: str | None = None) -> list[Summary]:
        """Each setting over its seeds, in order.

        Args:
            score: the figure; the first that the runs gave if None.

        Raises:
            ValueError: for a figure that no run gave.
        """
        score = self.figure(score)
        found: dict[str, tuple[dict[str, Any], list[float], int]] = {}
        for row in self:
            key = key_of(row)
            setting, numbers, failed = found.get(key, (row.setting, [], 0))
            given = row.figures.get(score)
            found[key] = (setting, numbers if given is None else [*numbers, given], failed + (given is None))
        return [Summary(setting, score, tuple(numbers), failed) for setting, numbers, failed in found.values()]

    def ranked(self, score: str | None = None, largest: bool = False) -> list[Summary]:
        """The settings none of whose seeds failed, the one with the smallest mean first. ValueError as `summaries`."""
        whole = [summary for summary in self.summaries(score) if not summary.failed]
        return sorted(whole, key=lambda summary: summary.mean, reverse=largest)

    def best(self, score: str | None = None, largest: bool = False) -> Summary:
        """The setting with the smallest mean over its seeds, or the largest; of those that are equal the first.

        Raises:
            ValueError: for a figure that no run gave, and where every setting has a seed that failed.
        """
        ranked = self.ranked(score, largest)
        if not ranked:
            first = next((row.reason for row in self.failed), "")
            raise ValueError(f"there is no best setting: every one has a seed that failed; the first: {first}")
        return ranked[0]

    def figure(self, score: str | None) -> str:
        """The figure of that name, or the first. ValueError for one that no run gave."""
        if not self.figures:
            raise ValueError(f"no run gave a number: {len(self.failed)} of {len(self)} failed")
        return self.figures[0] if score is None else one_of("figure", score, self.figures)

    def values(self, name: str) -> list[Any]:
        """The values of a hyperparameter: numbers in their order, others as they come. ValueError for an unknown
        name."""
        if name not in self.hyperparameters:
            near = did_you_mean(name, self.hyperparameters)
            raise ValueError(f"unknown hyperparameter {name!r}; known are {listing(self.hyperparameters)}{near}")
        found: dict[str, Any] = {}
        for row in self:
            if name in row.setting:
                found.setdefault(json.dumps(row.setting[name]), row.setting[name])
        values = list(found.values())
        return sorted(values) if all(isinstance(value, int | float) for value in values) else values

    def pivot(self, row: str, column: str, score: str | None = None) -> Pivot:
        """The mean of a figure for each pair of values of two hyperparameters. ValueError for unknown names."""
        score, rows, columns = self.figure(score), self.values(row), self.values(column)
        cells: dict[tuple[str, str], list[float]] = {}
        for run in self:
            if score in run.figures and {row, column} <= run.setting.keys():
                cells.setdefault((json.dumps(run.setting[row]), json.dumps(run.setting[column])), []).append(
                    run.figures[score]
                )
        found = [[cells.get((json.dumps(r), json.dumps(c)), []) for c in columns] for r in rows]
        return Pivot(row, column, score, rows, columns, [[fmean(c) if c else None for c in line] for line in found])

    def table(self) -> tuple[list[str], Iterator[list[Any]]]:
        """The names of the columns, and the cells of each run; curves are left to `row.figures`."""
        head = [*self.hyperparameters, "seed", *self.figures, "reason"]

        def lines() -> Iterator[list[Any]]:
            for row in self:
                settings = [row.setting.get(name, "") for name in self.hyperparameters]
                figures = [row.figures.get(name, "") for name in self.figures]
                yield [*settings, row.seed, *figures, row.reason]

        return head, lines()

    def to_csv(self, path: str | Path) -> None:
        """Write a line for each run, numbers exact. OSError where it cannot be written."""
        head, lines = self.table()
        with Path(path).open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            writer.writerow(head)
            writer.writerows([repr(x) if isinstance(x, float) else x for x in line] for line in lines)

    def to_pandas(self) -> Any:
        """The runs as a data frame, curves too. ImportError without pandas, with the line that installs it."""
        try:
            import pandas
        except ImportError:
            raise ImportError("a data frame needs pandas: pip install pandas") from None
        runs = [{**row.setting, "seed": row.seed, **row.figures, "reason": row.reason} for row in self]
        return pandas.DataFrame(runs, columns=[*self.hyperparameters, "seed", *self.figures, *self.curves, "reason"])

    def shown(self) -> tuple[list[str], list[list[str]], str]:
        """Each setting over its seeds as text, as far as there is room, and a line that says what is left out."""
        if not self.figures:
            return ["runs", "reason"], [[str(len(self)), self.failed[0].reason if self.failed else ""]], ""
        summed = {score: self.summaries(score) for score in self.figures}
        head = [*self.varied, "seeds", *(f"{score} (mean ± sd)" for score in self.figures)]
        lines = []
        for place, first in enumerate(summed[self.figures[0]][:SHOWN]):
            figures = [spread(summed[score][place]) for score in self.figures]
            failed = f" ({first.failed} failed)" if first.failed else ""
            settings = [label(first.setting.get(name, "")) for name in self.varied]
            lines.append([*settings, f"{len(first.numbers)}{failed}", *figures])
        more = len(summed[self.figures[0]]) - len(lines)
        notes = [f"... and {more:,} settings more"] * bool(more)
        notes += [
            f"first failure: {row.reason} ({self.named(row.setting)}, seed {row.seed})" for row in self.failed[:1]
        ]
        return head, lines, "\n".join(notes)

    def __str__(self) -> str:
        head, lines, note = self.shown()
        return "\n".join(part for part in (aligned([head, *lines]), note) if part)

    def __repr__(self) -> str:
        return f"<results of {len(self):,} runs, {len(self.failed):,} failed>"

    def _repr_html_(self) -> str:
        return html(*self.shown())

    def named(self, setting: dict[str, Any]) -> str:
        """What tells a setting from the others, in a line."""
        return named({name: value for name, value in setting.items() if name in self.varied} or setting)

    def plot_distribution(self, score: str | None = None, path: str | Path | None = None) -> Any:
        """The figure of every seed, a line of points for each setting, as a matplotlib figure."""
        whole = [summary for summary in self.summaries(score) if summary.numbers]
        return plots.plot_distribution(
            [(self.named(one.setting), one.numbers) for one in whole], self.figure(score), path
        )

    def plot_heat_map(self, row: str, column: str, score: str | None = None, path: str | Path | None = None,
                      limits: tuple[float, float] | None = None) -> Any:  # fmt: skip
        """The mean figure for each pair of values of two hyperparameters, as `pivot` has it.

        Args:
            row, column, score: as in `pivot`.
            path: where to write the picture too.
            limits: the figures of the first colour and of the last; the least and the largest if None.
        """
        pivot = self.pivot(row, column, score)
        return plots.plot_heat_map(
            pivot.cells, (row, list(map(label, pivot.rows))), (column, list(map(label, pivot.columns))),
            f"mean {pivot.score}", limits, path,
        )  # fmt: skip

    def plot_parallel(self, score: str | None = None, path: str | Path | None = None,
                      limits: tuple[float, float] | None = None) -> Any:  # fmt: skip
        """A line for each setting through the hyperparameters that were varied to its mean figure. Arguments as in
        `plot_heat_map`."""
        score, axes = self.figure(score), {name: self.values(name) for name in self.varied}
        whole = [one for one in self.summaries(score) if one.numbers and axes.keys() <= one.setting.keys()]
        lines = [([one.setting[name] for name in axes], one.mean) for one in whole]
        return plots.plot_parallel(axes, lines, f"mean {score}", limits, path)

    def plot_curves(self, curve: str | None = None, path: str | Path | None = None, most: int = 7) -> Any:
        """The mean of a curve over the seeds for each setting, with a band of one standard deviation.

        Args:
            curve: its name; the first that the runs gave if None.
            path: where to write the picture too.
            most: how many settings are drawn, the first of them; more have no colour of their own.

        Raises:
            ValueError: where no run gave that curve.
        """
        if not self.curves:
            raise ValueError('no run gave a curve: a list of numbers, such as {"loss": history.column("loss")}')
        name = self.curves[0] if curve is None else one_of("curve", curve, self.curves)
        found: dict[str, tuple[str, list[list[float]]]] = {}
        for row in self:
            key = key_of(row)
            if name in row.figures and (len(found) < most or key in found):
                found.setdefault(key, (self.named(row.setting), []))[1].append(row.figures[name])
        return plots.plot_curves(list(found.values()), name, path)


def key_of(row: Row) -> str:
    """The same for rows of the same setting."""
    return json.dumps(row.setting, sort_keys=True)


def label(value: Any) -> str:
    """A value of a hyperparameter, short."""
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def named(setting: dict[str, Any]) -> str:
    """A setting in a line: `rate=0.1, hidden=4`."""
    return ", ".join(f"{name}={label(value)}" for name, value in setting.items())


def number(mean: float | None) -> str:
    return "–" if mean is None else f"{mean:.4g}"


def spread(summary: Summary) -> str:
    return f"{summary.mean:.4g} ± {summary.spread:.2g}" if summary.numbers else "–"


def aligned(lines: list[list[str]]) -> str:
    """Cells in columns, to the right."""
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return "\n".join("  ".join(cell.rjust(width) for cell, width in zip(line, widths, strict=True)) for line in lines)


def html(head: list[str], lines: list[list[str]], note: str) -> str:
    """The table of a notebook."""
    cells = ["".join(f"<th>{escape(cell)}</th>" for cell in head)]
    cells += ["".join(f"<td>{escape(cell)}</td>" for cell in line) for line in lines]
    notes = "".join(f"<p>{escape(line)}</p>" for line in note.splitlines())
    return f"<table>{''.join(f'<tr>{row}</tr>' for row in cells)}</table>{notes}"
