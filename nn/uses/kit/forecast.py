"""`Forecast`: the next number of a series, told from the last few; and what is told fed back as input, to tell
further ahead."""

from __future__ import annotations

import math
from argparse import ArgumentParser, Namespace
from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any, ClassVar

from nn.data import Dataset, Examples, Preparation, load_series
from nn.plots import write_pictures
from nn.uses.kit.horizon import End, horizon_errors, run_on
from nn.uses.kit.plots import plot_forecast
from nn.uses.kit.settings import Baselines, Own
from nn.uses.kit.use import FEW, Result, Use

__all__ = ["Forecast"]

MOST_STEPS = 1000
SHOWN = (1, 2, 3, 4, 6, 8, 12, 18, 24)
"""Steps ahead whose errors are printed."""
FILE = "series.json"


class Forecast(Use):
    """A use of a series.

    Attributes:
        lags: how many numbers are looked at.
        starts: year and month, or year and quarter, of the first number of the shipped series.
        period, a_year: what a step is called, and how many of them a year has.
        horizon: how many steps ahead errors are measured.
        season: how many steps before lies the number that a seasonal forecast repeats; None if there is no season.
    """

    loss = "mse"
    lags: ClassVar[int]
    starts: ClassVar[tuple[int, int]]
    period: ClassVar[str]
    a_year: ClassVar[int]
    horizon: ClassVar[int]
    season: ClassVar[int | None] = None

    def date(self, year: int, number: int) -> str:
        """The name of the step of that number, from 1, in a year."""
        raise NotImplementedError

    def table(self, own: Own) -> Dataset:
        """A user's own series. Raises ValueError as `load_series` does, and for columns that it does not look at."""
        if own.features or own.text:
            raise ValueError(
                "a forecast learns from the last values of --target itself: it takes no --features and no --text"
            )
        return load_series(own.path, own.column("target", "the series to forecast"), self.lags)

    def shortened(self, data: Dataset, rows: int) -> Dataset:
        """The last windows of the training part, and the whole of the test part, which ends where the series ends."""
        return replace(data, train=data.train[-rows:])

    def validation_parts(self, train: Examples) -> list[tuple[Examples, Examples]]:
        """The last fifth of the training windows to choose by: a forecaster does not know what comes after.

        Of a short series each fifth in turn, for the last one may be years unlike any others. Windows that share a
        number with it are not learned from.
        """
        ends = [len(train) * k // 5 for k in range(6)]
        fifths = list(pairwise(ends if len(train) < FEW else ends[4:]))
        far = [[i for i in range(len(train)) if not start - self.lags <= i < end + self.lags] for start, end in fifths]
        return [(train.take(rest), train[start:end]) for rest, (start, end) in zip(far, fifths, strict=True)]

    def measured(self, data: Dataset, backend: str) -> Baselines:
        return replace(super().measured(data, backend), trivial_is="persistence: as the last")

    def simpler(self, data: Dataset, backend: str) -> list[list[float]]:
        """The first of them repeats the last number."""
        series, first = numbers(data)
        return [[(one - last) ** 2 for last, one in pairwise(series[first - 1 :])], super().simpler(data, backend)[1]]

    def when(self, step: int, dated: bool) -> str:
        """The name of a step of the series, counted from 0: its date, or its row in a user's own file."""
        if not dated:
            return f"row {step + 1}"
        year, number = self.starts
        return self.date(year + (number - 1 + step) // self.a_year, (number - 1 + step) % self.a_year + 1)

    def keep(self, result: Result) -> None:
        """Where the series ends and how good the forecasts of the test rows are at each horizon: `ask` goes on from
        there."""
        series, first = numbers(result.data)
        steps = min(self.horizon, max(1, (len(series) - first) // 2))
        errors = horizon_errors(series, first, self.run_from(result, range(first, len(series)), steps))
        End(len(series), series == self.shipped().series, series[-self.lags :], errors).save(result.folder / FILE)

    def run_from(self, result: Result, places: Iterable[int], steps: int) -> list[list[float]]:
        """The forecasts of that many steps from each place of the series, where the number of the place is the first
        that is told."""
        series, preparation = result.data.series, result.data.preparation
        assert series is not None and preparation is not None
        return run_on(result.model, preparation, [series[i - self.lags : i] for i in places], steps, result.backend)

    def show(self, result: Result) -> None:
        """The last test rows, the errors at each horizon, and what lies beyond the end."""
        series, first = numbers(result.data)
        end = End.load(result.folder / FILE, self.lags)
        told = [one for [one] in self.run_from(result, range(first, end.rows), 1)]
        [future] = self.run_from(result, [end.rows], len(end.errors))
        what = f"{result.data.target}{f' in {result.data.unit}' if result.data.unit else ''}"
        print(f"{what}, the last test rows, each told from the {self.lags} before it:")
        print(f"{'':<16}{'told':>9}{'true':>9}{'error':>9}")
        for i in range(max(first, end.rows - 6), end.rows):
            print(
                f"{self.when(i, end.dated):<16}{short(told[i - first]):>9}{short(series[i]):>9}"
                f"{told[i - first] - series[i]:>+9.2g}"
            )
        print(
            f"\nroot mean squared error on the test rows, so many {self.period}s ahead, each told value fed back as "
            "input:"
        )
        print("\n".join(self.horizons(series, first, end.errors)))
        print("\nbeyond the end, where nothing is known yet:")
        print("\n".join(self.lines(end, future)))
        ticks = {i - first: label for i, label in self.ticks(first, end.rows + len(future), end.dated).items()}
        write_pictures(result.folder, {"forecast.png": lambda path: plot_forecast(
            series[first:], told, series[first - 1 : -1], future, end.errors, what, ticks, path)})  # fmt: skip

    def horizons(self, series: Sequence[float], first: int, ours: Sequence[float]) -> Iterable[str]:
        """Our errors at some horizons beside those of a forecast that repeats the last number, or the last season."""
        repeats = {"as the last": 1} | ({"as a season before": self.season} if self.season else {})
        columns = [ours] + [
            horizon_errors(
                series,
                first,
                [[series[i - n + step % n] for step in range(len(ours))] for i in range(first, len(series))],
            )
            for n in repeats.values()
        ]
        yield f"{self.period + 's ahead':<16}{'ours':>9}" + "".join(f"{name:>{len(name) + 3}}" for name in repeats)
        for step in range(len(ours)):
            if step + 1 in SHOWN:
                ends = "".join(
                    f"{column[step]:>{len(name) + 3}.3g}" for name, column in zip(repeats, columns[1:], strict=True)
                )
                yield f"{step + 1:<16}{ours[step]:>9.3g}{ends}"

    def lines(self, end: End, told: Sequence[float]) -> Iterable[str]:
        """What is told of the steps after the end, each with the error that is usual so far ahead."""
        for step, number in enumerate(told):
            error = f" ± {short(end.errors[step], 2)}" if step < len(end.errors) else ""
            when = self.when(end.rows + step, end.dated) if end.rows else f"{step + 1} ahead"
            yield f"{when:<16}{short(number):>9}{error}"

    def ticks(self, first: int, last: int, dated: bool) -> dict[int, str]:
        """Up to eight steps to mark in a picture, each with a label: where years begin, or rows."""
        if dated:
            year, number = self.starts
            begins = {
                i: str(year + (number - 1 + i) // self.a_year)
                for i in range(first, last)
                if (number - 1 + i) % self.a_year == 0
            }
        else:
            begins = {i: str(i + 1) for i in range(first, last) if (i + 1) % 5 == 0}
        return {i: begins[i] for i in list(begins)[:: -(-len(begins) // 8) or 1]}

    def ask_arguments(self, parser: ArgumentParser, preparation: Preparation | None = None) -> None:
        parser.add_argument(
            f"--{self.period}s", "--steps", dest="steps", type=int, default=self.a_year, metavar="N",
            help=f"how many {self.period}s to tell beyond the end ({self.a_year} if not given)",
        )  # fmt: skip
        parser.add_argument(
            "--from", dest="last", nargs="+", type=float, metavar="VALUE",
            help=f"the last {self.lags} values, oldest first, to go on from instead of the end of the series",
        )  # fmt: skip

    def ask(self, model: Any, preparation: Preparation | None, options: Namespace) -> Iterable[str]:
        lags = self.lags
        if preparation is None or preparation.target.kind != "number" or len(preparation.features) != lags:
            raise ValueError(
                f"{options.folder} holds no network that tells a number from the last {lags} of a series, as "
                f"{self.name} does"
            )
        if not 1 <= options.steps <= MOST_STEPS:
            raise ValueError(f"--{self.period}s is {options.steps}; from 1 to {MOST_STEPS:,} are told")
        end = End.load(options.folder / FILE, lags)
        if options.last:
            if len(options.last) != lags or not all(map(math.isfinite, options.last)):
                raise ValueError(f"--from: expected the last {lags} values, finite numbers, oldest first; got "
                                 f"{len(options.last)}: {' '.join(f'{x:g}' for x in options.last[:20])}")  # fmt: skip
            end = End(0, False, options.last, end.errors)
        [told] = run_on(model, preparation, [end.last], options.steps, "eager")
        target = preparation.target
        yield f"{target.name}{f' in {target.unit}' if target.unit else ''}"
        yield from self.lines(end, told)
        fed = "what is told is fed back as input: errors grow with the horizon"
        yield f"Each is told from the {lags} before it, and {fed}."
        yield ("± is the root mean squared error that this model had on the test rows so far ahead; it was measured "
               f"up to {len(end.errors)} {self.period}{'s' * (len(end.errors) > 1)} ahead.")  # fmt: skip


def short(number: float, digits: int = 4) -> str:
    return f"{number:,.0f}" if abs(number) >= 1000 else f"{number:#.{digits}g}".rstrip(".")


def numbers(data: Dataset) -> tuple[list[float], int]:
    """The series in the unit of the data, and the place of the first number that is told in the test part."""
    assert data.series is not None
    return data.series, len(data.series) - len(data.test)
