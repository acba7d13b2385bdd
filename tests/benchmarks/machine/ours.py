"""Our side: the same work written with `nn` and with Values, on each of the paths that run it."""

from __future__ import annotations

import sys
from typing import Any

import engine
from engine import Value
from nn import MLP, SGD, Adam, l2
from nn.train import Training
from tests.benchmarks.machine import scalar
from tests.benchmarks.machine.runner import Look, Runner
from tests.benchmarks.machine.work import Gpt, Network, Work

__all__ = ["Operations", "prepare"]


class Operations:
    """Those of the engine: a sum of many terms is one node."""

    number = staticmethod(float)
    exp, log, relu, total = (staticmethod(f) for f in (engine.exp, engine.log, engine.relu, engine.total))
    dot = staticmethod(engine.weighted_sum)
    pick = staticmethod(scalar.Plain.pick)


def prepare(work: Work, variant: str = "eager") -> Runner:
    """`variant` is the backend."""
    return network(work) if isinstance(work, Network) else gpt(work)


def network(work: Network) -> Runner:
    """Steps of `nn.train`, which are given their batches."""
    model = MLP(work.widths[0], list(work.widths[1:]), activation="relu")
    parameters: list[Value] = model.parameters()
    for parameter, number in zip(parameters, work.parameters, strict=True):
        parameter.data = number
    samples = list(zip(work.inputs, work.targets, strict=True))
    penalty = l2(work.penalty)
    training = Training(
        model,
        samples,
        loss=work.loss.replace(" ", "_"),
        optimizer=SGD(work.rate),
        regularizer=(lambda weights: penalty(parameters)) if work.penalty else None,  # micrograd's demo shrinks the biases too
        batch_size=work.batch,
        epochs=sys.maxsize,
    )
    batches = scalar.turns(work)
    losses = (0.0, 0.0)

    def step() -> None:
        nonlocal losses
        losses = training.descend(samples[next(batches)])

    return Runner(step, lambda: look(sum(losses), parameters))


def gpt(work: Gpt) -> Runner:
    parameters = [Value(number) for number in work.parameters]
    beta1, beta2, epsilon = work.adam
    optimizer = Adam(work.rate, beta1, beta2, epsilon)
    names = scalar.turns(work)
    loss: Any = None

    def step() -> None:
        nonlocal loss
        loss = scalar.gpt_loss(work, parameters, next(names), Operations)
        for p in parameters:
            p.grad = None
        loss.backward()
        optimizer.step(parameters)

    return Runner(step, lambda: look(loss.data, parameters))


def look(loss: float, parameters: list[Value]) -> Look:
    return Look(loss, [float(p.grad or 0.0) for p in parameters], [p.data for p in parameters])
