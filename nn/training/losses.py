"""Losses of ONE sample: how wrong the outputs are about the target. Training takes their mean over a batch.

Each takes the list of outputs and a target and returns a Value. Classification losses take logits, the raw outputs of a
linear last layer, and never overflow.

A loss that is recorded for the machine gets stand-ins for its numbers, so whether a target fits is looked at apart, by
the `check` of a loss, a function of the number of outputs and the target.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from operator import eq
from typing import Any

from engine import RecordingError, abs, logsumexp, lookup, minimum, no_grad, relu, softplus, total, weighted_sum
from nn.checks import above_0, one_of, plain, shown, usage
from nn.layers.module import Module
from nn.layers.norms import apart
from nn.training.samples import Pairs, some

__all__ = [
    "LOSSES", "Loss", "binary_cross_entropy", "cross_entropy", "fits", "hinge", "huber", "loss_of", "mae", "mean_loss",
    "mse",
]  # fmt: skip

Loss = Callable[[Sequence[Any], Any], Any]
Check = Callable[[int, Any], None]


def checked_by(check: Check) -> Callable[[Loss], Loss]:
    """Let a loss carry its check: a function of the number of outputs and a target, with a ValueError for a target
    that does not fit."""

    def carry(loss: Loss) -> Loss:
        vars(loss)["check"] = check
        return loss

    return carry


def width_of(outputs: Any) -> int:
    """How many outputs there are. TypeError for what is no list of them."""
    if not hasattr(outputs, "__len__"):
        raise TypeError(f"a loss takes a list of outputs, got {shown(outputs)}; write model.outputs(x) or [y]")
    return len(outputs)


def fits(width: int, target: Any) -> None:
    """As many targets as outputs, all of them numbers; a single output may have a single number."""
    targets = listed(target)
    for t in targets:
        if t.__class__ is not float and isinstance(t, str | bytes | Sequence | dict | None):
            raise ValueError(f"a target is a number, or a list with one for each output, got {shown(target)}")
    if len(targets) != width:
        advice = '; for classes write loss="cross_entropy"' if width > 1 and isinstance(target, int) else ""
        raise ValueError(f"{width} outputs and {len(targets)} targets do not fit: got target {target!r}{advice}")


@checked_by(fits)
@usage("mse(model.outputs(x), target)")
def mse(outputs: Sequence[Any], target: Any) -> Any:
    """The mean of the squared errors over the outputs."""
    return mean([(y - t) ** 2 for y, t in pairs(outputs, target)])


@checked_by(fits)
@usage("mae(model.outputs(x), target)")
def mae(outputs: Sequence[Any], target: Any) -> Any:
    """The mean of the absolute errors over the outputs."""
    return mean([abs(y - t) for y, t in pairs(outputs, target)])


@checked_by(fits)
@usage("huber(model.outputs(x), target)")
def huber(outputs: Sequence[Any], target: Any, delta: float = 1.0) -> Any:
    """Half the squared error up to `delta`, and from there on a straight line, which outliers pull less (Huber,
    1964)."""
    above_0("the delta of huber", delta)
    errors = [abs(y - t) for y, t in pairs(outputs, target)]
    curved = [minimum(e, delta) for e in errors]  # up to where the line begins: its slope is this one too
    return mean([c * (e - 0.5 * c) for e, c in zip(errors, curved, strict=True)])


def a_side(width: int, target: Any) -> None:
    fits(width, target)
    if width != 1 or (known(listed(target)[0]) and listed(target)[0] not in (-1, 1)):
        raise ValueError(f"hinge takes one output and a target of -1 or 1, got {width} outputs and target {target!r}")


@checked_by(a_side)
@usage("hinge(model.outputs(x), target)")
def hinge(outputs: Sequence[Any], target: Any) -> Any:
    """max(0, 1 - t·y) for a score y and a target of -1 or 1: no loss for what is right by a margin of 1."""
    a_side(width_of(outputs), target)
    ((y, t),) = pairs(outputs, target)
    return relu(1.0 - t * y)


def a_probability(width: int, target: Any) -> None:
    fits(width, target)
    if width != 1 or (known(listed(target)[0]) and not 0 <= listed(target)[0] <= 1):
        raise ValueError(
            f"binary_cross_entropy takes one logit and a target from 0 to 1, got {width} and target {target!r}"
        )


@checked_by(a_probability)
@usage("binary_cross_entropy(model.outputs(x), target)")
def binary_cross_entropy(outputs: Sequence[Any], target: Any) -> Any:
    """-log p of the right class for one logit z, where p = sigmoid(z) is the probability of class 1; the target lies in
    [0, 1].

    Written as softplus(z), -log p of class 0, and softplus(-z), that of class 1, each times its probability, which
    neither overflows nor cancels.
    """
    a_probability(width_of(outputs), target)
    ((z, t),) = pairs(outputs, target)
    if known(t) and t in (0, 1):
        return softplus(-z if t else z)
    return (1.0 - t) * softplus(z) + t * softplus(-z)


def a_class(width: int, target: Any) -> None:
    target = plain(target)
    if isinstance(target, Sequence) and not isinstance(target, str):
        if len(target) != width:
            advice = "; write target[0] for the number of a class" if len(target) == 1 else ""
            raise ValueError(f"cross_entropy got {width} logits and {len(target)} probabilities{advice}")
        fits(width, target)
    elif known(target) and target not in range(width):
        advice = f"; write classes.index({shown(target)})" if isinstance(target, str) else ""
        if width == 1:
            advice = '; for one logit write loss="binary_cross_entropy"'
        raise ValueError(
            f"cross_entropy with {width} logits takes a class from 0 to {width - 1}, got {target!r}{advice}"
        )


@checked_by(a_class)
@usage("cross_entropy(model.outputs(x), target)")
def cross_entropy(outputs: Sequence[Any], target: Any) -> Any:
    """-log p of the right class for one logit per class, where p = softmax(logits).

    The target is the number of a class, or a list with the probability of each (one-hot, or soft). ValueError for a
    class that there is not. Of infinite logits p is as `softmax` has it; a class whose probability in the target is 0
    adds nothing, not even where its logit is -inf.
    """
    a_class(width_of(outputs), target)
    target = plain(target)
    if isinstance(target, Sequence):
        return soft_cross_entropy(outputs, target)
    right, *others = right_first(outputs, target)
    # log Σ e^z - right, where all is measured from the right one before it is rounded
    return logsumexp([0.0, *[apart(other, right) for other in others]]) if others else apart(right, right)


def right_first(outputs: Sequence[Any], target: Any) -> Sequence[Any]:
    """The output of the right class, and then all others."""
    right_is = range(len(outputs)) if not known(target) else [int(target)]
    orders = [[outputs[k], *outputs[:k], *outputs[k + 1 :]] for k in right_is]
    return orders[0] if known(target) else lookup(orders, target)


def soft_cross_entropy(outputs: Sequence[Any], target: Sequence[Any]) -> Any:
    """Σ t·(logsumexp - z), where all is measured from a number near the largest before it is rounded."""
    top = logsumexp(outputs)
    logits = [apart(z, top) for z in outputs]
    counted = [(t, z) for t, z in zip(target, logits, strict=True) if not known(t) or t]
    return logsumexp(logits) * total(target) - weighted_sum(*zip(*counted, strict=True)) if counted else 0.0 * top


LOSSES: dict[str, Loss] = {
    loss.__name__: loss for loss in (mse, mae, huber, hinge, binary_cross_entropy, cross_entropy)
}


def loss_of(loss: str | Loss) -> Loss:
    """The loss of that name, or the function itself. ValueError for an unknown name."""
    if callable(loss):
        return loss
    return LOSSES[one_of("loss", loss, LOSSES)]


def mean(errors: list[Any]) -> Any:
    return errors[0] if len(errors) == 1 else weighted_sum([1.0 / len(errors)] * len(errors), errors)


def pairs(outputs: Sequence[Any], target: Any) -> list[tuple[Any, Any]]:
    """Outputs beside their targets; a single output may have a single number. ValueError if they are not equally
    many."""
    fits(width_of(outputs), target)
    return list(zip(outputs, listed(target), strict=True))


def known(number: Any) -> bool:
    """Whether a number is there to be compared: what stands in for one while a function is recorded is not."""
    try:
        eq(number, number)
    except RecordingError:
        return False
    return True


def listed(target: Any) -> Sequence[Any]:
    target = plain(target)
    return target if isinstance(target, Sequence) and not isinstance(target, str) else [target]


def mean_loss(model: Module, examples: Pairs, loss: Loss) -> float:
    """The mean loss of the examples, without recording graphs and without dropout."""
    with no_grad():
        return float(total([float(loss(model.outputs(x), t)) for x, t in some(examples)])) / len(examples)
