"""Steps of training by the compiled loss: what `nn.train` does with graphs, done with arrays.

One vector holds all parameters. It is taken from the Values when an epoch begins (in `fit` when the run does) and given
back to them when it ends, is interrupted or fails. What is not finite is done again eagerly, so that an error names the
node. What is recorded is held beside what the functions do now, again and again (see `engine.compiler.comparisons`):
where they differ, `Changed` is raised and the run goes on eagerly.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from typing import Any

import numpy as np

import engine
from engine import RecordingError
from nn.layers.dropout import Masks, drawn
from nn.training.array_update import ArrayUpdate
from nn.training.arrays import check_targets, digest, numbered, shares_of, with_factors
from nn.training.batches import Batches, generator
from nn.training.eager_steps import Changed, Steps, Taken, descend
from nn.training.fused_steps import FusedSteps, moves_arrays
from nn.training.losses import mean_loss
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
        self.task, self.parameters = task, task.parameters
        self.depth = 0  # of with blocks
        self.retired = False  # others take the steps now
        self.compiled: dict[str, Any] = {}
        self._take_samples(backend)
        self.backend, self.reason = self.samples.choice.backend, reason or self.samples.choice.reason
        self.penalty = self._batch(self._penalty, [()], self.backend) if task.regularizer else None
        self.gradient, self.price = np.zeros((2, len(self.parameters)))  # `price`: of the penalty alone
        self.update = ArrayUpdate()
        self.takes_arrays = moves_arrays(task.optimizer)
        self.fused = self._fuse()
        self.comparisons = self.samples.comparisons(*filter(None, (self.validation, self.penalty)))
        self.agreed = "in the beginning"
        self.validates = False  # whether a validation sample is to be compared too

    def _take_samples(self, backend: str) -> None:
        """Take the samples apart as they are now."""
        task = self.task
        self.taken = digest(task.data), digest(task.validation or [])
        check_targets(task)
        self.shares = shares_of(task.model, task.data)
        self.drops = any(self.shares)
        self.samples = self._batch(self._training_loss, with_factors(task.data, self.shares), backend)
        if self.samples.choice.machine is None:
            raise RecordingError(self.samples.choice.reason)
        known = [] if self.drops else self.samples.shapes  # its inputs are the same then, and often all it does
        validation, backend = numbered(task.validation or []), self.samples.choice.backend
        self.validation: Any = self._batch(self._loss, validation, backend, known) if validation else None
        self.again = np.zeros(0, np.int64)  # all of them, several times
        self.everything, self.validated = np.arange(len(task.data)), np.arange(len(validation))

    def _notice_samples(self, order: Array) -> None:
        """Take them anew where the user's code, which had the word, has changed a number of one. Changed where they
        cannot be taken any more: an eager step will say why.

        Args:
            order: the samples of all steps of the epoch.
        """
        if (digest(self.task.data), digest(self.task.validation or [])) == self.taken:
            return
        fused, self.fused = self.fused, None
        try:
            self._take_samples(self.backend)
            if fused:
                self.fused = FusedSteps(self.samples, self.penalty, self.task.optimizer)
            if order.max() >= len(self.samples):
                raise IndexError(f"there are {len(self.samples)} samples now")
        except Exception as error:
            raise self._changed(error) from error

    def _batch(self, f: Callable[[Any], Any], samples: Sequence[Any], backend: str, known: Sequence[Any] = ()) -> Any:
        """Samples for the machine, the first results of each shape that is not known held beside those of the eager
        sweep."""
        work, size = self.task.epochs * len(self.task.data), self.task.batch_size or len(self.task.data)
        if f.__name__ not in self.compiled:
            self.compiled[f.__name__] = engine.compile(
                f, parameters=self.parameters, backend=backend, work=work, batch=size
            )
        batch = self.compiled[f.__name__].prepare(samples, known)
        with suppress(ArithmeticError, ValueError), np.errstate(all="ignore"):  # a step will raise it, and say where
            batch.evaluate(batch.first_of_each_shape)
        return batch

    def _fuse(self) -> FusedSteps | None:
        if self.takes_arrays and self.samples.in_kernel and (self.penalty is None or self.penalty.in_kernel):
            with suppress(RecordingError, ValueError):
                return FusedSteps(self.samples, self.penalty, self.task.optimizer)
        return None

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

    def __enter__(self) -> None:
        self.depth += 1
        if self.depth == 1:
            self.asked = True  # the user's code had the word since the last comparison
            self.take()

    def __exit__(self, *error: object) -> None:
        self.depth -= 1
        if self.depth == 0 and not self.retired:
            self._give_all()

    def take(self) -> None:
        """Take the numbers of the parameters, and what the optimizer remembers of those that move."""
        self.vector = np.array([p.data for p in self.parameters])
        moving = [i for i, p in enumerate(self.parameters) if not p.frozen]
        self.moving = slice(None) if len(moving) == len(self.parameters) else np.array(moving, dtype=np.int64)
        # where it is the first so many that move
        self.leading = len(moving) if moving == list(range(len(moving))) else None
        optimizer = self.task.optimizer
        self.by_values = not self.takes_arrays or "step" in vars(optimizer)  # or someone put another one in its place
        states = [] if self.by_values else optimizer.states
        names = dict.fromkeys(name for state in states for name in state)
        self.state = {name: np.array([states[i].get(name, 0.0) for i in moving]) for name in names}

    def give(self) -> None:
        if self.depth:  # else the Values hold them already, and may have been changed since
            self._give_all()

    def _give_all(self) -> None:
        self._give()
        optimizer = self.task.optimizer
        optimizer.states = optimizer.states or [{} for _ in self.parameters]
        moving = [state for state, p in zip(optimizer.states, self.parameters, strict=True) if not p.frozen]
        for name, numbers in self.state.items():
            for state, number in zip(moving, numbers.tolist(), strict=True):
                state[name] = number

    def _give(self) -> None:
        for p, data, grad in zip(self.parameters, self.vector.tolist(), self.gradient.tolist(), strict=True):
            p.data, p.grad = data, None if p.frozen else grad

    def descend(self, batches: Batches) -> Iterator[Steps]:
        order = self._order(batches)
        if not self.fused or self.task.clip or self.by_values or self.leading is None:
            for place, batch in enumerate(batches):
                self._hold(batch, order)
                yield [self._step(batch, order[place * batches.size : place * batches.size + len(batch)])]
                self.comparisons.took(1, self._seconds(len(batch)))
            return
        start, size, n = 0, batches.size, len(batches)
        seconds, order = self._seconds(size), self.samples.together(order, size)
        while start < n:
            self._hold(order[start * size : (start + 1) * size], order)
            most = self.comparisons.until(seconds) if self.task.position.step or built_in(self.task.schedule) else 1
            todo = min(self.fused.chunk, most, n - start)
            steps = self._together(self.fused, batches, order, start, todo, self.leading)
            start += len(steps)
            self.comparisons.took(len(steps), seconds)
            yield steps
            if len(steps) < todo:  # the next one is not finite
                yield [self._eagerly(batches[start])]
                start += 1

    def epochs(self, most: int) -> list[Taken]:
        """As in `Doer`: none where something is to be compared before, activations are dropped, or the next step is not
        finite."""
        n, moving = len(self.everything), self.leading
        if not self.fused or moving is None or self.drops or self.by_values or self.task.clip or self.asked:
            return []
        seconds = self._seconds(n)
        most = min(most, self.fused.chunk, self.comparisons.until(seconds), AT_ONCE)
        if most < 2:
            return []
        if len(self.again) < most * n:
            self.again = np.tile(self.samples.together(self.everything, n), most)
        order = self.again[: most * n]
        done = self.fused.steps(self.vector, self.gradient, self.state, order, n, self.task.factor, moving)
        self.comparisons.took(done.steps, seconds)
        return list(zip((done.losses * n).tolist(), (done.penalties * n).tolist(), done.lengths.tolist(), strict=True))

    def _seconds(self, size: int) -> float:
        """About how long a step of so many samples takes."""
        return self.samples.shapes[0].seconds(size) + (self.penalty.shapes[0].seconds(1) if self.penalty else 0.0)

    def _hold(self, batch: Any, order: Array) -> None:
        """Notice samples that have changed; and where it is time, hold what is recorded beside what the functions do
        now, on a sample of the next batch.

        Raises:
            Changed: where they differ, or a function raises an error, which an eager step will raise too.
        """
        task = self.task
        # a step of their own, a clip and a schedule are called in a step, after its loss
        early = task.position.step < 2
        steps, schedule = self.by_values or not built_in(task.clip), early and not built_in(task.schedule)
        if self.asked or schedule or (early and steps):
            self._notice_samples(order)
        asked, self.asked = self.asked or schedule or steps, False
        if not (how := self.comparisons.due(asked)):
            return
        sample = int(batch[self.comparisons.made % len(batch)])
        self.validates = True
        try:
            with np.errstate(all="ignore"):
                self.samples.record_anew(sample)
                if how == "wholly":
                    self.samples.compare(sample, self.vector)
                if self.penalty:
                    self.penalty.compare(0, self.vector)
                if self.fused:
                    self.fused.compare()
        except Exception as error:
            raise self._changed(error) from error
        position = self.task.position
        self.agreed = f"before step {position.step + 1} of epoch {position.epoch + 1}"

    def _changed(self, error: Exception) -> Changed:
        """Leave the run to others."""
        self._give_all()
        self.retired = True
        position = self.task.position
        return Changed(
            f"since step {position.step + 1} of epoch {position.epoch + 1} the run is computed eagerly, as what was "
            f"recorded no longer holds (it last did {self.agreed}): {error}"
        )

    def _order(self, batches: Batches) -> Array:
        """The samples of the steps, one batch after another."""
        if batches.order == range(len(self.everything)):
            return self.everything
        return np.asarray(batches.order, dtype=np.int64)  # of an array nothing is copied

    def _together(self, fused: FusedSteps, batches: Batches, order: Array, start: int, todo: int,
                  moving: int) -> Steps:  # fmt: skip
        """So many steps from a place on, in one call of the kernel."""
        size, some = batches.size, order[start * batches.size : (start + todo) * batches.size]
        if self.drops:
            for ahead in range(todo):
                self._mask(batches[start + ahead], ahead)
        done = fused.steps(self.vector, self.gradient, self.state, some, size, self.task.factor, moving)
        if done.steps:
            self.task.position.gradient = float(done.lengths[-1])
        sizes = [size] * (todo - 1) + [len(some) - (todo - 1) * size]
        return [
            (loss * n, penalty * n)
            for n, loss, penalty in zip(sizes, done.losses.tolist(), done.penalties.tolist(), strict=False)
        ]

    def validation_loss(self) -> float:
        if self.validates:
            self.validates = False
            try:
                with np.errstate(all="ignore"):
                    self.validation.compare(self.comparisons.made % len(self.validation), self.vector)
            except Exception as error:
                raise self._changed(error) from error
        with np.errstate(all="ignore"):
            loss = float(self.validation.run(self.vector, self.validated).sum()) / len(self.validated)
        if math.isfinite(loss):
            return loss
        self.give()
        return mean_loss(self.task.model, self.task.validation or [], self.task.loss)

    def _step(self, batch: list[int], index: Array) -> tuple[float, float]:
        n = len(batch)
        self._mask(batch, 0)
        gradient, penalty = self.gradient, 0.0
        with np.errstate(all="ignore"):
            loss = float(self.samples.run(self.vector, index, 1.0 / n, gradient).sum()) / n
            if self.penalty:
                penalty = float(self.penalty.run(self.vector, ONLY, 1.0, self.price)[0])
                gradient += self.price
            g = gradient[self.moving]
            length = math.sqrt(float(g @ g))
            if not math.isfinite(loss + penalty + length) or not self._update(g):
                return self._eagerly(batch)
        self.task.position.gradient = length
        return loss * n, penalty * n

    def _mask(self, batch: list[int], ahead: int) -> None:
        """Write the dropout factors of a step behind the numbers of its samples, in the order in which eager steps draw
        them."""
        if self.drops:
            position = self.task.position
            rng = generator(self.task.seed, position.epoch, position.step + ahead)
            for i in batch:
                factors = drawn(self.shares[i], rng)
                if factors:
                    self.samples.overwrite(i, factors)

    def _update(self, g: Any) -> bool:
        """Move the parameters; False where one would not be finite any more, and then nothing has changed."""
        task, optimizer = self.task, self.task.optimizer
        if self.by_values:
            self._give()
            optimizer.step(self.parameters, task.factor, task.clip)
            self.take()
            return True
        if task.clip:
            g = np.array(task.clip(g.tolist()))
        state = self.update.move(optimizer, optimizer.rate * task.factor, self.vector, self.moving, g, self.state)
        if state is None:
            return False
        self.state = state
        optimizer.steps += 1
        return True

    def _eagerly(self, batch: list[int]) -> tuple[float, float]:
        """A step of eager graphs, where the numbers of one are not finite: its error names the node."""
        self._give_all()
        try:
            loss, penalty = descend(self.task, [self.task.data[i] for i in batch])
            return loss * len(batch), penalty * len(batch)
        finally:
            self.take()
            self.gradient = np.array([p.grad or 0.0 for p in self.parameters])


AT_ONCE = 1000
"""Epochs in a call at most: what a call costs is little beside them."""
ONLY = np.zeros(1, np.int64)


def built_in(function: Any) -> bool:
    """Whether a schedule or clip is one of ours, which changes nothing else, or None."""
    return function is None or str(getattr(function, "__module__", "")).startswith("nn.training.")
