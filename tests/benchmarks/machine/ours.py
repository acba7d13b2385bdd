"""Our side: the same work written with `nn` and with Values, as steps of `nn.train` on each backend."""

from __future__ import annotations

import sys
from itertools import cycle
from random import Random
from typing import Any

import engine
from engine import Value
from nn import MLP, SGD, Adam, Module, l2
from nn.training.batches import Batches
from nn.training.pauses import paused_collector
from nn.training.train import Training, train
from tests.benchmarks.machine import scalar
from tests.benchmarks.machine.runner import Look, Runner
from tests.benchmarks.machine.work import Gpt, Network, Work

__all__ = ["LanguageModel", "Operations", "model", "prepare"]


class Operations:
    """Those of the engine: a sum of many terms is one node, and an index may be a number of the sample."""

    exp, log, relu, total = (staticmethod(f) for f in (engine.exp, engine.log, engine.relu, engine.total))
    dot, pick = staticmethod(engine.weighted_sum), staticmethod(engine.lookup)


class LanguageModel(Module):
    """The language model; its output for a name is its loss."""

    def __init__(self, work: Gpt) -> None:
        self.work = work
        self.numbers = [Value(number) for number in work.parameters]

    def outputs(self, x: Any, rng: Random | None = None) -> list[Any]:
        return [scalar.gpt_loss(self.work, self.numbers, x, Operations)]


def prepare(work: Work, variant: str = "eager") -> Runner:
    """`variant` is the backend."""
    training = network(work, variant) if isinstance(work, Network) else gpt(work, variant)
    if variant not in ("auto", training.backend):
        raise RuntimeError(f"the backend {variant} was asked for and {training.backend} runs: {training.reason}")
    numbers = range(len(training.data))
    if isinstance(work, Network):
        turns = scalar.turns(work, lambda batch: list(numbers[batch]))
    else:
        turns = cycle([i] for i in numbers)
    samples = work.batch if isinstance(work, Network) else 1
    last: Any = None

    training.steps.__enter__()  # for good: as in `fit`, the Values get their numbers when the run is over

    def many(batches: Batches) -> None:
        nonlocal last
        with paused_collector():
            for taken in training.steps.descend(batches):
                last = taken

    def look() -> Look:
        training.steps.give()
        parameters = training.parameters
        loss = sum(last[-1]) / samples  # of the last step: the losses and the penalties of its samples
        return Look(loss, [float(p.grad or 0.0) for p in parameters], [p.data for p in parameters])

    return Runner(turns, lambda batch: many(Batches.of([batch])), look, many=many, gather=Batches.of)


def model(work: Network) -> MLP:
    """The network where training starts."""
    made = MLP(work.widths[0], list(work.widths[1:]), activation="relu")
    for parameter, number in zip(made.parameters(), work.parameters, strict=True):
        parameter.data = number
    return made


def network(work: Network, backend: str) -> Training:
    penalty, trained = l2(work.penalty), model(work)
    parameters: list[Value] = trained.parameters()
    return train(
        trained,
        list(zip(work.inputs, work.targets, strict=True)),
        loss=work.loss.replace(" ", "_"),
        optimizer=SGD(work.rate),
        # micrograd's demo shrinks the biases too
        regularizer=(lambda weights: penalty(parameters)) if work.penalty else None,
        batch_size=work.batch,
        epochs=sys.maxsize,
        backend=backend,
    )


def gpt(work: Gpt, backend: str) -> Training:
    beta1, beta2, epsilon = work.adam
    return train(
        LanguageModel(work),
        [(tokens, 0.0) for tokens in work.sequences],
        loss=lambda outputs, target: outputs[0],
        optimizer=Adam(work.rate, beta1, beta2, epsilon),
        batch_size=1,
        epochs=sys.maxsize,
        backend=backend,
    )
