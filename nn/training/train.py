"""The gradient-descent loop: `train()` yields after every epoch, `fit()` runs it with a progress bar.

One step is a few lines, `Training.descend`: forward pass and loss, backward pass by the chain rule, a move of every
parameter against its gradient. The rest of this file is what makes a run observable, interruptible and repeatable to
the last bit.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter
from typing import Any

from engine import Value, total
from nn.checks import check_seed
from nn.layers.module import Module
from nn.training.backend import descent_of
from nn.training.batches import batches, generator
from nn.training.checkpoint import backend_of, begin, resume, store
from nn.training.early_stopping import EarlyStopping
from nn.training.history import Epoch, History
from nn.training.losses import Loss, loss_of
from nn.training.optimizers import Clip, Optimizer, optimizer_of
from nn.training.pauses import paused_collector, whole_steps
from nn.training.regularizers import Regularizer
from nn.training.samples import checked, split
from nn.training.schedules import Schedule

__all__ = ["Diverged", "Training", "fit", "train"]

Pairs = Sequence[tuple[Any, Any]]


class Diverged(ArithmeticError):
    """The loss is no longer a finite number. The parameters are those of the last good step."""


class Training(Iterator[Epoch]):
    """A training run: an iterator of epochs that does the work of one each time it is asked for the next. See `train`.

    Attributes:
        model: what is trained.
        history: the epochs so far, those before a resumed checkpoint too.
        epoch, step: how many epochs are done, and how many steps of the current one.
        backend, reason: what computes the steps, "kernel", "numpy" or "eager", and why that.
    """

    def __init__(self, model: Module, data: Pairs, *, loss: str | Loss = "mse", optimizer: str | Optimizer = "sgd",
                 epochs: int = 100, batch_size: int | None = None, regularizer: Regularizer | None = None,
                 schedule: Schedule | None = None, clip: Clip | None = None, validation: Pairs | float | None = None,
                 early_stopping: EarlyStopping | int | None = None, seed: int = 0, checkpoint: str | Path | None = None,
                 backend: str = "auto") -> None:  # fmt: skip
        self.model, self.loss, self.optimizer = model, loss_of(loss), optimizer_of(optimizer)
        self.data, self.validation = split(checked(model, data), validation, seed)
        if self.validation:
            checked(model, self.validation, "validation sample")
        self.epochs, self.batch_size, self.seed = epochs, batch_size, check_seed(seed)
        self.regularizer, self.schedule, self.clip = regularizer, schedule, clip
        self.early_stopping = EarlyStopping(early_stopping) if isinstance(early_stopping, int) else early_stopping
        if self.early_stopping and not self.validation:
            raise ValueError(
                "early stopping watches the validation loss: give validation=..., samples or a share such as 0.2"
            )
        if not isinstance(epochs, int) or epochs < 0:
            raise ValueError(f"epochs is a whole number from 0 up, got {epochs!r}")
        batches(len(self.data), batch_size)  # refuses a bad batch size now, not at the first step
        self.optimizer.reset()  # what it remembers is of another run
        if self.early_stopping:
            self.early_stopping.reset()
        self.parameters, self.weights = model.parameters(), model.weights()
        self.history = History()
        self.epoch = self.step = 0
        self.sums = [0.0, 0.0]  # of the loss and the penalty of the samples of this epoch so far
        self.gradient = 0.0
        self.identity: dict[str, Any] = {}  # what a checkpoint of this run must agree with
        self.checkpoint = Path(checkpoint) if checkpoint is not None else None
        if self.checkpoint:
            begin(self, self.checkpoint)
        self.descent = descent_of(self, backend, backend_of(self.checkpoint))
        if self.checkpoint:
            resume(self, self.checkpoint)
            self._settle()
        self.history.backend = self.descent.backend

    @property
    def backend(self) -> str:
        return self.descent.backend

    @property
    def reason(self) -> str:
        return self.descent.reason

    @property
    def ended(self) -> bool:
        """Whether no epoch is left to be done."""
        return self.epoch >= self.epochs or bool(self.history.stopped)

    def __next__(self) -> Epoch:
        if self.ended:
            raise StopIteration
        started = perf_counter()
        with whole_steps() as interrupted, paused_collector():
            todo = batches(len(self.data), self.batch_size, self.seed, self.epoch)[self.step :]
            with self.descent, self._placing_errors():
                for steps in self.descent.descend(todo):
                    for loss, penalty in steps:
                        self.sums = [self.sums[0] + loss, self.sums[1] + penalty]
                    self.step += len(steps)
                    if interrupted():
                        break
            if not interrupted():
                epoch = self._finish(started)
        if interrupted():
            self.save()
            raise KeyboardInterrupt
        return epoch

    def descend(self, batch: Pairs) -> tuple[float, float]:
        """One step of gradient descent on a batch; returns its mean loss and the regulariser's penalty, both before
        the step."""
        rng = generator(self.seed, self.epoch, self.step)
        losses = [self.loss(self.model.outputs(x, rng), target) for x, target in batch]
        loss = total(losses) * (1.0 / len(losses))
        if not isinstance(loss, Value):
            raise TypeError(
                f"the loss of a sample must be a Value made of its outputs, got {type(losses[0]).__name__} "
                f"{losses[0]!r}"
            )
        penalty = self.regularizer(self.weights) if self.regularizer else 0.0
        objective = self._finite("the loss", loss + penalty)
        self.model.zero_grad()
        objective.backward()
        for p in self.parameters:
            if p.grad is None and not p.frozen:
                p.grad = 0.0  # the loss of this batch does not depend on it; what an optimizer remembers of it goes on
        self.gradient = self._finite(
            "the length of the gradient", math.hypot(*[p.grad or 0.0 for p in self.parameters])
        )
        self.optimizer.step(self.parameters, self.schedule(self.epoch) if self.schedule else 1.0, self.clip)
        return float(loss), float(penalty)

    @contextmanager
    def _placing_errors(self) -> Iterator[None]:
        try:
            yield
        except OverflowError as error:
            raise self._placed(self._diverged(str(error))) from error
        except Exception as error:
            self._placed(error)
            raise

    def _finish(self, started: float) -> Epoch:
        loss, penalty = (sum / len(self.data) for sum in self.sums)
        validation = self._validate()
        rate = self.optimizer.rate * (self.schedule(self.epoch) if self.schedule else 1.0)
        self.epoch, self.step, self.sums = self.epoch + 1, 0, [0.0, 0.0]
        epoch = Epoch(self.epoch, loss, penalty, validation, rate, self.gradient, perf_counter() - started)
        self.history.append(epoch)
        if self.early_stopping:
            self.descent.give()
        if (
            self.early_stopping
            and validation is not None
            and self.early_stopping.watch(epoch.number, validation, self.parameters)
        ):
            self.history.stopped = "early stopping"
        if self.ended or self.epoch % max(1, self.epochs // 100) == 0:
            self.save()  # the last parameters, so that a longer run can go on from them
        self._settle()
        return epoch

    def _settle(self) -> None:
        if self.ended and self.early_stopping:
            self.early_stopping.restore(self.parameters)
            self.descent.take()

    def _validate(self) -> float | None:
        if not self.validation:
            return None
        try:
            return float(self._finite("the validation loss", self.descent.validation_loss()))
        except OverflowError as error:
            raise self._diverged(f"the validation loss: {error}") from error

    def _finite(self, what: str, number: Any) -> Any:
        if not math.isfinite(number):
            raise self._diverged(f"{what} became {float(number)}")
        return number

    def _diverged(self, what: str) -> Diverged:
        return Diverged(f"{what}: the learning rate {self.optimizer.rate} may be too large")

    def _placed(self, error: Exception) -> Exception:
        error.add_note(f"in epoch {self.epoch + 1}, step {self.step + 1}; the parameters are those before it")
        return error

    def save(self) -> None:
        """Write the checkpoint, if the run has one."""
        if self.checkpoint:
            self.descent.give()
            store(self, self.checkpoint)


def train(model: Module, data: Pairs, **settings: Any) -> Training:
    """The gradient-descent loop, as an iterator that yields an `Epoch` after every pass over the data.

    Args:
        model: what is trained: its parameters are changed in place.
        data: the samples, a sequence of (input row, target).
        loss: of one sample: a name ("mse", "mae", "huber", "hinge", "binary_cross_entropy", "cross_entropy") or a
            function of (outputs, target).
        optimizer: a name ("sgd", "adam", "adamw", "rmsprop") or an `Optimizer`, which carries the learning rate. What
            it remembers of another run is forgotten.
        epochs: how many passes.
        batch_size: None for batch gradient descent (all samples a step), n for mini-batches, 1 for stochastic gradient
            descent.
        regularizer: a function of the weights, such as `l2(0.001)`, added to the loss.
        schedule: a function of the epoch (from 0) that gives the factor of the learning rate.
        clip: a function of the list of gradients, such as `clip_norm(1.0)`.
        validation: samples, or a share of the data to set aside for it.
        early_stopping: an `EarlyStopping`, or how many epochs without a better validation loss to wait.
        seed: of the order of the samples and of the dropout masks, which are functions of (seed, epoch, step).
        checkpoint: a file that the state of the run is written to, atomically. If it exists the run goes on from it,
            and gives bit for bit what the uninterrupted run gives.
        backend: what computes the steps. "eager": a graph of Values for each; "numpy": the loss of a sample is recorded
            once, before the first step, and runs as a NumPy program; "kernel": the same by a compiled kernel, which
            needs numba; "auto": what is done first, and for a run that goes on from a checkpoint the backend of that.
            Their last bits may differ. In what is recorded, numbers that change from step to step must be Values.

    Ctrl-C takes effect after the current step: the checkpoint is written, then KeyboardInterrupt is raised. The run can
    go on from there: ask it for the next epoch again.

    Raises:
        ValueError: for samples that do not fit the model or are not finite, and for settings out of range.
        TypeError: for what is no sequence of samples, a loss that is no Value, a seed that is no int, and for
            backend="numpy" or "kernel" where the loss cannot be recorded (RecordingError).
        ImportError: for a backend whose package is not installed.
        Diverged: when the loss is not finite any more.

    >>> from nn import MLP
    >>> model = MLP(1, [1])
    >>> for epoch in train(model, [([1.0], 3.0), ([2.0], 5.0)], epochs=400):
    ...     pass
    >>> round(model([3.0]).data, 2)
    7.0
    """
    return Training(model, data, **settings)


def fit(model: Module, data: Pairs, *, progress: bool = True, **settings: Any) -> History:
    """`train` to the end with a progress bar; returns the history.

    Ctrl-C (or stopping the kernel) finishes the current step and returns the history so far, `history.stopped` saying
    so.

    Args:
        model, data, settings: as in `train`.
        progress: show the bar (it needs tqdm), and before it a line that says what computes the steps, and why that.
    """
    training = train(model, data, **settings)
    if progress:
        print(f"backend {training.backend}: {training.reason}", file=sys.stderr)
    bar = progress_bar(training) if progress else None
    try:
        with training.descent:  # nobody looks at the parameters between the epochs
            for epoch in training:
                if bar is not None:
                    validation = "" if epoch.validation is None else f", validation {epoch.validation:.4g}"
                    bar.set_postfix_str(f"loss {epoch.loss:.4g}{validation}", refresh=False)
                    bar.update()
    except KeyboardInterrupt:
        training.history.stopped = "interrupted"
    finally:
        if bar is not None:
            bar.close()
    return training.history


def progress_bar(training: Training) -> Any:
    try:
        from tqdm import tqdm
    except ImportError:
        print("training without a progress bar; for one: pip install tqdm", file=sys.stderr)
        return None
    return tqdm(total=training.epochs, initial=training.epoch, desc="training", unit="epoch")
