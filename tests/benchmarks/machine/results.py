"""The report: for each workload a table of the sides, what each takes beside ours, and whether that is what was to be reached."""

from __future__ import annotations

from dataclasses import dataclass, field

from tests.benchmarks.machine.table import OURS, SIDES, TARGETS, WORKLOADS
from tests.benchmarks.report import Figure, Report, Spread, Timing, duration, machine, table

__all__ = ["MachineReport", "Ratio", "add_workload", "times"]

Found = list[dict[str, float]]


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

    def __str__(self) -> str:
        trial = " (quick: a trial, no measurement)" if self.quick else ""
        head = (
            f"{self.command}, medians of {self.rounds} round(s){trial}, {machine()}; double precision; × is how many times as long as ours"
        )
        verdict = [
            f"{f.workload}: {f.what} {times(f, f.clock)}, target {f.target}"
            for f in self.figures
            if isinstance(f, Ratio) and f.reached is False
        ]
        missed = "Missed:\n" + "\n".join(verdict) if verdict else "No target was missed."
        return "\n\n".join([head, *(self.section(workload) for workload in self.titles), *self.notes, missed])

    def section(self, workload: str) -> str:
        """One workload: its sides, slowest first."""
        mine = [t for t in self.timings if t.workload == workload]
        ours = [name for name in OURS if any(t.engine == name for t in mine)]
        columns = [f"× {name.removeprefix('ours, ')}" for name in ours]
        rows = [self.row(timing, ours) for timing in sorted(mine, key=lambda t: -t.wall_seconds)]
        lines = [f"{workload}: {self.titles[workload]}"]
        if rows:
            lines.append(table(("side", "CPU", "wall", *columns, "wall × kernel", "target", ""), rows))
        return "\n".join([*lines, *self.absent.get(workload, {}).values()])

    def row(self, timing: Timing, ours: list[str]) -> tuple[str, ...]:
        ratios = {f.what: f for f in self.figures if f.workload == timing.workload}
        figures = [ratios.get(f"{timing.engine} / {name}") for name in ours]
        kernel = ratios.get(f"{timing.engine} / {OURS[-1]}")
        judged = kernel if isinstance(kernel, Ratio) and kernel.target else None
        target = f"{judged.clock} {judged.target}" if judged else ""
        verdict = {True: "reached", False: "MISSED", None: ""}[judged.reached if judged else None]
        shown = [times(figure, "cpu") for figure in figures]
        return (timing.engine, duration(timing.cpu_seconds), duration(timing.wall_seconds), *shown, times(kernel, "wall"), target, verdict)


def times(figure: Figure | None, clock: str) -> str:
    """A ratio to three digits; empty for what was not measured."""
    spread = getattr(figure, clock, None)
    if spread is None:
        return ""
    return f"{spread.median:,.0f}" if spread.median >= 100 else f"{spread.median:.3g}"


def add_workload(report: MachineReport, workload: str, found: dict[str, Found], ours: tuple[str, ...] = OURS) -> None:
    """The times of each side in each round, and its ratios to ours, round by round."""
    for side, answers in found.items():
        cpu, wall = (Spread.of([answer[clock] for answer in answers]) for clock in ("cpu_seconds", "wall_seconds"))
        report.timings.append(Timing(workload, side, SIDES[side].collector, cpu.median, wall.median))
        report.figures += [ratio(workload, side, other, answers, found[other]) for other in ours if other in found and other != side]


def ratio(workload: str, side: str, other: str, over: Found, under: Found) -> Ratio:
    clock, target = TARGETS.get((workload, side), ("cpu", None)) if other == OURS[-1] else ("cpu", None)
    spreads = [Spread.of([a[name] / b[name] for a, b in zip(over, under, strict=True)]) for name in ("cpu_seconds", "wall_seconds")]
    return Ratio(workload, f"{side} / {other}", SIDES[side].collector, "×", *spreads, target, clock)


assert all(workload in WORKLOADS and side in SIDES for workload, side in TARGETS)
