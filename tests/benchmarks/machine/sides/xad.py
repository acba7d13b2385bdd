"""XAD: scalars whose tape is in C++, recorded anew at each step."""

from __future__ import annotations

from typing import Any

from tests.benchmarks.machine import scalar
from tests.benchmarks.machine.runner import Look, Runner
from tests.benchmarks.machine.work import Work

__all__ = ["prepare"]


def prepare(work: Work, variant: str = "") -> Runner:
    import xad.math
    from xad.adj_1st import Real, Tape

    ops = scalar.Plain(float)
    ops.exp, ops.log = xad.math.exp, xad.math.log
    ops.relu = lambda x: xad.math.max(x, 0.0)
    update = scalar.updater(work)
    numbers = list(work.parameters)
    look = Look(0.0, [], [])

    def step(batch: Any) -> None:
        nonlocal numbers, look
        with Tape() as tape:
            parameters: list[Any] = [Real(number) for number in numbers]
            tape.registerInputs(parameters)
            tape.newRecording()
            loss = scalar.batch_loss(work, parameters, batch, ops)
            tape.registerOutput(loss)
            loss.derivative = 1.0
            tape.computeAdjoints()
            gradient = [p.derivative for p in parameters]
            numbers = update(numbers, gradient)
            look = Look(loss.value, gradient, numbers)

    return Runner(scalar.turns(work), step, lambda: look)
