"""A process of its own that does one job after another: `python -m tests.benchmarks.machine.worker`, which reads jobs
as lines of JSON and writes its answers so."""

from __future__ import annotations

import gc
import importlib.util
import json
import os
import statistics
import sys
import time
from collections.abc import Callable
from functools import cache
from typing import Any

from tests.benchmarks.machine.runner import Runner, timed
from tests.benchmarks.machine.table import SIDES
from tests.benchmarks.machine.work import Network, Work, make

__all__ = ["JOBS", "answer", "available"]

CHUNKS = 5
Recipe = dict[str, Any]


def available(names: list[str]) -> dict[str, Any]:
    """The versions of the modules of these that can be found here."""
    from importlib import metadata

    return {"versions": {name: metadata.version(name) for name in names if importlib.util.find_spec(name)}}


class Prepared:
    """A side that is ready to take steps of the work of a recipe."""

    def __init__(self, side: str, work: Work) -> None:
        self.side, self.cycle, self.warm = SIDES[side], work.cycle, False
        self.once: dict[str, float] | None = None  # what a cycle took that is too long to be taken in every round
        self.runner: Runner = importlib.import_module(f"tests.benchmarks.machine.{self.side.module}").prepare(
            work, self.side.variant
        )

    def run(self, steps: int) -> None:
        self.warm = self.warm or steps >= self.cycle  # what is compiled at first use is compiled
        self.runner.run(steps)


@cache
def prepared(side: str, recipe: str) -> Prepared:
    """Made once in a process; the recipe as JSON."""
    return Prepared(side, make(json.loads(recipe)))


def looks(side: str, recipe: Recipe, steps: int) -> dict[str, Any]:
    """The loss and the gradient of the first step, and the parameters after the last, to be compared before anything
    is timed."""
    ready = prepared(side, json.dumps(recipe))
    ready.run(1)
    first = ready.runner.look()
    ready.run(steps - 1)
    ready.warm = steps >= ready.cycle
    return {"loss": [first.loss], "gradient": first.gradient, "parameters": ready.runner.look().parameters}


EPOCH, CALL = 200, 0.3
"""How many steps a call of many takes at least, as it has a price of its own (see `Runner.many`), unless they take so
many seconds."""
SHORTEST, LONGEST = 1e-7, 2.0
"""Seconds of a step, as no clock is fine enough for less, and of a cycle that is taken in the first round only."""


def step_time(side: str, recipe: Recipe, seconds: float) -> dict[str, float]:
    """Seconds of a step: the median of some chunks, which are of many steps for a fast side, once it is warm.

    The chunks take about so many seconds in all, and are of whole cycles, so that every side meets the same names. A
    side whose cycle takes longer than that has one chunk of one cycle, and one whose cycle takes longer than LONGEST
    has it in the first round only: the others are given the same answer.
    """
    ready = prepared(side, json.dumps(recipe))
    cycle, runner = ready.cycle, ready.runner
    if ready.once:
        return ready.once
    if ready.side.collector == "off":
        gc.disable()
    if not ready.warm:
        ready.run(cycle)
    once = clocked(runner, cycle)
    if not ready.side.slow:  # ours may just have held what it recorded beside what the functions do now
        once = min(once, clocked(runner, cycle), key=lambda found: found["cpu_seconds"])
    if once["cpu_seconds"] * cycle >= seconds:
        ready.once = once if once["cpu_seconds"] * cycle > LONGEST else None
        return once
    chunk, call = seconds / CHUNKS, CALL if runner.many and not ready.side.slow else 0.0
    few = whole(min(EPOCH, max(chunk, call) / max(SHORTEST, once["cpu_seconds"])), cycle)
    step = max(SHORTEST, clocked(runner, few)["cpu_seconds"])
    steps = whole(max(chunk, min(call, EPOCH * step)) / step, cycle)
    chunks = [clocked(runner, steps) for _ in range(CHUNKS)]
    return {clock: statistics.median(chunk[clock] for chunk in chunks) for clock in ("cpu_seconds", "wall_seconds")}


def whole(steps: float, cycle: int) -> int:
    """About so many steps in whole cycles, at least one."""
    return cycle * max(1, int(steps / cycle))


def floor_time(side: str, recipe: Recipe) -> dict[str, float]:
    """Seconds that the multiplications and additions of a step take at the speed that the side stands for."""
    from tests.benchmarks.machine import peak

    found = peak.operations_per_second(SIDES[side].variant)
    return {f"{clock}_seconds": make(recipe).operations / speed for clock, speed in found.items()}


def first_step(side: str, network: dict[str, Any], started: float) -> dict[str, float]:
    """Seconds from a time on the clock of all processes, when this one was started, until a first step is done; CPU
    time of all of it.

    Args:
        network: the fields of a `Network`, so that its data is not made here.
    """
    Prepared(side, Network(**network)).run(1)
    return {"cpu_seconds": time.process_time(), "wall_seconds": time.time() - started}


def epoch_time(side: str, recipe: Recipe, **options: bool) -> dict[str, float]:
    """Seconds that `fit` adds to an epoch."""
    from tests.benchmarks.machine import trainings

    return trainings.epoch(recipe, **options)


def order_time(side: str, recipe: Recipe) -> dict[str, float]:
    """Seconds that drawing the order of an epoch takes."""
    from tests.benchmarks.machine import trainings

    return trainings.order(recipe)


def set_up_time(side: str, recipe: Recipe) -> dict[str, float]:
    """Seconds until the first epoch of a training begins."""
    from tests.benchmarks.machine import trainings

    return trainings.set_up(recipe)


def graph_time(side: str, variant: str, outline: str, operations: int) -> dict[str, Any]:
    """Seconds of a graph of about so many operations, the first time and then; with its loss and gradient."""
    from tests.benchmarks.machine import graphs

    return graphs.measured(variant, outline, operations)


def clocked(runner: Runner, steps: int) -> dict[str, float]:
    """Mean seconds of so many steps, their batches drawn before. With the collector off its work is done afterwards,
    off the clock, as memory would fill up."""
    found = {clock: seconds / steps for clock, seconds in timed(runner.ready(steps)).items()}
    if not gc.isenabled():
        gc.collect()
    return found


JOBS: dict[str, Callable[..., dict[str, Any]]] = {
    job.__name__: job
    for job in (available, looks, step_time, floor_time, first_step, epoch_time, order_time, set_up_time, graph_time)
}


def answer(job: dict[str, Any]) -> dict[str, Any]:
    """Do a job: the function it names, called with the rest of it."""
    return JOBS[job["job"]](**{key: content for key, content in job.items() if key != "job"})


def main() -> None:
    """A line of JSON for each job, a line for each answer; what the peers print goes to the complaints."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    for line in sys.stdin:
        print(json.dumps(answer(json.loads(line))), file=answers, flush=True)


if __name__ == "__main__":
    sys.setrecursionlimit(1_000_000)  # for the peers whose backward pass recurses
    main()
