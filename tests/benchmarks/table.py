"""A CSV file read, standardised and trained on for five epochs, from Python and by the whole command `train`: seconds
and peak memory."""

from __future__ import annotations

import tempfile
from pathlib import Path
from random import Random
from typing import Any

from tests.benchmarks.report import Figure, Report, Spread, Target
from tests.benchmarks.rounds import run_in_turns

__all__ = ["measure", "write_table"]

COLUMNS = 20
SIZES = {100_000: (Target("<=", 2.5), None), 1_000_000: (Target("<=", 20.0), Target("<=", 0.8))}
"""Rows, with the seconds and the gigabytes to be reached."""
TRIAL = {500: (None, None)}


def measure(rounds: int, quick: bool) -> Report:
    """`load_csv`, `standardised` and `fit` in a process of their own: 19 inputs, 16 tanh, 1 output, batches of 32; and
    the command `train` with the same network in another."""
    report = Report("table", rounds, quick)
    with tempfile.TemporaryDirectory() as folder:
        for rows, targets in (TRIAL if quick else SIZES).items():
            file = write_table(Path(folder, f"{rows}.csv"), rows)
            jobs = [{"job": job, "path": str(file)} for job in ("table_training", "table_command")]
            trained, command = run_in_turns(jobs, rounds, f"{rows:,} rows")
            report.figures += figures(f"{rows:,} × {COLUMNS}", "5 epochs from the file", trained, *targets)
            report.figures += figures(f"{rows:,} × {COLUMNS}", "rantai train", command, *targets)
            file.unlink()
    report.notes.append(
        "Seconds from the start of the process, Python and NumPy and Numba loaded in them; GB: 10⁹ bytes."
    )
    return report


def figures(
    workload: str, what: str, found: list[dict[str, Any]], seconds: Target | None, memory: Target | None
) -> list[Figure]:
    cpu, wall, peak = (Spread.of([one[key] for one in found]) for key in ("cpu_seconds", "wall_seconds", "gigabytes"))
    return [
        Figure(workload, what, "on", "s", cpu, wall, seconds),
        Figure(workload, f"{what}: peak memory", "", "GB", peak, None, memory),
    ]


def write_table(path: Path, rows: int) -> Path:
    """A linear function of normal numbers, with a little noise, four digits after the point."""
    rng = Random(0)
    weights = [rng.gauss(0, 1) for _ in range(COLUMNS - 1)]
    with path.open("w", encoding="utf-8") as file:
        file.write(",".join([*(f"x{i}" for i in range(1, COLUMNS)), "y"]) + "\n")
        for _ in range(rows):
            x = [rng.gauss(0, 1) for _ in weights]
            y = sum(w * number for w, number in zip(weights, x, strict=True)) + rng.gauss(0, 0.1)
            file.write(",".join(f"{number:.4f}" for number in [*x, y]) + "\n")
    return path
