"""How the steps of a training run are computed: eagerly, node by node, or by the machine that the loss of a sample is
compiled for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Protocol

from engine import BACKENDS, check_backend, why_eager
from nn.training.batches import Batches
from nn.training.eager_steps import EagerSteps, Steps
from nn.training.history import Epoch
from nn.training.samples import uniform
from nn.training.task import Task

__all__ = ["Doer", "steps_of"]


class Doer(Protocol):
    """What computes steps. As a context it holds the numbers of the parameters; when the outermost ends, the Values
    hold them again."""

    backend: str
    reason: str

    def __enter__(self) -> Any: ...
    def __exit__(self, *error: object) -> None: ...
    def take(self) -> None:
        """Take the numbers from the Values anew."""

    def give(self) -> None:
        """Let the Values hold the numbers as they are now."""

    def descend(self, batches: Batches) -> Iterator[Steps]:
        """Steps of gradient descent. After one or several of them: the sum of the losses and of the penalties of the
        samples of each, taken before that step."""

    def epochs(self, most: int) -> list[Epoch]:
        """The next epochs, as many as can be taken at once while nobody looks, at most so many; none where the next one
        is to be taken by `descend`. The task is left where they end, which may be within an epoch."""

    def validation_loss(self) -> float:
        """The mean loss of the validation samples."""


def steps_of(task: Task, backend: str, before: str | None = None) -> Doer:
    """What computes the steps of a run.

    Args:
        task: what is trained.
        backend: one of `engine.BACKENDS`.
        before: the backend of the checkpoint that the run goes on from; "auto" takes it again where it can.

    Raises:
        ValueError: for a backend that there is not, and unless it is "auto" for a target that does not fit, naming the
            sample.
        ImportError: for one whose packages are not there.
        TypeError: for one that cannot run it: the function asks for a number that is not known while it is recorded.
    """
    if check_backend(backend) == "auto":
        return chosen(task, before)
    return EagerSteps(task, "as asked") if backend == "eager" else compiled(task, backend, "as asked")


def chosen(task: Task, before: str | None) -> Doer:
    """What "auto" takes."""
    try:
        if before == "eager":
            return EagerSteps(task, "as in the checkpoint")
        if before in BACKENDS:
            return compiled(task, check_backend(str(before)), "as in the checkpoint")
        why = too_short(task)
        return EagerSteps(task, why) if why else compiled(task, "auto", "")
    except Exception as error:  # what is really wrong an eager step will raise too, and say where
        return EagerSteps(task, f"it cannot be compiled: {error}")


def too_short(task: Task) -> str:
    """Why a run is better done eagerly."""
    x, target = task.data[0]
    try:
        times = (len(task.data) + len(task.validation or [])) * task.epochs
        return why_eager(
            task.loss(task.model.outputs(x), target), times, task.data[:1] if uniform(task.data) else task.data
        )
    except Exception:
        return "its first sample has no loss"  # the first step will raise the error, and say where


def compiled(task: Task, backend: str, reason: str) -> Doer:
    from nn.training.compiled_steps import CompiledSteps

    return CompiledSteps(task, backend, reason)
