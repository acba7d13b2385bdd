"""`data_parallel`: one training whose gradient is summed over shards of each mini-batch, which workers take at once."""

from __future__ import annotations

import pickle
import threading
from collections.abc import Iterator
from concurrent.futures import Executor
from itertools import pairwise
from typing import Any

from engine import no_grad, total
from nn.checks import shown, whole
from nn.layers.dropout import Masks
from nn.training.batches import Batches
from nn.training.eager_steps import EagerSteps, Steps, finite, move
from nn.training.samples import Pairs
from nn.training.task import Task
from nn.training.train import Training

__all__ = ["data_parallel"]

Shard = tuple[float, list[float | None]]
"""The sum of the losses of its samples, and its part of the gradient: None for what the losses do not depend on."""


def data_parallel(training: Training, executor: Executor, shards: int) -> Training:
    """The same training, its steps taken by the workers of an executor: each computes the gradient of a shard of the
    mini-batch on a copy of the network, and the shards are added up in their order.

    The numbers depend on `shards`, in their last bits, and not on the executor or on how many workers it has. Steps are
    eager graphs. It pays where a shard takes longer than to send the network there and the gradient back.

    Args:
        training: what `nn.train` gives, before or between its epochs.
        executor: any `concurrent.futures.Executor`. For processes, a loss of your own is a function of a module.
        shards: into how many parts a mini-batch is divided; as many as there are workers, or a multiple.

    Returns:
        The training, to be iterated over.

    Raises:
        TypeError: for what is no training, and for shards that are no whole number.
        ValueError: for shards below 1, and for a network with dropout, whose masks are drawn sample by sample.

    >>> from concurrent.futures import ThreadPoolExecutor
    >>> from nn import MLP, train
    >>> model = MLP(1, [1])
    >>> with ThreadPoolExecutor() as executor:
    ...     for epoch in data_parallel(train(model, [[1.0], [2.0]], [3.0, 5.0], epochs=400), executor, shards=2):
    ...         pass
    >>> round(model([3.0]).data, 2)
    7.0
    """
    if not isinstance(training, Training):
        raise TypeError(f"data_parallel takes what nn.train gives, got {shown(training)}")
    training.steps = ShardedSteps(training.task, executor, whole("shards", shards, 1))
    training.history.backend = training.backend
    return training


class ShardedSteps(EagerSteps):
    """Steps whose gradients workers compute.

    Args:
        task: what is trained.
        executor: that has the workers.
        shards: how many parts a batch has.
    """

    def __init__(self, task: Task, executor: Executor, shards: int) -> None:
        super().__init__(task, f"each mini-batch in {shards} shards")
        self.executor, self.shards = executor, shards
        masks: Any = Masks()
        with no_grad():
            task.model.outputs(task.data[0][0], masks)
        if masks.shares:
            raise ValueError("data_parallel takes no network with dropout: its masks are drawn sample by sample")
        self.network = pickle.dumps((task.model, task.loss))

    def descend(self, batches: Batches) -> Iterator[Steps]:
        for batch in batches:
            loss, penalty = self.step([self.task.data[i] for i in batch])
            yield [(loss, penalty * len(batch))]

    def step(self, batch: Pairs) -> tuple[float, float]:
        """One step of gradient descent; returns the sum of the losses and the penalty, both before the step."""
        task = self.task
        numbers = [p.data for p in task.parameters]
        ends = [len(batch) * k // self.shards for k in range(self.shards + 1)]
        parts = [batch[start:end] for start, end in pairwise(ends) if end > start]
        futures = [self.executor.submit(gradient, self.network, numbers, part, 1.0 / len(batch)) for part in parts]
        penalty: Any = task.regularizer(task.weights) if task.regularizer else 0.0
        task.model.zero_grad()
        if task.regularizer:
            penalty.backward()
        loss = 0.0
        for future in futures:  # in the order of the shards, whichever is done first
            part, slopes = future.result()
            loss += part
            for p, slope in zip(task.parameters, slopes, strict=True):
                if slope is not None:
                    p.grad = (p.grad or 0.0) + slope
        finite(task, "the loss", loss + float(penalty))
        move(task)
        return loss, float(penalty)


COPIES = threading.local()
"""The network of the last call of this thread, since it is the same in every step but for its numbers."""


def gradient(network: bytes, numbers: list[float], samples: Any, share: float) -> Shard:
    """Of one shard, in whatever process this is, with these numbers as the parameters; `share` is the weight of a
    sample."""
    if getattr(COPIES, "network", None) != network:
        COPIES.network, COPIES.copy = network, pickle.loads(network)
    model, loss = COPIES.copy
    parameters = model.parameters()
    for p, number in zip(parameters, numbers, strict=True):
        p.data = number
    model.zero_grad()
    losses = total([loss(model.outputs(x), target) for x, target in samples])
    (losses * share).backward()
    return float(losses), [p.grad for p in parameters]
