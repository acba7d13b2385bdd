"""What is recorded of a training run, and its samples as arrays: the loss, the validation loss, the price of the
weights."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

import numpy as np

import engine
from engine import RecordingError, parameters_of
from nn.layers.dropout import Masks
from nn.training.arrays import check_targets, digest, numbered, shares_and_width, with_factors
from nn.training.task import Task

__all__ = ["Recorded"]

Array = Any


class Recorded:
    """The functions of a run as they were recorded, with their samples.

    Args:
        task: what is trained.
        backend: "numpy", "kernel" or "auto".

    Attributes:
        samples: those to train on, a batch of the engine.
        validation: those to validate on; None without any.
        penalty: the price of the weights, a batch of one sample; None without a regularizer.
        shares: of each sample the shares that dropout layers drop, in the order in which they ask.
        drops: whether there are any.
        everything: int64, the numbers of all samples to train on.

    Raises:
        RecordingError: where the loss of a sample cannot be recorded.
    """

    def __init__(self, task: Task, backend: str) -> None:
        self.task, self._parameters = task, parameters_of(task.parameters)
        self._compiled: dict[str, Any] = {}
        self.take(backend)
        self.penalty = self._batch(self._penalty, [()], self.choice.backend) if task.regularizer else None

    @property
    def choice(self) -> Any:
        """What runs the samples, and why that."""
        return self.samples.choice

    @property
    def in_kernel(self) -> bool:
        """Whether the kernel can take steps alone."""
        return bool(self.samples.in_kernel and (self.penalty is None or self.penalty.in_kernel))

    @property
    def changed(self) -> bool:
        """Whether a number of a sample is another now than when they were taken."""
        return self._taken != self._digests()

    def comparisons(self) -> Any:
        """When what is recorded is compared."""
        return self.samples.comparisons(*filter(None, (self.validation, self.penalty)))

    def take(self, backend: str) -> None:
        """Take the samples apart as they are now."""
        task = self.task
        self._taken = self._digests()
        self.shares, width = shares_and_width(task.model, task.data)
        check_targets(task, width)
        self.drops = any(self.shares)
        self.samples = self._batch(self._training_loss, with_factors(task.data, self.shares), backend)
        if self.choice.machine is None:
            raise RecordingError(self.choice.reason)
        known = [] if self.drops else self.samples.shapes  # its inputs are the same then, and often all it does
        validation, backend = numbered(task.validation or []), self.choice.backend
        self.validation: Any = None
        if validation:
            self.validation = self._batch(self._loss, validation, backend, known)
            self._validate = self.validation.ready(np.arange(len(validation)))
        self.everything = np.arange(len(task.data))

    def seconds(self, size: int) -> float:
        """About how long a step of so many samples takes."""
        price = self.penalty.shapes[0].seconds(1) if self.penalty else 0.0
        return float(self.samples.shapes[0].seconds(size) + price)

    def validation_loss(self, vector: Array) -> float | None:
        """The mean loss of the validation samples with these numbers for the parameters, be it nan or infinite; None
        without any."""
        return float(self._validate(vector).sum()) / len(self.validation) if self.validation else None

    def _digests(self) -> tuple[Any, Any]:
        return digest(self.task.data), digest(self.task.validation or [])

    def _batch(self, f: Callable[[Any], Any], samples: Sequence[Any], backend: str, known: Sequence[Any] = ()) -> Any:
        """Samples for the machine, the first results of each shape that is not known held beside those of the eager
        sweep."""
        work, size = self.task.epochs * len(self.task.data), self.task.batch_size or len(self.task.data)
        if f.__name__ not in self._compiled:
            self._compiled[f.__name__] = engine.compile(
                f, parameters=self._parameters, backend=backend, work=work, batch=size
            )
        batch = self._compiled[f.__name__].prepare(samples, known)
        with suppress(ArithmeticError, ValueError), np.errstate(all="ignore"):  # a step will raise it, and say where
            batch.evaluate(batch.first_of_each_shape)
        return batch

    def _training_loss(self, sample: Any) -> Any:
        x, target, factors = sample
        masks: Any = Masks(factors)
        loss = self.task.loss(self.task.model.outputs(x, masks), target)
        if isinstance(loss, float | int):
            raise TypeError(
                f"the loss of a sample must be a Value made of its outputs, got {type(loss).__name__} {loss!r}"
            )
        return loss

    def _loss(self, sample: Any) -> Any:
        x, target = sample
        return self.task.loss(self.task.model.outputs(x), target)

    def _penalty(self, sample: Any) -> Any:
        price: Any = self.task.regularizer
        return price(self.task.weights)
