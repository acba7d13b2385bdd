"""Threads in a large batch, by the wall clock: two against one, on a machine with nothing else to do."""

from __future__ import annotations

import os
import time

from tests.benchmarks.machine import ours
from tests.benchmarks.machine.work import demo
from tests.benchmarks.report import Figure, Report, Spread, Target
from tests.benchmarks.rounds import say

__all__ = ["measure"]

TWO, LARGE = Target(">=", 1.6), 10_000
"""What is asked of two threads, and from how many samples on; smaller batches take what they get."""
SIZES = (1_000, 10_000, 100_000)
SECONDS = 0.1
"""How long one side is timed in a turn."""
TURNS = 20


def measure(rounds: int, quick: bool) -> Report:
    """Full batches of moons, on one thread and on two in turns."""
    report = Report("threads", rounds, quick)
    before = os.environ.get("RANTAI_THREADS")
    try:
        for points in SIZES[: 1 if quick else None]:
            runner = ours.prepare(demo(points=points, batch=points), "kernel")
            step = max(seconds(runner, 1, "1") for _ in range(2))
            steps = 1 if quick else max(1, int(SECONDS / step))
            ratios = []
            for number in range(rounds):
                say(f"{points:,} samples: round {number + 1} of {rounds}")
                turns = [(seconds(runner, steps, "1"), seconds(runner, steps, "2")) for _ in range(TURNS)]
                one, two = (min(times) for times in zip(*turns, strict=True))
                ratios.append(one / two)
            report.figures.append(
                Figure(f"MLP(2, [16, 16, 1]), full batch of {points:,}", "two threads, in times of one", "",
                       "times as fast", Spread.of(ratios), None, TWO if points >= LARGE else None)
            )  # fmt: skip
    finally:
        os.environ.pop("RANTAI_THREADS")
        if before is not None:
            os.environ["RANTAI_THREADS"] = before
    return report


def seconds(runner: ours.Runner, steps: int, threads: str) -> float:
    """Seconds of a step."""
    os.environ["RANTAI_THREADS"] = threads
    take = runner.ready(steps)
    started = time.perf_counter()
    take()
    return (time.perf_counter() - started) / steps
