"""What a step costs on the kernel and in the NumPy program, fitted to steps of small and wide networks with few samples
and with many: the numbers by which `auto` chooses, in `engine/compiler/choice.py`. `python -m tests.benchmarks.costs`
prints them, and what the choice by the present ones loses; a minute, on a machine with nothing else to do.
"""

from __future__ import annotations

import os
import sys
import time
from array import array
from dataclasses import dataclass
from itertools import cycle, islice
from typing import Any

import numpy as np

from engine.compiler.choice import COSTS, counted, lanes_of, seconds_of
from nn.training.batches import Batches
from nn.training.pauses import paused_collector
from tests.benchmarks.machine import ours
from tests.benchmarks.machine.processes import ONE_CORE, TAMED
from tests.benchmarks.machine.results import span
from tests.benchmarks.machine.work import demo
from tests.benchmarks.report import table
from tests.benchmarks.rounds import say

__all__ = ["Step", "fitted", "lost", "measured"]

UNITS, BATCHES = (8, 16, 32, 64, 128, 256, 512), (1, 10, 100, 1000, 10_000)
SECONDS, TURNS = 0.1, 3
"""How long a machine is timed in a turn, of which the fastest counts."""


@dataclass(frozen=True)
class Step:
    """A step of MLP(2, [units, units, 1]) on a machine."""

    units: int
    batch: int
    counts: tuple[int, ...]
    """How often it meets each of the costs."""
    seconds: float
    estimated: float
    """The seconds by the present costs."""


def measured(units: int) -> dict[str, list[Step]]:
    """By backend a step with each number of samples; the backends take turns."""
    network = demo(points=BATCHES[-1], batch=BATCHES[-1], width=units)
    steps = {backend: ours.network(network, backend).steps for backend in COSTS}
    found: dict[str, list[Step]] = {backend: [] for backend in COSTS}
    for doer in steps.values():
        doer.__enter__()
    for batch in BATCHES:
        many = {backend: enough(doer, batch) for backend, doer in steps.items()}
        turns = [{backend: taken(doer, batch, many[backend]) for backend, doer in steps.items()} for _ in range(TURNS)]
        for backend, doer in steps.items():
            plan = doer.recorded.samples.shapes[0].plan
            counts = counted(plan, batch, lanes_of(plan, backend), COSTS[backend].together)
            seconds = min(turn[backend] for turn in turns)
            found[backend].append(Step(units, batch, counts, seconds, seconds_of(plan, batch, backend)))
    return found


def enough(doer: Any, batch: int) -> int:
    """How many steps are timed together. The first ones are slower: what is recorded is compared in them."""
    steps = 2
    for share in (0.01, 0.1, 1.0):
        steps = max(2, int(share * SECONDS / max(taken(doer, batch, steps), 1e-7)))
    return steps


def taken(doer: Any, batch: int, steps: int) -> float:
    """CPU seconds of a step, of so many."""
    batches = Batches(array("q", islice(cycle(range(BATCHES[-1])), steps * batch)), batch)
    started = time.process_time()
    with paused_collector():
        for _ in doer.descend(batches):
            pass
    return (time.process_time() - started) / steps


def fitted(steps: list[Step]) -> list[float]:
    """The costs, none below 0, whose estimates are nearest to what the steps took, in proportion to it."""
    counts = np.array([step.counts for step in steps]) / np.array([[step.seconds] for step in steps])
    sizes = np.linalg.norm(counts, axis=0)
    counts, costs = counts / sizes, np.zeros(len(sizes))
    for _ in range(20_000):  # one cost at a time
        for j in range(len(costs)):
            costs[j] = max(0.0, costs[j] + counts[:, j] @ (1.0 - counts @ costs))
    return (costs / sizes).tolist()


def lost(steps: dict[str, Step]) -> tuple[str, float]:
    """The backend that is chosen, and how many times as long as on the faster one a step takes there."""
    chosen = min(steps, key=lambda backend: steps[backend].estimated)
    return chosen, steps[chosen].seconds / min(step.seconds for step in steps.values())


def main() -> None:
    found: dict[str, list[Step]] = {backend: [] for backend in COSTS}
    for units in UNITS:
        for backend, steps in measured(units).items():
            found[backend] += steps
        say(f"{units} units: done")
    rows = []
    for steps in zip(*found.values(), strict=True):
        chosen, times = lost(dict(zip(found, steps, strict=True)))
        cells = [cell for step in steps for cell in (span(step.seconds), span(step.estimated))]
        rows.append((str(steps[0].units), f"{steps[0].batch:,}", *cells, chosen, f"{times:.2f}"))
    header = [cell for backend in found for cell in (backend, "estimated")]
    print(table(("units", "batch", *header, "chosen", "times the faster"), rows))
    for backend, steps in found.items():
        print(f"{backend}: {', '.join(f'{cost:.2g}' for cost in fitted(steps))}, together={COSTS[backend].together}")


if __name__ == "__main__":
    wanted = {name: setting for name, setting in os.environ.items() if name not in TAMED} | ONE_CORE
    if wanted != os.environ:  # which the libraries read when they are loaded
        os.execve(sys.executable, [sys.executable, "-m", "tests.benchmarks.costs"], wanted)
    main()
