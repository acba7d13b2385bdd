"""Losses of ONE sample: how wrong the outputs are about the target. Training takes their mean over a batch.

Each takes the list of outputs and a target and returns a Value. Classification losses take logits, the raw outputs of a linear last
layer, and never overflow.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from engine import abs, exp, logsumexp, minimum, relu, softplus, total, weighted_sum
from nn.checks import above_0

__all__ = ["LOSSES", "Loss", "binary_cross_entropy", "cross_entropy", "hinge", "huber", "loss_of", "mae", "mse", "softmax"]

Loss = Callable[[Sequence[Any], Any], Any]


def mse(outputs: Sequence[Any], target: Any) -> Any:
    """The mean of the squared errors over the outputs."""
    return mean([(y - t) ** 2 for y, t in pairs(outputs, target)])


def mae(outputs: Sequence[Any], target: Any) -> Any:
    """The mean of the absolute errors over the outputs."""
    return mean([abs(y - t) for y, t in pairs(outputs, target)])


def huber(outputs: Sequence[Any], target: Any, delta: float = 1.0) -> Any:
    """Half the squared error up to `delta`, and from there on a straight line, which outliers pull less (Huber, 1964)."""
    above_0("the delta of huber", delta)
    errors = [abs(y - t) for y, t in pairs(outputs, target)]
    squared = [minimum(e, delta) for e in errors]  # the part of an error that is squared; the rest could overflow
    return mean([0.5 * s**2 + delta * (e - s) for e, s in zip(errors, squared, strict=True)])


def hinge(outputs: Sequence[Any], target: Any) -> Any:
    """max(0, 1 - t·y) for a score y and a target of -1 or 1: no loss for what is right by a margin of 1."""
    (y, t), *more = pairs(outputs, target)
    if more or t not in (-1, 1):
        raise ValueError(f"hinge takes one output and a target of -1 or 1, got {len(more) + 1} outputs and target {target!r}")
    return relu(1.0 - t * y)


def binary_cross_entropy(outputs: Sequence[Any], target: Any) -> Any:
    """-log p of the right class for one logit z, where p = sigmoid(z) is the probability of class 1; the target lies in [0, 1].

    Written as softplus(z) - t·z, which is the same and cannot overflow.
    """
    (z, t), *more = pairs(outputs, target)
    if more or not 0 <= t <= 1:
        raise ValueError(f"binary_cross_entropy takes one logit and a target from 0 to 1, got {len(more) + 1} and target {target!r}")
    return softplus(z) - t * z


def cross_entropy(outputs: Sequence[Any], target: Any) -> Any:
    """-log p of the right class for one logit per class, where p = softmax(logits).

    The target is the number of a class, or a list with the probability of each (one-hot, or soft). ValueError for a class that
    there is not.
    """
    if isinstance(target, Sequence):
        if len(target) != len(outputs):
            raise ValueError(f"cross_entropy got {len(outputs)} logits and {len(target)} probabilities")
        return logsumexp(outputs) - weighted_sum(target, outputs)
    if target not in range(len(outputs)):
        raise ValueError(f"cross_entropy with {len(outputs)} logits takes a class from 0 to {len(outputs) - 1}, got {target!r}")
    return logsumexp(outputs) - outputs[int(target)]


def softmax(logits: Sequence[Any]) -> list[Any]:
    """The probability of each class, exp(z_i) over their sum, on numbers or Values; it never overflows."""
    log_of_sum = logsumexp(logits)
    return [exp(z - log_of_sum) for z in logits]


LOSSES: dict[str, Loss] = {loss.__name__: loss for loss in (mse, mae, huber, hinge, binary_cross_entropy, cross_entropy)}


def loss_of(loss: str | Loss) -> Loss:
    """The loss of that name, or the function itself. ValueError for an unknown name."""
    if callable(loss):
        return loss
    if loss not in LOSSES:
        raise ValueError(f"unknown loss {loss!r}; known are {', '.join(LOSSES)}")
    return LOSSES[loss]


def mean(errors: list[Any]) -> Any:
    return errors[0] if len(errors) == 1 else total(errors) * (1.0 / len(errors))


def pairs(outputs: Sequence[Any], target: Any) -> list[tuple[Any, Any]]:
    """Outputs beside their targets; a single output may have a single number. ValueError if they are not equally many."""
    targets = target if isinstance(target, Sequence) else [target]
    if len(outputs) != len(targets):
        raise ValueError(f"{len(outputs)} outputs and {len(targets)} targets do not fit: got target {target!r}")
    return list(zip(outputs, targets, strict=True))
