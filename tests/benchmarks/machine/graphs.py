"""Growth with the size of a graph: functions of any wished number of operations, recorded once and run on one sample.

"random terms" is a sum of tanh(p·q + x), with parameters and inputs drawn by chance: flat, and without a matrix product
to be found. "chain" is y ← tanh(p·y + x), again and again: as deep as it is large.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Sequence
from typing import Any

from tests.benchmarks.machine.processes import in_turns, missing
from tests.benchmarks.machine.results import MachineReport, span
from tests.benchmarks.machine.table import SIDES
from tests.benchmarks.report import Timing, table
from tests.benchmarks.rounds import Job

__all__ = ["OUTLINES", "graph", "graph_growth", "measured"]

SIZES = (1_000, 10_000, 100_000, 1_000_000)
PARAMETERS, INPUTS = 1_000, 100
SECONDS = 0.5


def numbers(count: int, seed: int) -> list[float]:
    rng = random.Random(seed)
    return [rng.uniform(-1, 1) for _ in range(count)]


def random_terms(
    parameters: Sequence[Any], inputs: Sequence[Any], operations: int, tanh: Callable[[Any], Any], total: Any
) -> Any:
    rng = random.Random(0)
    return total(
        [tanh(rng.choice(parameters) * rng.choice(parameters) + rng.choice(inputs)) for _ in range(operations // 4)]
    )


def chain(
    parameters: Sequence[Any], inputs: Sequence[Any], operations: int, tanh: Callable[[Any], Any], total: Any
) -> Any:
    y = inputs[0]
    for i in range(operations // 3):
        y = tanh(parameters[i % PARAMETERS] * y + inputs[i % INPUTS])
    return y


OUTLINES: dict[str, Callable[..., Any]] = {"random terms": random_terms, "chain": chain}
"""Losses of about so many operations."""


def graph(variant: str, outline: str, operations: int) -> Callable[[], tuple[float, list[float]]]:
    """Prepare a function: it gives the loss and its gradient. `variant` is one of our backends, or "casadi"."""
    return (casadi if variant == "casadi" else eager if variant == "eager" else compiled)(variant, outline, operations)


def eager(variant: str, outline: str, operations: int) -> Callable[[], tuple[float, list[float]]]:
    import engine
    from nn.training.pauses import paused_collector

    parameters, inputs = [engine.Value(p) for p in numbers(PARAMETERS, 1)], numbers(INPUTS, 2)

    def run() -> tuple[float, list[float]]:
        with paused_collector():
            for p in parameters:
                p.grad = None
            loss = OUTLINES[outline](parameters, inputs, operations, engine.tanh, engine.total)
            loss.backward()
            return loss.data, [p.grad or 0.0 for p in parameters]

    return run


def compiled(variant: str, outline: str, operations: int) -> Callable[[], tuple[float, list[float]]]:
    import engine

    parameters = [engine.Value(p) for p in numbers(PARAMETERS, 1)]
    function = engine.compile(
        lambda inputs: OUTLINES[outline](parameters, inputs, operations, engine.tanh, engine.total),
        parameters=parameters,
        backend=variant,
    )
    samples = function.prepare([numbers(INPUTS, 2)])

    def run() -> tuple[float, list[float]]:
        result = samples.evaluate()
        return float(result.losses[0]), result.gradient.tolist()

    return run


def casadi(variant: str, outline: str, operations: int) -> Callable[[], tuple[float, list[float]]]:
    import casadi
    import numpy as np

    p, x = casadi.SX.sym("p", PARAMETERS), casadi.SX.sym("x", INPUTS)
    loss = OUTLINES[outline](casadi.vertsplit(p), casadi.vertsplit(x), operations, casadi.tanh, sum)
    function = casadi.Function("f", [p, x], [loss, casadi.gradient(loss, p)])
    arrays = [np.array(numbers(PARAMETERS, 1)), np.array(numbers(INPUTS, 2)), np.zeros(1), np.zeros(PARAMETERS)]
    buffer, evaluate = function.buffer()
    for i, array in enumerate(arrays):
        (buffer.set_arg if i < 2 else buffer.set_res)(i % 2, memoryview(array))

    def run() -> tuple[float, list[float]]:
        evaluate()
        return float(arrays[2][0]), arrays[3].tolist()

    run.keeps = buffer, function  # type: ignore[attr-defined]  # `evaluate` does not keep them alive
    return run


def measured(variant: str, outline: str, operations: int) -> dict[str, Any]:
    """Seconds until the function has run once, and of a run after that; with the numbers that it gave."""
    cpu, wall = time.process_time(), time.perf_counter()
    try:
        run = graph(variant, outline, operations)
    except ValueError as refusal:  # a NumPy program of a deep graph would be too long a text
        return {"refused": str(refusal)}
    loss, gradient = run()
    found: dict[str, Any] = {"first_cpu": time.process_time() - cpu, "first_wall": time.perf_counter() - wall}
    cpu, wall, runs = time.process_time(), time.perf_counter(), 0
    while not runs or time.process_time() - cpu < SECONDS:
        run()
        runs += 1
    found |= {"cpu_seconds": (time.process_time() - cpu) / runs, "wall_seconds": (time.perf_counter() - wall) / runs}
    return found | {"loss": loss, "gradient": [float(g) for g in gradient]}


def graph_growth(report: MachineReport) -> None:
    """Each outline in each size: what it takes until it has run once, and from then on."""
    sizes = SIZES[:2] if report.quick else SIZES
    sides = {name: variant for name, variant in VARIANTS.items() if not missing(name)}
    for outline in OUTLINES:
        rows, refusals = [], []
        cases = [(side, operations) for side in sides for operations in sizes]
        jobs: list[Job] = [
            {"job": "graph_time", "side": side, "variant": sides[side], "outline": outline, "operations": operations}
            for side, operations in cases
        ]
        answers = dict(zip(cases, in_turns(jobs, 1, f"graph, {outline}"), strict=True))
        for side in sides:
            cells = []
            for operations in sizes:
                found = answers[side, operations][0]
                if "refused" in found:
                    cells.append("refused")
                    refusals.append(f"{side}, {operations:,}: {found['refused']}")
                    continue
                check(f"{outline} of {operations:,}", side, found, answers[next(iter(sides)), operations][0])
                for what, clocks in (("first", ("first_cpu", "first_wall")), ("then", ("cpu_seconds", "wall_seconds"))):
                    times = (found[clock] for clock in clocks)
                    report.timings.append(
                        Timing(f"graph, {outline}, {operations:,}, {what}", side, SIDES[side].collector, *times)
                    )
                cells.append(f"{span(found['first_cpu'])}, then {span(found['cpu_seconds'])}")
            rows.append((side, *cells))
        head = ("side", *(f"{operations:,}" for operations in sizes))
        title = f"graph: {outline}, by number of operations; "
        title += "CPU time until it has run once, and of a run after that (1 round)"
        report.texts[f"graph, {outline}"] = "\n".join(
            [title, table(head, rows), *refusals, *filter(None, map(missing, VARIANTS))]
        )


VARIANTS = {"ours, eager": "eager", "CasADi SX": "casadi", "ours, NumPy program": "numpy", "ours, kernel": "kernel"}


def check(what: str, side: str, found: dict[str, Any], right: dict[str, Any]) -> None:
    """AssertionError unless loss and gradient are right to a billionth of their size."""
    scale = sum(abs(g) for g in right["gradient"]) + abs(right["loss"])
    off = abs(found["loss"] - right["loss"]) + max(
        abs(a - b) for a, b in zip(found["gradient"], right["gradient"], strict=True)
    )
    if not off <= 1e-9 * scale:
        raise AssertionError(
            f"{what}: {side} is off by {off} where {scale} is the size of the numbers; wrong results are not timed"
        )
