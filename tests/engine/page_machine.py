"""The machine that a page has for plans, run by Node, in the manner of the other two."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from typing import Any

import numpy as np
import pytest

from engine import PageMachine

__all__ = ["NODE", "PageProgram", "called", "in_node", "needs_node"]

NODE = shutil.which("node")


def needs_node() -> None:
    """Skips a test where there is no Node; in CI it fails."""
    if NODE is None and os.environ.get("CI") != "true":
        pytest.skip("the page's arithmetic needs Node")


def in_node(source: str, **given: Any) -> Any:
    """What JavaScript returns, its numbers as text, with these things for JSON at hand as constants."""
    text = f"console.log({called(source, given)})"
    return json.loads(subprocess.run(["node", "-"], input=text, capture_output=True, text=True, check=True).stdout)


def called(source: str, given: dict[str, Any]) -> str:
    """An expression of JavaScript: the JSON of what that source returns."""
    constants = "".join(f"const {name} = {json.dumps(what)};\n" for name, what in given.items())
    return f"""(() => {{ {constants}const answer = (() => {{ {source} }})();
    const plain = (_, x) => (typeof x === "number" ? String(x) : ArrayBuffer.isView(x) ? Array.from(x) : x);
    return JSON.stringify(answer, plain); }})()"""


def sent(x: float) -> str:
    """A number as JavaScript's `Number` reads it: JSON has no infinity."""
    return repr(x).replace("inf", "Infinity").replace("nan", "NaN")


def numbers(texts: Any) -> Any:
    return np.array([[float(x.replace("Infinity", "inf")) for x in row] for row in texts])


class PageProgram:
    """A plan that the page's machine runs, as `Program` and `Kernel` run one."""

    def __init__(self, plan: Any, lanes: int = 7) -> None:
        needs_node()
        machine = PageMachine()
        self.plan, self.lanes = plan, lanes
        self.described = machine.take(plan)
        self.source = machine.source

    def run(self, P: Any, X: Any, index: Any, seed: float, gradient: Any, losses: Any, outputs: Any) -> None:
        call = """
        const program = new Program(plan, most), GP = new Float64Array(P.length), losses = [], outputs = [];
        for (let first = 0; first < rows.length; first += most) {
          const part = rows.slice(first, first + most), lanes = part.length;
          part.forEach((row, l) => row.forEach((x, k) => { program.V[k * lanes + l] = Number(x); }));
          program.forward(P, lanes);
          if (seed !== null) program.backward(P, GP, lanes, seed);
          losses.push(...program.row(program.loss, lanes));
          outputs.push(...part.map((_, l) => program.outputs.map((row) => program.V[row * lanes + l])));
        }
        return { losses: [losses], outputs, gradient: [GP] };"""
        found = in_node(
            self.source + call,
            plan=self.described,
            most=self.lanes,
            P=P.tolist(),
            seed=None if gradient is None else seed,
            rows=[[sent(x) for x in row] for row in X[index].tolist()],
        )
        losses[:] = numbers(found["losses"])[0]
        outputs[:] = numbers(found["outputs"]).reshape(outputs.shape)
        if gradient is not None:
            gradient[:] = numbers(found["gradient"])[0]
