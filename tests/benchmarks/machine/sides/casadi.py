"""CasADi: the loss of one sample as a graph of SX scalars and its gradient, mapped over the batch.

It runs in CasADi's virtual machine, or as C that a compiler has made into a library. The penalty and the update are in the graph too.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tests.benchmarks.machine import scalar
from tests.benchmarks.machine.runner import Runner, look_at
from tests.benchmarks.machine.work import Network, Work

__all__ = ["compiler", "prepare"]


def compiler() -> str | None:
    """The C compiler that is here."""
    return shutil.which(os.environ.get("CC", "cc"))


def prepare(work: Work, variant: str = "") -> Runner:
    """`variant` is "" for the virtual machine, or "compiled". TypeError for a language model: it is not written for that."""
    import numpy as np

    if not isinstance(work, Network):
        raise TypeError("the language model is not written for CasADi")
    targets = np.array(work.targets, dtype=float)[:, None] if work.loss == "hinge" else np.eye(work.widths[-1])[work.targets]
    samples = np.array(work.inputs), targets
    batches = {batch.start: tuple(np.ascontiguousarray(part[batch]) for part in samples) for batch in work.batches}
    parameters = np.array(work.parameters)
    x, t = (np.empty_like(part) for part in batches[0])
    loss, gradient, moved = np.zeros(1), np.zeros_like(parameters), np.zeros_like(parameters)
    function = library(step_function(work)) if variant == "compiled" else step_function(work)
    buffer, evaluate = function.buffer()
    for number, array in enumerate((parameters, x, t)):
        buffer.set_arg(number, memoryview(array))
    for number, array in enumerate((loss, gradient, moved)):
        buffer.set_res(number, memoryview(array))
    following = scalar.turns(work)

    def step() -> None:
        x[:], t[:] = batches[next(following).start]
        evaluate()
        parameters[:] = moved

    step.keeps = buffer, function  # type: ignore[attr-defined]  # `evaluate` does not keep them alive
    return Runner(step, lambda: look_at(loss[0], gradient, parameters))


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

    kind = casadi.SX if work.batch == 1 else casadi.MX  # scalars throughout, or scalars in a sample and arrays around it
    parameters = kind.sym("p", len(work.parameters))
    inputs, targets = kind.sym("x", work.widths[0], work.batch), kind.sym("t", width_of_targets(work), work.batch)
    mapped = sample_function(work).map("batch", "serial", work.batch, [0], [0, 1])  # shared parameters; losses and gradients added up
    loss, gradient = mapped(parameters, inputs, targets) if work.batch > 1 else sample_function(work)(parameters, inputs, targets)
    loss = loss / work.batch + work.penalty * casadi.sumsqr(parameters)
    gradient = gradient / work.batch + 2.0 * work.penalty * parameters
    return casadi.Function("whole_step", [parameters, inputs, targets], [loss, gradient, parameters - work.rate * gradient])


def sample_function(work: Network) -> Any:
    import casadi

    parameters = casadi.SX.sym("p", len(work.parameters))
    inputs, targets = casadi.SX.sym("x", work.widths[0]), casadi.SX.sym("t", width_of_targets(work))
    p, x, t = (casadi.vertsplit(symbol) for symbol in (parameters, inputs, targets))
    loss = scalar.sample_loss(work, p, x, t[0] if work.loss == "hinge" else t, Operations)
    return casadi.Function("sample", [parameters, inputs, targets], [loss, casadi.gradient(loss, parameters)])


def width_of_targets(work: Network) -> int:
    return 1 if work.loss == "hinge" else work.widths[-1]


def library(function: Any) -> Any:
    """The function compiled by the C compiler."""
    import casadi

    folder = Path(tempfile.mkdtemp())
    here = Path.cwd()
    os.chdir(folder)  # CasADi writes its C into the current folder
    try:
        source = function.generate("whole_step.c")
        command = [str(compiler()), "-O3", "-march=native", "-shared", "-fPIC", source, "-o", str(folder / "whole_step.so"), "-lm"]
        subprocess.run(command, check=True)
        return casadi.external("whole_step", str(folder / "whole_step.so"))
    finally:
        os.chdir(here)
        shutil.rmtree(folder)
