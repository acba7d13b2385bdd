"""The report: for each workload a table of the sides, what each takes beside ours, and whether that is what was to
be reached."""

from __future__ import annotations

from dataclasses import dataclass, field

from tests.benchmarks.machine.table import FLOOR, FLOOR_TARGETS, FLOORS, OURS, SIDES, TARGETS
from tests.benchmarks.report import Figure, Report, Spread, Target, Timing, table

__all__ = ["MachineReport", "Ratio", "add_workload", "digits", "ratio", "span", "times", "timing"]

Found = list[dict[str, float]]
CLOCKS = ("cpu_seconds", "wall_seconds")


@dataclass(frozen=True)
class Ratio(Figure):
    """How many times as long as another a side takes; `clock` says of which time its target is."""

    clock: str = "cpu"

    @property
    def reached(self) -> bool | None:
        spread = self.wall if self.clock == "wall" and self.wall else self.cpu
        return self.target.reached(spread.median) if self.target else None


@dataclass
class MachineReport(Report):
    titles: dict[str, str] = field(default_factory=dict)
    """What each workload is."""
    absent: dict[str, dict[str, str]] = field(default_factory=dict)
    """For each workload the sides that could not run, with the reason."""
    texts: dict[str, str] = field(default_factory=dict)
    """Parts that are no comparison of one workload, as they are printed."""

    def __str__(self) -> str:
        trial = " (quick: a trial, no measurement)" if self.quick else ""
        head = f"{self.command}, medians of {self.rounds} round(s){trial}, {self.described}; double precision; "
        head += "× is how many times as long as ours"
        missed = "\n".join(
            f"{f.workload}: {f.what} {times(f, getattr(f, 'clock', 'cpu'))} {f.unit}, target {f.target}"
            for f in self.missed
        )
        closing = f"Missed:\n{missed}" if missed else "Of the targets that were measured none was missed."
        return "\n\n".join([head, *map(self.section, self.titles), *self.texts.values(), *self.notes, closing])

    def section(self, workload: str) -> str:
        """One workload: its sides, slowest first."""
        mine = [t for t in self.timings if t.workload == workload]
        ours = [name for name in OURS if any(t.engine == name for t in mine)]
        columns = [f"CPU × {name.removeprefix('ours, ')}" for name in ours]
        rows = [self.row(timing, ours) for timing in sorted(mine, key=lambda t: -t.wall_seconds)]
        lines = [f"{workload}: {self.titles[workload]}"]
        if rows:
            lines.append(table(("side", "CPU", "wall", *columns, "wall × kernel", "target", ""), rows))
        floors = [f for f in self.figures if f.workload == workload and f.what.partition(" / ")[2] in FLOORS]
        for f in floors:
            aim = f", target {f.target}, {'reached' if f.reached else 'MISSED'}" if f.target else ""
            lines.append(f"{f.what}: CPU {times(f, 'cpu')}{aim}")
        return "\n".join([*lines, *self.absent.get(workload, {}).values()])

    def row(self, timing: Timing, ours: list[str]) -> tuple[str, ...]:
        ratios = {f.what: f for f in self.figures if f.workload == timing.workload}
        figures = [ratios.get(f"{timing.engine} / {name}") for name in ours]
        kernel = ratios.get(f"{timing.engine} / {OURS[-1]}")
        clock, target = TARGETS.get((timing.workload, timing.engine), ("", None))
        verdict = {True: "reached", False: "MISSED", None: "not measured" if target else ""}[
            kernel.reached if kernel else None
        ]
        shown = [times(figure, "cpu") for figure in figures]
        aim = f"{clock} {target}" if target else ""
        return (
            timing.engine,
            span(timing.cpu_seconds),
            span(timing.wall_seconds),
            *shown,
            times(kernel, "wall"),
            aim,
            verdict,
        )


def span(seconds: float) -> str:
    """A time to three digits: 12.5 s, 1,250 s, 3.07 µs."""
    unit, scale = next((unit, scale) for unit, scale in (("s", 1.0), ("ms", 1e-3), ("µs", 0.0)) if seconds >= scale)
    return f"{digits(seconds / (scale or 1e-6))} {unit}"


def digits(number: float) -> str:
    """Three of them, or all before the point."""
    return f"{number:,.0f}" if number >= 100 else f"{number:.3g}"


def times(figure: Figure | None, clock: str) -> str:
    """A ratio; empty for what was not measured."""
    spread = getattr(figure, clock, None)
    return "" if spread is None else digits(spread.median)


def add_workload(report: MachineReport, workload: str, found: dict[str, Found]) -> None:
    """The times of each side in each round, and its ratios to ours, round by round."""
    kernel = OURS[-1]
    for floor in FLOORS:
        if floor in found and kernel in found:
            target = FLOOR_TARGETS[workload] if floor == FLOOR else None
            report.figures.append(ratio(workload, kernel, floor, found[kernel], found[floor], target))
    for side, answers in found.items():
        report.timings.append(timing(workload, side, answers))
        for other in OURS:
            if other in found and side not in (other, *FLOORS):
                clock, target = TARGETS.get((workload, side), ("cpu", None)) if other == OURS[-1] else ("cpu", None)
                report.figures.append(ratio(workload, side, other, answers, found[other], target, clock))


def timing(workload: str, side: str, found: Found) -> Timing:
    """The medians over the rounds."""
    cpu, wall = (Spread.of([answer[clock] for answer in found]).median for clock in CLOCKS)
    return Timing(workload, side, SIDES[side].collector, cpu, wall)


def ratio(
    workload: str, side: str, other: str, over: Found, under: Found, target: Target | None = None, clock: str = "cpu"
) -> Ratio:
    """How many times as long a side takes as another, round by round."""
    cpu, wall = (Spread.of([a[name] / b[name] for a, b in zip(over, under, strict=True)]) for name in CLOCKS)
    return Ratio(workload, f"{side} / {other}", SIDES[side].collector, "×", cpu, wall, target, clock)
