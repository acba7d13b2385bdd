"""Sweeps, by the wall clock: two workers against one, a run's cost beyond its training (by Dask too), shards."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Iterator
from concurrent.futures import Executor
from contextlib import contextmanager
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from nn import MLP, Adam, fit, train
from nn.data import load
from nn.experiments import data_parallel, process_pool, sweep
from tests.benchmarks.report import Figure, Report, Spread, Target
from tests.benchmarks.rounds import say

__all__ = ["measure"]

TWO, OVERHEAD = Target(">=", 1.8), Target("<=", 5.0)
ROWS = load("penguins").standardised().train[:100]
DIGITS = load("digits").standardised().train


def small(rate: float, seed: int) -> dict[str, Any]:
    """A small training, of about a tenth of a second."""
    model = MLP(4, [8, 3], seed=seed)
    history = fit(model, ROWS, loss="cross_entropy", optimizer=Adam(rate), epochs=3, batch_size=32, seed=seed,
                  backend="eager", progress=False)  # fmt: skip
    return {"loss": history[-1].loss, "losses": history.column("loss")}


def nothing(rate: float, seed: int) -> dict[str, Any]:
    """As many figures as a training gives, and no training."""
    return {"loss": rate, "losses": [rate] * 60}


BARE = [sys.executable, "-c", "x = 0\nfor i in range(10_000_000): x += i * i"]
"""A process that computes and talks to nobody: what two of them gain is what the machine has to give."""


def measure(rounds: int, quick: bool) -> Report:
    """Two workers against one; the overhead of a run, here and by Dask; a mini-batch in two shards."""
    report = Report("sweep", rounds, quick)
    count, many = (20, 200) if quick else (200, 10_000)
    bare, ratios, waits, works, shards = [], [], [], [], {32: [], 512: []}
    with process_pool(1) as one, process_pool(2) as two:
        for executor in (one, two):
            seconds(small, 4, executor)  # they are started
        for number in range(rounds):
            say(f"round {number + 1} of {rounds}")
            bare.append(2 * processes(1) / processes(2))
            ratios.append(seconds(small, count, one)[0] / seconds(small, count, two)[0])
            wall, work = seconds(nothing, many, one)
            waits.append(1000 * wall / many)
            works.append(1000 * work / many)
            for size, found in shards.items():
                found.append(step(size) / step(size, two))
    by_dask(report, many // 10)
    workload = f"{count} trainings of MLP(4, [8, 3])"
    report.figures += [
        Figure("processes without a word", "two, in times of one", "", "times as fast", Spread.of(bare), None, None),
        Figure(workload, "two workers, in times of one", "", "times as fast", Spread.of(ratios), None, TWO),
        Figure(f"{many:,} runs", "a run beyond its training", "", "ms", Spread.of(waits), None, OVERHEAD),
        Figure(f"{many:,} runs", "of it in the program that sweeps", "", "ms of CPU", Spread.of(works), None, None),
    ]
    for size, found in shards.items():
        what = "two shards by two workers, in times of one process"
        report.figures.append(
            Figure(f"MLP(64, [32, 10]), mini-batch {size}", what, "", "times as fast", Spread.of(found), None, None)
        )
    return report


def by_dask(report: Report, count: int) -> None:
    """What a run costs beyond its training where Dask hands them out, its scheduler in this process."""
    if not find_spec("distributed"):
        report.notes.append("Dask: missing; to get it: python -m pip install 'dask[distributed]'")
        return
    report.versions["distributed"] = metadata.version("distributed")
    waits, works = [], []
    with dask() as executor:
        seconds(nothing, 4, executor)  # the worker is started
        for number in range(report.rounds):
            say(f"Dask: round {number + 1} of {report.rounds}")
            wall, work = seconds(nothing, count, executor)
            waits.append(1000 * wall / count)
            works.append(1000 * work / count)
    workload = f"{count:,} runs by Dask, scheduler and program in one process"
    report.figures += [
        Figure(workload, "a run beyond its training", "", "ms", Spread.of(waits)),
        Figure(workload, "of it in the program that sweeps", "", "ms of CPU", Spread.of(works)),
    ]


@contextmanager
def dask() -> Iterator[Executor]:
    """One worker process of Dask."""
    from distributed import Client, LocalCluster

    with (
        warnings.catch_warnings(action="ignore"),  # Dask's own
        LocalCluster(n_workers=1, threads_per_worker=1, processes=True, dashboard_address=None) as cluster,
        Client(cluster) as client,
        client.get_executor() as executor,
    ):
        yield executor


def processes(count: int) -> float:
    """How long it takes that many to compute, at once."""
    started = time.perf_counter()
    for process in [subprocess.Popen(BARE) for _ in range(count)]:
        process.wait()
    return time.perf_counter() - started


def seconds(run: Any, count: int, executor: Executor) -> tuple[float, float]:
    """How long a sweep takes, and the CPU time of this process."""
    with tempfile.TemporaryDirectory() as folder:
        wall, work = time.perf_counter(), time.process_time()
        sweep(run, {"rate": [0.01 + 0.001 * i for i in range(count)]}, executor=executor, file=Path(folder, "sweep"),
              progress=False)  # fmt: skip
        return time.perf_counter() - wall, time.process_time() - work


def step(size: int, executor: Executor | None = None) -> float:
    """Seconds of a step, after a first one."""
    model = MLP(64, [32, 10], seed=0)
    training = train(model, DIGITS[: 3 * size], loss="cross_entropy", batch_size=size, epochs=2, backend="eager")
    if executor is not None:
        data_parallel(training, executor, shards=2)
    next(training)
    return next(training).seconds
