"""A row of the table, or a function of Values, at many points on each machine: the NumPy program, the kernel, and the
page's JavaScript, run by Node."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from engine import Rule, Value, compile
from engine.compiler.numpy_program.program import Program
from engine.pages.javascript import forward_functions, operation_key, operations
from tests.engine.plans import HandMade

__all__ = ["NODE", "Program", "kernel_of", "of_function", "of_rule", "on_the_page"]

Points = Sequence[Sequence[float]]
NODE = shutil.which("node")


def kernel_of(plan: Any) -> Any:
    from engine.compiler import kernel

    return kernel.Kernel(plan)


def of_rule(machine: Any, row: Rule, points: Points) -> list[list[float]]:
    """The value and the slopes at each point, and the value once more, computed together with the others."""
    n = len(row.parameters)
    plan = HandMade(n, n)
    z = plan.start([0.0] * n, [[j] for j in range(n)], [[1.0]] * n)
    plan.combine(z, [[1.0]] * n, [[j] for j in range(n)])
    plan.loss = plan.apply(row, *[[k] for k in z])[0]
    return of_plan(machine(plan), n, points)


def of_function(machine: Any, f: Callable[[Sequence[Any]], Any], points: Points) -> list[list[float]]:
    """The same of a function of a list of Values."""
    parameters = [Value(0.0) for _ in points[0]]
    compiled = compile(
        lambda row: f([p + x for p, x in zip(parameters, row, strict=True)]), parameters, backend="numpy"
    )
    compiled.run([tuple(0.25 * i for i in range(len(parameters)))])
    return of_plan(machine(compiled.plan), len(parameters), points)


def of_plan(machine: Any, n: int, points: Points) -> list[list[float]]:
    """Of a plan whose inputs are x + p with a parameter p each, whose gradient is the slope."""
    numbers, found = np.array(points, dtype=float), []
    together = np.empty(len(numbers))
    with np.errstate(all="ignore"):
        machine.run(np.zeros(n), numbers, np.arange(len(numbers)), 1.0, None, together, np.empty((len(numbers), 0)))
        for i in range(len(numbers)):
            slopes, alone = np.zeros(n), np.empty(1)
            machine.run(np.zeros(n), numbers, np.array([i]), 1.0, slopes, alone, np.empty((1, 0)))
            found.append([alone[0], *slopes, together[i]])
    return [[float(x) for x in row] for row in found]


def on_the_page(row: Rule, points: Points) -> list[list[float]]:
    """The value and the slopes at each point as the page computes them; the items of a list in the place of a list."""
    args = tuple([Value(0.5) for _ in points[0]])
    node = row(*row.nest(args))
    given = json.dumps([[repr(x) for x in point] for point in points])
    text = f"""{forward_functions()}{operations([node])[0]}
    const {{ forward, slopes }} = operations[{json.dumps(operation_key(node))}];
    const number = (text) => Number(text.replace("inf", "Infinity"));
    const all = {given}.map((point) => point.map(number)).map((xs) => [forward(...xs), slopes(...xs, forward(...xs))]);
    console.log(JSON.stringify(all.map((found) => found.flat().map(String))));"""
    written = subprocess.run(["node", "-"], input=text, capture_output=True, text=True, check=True).stdout
    return [[float(number.replace("Infinity", "inf")) for number in texts] for texts in json.loads(written)]
