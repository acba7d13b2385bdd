"""micrograd as it is shipped, with the two functions that it lacks added in its own manner."""

from __future__ import annotations

import math
from typing import Any

from tests.benchmarks.machine import scalar
from tests.benchmarks.machine.runner import Runner
from tests.benchmarks.machine.work import Work

__all__ = ["prepare"]


def prepare(work: Work, variant: str = "") -> Runner:
    from micrograd.engine import Value

    ops = scalar.Plain(Value)
    ops.exp, ops.log = exp, log
    return scalar.runner(work, ops)


def exp(x: Any) -> Any:
    y = type(x)(math.exp(x.data), (x,), "exp")

    def backward() -> None:
        x.grad += y.data * y.grad

    y._backward = backward
    return y


def log(x: Any) -> Any:
    y = type(x)(math.log(x.data), (x,), "log")

    def backward() -> None:
        x.grad += y.grad / x.data

    y._backward = backward
    return y
