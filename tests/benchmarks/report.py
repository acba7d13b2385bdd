"""What was measured: times, figures beside their targets, as a table and as JSON."""

from __future__ import annotations

import json
import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.benchmarks.computer import described, facts

__all__ = ["Figure", "Report", "Spread", "Target", "Timing", "write_json"]


@dataclass(frozen=True)
class Spread:
    """The median over the rounds, with the smallest and the largest."""

    median: float
    low: float
    high: float

    @classmethod
    def of(cls, numbers: Iterable[float]) -> Spread:
        ordered = sorted(numbers)
        return cls(statistics.median(ordered), ordered[0], ordered[-1])

    def json(self) -> dict[str, float]:
        return {"median": self.median, "min": self.low, "max": self.high}


@dataclass(frozen=True)
class Target:
    """A bound on a median, such as `>= 5`."""

    sign: str
    bound: float

    def reached(self, number: float) -> bool:
        return {">=": number >= self.bound, ">": number > self.bound, "<=": number <= self.bound}[self.sign]

    def __str__(self) -> str:
        return f"{self.sign} {self.bound:g}"


@dataclass(frozen=True)
class Timing:
    """Median seconds of one step (of one node, where the workload says so)."""

    workload: str
    engine: str
    collector: str
    cpu_seconds: float
    wall_seconds: float


@dataclass(frozen=True)
class Figure:
    """A figure, and the target it is held against; without a target it is there for information."""

    workload: str
    what: str
    collector: str
    unit: str
    cpu: Spread
    """By CPU time where it is a ratio of times: what the target is about."""
    wall: Spread | None = None
    target: Target | None = None

    @property
    def reached(self) -> bool | None:
        return self.target.reached(self.cpu.median) if self.target else None

    def json(self) -> dict[str, Any]:
        shown: dict[str, Any] = {"workload": self.workload, "what": self.what, "collector": self.collector}
        shown |= {"cpu": self.cpu.json(), "wall": self.wall.json()} if self.wall else {self.unit: self.cpu.median}
        return shown | {"target": str(self.target) if self.target else None, "reached": self.reached}


@dataclass
class Report:
    command: str
    rounds: int
    quick: bool
    timings: list[Timing] = field(default_factory=list)
    figures: list[Figure] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    versions: dict[str, str] = field(default_factory=dict)
    """Of the packages that were measured."""
    machine: dict[str, str] = field(default_factory=facts)
    """What it ran on, and how busy that was before."""

    @property
    def described(self) -> str:
        """What it ran on, in a line."""
        return described(self.machine, self.versions)

    def content(self) -> dict[str, Any]:
        """All of it for JSON: `timings`, `ratios` (of times) and `sizes` (bytes, seconds and others)."""
        return {
            "command": self.command,
            "machine": self.machine,
            "versions": self.versions,
            "described": self.described,
            "rounds": self.rounds,
            "quick": self.quick,
            "timings": [vars(timing) for timing in self.timings],
            "ratios": [figure.json() for figure in self.figures if figure.wall],
            "sizes": [figure.json() for figure in self.figures if not figure.wall],
            "notes": self.notes,
        }

    @property
    def missed(self) -> list[Figure]:
        return [figure for figure in self.figures if figure.reached is False]

    def __str__(self) -> str:
        verdicts = {True: "reached", False: "MISSED", None: ""}
        figures = [
            (
                f.workload,
                f.what,
                f.collector,
                shown(f.cpu, f.unit),
                shown(f.wall, f.unit),
                str(f.target or ""),
                verdicts[f.reached],
            )
            for f in self.figures
        ]
        timings = [
            (t.workload, t.engine, t.collector, duration(t.cpu_seconds), duration(t.wall_seconds)) for t in self.timings
        ]
        parts = [
            f"{self.command}, medians of {self.rounds} "
            f"round(s){' (quick: a trial, no measurement)' if self.quick else ''}, {self.described}",
            table(("workload", "engine", "collector", "CPU", "wall"), timings),
            table(("workload", "figure", "collector", "median (min to max), CPU", "wall", "target", ""), figures),
            *self.notes,
        ]
        return "\n\n".join(parts)


def write_json(report: Report, file: Path) -> None:
    """Write the figures, as `Report.content` gives them."""
    file.write_text(json.dumps(report.content(), indent=1) + "\n", encoding="utf-8")


def shown(spread: Spread | None, unit: str) -> str:
    if spread is None:
        return ""
    if unit == "bytes":
        return f"{spread.median:.0f} bytes"
    return f"{spread.median:.2f} {unit} ({spread.low:.2f} to {spread.high:.2f})"


def duration(seconds: float) -> str:
    scale, unit = (1e3, "ms") if seconds >= 1e-3 else (1e6, "µs")
    return f"{seconds * scale:.4g} {unit}"


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    widths = [max(map(len, column)) for column in zip(head, *rows, strict=True)]
    lines = [head, ["-" * width for width in widths], *rows]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in lines
    )
