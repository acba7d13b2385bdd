"""How the steps of a training run are computed: eagerly, node by node, or by the machine that the loss of a sample
is compiled for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Protocol

from nn.scoring.metrics import mean_loss
from nn.training.choice import BACKENDS, check_backend, why_eager

if TYPE_CHECKING:
    from nn.training.train import Training

__all__ = ["Descent", "Eager", "descent_of"]

Steps = list[tuple[float, float]]


class Descent(Protocol):
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

    def descend(self, batches: list[list[int]]) -> Iterator[Steps]:
        """Steps of gradient descent, on equally many samples each, but for the last. After one or several of them:
        the sum of the losses and of the penalties of the samples of each, taken before that step."""

    def validation_loss(self) -> float:
        """The mean loss of the validation samples."""


class Eager:
    """A graph of Values for each step, as a student would do it."""

    backend = "eager"

    def __init__(self, run: Training, reason: str) -> None:
        self.run, self.reason = run, reason

    def __enter__(self) -> None:
        pass

    def __exit__(self, *error: object) -> None:
        pass

    def take(self) -> None:
        pass

    def give(self) -> None:
        pass

    def descend(self, batches: list[list[int]]) -> Iterator[Steps]:
        for batch in batches:
            loss, penalty = self.run.descend([self.run.data[i] for i in batch])
            yield [(loss * len(batch), penalty * len(batch))]

    def validation_loss(self) -> float:
        run = self.run
        return mean_loss(run.model, run.validation or [], run.loss)


def descent_of(run: Training, backend: str, before: str | None = None) -> Descent:
    """What computes the steps of a run.

    Args:
        run: whose samples, loss and settings are known.
        backend: one of `nn.training.choice.BACKENDS`.
        before: the backend of the checkpoint that the run goes on from; "auto" takes it again where it can.

    Raises:
        ValueError: for a backend that there is not, and unless it is "auto" for a target that does not fit, naming the
            sample.
        ImportError: for one whose packages are not there.
        TypeError: for one that cannot run it: the function asks for a number that is not known while it is recorded.
    """
    if check_backend(backend) == "auto":
        return chosen(run, before)
    return Eager(run, "as asked") if backend == "eager" else compiled(run, backend, "as asked")


def chosen(run: Training, before: str | None) -> Descent:
    """What "auto" takes."""
    try:
        if before == "eager":
            return Eager(run, "as in the checkpoint")
        if before in BACKENDS:
            return compiled(run, check_backend(str(before)), "as in the checkpoint")
        why = too_short(run)
        return Eager(run, why) if why else compiled(run, "auto", "")
    except Exception as error:  # what is really wrong an eager step will raise too, and say where
        return Eager(run, f"it cannot be compiled: {error}")


def too_short(run: Training) -> str:
    """Why a run is better done eagerly."""
    x, target = run.data[0]
    try:
        return why_eager(run.loss(run.model.outputs(x), target), len(run.data) * run.epochs, run.data)
    except Exception:
        return "its first sample has no loss"  # the first step will raise the error, and say where


def compiled(run: Training, backend: str, reason: str) -> Descent:
    from nn.training.compiled_steps import Compiled

    return Compiled(run, backend, reason)
