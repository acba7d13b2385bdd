"""One measurement in a process of its own: `python -m tests.benchmarks.machine.worker JOB`, where JOB and the answer
are JSON."""

from __future__ import annotations

import gc
import importlib.util
import json
import statistics
import sys
import time
from collections.abc import Callable
from typing import Any

from tests.benchmarks.machine import graphs
from tests.benchmarks.machine.runner import Runner
from tests.benchmarks.machine.table import SIDES
from tests.benchmarks.machine.work import make

__all__ = ["JOBS", "answer", "available"]

CHUNKS = 5
Recipe = dict[str, Any]


def available(names: list[str]) -> dict[str, Any]:
    """The modules of these that can be found here."""
    return {"modules": [name for name in names if importlib.util.find_spec(name)]}


def looks(side: str, recipe: Recipe, steps: int) -> dict[str, Any]:
    """The loss and the gradient of the first step, and the parameters after the last, to be compared before anything
    is timed."""
    runner = prepared(side, recipe)
    runner.step()
    first = runner.look()
    runner.run(steps - 1)
    return {"loss": [first.loss], "gradient": first.gradient, "parameters": runner.look().parameters}


EPOCH, LONGEST = 200, 2.0
"""How many steps a call of many takes at least, and how many seconds that may take."""


def step_time(side: str, recipe: Recipe, seconds: float) -> dict[str, float]:
    """Seconds of a step: the median of some chunks, which are of many steps for a fast side, after a cycle that warms
    up.

    The chunks take about so many seconds in all, and are of whole cycles, so that every side meets the same names.
    """
    cycle = make(recipe).cycle
    runner = prepared(side, recipe)
    if SIDES[side].collector == "off":
        gc.disable()
    warm_up = clocked(runner, cycle)["wall_seconds"]  # what is compiled at first use is not timed
    warm_up = min(warm_up, clocked(runner, cycle)["wall_seconds"]) if warm_up < seconds else warm_up
    steps = cycle * max(1, int(seconds / CHUNKS / (cycle * warm_up)))
    if runner.many and warm_up < seconds:  # a call has a price of its own, as an epoch has: see `Runner.many`
        further = max(1e-7, (3 * clocked(runner, 3 * cycle)["wall_seconds"] - warm_up) / 2)
        steps = cycle * max(1, int(max(seconds / CHUNKS, min(LONGEST, EPOCH * further)) / (cycle * further)))
    chunks = [clocked(runner, steps) for _ in range(CHUNKS if warm_up * cycle < seconds else 1)]
    return {clock: statistics.median(chunk[clock] for chunk in chunks) for clock in ("cpu_seconds", "wall_seconds")}


def floor_time(side: str, recipe: Recipe) -> dict[str, float]:
    """Seconds that the operations of a step take where they are fastest: in a product of two large matrices."""
    import numpy

    size, times = 512, []
    a = b = numpy.ones((size, size))
    for _ in range(10):
        cpu, wall = time.process_time(), time.perf_counter()
        a @ b
        times.append((time.process_time() - cpu, time.perf_counter() - wall))
    share = make(recipe).operations / (2.0 * size**3)
    return {"cpu_seconds": share * min(cpu for cpu, _ in times), "wall_seconds": share * min(wall for _, wall in times)}


def first_step(side: str, recipe: Recipe, started: float) -> dict[str, float]:
    """Seconds from a time on the clock of all processes, when this one was started, until a first step is done; CPU
    time of all of it."""
    runner = prepared(side, recipe)
    runner.run(1)
    return {"cpu_seconds": time.process_time(), "wall_seconds": time.time() - started}


def graph_time(side: str, variant: str, outline: str, operations: int) -> dict[str, Any]:
    """Seconds of a graph of about so many operations, the first time and then; with its loss and gradient."""
    return graphs.measured(variant, outline, operations)


def prepared(side: str, recipe: Recipe) -> Runner:
    module = importlib.import_module(f"tests.benchmarks.machine.{SIDES[side].module}")
    return module.prepare(make(recipe), SIDES[side].variant)


def clocked(runner: Runner, steps: int) -> dict[str, float]:
    """Mean seconds of so many steps. With the collector off its work is done afterwards, off the clock, as memory
    would fill up."""
    cpu, wall = time.process_time(), time.perf_counter()
    runner.run(steps)
    found = {"cpu_seconds": (time.process_time() - cpu) / steps, "wall_seconds": (time.perf_counter() - wall) / steps}
    if not gc.isenabled():
        gc.collect()
    return found


JOBS: dict[str, Callable[..., dict[str, Any]]] = {
    job.__name__: job for job in (available, looks, step_time, floor_time, first_step, graph_time)
}


def answer(job: dict[str, Any]) -> dict[str, Any]:
    """Do a job: the function it names, called with the rest of it."""
    return JOBS[job["job"]](**{key: content for key, content in job.items() if key != "job"})


if __name__ == "__main__":
    sys.setrecursionlimit(1_000_000)  # for the peers whose backward pass recurses
    print(json.dumps(answer(json.loads(sys.argv[1]))))
