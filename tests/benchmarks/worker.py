"""One measurement in a process of its own: `python -m tests.benchmarks.worker JOB`, where JOB and the answer are
JSON."""

import gc
import io
import json
import os
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import nullcontext, redirect_stdout
from typing import Any

from engine import trace_source
from tests.benchmarks import demo, raw, shapes
from tests.benchmarks.peers import ENGINES
from tests.benchmarks.problem import make_problem

__all__ = ["JOBS", "WORKLOADS", "answer"]

WORKLOADS = {"raw": raw.prepare, "demo": demo.prepare}


def gradients(workload: str, engine: str, points: int) -> dict[str, Any]:
    """The gradients of one step, to be compared before anything is timed."""
    return {"gradients": WORKLOADS[workload](engine, make_problem(points))()}


def step_time(workload: str, engine: str, points: int, collector: str, steps: int, seconds: float) -> dict[str, Any]:
    """Seconds of a step, after one that warms up: the mean of so many steps, and of more for an engine that is
    through too soon."""
    step = WORKLOADS[workload](engine, make_problem(points))
    step()
    return clocked(step, collector, steps, seconds)


def node_time(shape: str, nodes: int, collector: str, at_least: int, traced: bool = False) -> dict[str, Any]:
    """Seconds for a node, forward, backward and freed, on graphs of this size, one after another up to `at_least`
    nodes in all; where that is wanted each with its line in the source."""
    repeats = max(1, at_least // nodes)

    def build(repeats: int, nodes: int) -> None:
        for _ in range(repeats):
            shapes.SHAPES[shape](nodes)

    with trace_source() if traced else nullcontext():
        build(20, 100)  # a function is faster from its ninth call on, and a large graph would make only the first
        taken = clocked(lambda: build(repeats, nodes), collector)
    return {clock: seconds / (repeats * nodes) for clock, seconds in taken.items()}


def node_bytes(engine: str, operations: str, width: int, rows: int) -> dict[str, Any]:
    return {"bytes": shapes.bytes_per_node(ENGINES[engine].Value, operations, width, rows)}


def table_training(path: str, epochs: int = 5) -> dict[str, Any]:
    """What a process takes that reads a CSV file and trains on it: seconds since it began, and its largest memory."""
    start = time.perf_counter()

    from nn import MLP, Adam, fit
    from nn.data import load_csv

    data = load_csv(path, "y").standardised()
    model = MLP(len(data.features), [16, 1])
    history = fit(model, data.train, optimizer=Adam(0.01), epochs=epochs, batch_size=32, progress=False)
    return {**taken(start), "backend": history.backend, "loss": history[-1].loss}


def table_command(path: str, epochs: int = 5) -> dict[str, Any]:
    """The same of the whole command `train`, with its scores, those of the linear model, and pictures."""
    start = time.perf_counter()

    from nn.__main__ import main

    with tempfile.TemporaryDirectory() as folder, redirect_stdout(io.StringIO()) as said:
        command = ["train", path, "--target", "y", "--epochs", str(epochs), "--quiet", "--out", f"{folder}/run"]
        status = main(command)
    return {**taken(start), "status": status, "said": said.getvalue()}


def taken(start: float) -> dict[str, float]:
    import resource  # not on Windows

    unit = 1 if sys.platform == "darwin" else 1024  # of the largest memory
    return {
        "cpu_seconds": time.process_time(),
        "wall_seconds": time.perf_counter() - start,
        "gigabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e9,
    }


def clocked(action: Callable[[], object], collector: str, times: int = 1, seconds: float = 0.0) -> dict[str, float]:
    """Mean seconds of an action with the cycle collector "on", as Python has it, or "off".

    It is done at least so many times, and until at least so many seconds of CPU time have passed. `user_seconds` are
    those of the CPU seconds that the program itself ran, and not the kernel, which hands out memory; in steps of a
    hundredth.
    """
    if collector == "off":
        gc.disable()
        gc.collect()
    done, cpu, user, wall = 0, 0.0, 0.0, 0.0
    while done < times or cpu < seconds:
        cpu_start, user_start, wall_start = time.process_time(), os.times().user, time.perf_counter()
        action()
        cpu += time.process_time() - cpu_start
        user += os.times().user - user_start
        wall += time.perf_counter() - wall_start
        done += 1
        if collector == "off":
            gc.collect()  # off the clock: an engine that makes cyclic garbage would otherwise fill the memory
    return {"cpu_seconds": cpu / done, "user_seconds": max(user, 1e-9) / done, "wall_seconds": wall / done}


JOBS: dict[str, Callable[..., dict[str, Any]]] = {
    job.__name__: job for job in (gradients, step_time, node_time, node_bytes, table_training, table_command)
}


def answer(job: dict[str, Any]) -> dict[str, Any]:
    """Do a job: the function it names, called with the rest of it."""
    return JOBS[job["job"]](**{key: content for key, content in job.items() if key != "job"})


if __name__ == "__main__":
    sys.setrecursionlimit(10_000)  # for the peers, whose backward pass recurses
    print(json.dumps(answer(json.loads(sys.argv[1]))))
