"""CasADi: the loss of one sample as a graph of SX scalars and its gradient, mapped over the batch.

It runs in CasADi's virtual machine, or as C that a compiler has made into a library. The penalty and the update are in
the graph too. Libraries are kept: a graph of some hundred thousand scalars takes a compiler a minute.
"""

from __future__ import annotations

import hashlib
import os
import platform
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from tests.benchmarks.machine import scalar
from tests.benchmarks.machine.runner import Runner, look_at
from tests.benchmarks.machine.work import Network, Work
from tests.benchmarks.rounds import ROOT

__all__ = ["LIBRARIES", "Operations", "call", "compiler", "library", "prepare"]

LIBRARIES = Path("build", "casadi")
"""Where libraries are kept."""


def compiler() -> str | None:
    """The C compiler that is here."""
    return shutil.which(os.environ.get("CC", "cc"))


def prepare(work: Work, variant: str = "") -> Runner:
    """`variant` is "" for the virtual machine, or "compiled"."""
    from tests.benchmarks.machine.sides import casadi_gpt

    return network(work, variant) if isinstance(work, Network) else casadi_gpt.prepare(work, variant)


def network(work: Network, variant: str) -> Runner:
    import numpy as np

    targets = (
        np.array(work.targets, dtype=float)[:, None] if work.loss == "hinge" else np.eye(work.widths[-1])[work.targets]
    )
    samples = np.array(work.inputs), targets
    parameters = np.array(work.parameters)
    loss, gradient, moved = np.zeros(1), np.zeros_like(parameters), np.zeros_like(parameters)
    function = library(step_function(work), "-O3") if variant == "compiled" else step_function(work)

    def ready(batch: slice) -> Callable[[], None]:
        return call(
            function, [parameters, *(np.ascontiguousarray(part[batch]) for part in samples)], [loss, gradient, moved]
        )

    def step(call: Callable[[], None]) -> None:
        call()
        parameters[:] = moved

    return Runner(scalar.turns(work, ready), step, lambda: look_at(loss[0], gradient, parameters))


def call(function: Any, taken: Sequence[Any], given: Sequence[Any]) -> Callable[[], None]:
    """A function called with these arrays, which writes its results into those."""
    buffer, evaluate = function.buffer()
    for number, array in enumerate(taken):
        buffer.set_arg(number, memoryview(array))
    for number, array in enumerate(given):
        buffer.set_res(number, memoryview(array))

    def run() -> None:
        evaluate()

    run.keeps = buffer, function, taken, given  # type: ignore[attr-defined]  # `evaluate` does not keep them alive
    return run


class Operations:
    """Those of the symbols; the target class is a row of zeros with a one."""

    @staticmethod
    def exp(x: Any) -> Any:
        import casadi

        return casadi.exp(x)

    @staticmethod
    def log(x: Any) -> Any:
        import casadi

        return casadi.log(x)

    @staticmethod
    def relu(x: Any) -> Any:
        import casadi

        return casadi.fmax(x, 0)

    total = staticmethod(sum)
    dot = staticmethod(scalar.Plain.dot)

    @staticmethod
    def pick(numbers: Sequence[Any], index: Any) -> Any:
        return scalar.Plain.dot(numbers, index)


def step_function(work: Network) -> Any:
    """Parameters, inputs and targets of a batch (a column for each sample) to loss, gradient and moved parameters."""
    import casadi

    # scalars throughout, or scalars in a sample and arrays around it
    kind = casadi.SX if work.batch == 1 else casadi.MX
    parameters = kind.sym("p", len(work.parameters))
    inputs, targets = kind.sym("x", work.widths[0], work.batch), kind.sym("t", width_of_targets(work), work.batch)
    # shared parameters; losses and gradients added up
    mapped = sample_function(work).map("batch", "serial", work.batch, [0], [0, 1])
    loss, gradient = (
        mapped(parameters, inputs, targets) if work.batch > 1 else sample_function(work)(parameters, inputs, targets)
    )
    loss = loss / work.batch + work.penalty * casadi.sumsqr(parameters)
    gradient = gradient / work.batch + 2.0 * work.penalty * parameters
    return casadi.Function(
        "whole_step", [parameters, inputs, targets], [loss, gradient, parameters - work.rate * gradient]
    )


def sample_function(work: Network) -> Any:
    import casadi

    parameters = casadi.SX.sym("p", len(work.parameters))
    inputs, targets = casadi.SX.sym("x", work.widths[0]), casadi.SX.sym("t", width_of_targets(work))
    p, x, t = (casadi.vertsplit(symbol) for symbol in (parameters, inputs, targets))
    loss = scalar.sample_loss(work, p, x, t[0] if work.loss == "hinge" else t, Operations)
    return casadi.Function("sample", [parameters, inputs, targets], [loss, casadi.gradient(loss, parameters)])


def width_of_targets(work: Network) -> int:
    return 1 if work.loss == "hinge" else work.widths[-1]


def library(function: Any, optimise: str) -> Any:
    """The function compiled by the C compiler, once for this machine."""
    import casadi

    folder, here = Path(tempfile.mkdtemp()), Path.cwd()
    command = [
        str(compiler()),
        optimise,
        "-march=native",
        "-shared",
        "-fPIC",
        "whole_step.c",
        "-o",
        "whole_step.so",
        "-lm",
    ]
    os.chdir(folder)  # CasADi writes its C into the current folder
    try:
        source = Path(function.generate("whole_step.c")).read_bytes()
        name = hashlib.sha256(repr((platform.node(), command, source)).encode()).hexdigest()
        kept = ROOT / LIBRARIES / f"{name[:20]}.so"
        if not kept.exists():
            subprocess.run(command, check=True)
            kept.parent.mkdir(parents=True, exist_ok=True)
            shutil.move("whole_step.so", kept)
    finally:
        os.chdir(here)
        shutil.rmtree(folder)
    return casadi.external("whole_step", str(kept))
