"""The gradient-descent loop: `train()` yields after every epoch, `fit()` runs it with a progress bar.

One step is a few lines, `descend` in `eager_steps`: forward pass and loss, backward pass by the chain rule, a move of
every parameter against its gradient. What is here makes a run observable, interruptible and repeatable to the last bit.
"""

from __future__ import annotations

import math
import sys
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from time import perf_counter
from typing import Any

from nn.checks import usage
from nn.layers.module import Module
from nn.training.backend import steps_of
from nn.training.batches import Batches, batches
from nn.training.checkpoint import Checkpoint
from nn.training.eager_steps import Changed, EagerSteps, Steps, descend, finite
from nn.training.early_stopping import EarlyStopping
from nn.training.history import Epoch, History
from nn.training.losses import Loss
from nn.training.optimizers import Clip, Optimizer
from nn.training.pauses import paused_collector, whole_steps
from nn.training.progress import progress_bar
from nn.training.regularizers import Regularizer
from nn.training.samples import Pairs, Validation, paired
from nn.training.schedules import Schedule
from nn.training.task import Diverged, Task

__all__ = ["Training", "fit", "train"]

BETWEEN_CHECKPOINTS = 1.0
"""Seconds: writing is no small part of a short epoch, and what is lost when the power goes is no more than this."""


class Training(Iterator[Epoch]):
    """A training run: an iterator of epochs that does the work of one each time it is asked for the next. See `train`.

    Attributes:
        task: the facts of the run: network, data, settings, and where it is.
        model, parameters, optimizer, epochs: of the task.
        data, validation: the samples that it learns from, and those that it is validated on, if there are any.
        steps: what computes the steps.
        history: the epochs so far, those before a resumed checkpoint too.
    """

    def __init__(self, task: Task, checkpoint: str | Path | None = None, backend: str = "auto") -> None:
        self.task, self.history = task, History()
        self.model, self.parameters, self.optimizer = task.model, task.parameters, task.optimizer
        self.data, self.validation, self.epochs = task.data, task.validation, task.epochs
        self.checkpoint = Checkpoint(checkpoint, self.task) if checkpoint is not None else None
        self._saved = -math.inf
        self.steps = steps_of(self.task, backend, self.checkpoint.backend if self.checkpoint else None)
        if self.checkpoint:
            self.checkpoint.resume(self.history, self.backend)
            self._settle()
        self.history.backend = self.backend

    @property
    def epoch(self) -> int:
        """How many epochs are done."""
        return self.task.position.epoch

    @property
    def step(self) -> int:
        """How many steps of the current epoch are done."""
        return self.task.position.step

    @property
    def backend(self) -> str:
        """What computes the steps: "kernel", "numpy" or "eager"."""
        return self.steps.backend

    @property
    def reason(self) -> str:
        """Why that."""
        return self.steps.reason

    @property
    def ended(self) -> bool:
        """Whether no epoch is left to be done."""
        return self.epoch >= self.epochs or bool(self.history.stopped)

    def __repr__(self) -> str:
        done = f"{self.epoch} of {self.epochs} epochs done"
        return f"<training: {done}; `for epoch in training:` or nn.fit takes them>"

    def __next__(self) -> Epoch:
        if self.ended:
            raise StopIteration
        with whole_steps() as interrupted:
            return self._epoch(interrupted)

    def _epoch(self, interrupted: Callable[[], bool]) -> Epoch:
        """The next one; KeyboardInterrupt after the step in which Ctrl-C was pressed."""
        started, task, position = perf_counter(), self.task, self.task.position
        with paused_collector():
            todo = batches(len(task.data), task.batch_size, task.seed, position.epoch)
            with self.steps:
                try:
                    for steps in self._steps(todo[position.step :] if position.step else todo):
                        loss, penalty = position.sums
                        for step_loss, step_penalty in steps:
                            loss, penalty = loss + step_loss, penalty + step_penalty
                        position.sums = [loss, penalty]
                        position.step += len(steps)
                        if interrupted():
                            break
                except OverflowError as error:
                    raise self._placed(task.diverged(str(error))) from error
                except Exception as error:
                    self._placed(error)
                    raise
            if not interrupted():
                epoch = self._finish(started)
        if interrupted():  # during the validation too
            self.save()
            raise KeyboardInterrupt
        return epoch

    def _at_once(self) -> list[Epoch]:
        """The next epochs, where nothing is done between them and they are taken at once."""
        found = [] if self.step else self.steps.epochs(self.epochs - self.epoch)
        if found:
            watched = self.task.early_stopping
            self._done(found, watched is not None and watched.over(self.epoch))
        return found

    def _steps(self, todo: Batches) -> Iterator[Steps]:
        """Steps on these batches, eager ones from the first that what is recorded does not hold for."""
        done = 0
        try:
            for steps in self.steps.descend(todo):
                done += len(steps)
                yield steps
            return
        except Changed as changed:
            self._go_on_eagerly(changed)
        for place, steps in enumerate(self.steps.descend(todo[done:])):
            if place == 0:  # if it was an error, the step has raised it
                self._say_why()
            yield steps

    def _go_on_eagerly(self, changed: Changed) -> None:
        self.steps = EagerSteps(self.task, str(changed))
        self.history.backend = self.backend

    def _say_why(self) -> None:
        warnings.warn(self.reason, RuntimeWarning, stacklevel=2)

    def descend(self, batch: Pairs) -> tuple[float, float]:
        """One step of gradient descent on a batch, by graphs of Values; returns its mean loss and the penalty, both
        before the step."""
        return descend(self.task, batch)

    def _finish(self, started: float) -> Epoch:
        task, position = self.task, self.task.position
        n, (loss, penalty) = len(task.data), position.sums
        validation, rate = self._validate(), task.optimizer.rate * task.factor
        position.epoch, position.step, position.sums = position.epoch + 1, 0, [0.0, 0.0]
        seconds = perf_counter() - started
        epoch = Epoch(position.epoch, loss / n, penalty / n, validation, rate, position.gradient, seconds)
        stop = False
        if (watched := task.early_stopping) and validation is not None:
            self.steps.give()
            stop = watched.watch(epoch.number, validation, task.parameters)
        self._done([epoch], stop)
        return epoch

    def _done(self, epochs: list[Epoch], stop: bool) -> None:
        self.history.extend(epochs)
        if stop:
            self.history.stopped = "early stopping"
        self._save_now_and_then()
        self._settle()

    def _save_now_and_then(self) -> None:
        if self.ended or perf_counter() - self._saved >= BETWEEN_CHECKPOINTS:
            self.save()  # the last parameters, so that a longer run can go on from them

    def _settle(self) -> None:
        if self.ended and self.task.early_stopping:
            self.task.early_stopping.restore(self.task.parameters)
            self.steps.take()

    def _validate(self) -> float | None:
        if not self.task.validation:
            return None
        try:
            try:
                loss = self.steps.validation_loss()
            except Changed as changed:
                self._go_on_eagerly(changed)
                loss = self.steps.validation_loss()
                self._say_why()
            return float(finite(self.task, "the validation loss", loss))
        except OverflowError as error:
            raise self.task.diverged(f"the validation loss: {error}") from error

    def _placed(self, error: Exception) -> Exception:
        place = f"in epoch {self.epoch + 1}, step {self.step + 1}"
        error.add_note(f"{place}; the parameters are those before it")
        return error

    def save(self) -> None:
        """Write the checkpoint, if the run has one."""
        if self.checkpoint:
            self.steps.give()
            self.checkpoint.store(self.history, self.backend)
            self._saved = perf_counter()


@usage("train(model, X, y, optimizer=Adam(0.01), epochs=100)")
def train(model: Module, X: Any, y: Any = None, *, loss: str | Loss = "mse", optimizer: str | Optimizer = "sgd",
          epochs: int = 100, batch_size: int | None = None, regularizer: Regularizer | None = None,
          schedule: Schedule | None = None, clip: Clip | None = None, validation: Validation = None,
          early_stopping: EarlyStopping | int | bool | None = None, seed: int = 0,
          checkpoint: str | Path | None = None, backend: str = "auto") -> Training:  # fmt: skip
    """The gradient-descent loop, as an iterator that yields an `Epoch` after every pass over the data.

    Args:
        model: what is trained: its parameters are changed in place.
        X: the input rows: lists, an array, a tensor, or a data frame of numbers. Or the samples, a sequence of pairs
            (input row, target), and no y.
        y: the target of each row; of a data frame also the name of its column, all others being inputs.
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
        validation: samples, as pairs or (X, y), or a share of the data to set aside for it.
        early_stopping: an `EarlyStopping`, or how many epochs without a better validation loss to wait; True waits 10.
        seed: of the order of the samples and of the dropout masks, which are functions of (seed, epoch, step).
        checkpoint: a file that the state of the run is written to, atomically. If it exists the run goes on from it,
            and gives bit for bit what the uninterrupted run gives.
        backend: what computes the steps. "eager": a graph of Values for each; "numpy": the loss of a sample is recorded
            once, before the first step, and runs as a NumPy program; "kernel": the same by a compiled kernel, which
            needs numba; "auto": what is done first, and for a run that goes on from a checkpoint the backend of that.
            Their last bits may differ. In what is recorded, numbers that
            change should be Values; a plain one that does is found when the recording is compared again, and then the
            run goes on eagerly, with a warning.

    Ctrl-C takes effect after the current step: the checkpoint is written, then KeyboardInterrupt is raised. The run can
    go on from there: ask it for the next epoch again.

    Raises:
        ValueError: for samples that do not fit the model or are not finite, and for settings out of range.
        TypeError: for what is no sequence of samples, a loss that is no Value, settings of another kind, and for
            backend="numpy" or "kernel" where the loss cannot be recorded (RecordingError).
        ImportError: for a backend whose package is not installed.
        Diverged: when the loss is not finite any more.

    >>> from nn import MLP
    >>> model = MLP(1, [1])
    >>> for epoch in train(model, [[1.0], [2.0]], [3.0, 5.0], epochs=400):
    ...     pass
    >>> round(model([3.0]).data, 2)
    7.0
    """
    with paused_collector():
        task = Task(model, paired(X, y), loss=loss, optimizer=optimizer, epochs=epochs, batch_size=batch_size,
                    regularizer=regularizer, schedule=schedule, clip=clip, validation=validation,
                    early_stopping=early_stopping, seed=seed)  # fmt: skip
        return Training(task, checkpoint, backend)


@usage("fit(model, X, y, optimizer=Adam(0.01), epochs=100)")
def fit(model: Module, X: Any, y: Any = None, *, loss: str | Loss = "mse", optimizer: str | Optimizer = "sgd",
        epochs: int = 100, batch_size: int | None = None, regularizer: Regularizer | None = None,
        schedule: Schedule | None = None, clip: Clip | None = None, validation: Validation = None,
        early_stopping: EarlyStopping | int | bool | None = None, seed: int = 0,
        checkpoint: str | Path | None = None, backend: str = "auto", progress: bool = True) -> History:  # fmt: skip
    """`train` to the end with a progress bar; returns the history.

    Ctrl-C (or stopping the kernel) finishes the current step and returns the history so far, `history.stopped` saying
    so.

    Args:
        progress: show the bar (it needs tqdm), and before it a line that says what computes the steps, and why that.
        model, X, y and the others: as in `train`, whose errors it raises.
    """
    training = train(model, X, y, loss=loss, optimizer=optimizer, epochs=epochs, batch_size=batch_size,
                     regularizer=regularizer, schedule=schedule, clip=clip, validation=validation,
                     early_stopping=early_stopping, seed=seed, checkpoint=checkpoint, backend=backend)  # fmt: skip
    if progress:
        print(f"backend {training.backend}: {training.reason}", file=sys.stderr)
    bar = progress_bar("training", training.epochs, training.epoch, "epoch") if progress else None
    try:
        with whole_steps() as interrupted, training.steps:  # nobody looks at the parameters between the epochs
            while not training.ended:
                found = training._at_once() or [training._epoch(interrupted)]
                if bar is not None:
                    last = found[-1]
                    validated = "" if last.validation is None else f", validation {last.validation:.4g}"
                    bar.set_postfix_str(f"loss {last.loss:.4g}{validated}", refresh=False)
                    bar.update(len(found))
                if interrupted():  # between two epochs
                    training.save()
                    raise KeyboardInterrupt
    except KeyboardInterrupt:
        training.history.stopped = "interrupted"
    except Diverged as error:
        training.history.stopped, error.history = "diverged", training.history
        raise
    finally:
        if bar is not None:
            bar.close()
    return training.history
