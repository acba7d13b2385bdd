"""Normalisation of a layer's numbers, within one sample: `layer_norm` and `rms_norm`, both with a gain that is learned,
and `softmax`, which makes them add up to 1.

What follows then sees numbers of about the same size, whatever came before. Functions of lists of numbers or Values,
which return a list.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from random import Random
from typing import Any

from engine import RecordingError, Value, exp, logsumexp, total, weighted_sum, where
from nn.checks import above_0, shown, usage
from nn.layers.mlp import check_size, check_width, numbered
from nn.layers.module import Module, savable

__all__ = ["LayerNorm", "RMSNorm", "layer_norm", "rms_norm", "softmax"]

EPSILON = 1e-5
"""Keeps the root away from 0, where its slope has no end."""


@usage("layer_norm([z1, z2, z3])")
def layer_norm(x: Sequence[Any], epsilon: float = EPSILON) -> list[Any]:
    """(x - mean) / sqrt(variance + epsilon): mean 0 and deviation 1 over the numbers of the list (Ba, Kiros and Hinton,
    2016).

    Measured from the first number before the mean is taken, which far from zero would be rounded. Cubes must be floats,
    so numbers are at most 1e100 apart.

    Raises:
        ValueError: for an empty list, or an epsilon that is not above 0.
    """
    above_0("epsilon", epsilon)
    first = filled(x)[0]
    near = [xi - first for xi in x]
    mean = total(near) * (1.0 / len(x))
    return rms_norm([xi - mean for xi in near], epsilon)


@usage("rms_norm([z1, z2, z3])")
def rms_norm(x: Sequence[Any], epsilon: float = EPSILON) -> list[Any]:
    """x / sqrt(mean of the squares + epsilon): the root of the mean square is 1 (Zhang and Sennrich, 2019). Cubes must
    be floats, so numbers are at most 1e100. Raises as `layer_norm`."""
    above_0("epsilon", epsilon)
    scale = (weighted_sum(filled(x), x) * (1.0 / len(x)) + epsilon) ** -0.5
    return [xi * scale for xi in x]


@usage("softmax([z1, z2, z3])")
def softmax(logits: Sequence[Any]) -> list[Any]:
    """The probability of each class, exp(z_i) over their sum, on numbers or Values; it never overflows, and adds up to
    1 far from zero too.

    Infinite logits are as in the row of logsumexp, whose slope softmax is: all that are inf share 1 equally, and so do
    all if all are -inf; these are limits of equal logits, and do not move. A logit that is nan makes all nan.
    """
    if not hasattr(logits, "__len__"):
        raise TypeError(f"softmax takes a list of numbers, got {type(logits).__name__} {shown(logits)}")
    top = logsumexp(logits)  # rounded, so that what follows is the probability but for a factor
    powers = [exp(apart(z, top)) for z in logits]
    whole = total(powers)
    return [power / whole for power in powers]


def apart(x: Any, y: Any) -> Any:
    """x - y, but of equal infinities, where this would be no number, 0, which does not move.

    While a function is recorded nobody knows how large they are. A machine then finds nan, and what is nan is computed
    again eagerly.
    """
    try:
        if math.isinf(y) and float(x) == float(y):
            return where(0.0, x, 0.0)
    except RecordingError:
        pass
    return x - y


class Scale(Module):
    """One number made larger or smaller, w·x, and moved, + b, if it has a bias."""

    def __init__(self, place: int, biased: bool) -> None:
        self.w = Value(1.0, numbered("g", place))
        self.b = Value(0.0, numbered("b", place)) if biased else 0.0

    def outputs(self, x: Sequence[Any], rng: Random | None = None) -> list[Any]:
        return [weighted_sum([self.w], x, self.b)]


class Norm(Module):
    """What both have in common: a norm, then each number times a gain of its own, which starts at 1."""

    norm: Callable[..., list[Any]]
    biased: bool

    @usage("LayerNorm(16)")
    def __init__(self, inputs: int, epsilon: float = EPSILON) -> None:
        self.inputs, self.epsilon = check_size("inputs", inputs), above_0("epsilon", epsilon)
        self.scales = [Scale(i + 1, self.biased) for i in range(self.inputs)]

    def outputs(self, x: Sequence[Any], rng: Random | None = None) -> list[Any]:
        check_width("norm", self.inputs, x)
        return [scale([xi]) for scale, xi in zip(self.scales, type(self).norm(x, self.epsilon), strict=True)]

    def config(self) -> dict[str, Any]:
        return {"inputs": self.inputs, "epsilon": self.epsilon}

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.inputs})"


@savable
class LayerNorm(Norm):
    """`layer_norm`, then a gain and a bias for each number.

    Args:
        inputs: how many numbers it takes and gives.
        epsilon: as in `layer_norm`.

    Raises:
        ValueError: for a size below 1, an epsilon that is not above 0, an input of another width.
    """

    norm, biased = staticmethod(layer_norm), True

    @staticmethod
    def count(inputs: Any, **others: Any) -> int:
        check_size("inputs", inputs)
        return int(2 * inputs)


@savable
class RMSNorm(Norm):
    """`rms_norm`, then a gain for each number. Arguments and errors as in `LayerNorm`."""

    norm, biased = staticmethod(rms_norm), False

    @staticmethod
    def count(inputs: Any, **others: Any) -> int:
        check_size("inputs", inputs)
        return int(inputs)


def filled(x: Sequence[Any]) -> Sequence[Any]:
    if not hasattr(x, "__len__"):
        raise TypeError(f"a norm takes a list of numbers, got {type(x).__name__} {shown(x)}")
    if not len(x):
        raise ValueError("there are no numbers to normalise: the list is empty")
    return x
