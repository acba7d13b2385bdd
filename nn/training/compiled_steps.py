"""Steps of training by the compiled loss: what `nn.train` does with graphs, done with arrays.

One vector holds all parameters. It is taken from the Values when an epoch begins (in `fit` when the run does) and given
back to them when it ends, is interrupted or fails. What is not finite is done again eagerly, so that an error names the
node. What is recorded is held beside what the functions do now, again and again (see `engine.compiler.comparisons`):
where they differ, `Changed` is raised and the run goes on eagerly.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import numpy as np

from engine import RecordingError
from nn.layers.dropout import drawn
from nn.training.array_update import ArrayUpdate
from nn.training.batches import Batches, generator
from nn.training.eager_steps import Changed, Steps, descend
from nn.training.early_stopping import EarlyStopping
from nn.training.epochs import EpochsAtOnce
from nn.training.flat import FlatParameters
from nn.training.fused_steps import FusedSteps, moves_arrays
from nn.training.history import Epoch
from nn.training.losses import mean_loss
from nn.training.recorded import Recorded
from nn.training.task import Task

__all__ = ["CompiledSteps"]

Array = Any


class CompiledSteps:
    """Steps by a compiled loss.

    Args:
        task: what is trained.
        backend: "numpy", "kernel" or "auto".
        reason: why this one; that of the choice where it is empty.

    Raises:
        RecordingError: where the loss of a sample cannot be recorded.
    """

    def __init__(self, task: Task, backend: str, reason: str) -> None:
        self.task = task
        self.depth = 0  # of with blocks
        self.retired = False  # others take the steps now
        self.recorded = Recorded(task, backend)
        self.backend, self.reason = self.recorded.choice.backend, reason or self.recorded.choice.reason
        self.flat = FlatParameters(task, moves_arrays(task.optimizer))
        self.price = np.zeros(len(task.parameters))  # the gradient of the penalty alone
        self.update = ArrayUpdate()
        self.fused = self._fuse()
        self.at_once: EpochsAtOnce | None = None
        self.comparisons = self.recorded.comparisons()
        self.agreed = "in the beginning"
        self.validates = False  # whether a validation sample is to be compared too

    def _fuse(self) -> FusedSteps | None:
        if self.flat.takes_arrays and self.recorded.in_kernel:
            with suppress(RecordingError, ValueError):
                return FusedSteps(self.recorded.samples, self.recorded.penalty, self.task.optimizer)
        return None

    def __enter__(self) -> None:
        self.depth += 1
        if self.depth == 1:
            self.asked = True  # the user's code had the word since the last comparison
            self.flat.take()

    def __exit__(self, *error: object) -> None:
        self.depth -= 1
        if self.depth == 0 and not self.retired:
            self.flat.give()

    def take(self) -> None:
        self.flat.take()

    def give(self) -> None:
        if self.depth:  # else the Values hold them already, and may have been changed since
            self.flat.give()

    def descend(self, batches: Batches) -> Iterator[Steps]:
        order = self._order(batches)
        if not self.fused or self.task.clip or self.flat.by_values or self.flat.leading is None:
            for place, batch in enumerate(batches):
                self._hold(batch, order)
                yield [self._step(batch, order[place * batches.size : place * batches.size + len(batch)])]
                self.comparisons.took(1, self.recorded.seconds(len(batch)))
            return
        start, size, n = 0, batches.size, len(batches)
        seconds, order = self.recorded.seconds(size), self.recorded.samples.together(order, size)
        while start < n:
            self._hold(order[start * size : (start + 1) * size], order)
            most = self.comparisons.until(seconds) if self.task.position.step or built_in(self.task.schedule) else 1
            todo = min(self.fused.chunk, most, n - start)
            steps = self._together(self.fused, batches, order, start, todo, self.flat.leading)
            start += len(steps)
            self.comparisons.took(len(steps), seconds)
            yield steps
            if len(steps) < todo:  # the next one is not finite
                yield [self._eagerly(batches[start])]
                start += 1

    def epochs(self, most: int) -> list[Epoch]:
        """As in `Doer`: none where something is to be compared before, activations are dropped, the user's own code
        looks between them, or a step of the next one is not finite."""
        task, flat = self.task, self.flat
        if not self.fused or flat.leading is None or flat.by_values or self.recorded.drops or self.asked or task.clip:
            return []
        if not built_in(task.schedule) or type(task.early_stopping) not in (EarlyStopping, type(None)):
            return []
        if self.at_once is None or self.at_once.fused is not self.fused:
            self.at_once = EpochsAtOnce(task, self.recorded, flat, self.fused)
        steps, seconds = self.at_once.steps, self.recorded.seconds(self.at_once.size)
        most = min(most, self.fused.chunk // self.at_once.length, self.comparisons.until(seconds) // steps, AT_ONCE)
        if most < 2:
            return []
        found = self.at_once.take(most)
        self.comparisons.took(len(found) * steps + task.position.step, seconds)
        return found

    def _hold(self, batch: Any, order: Array) -> None:
        """Notice samples that have changed; and where it is time, hold what is recorded beside what the functions do
        now, on a sample of the next batch.

        Raises:
            Changed: where they differ, or a function raises an error, which an eager step will raise too.
        """
        task, flat, recorded = self.task, self.flat, self.recorded
        # a step of their own, a clip and a schedule are called in a step, after its loss
        early = task.position.step < 2
        steps, schedule = flat.by_values or not built_in(task.clip), early and not built_in(task.schedule)
        if self.asked or schedule or (early and steps):
            self._notice_samples(order)
        asked, self.asked = self.asked or schedule or steps, False
        if not (how := self.comparisons.due(asked)):
            return
        sample = int(batch[self.comparisons.made % len(batch)])
        self.validates = True
        try:
            with np.errstate(all="ignore"):
                recorded.samples.record_anew(sample)
                if how == "wholly":
                    recorded.samples.compare(sample, flat.vector)
                if recorded.penalty:
                    recorded.penalty.compare(0, flat.vector)
                if self.fused:
                    self.fused.compare()
        except Exception as error:
            raise self._changed(error) from error
        position = self.task.position
        self.agreed = f"before step {position.step + 1} of epoch {position.epoch + 1}"

    def _notice_samples(self, order: Array) -> None:
        """Take them anew where the user's code, which had the word, has changed a number of one. Changed where they
        cannot be taken any more: an eager step will say why.

        Args:
            order: the samples of all steps of the epoch.
        """
        if not self.recorded.changed:
            return
        fused, self.fused = self.fused, None
        try:
            self.recorded.take(self.backend)
            if fused:
                self.fused = FusedSteps(self.recorded.samples, self.recorded.penalty, self.task.optimizer)
            if order.max() >= len(self.recorded.samples):
                raise IndexError(f"there are {len(self.recorded.samples)} samples now")
        except Exception as error:
            raise self._changed(error) from error

    def _changed(self, error: Exception) -> Changed:
        """Leave the run to others."""
        self.flat.give()
        self.retired = True
        position = self.task.position
        return Changed(
            f"since step {position.step + 1} of epoch {position.epoch + 1} the run is computed eagerly, as what was "
            f"recorded no longer holds (it last did {self.agreed}): {error}"
        )

    def _order(self, batches: Batches) -> Array:
        """The samples of the steps, one batch after another."""
        if batches.order == range(len(self.recorded.everything)):
            return self.recorded.everything
        return np.asarray(batches.order, dtype=np.int64)  # of an array nothing is copied

    def _together(self, fused: FusedSteps, batches: Batches, order: Array, start: int, todo: int,
                  moving: int) -> Steps:  # fmt: skip
        """So many steps from a place on, in one call of the kernel."""
        flat, size, some = self.flat, batches.size, order[start * batches.size : (start + todo) * batches.size]
        if self.recorded.drops:
            for ahead in range(todo):
                self._mask(batches[start + ahead], ahead)
        done = fused.steps(flat.vector, flat.gradient, flat.state, some, size, self.task.factor, moving)
        if done.steps:
            self.task.position.gradient = float(done.lengths[-1])
        sizes = np.full(todo, size)
        sizes[-1] = len(some) - (todo - 1) * size
        losses, penalties = (means * sizes[: done.steps] for means in (done.losses, done.penalties))
        return list(zip(losses.tolist(), penalties.tolist(), strict=True))

    def validation_loss(self) -> float:
        if self.validates:
            self.validates = False
            try:
                with np.errstate(all="ignore"):
                    validation = self.recorded.validation
                    validation.compare(self.comparisons.made % len(validation), self.flat.vector)
            except Exception as error:
                raise self._changed(error) from error
        with np.errstate(all="ignore"):
            loss = self.recorded.validation_loss(self.flat.vector)
        if loss is not None and math.isfinite(loss):
            return loss
        self.give()
        return mean_loss(self.task.model, self.task.validation or [], self.task.loss)

    def _step(self, batch: list[int], index: Array) -> tuple[float, float]:
        flat, recorded, n = self.flat, self.recorded, len(batch)
        self._mask(batch, 0)
        gradient, penalty = flat.gradient, 0.0
        with np.errstate(all="ignore"):
            loss = float(recorded.samples.run(flat.vector, index, 1.0 / n, gradient).sum()) / n
            if recorded.penalty:
                penalty = float(recorded.penalty.run(flat.vector, ONLY, 1.0, self.price)[0])
                gradient += self.price
            g = gradient[flat.moving]
            length = math.sqrt(float(g @ g))
            if not math.isfinite(loss + penalty + length) or not self._update(g, length):
                return self._eagerly(batch)
        self.task.position.gradient = length
        return loss * n, penalty * n

    def _mask(self, batch: list[int], ahead: int) -> None:
        """Write the dropout factors of a step behind the numbers of its samples, in the order in which eager steps draw
        them."""
        if self.recorded.drops:
            position = self.task.position
            rng = generator(self.task.seed, position.epoch, position.step + ahead)
            for i in batch:
                factors = drawn(self.recorded.shares[i], rng)
                if factors:
                    self.recorded.samples.overwrite(i, factors)

    def _update(self, g: Array, length: float) -> bool:
        """Move the parameters by a gradient so long; False where one would not be finite any more, and then nothing has
        changed."""
        task, flat, optimizer = self.task, self.flat, self.task.optimizer
        if flat.by_values:
            flat.give_numbers()
            optimizer.step(task.parameters, task.factor, task.clip)
            flat.take()
            return True
        if task.clip:
            g = np.array(task.clip(g.tolist()))
            length = math.sqrt(float(g @ g))
        rate = optimizer.rate * task.factor
        state = self.update.move(optimizer, rate, flat.vector, flat.moving, g, length, flat.state)
        if state is None:
            return False
        flat.state = state
        optimizer.steps += 1
        return True

    def _eagerly(self, batch: list[int]) -> tuple[float, float]:
        """A step of eager graphs, where the numbers of one are not finite: its error names the node."""
        self.flat.give()
        try:
            loss, penalty = descend(self.task, [self.task.data[i] for i in batch])
            return loss * len(batch), penalty * len(batch)
        finally:
            self.flat.take()
            self.flat.take_gradient()


AT_ONCE = 1000
"""Epochs in a call at most: what a call costs is little beside them."""
ONLY = np.zeros(1, np.int64)


def built_in(function: Any) -> bool:
    """Whether a schedule or clip is one of ours, which changes nothing else, or None."""
    return function is None or str(getattr(function, "__module__", "")).startswith("nn.training.")
