"""Further ahead than a step: what a network tells is fed back as its input, and the errors grow; where a series ends
is kept for that."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nn.data import Preparation
from nn.json_files import expect, finite, read_json, write_json
from nn.scoring.metrics import mean_square
from nn.scoring.predict import predict

__all__ = ["End", "horizon_errors", "run_on"]

FORMAT, VERSION = "rantai-series", 1


def run_on(
    model: Any, preparation: Preparation, windows: Sequence[Sequence[float]], steps: int, backend: str
) -> list[list[float]]:
    """What a model tells of the steps after each window, each told value fed back as the newest input. All in the
    unit of the data."""
    windows, told = [list(window) for window in windows], []
    for _ in range(steps):
        rows = [preparation.standardizer.apply(window) for window in windows]
        told.append([preparation.target.undo(output) for [output] in predict(model, rows, backend)])
        windows = [[*window[1:], number] for window, number in zip(windows, told[-1], strict=True)]
    return [list(steps_of_one) for steps_of_one in zip(*told, strict=True)]


def horizon_errors(series: Sequence[float], first: int, forecasts: Sequence[Sequence[float]]) -> list[float]:
    """The root mean squared error 1 step ahead, 2 steps ahead, ...; `forecasts[k]` begins at place `first + k` of
    the series."""
    errors = []
    for step in range(len(forecasts[0])):
        places = [(one, first + k + step) for k, one in enumerate(forecasts) if first + k + step < len(series)]
        errors.append(math.sqrt(mean_square(one[step] - series[place] for one, place in places)))
    return errors


@dataclass(frozen=True)
class End:
    """The end of a series, from where `ask` goes on.

    - `rows`: how many numbers the series has; 0 if that is not known.
    - `dated`: whether the first of them is at the date of the shipped series.
    - `last`: the last of them, oldest first, as many as the network looks at.
    - `errors`: the root mean squared error on the test rows, 1 step ahead, 2 steps ahead, ...
    """

    rows: int
    dated: bool
    last: list[float]
    errors: list[float]

    def save(self, path: Path) -> None:
        write_json(path, {"format": FORMAT, "version": VERSION, **vars(self)})

    @classmethod
    def load(cls, path: Path, lags: int) -> End:
        """The inverse of `save`. Raises ValueError, naming file and field, for what is none of that many lags."""
        if not path.exists():
            raise ValueError(f"there is no {path}, which says where the series ends: the command `use` writes it")
        content = read_json(path, FORMAT, VERSION)
        lists = {}
        for field in ("last", "errors"):
            values = expect(f"{path}: {field}", content.get(field), list, "a list")
            lists[field] = [finite(f"{path}: {field}[{i}]", value) for i, value in enumerate(values)]
        if len(lists["last"]) != lags:
            raise ValueError(f"{path}: last: expected {lags} numbers, as the network takes, got {len(lists['last'])}")
        rows = expect(f"{path}: rows", content.get("rows"), int, "a whole number")
        if rows < lags:
            raise ValueError(f"{path}: rows: expected at least {lags}, got {rows}")
        return cls(rows, expect(f"{path}: dated", content.get("dated"), bool, "true or false"), **lists)
