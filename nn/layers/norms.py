"""Normalisation of a layer's numbers, within one sample: `layer_norm` and `rms_norm`, both with a gain that is learned,
and `softmax`, which makes them add up to 1.

What follows then sees numbers of about the same size, whatever came before. Functions of lists of numbers or Values,
which return a list.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from random import Random
from typing import Any

from engine import Value, exp, logsumexp, total, weighted_sum
from nn.checks import above_0, shown, usage
from nn.layers.mlp import check_size, check_width, numbered
from nn.layers.module import Module, savable

__all__ = ["LayerNorm", "RMSNorm", "layer_norm", "rms_norm", "softmax"]

EPSILON = 1e-5
"""Keeps the root away from 0, where its slope has no end."""


def layer_norm(x: Sequence[Any], epsilon: float = EPSILON) -> list[Any]:
    """(x - mean) / sqrt(variance + epsilon): mean 0 and deviation 1 over the numbers of the list (Ba, Kiros and Hinton,
    2016).

    Raises:
        ValueError: for an empty list, or an epsilon that is not above 0.
    """
    above_0("epsilon", epsilon)
    mean = total(filled(x)) * (1.0 / len(x))
    return rms_norm([xi - mean for xi in x], epsilon)


def rms_norm(x: Sequence[Any], epsilon: float = EPSILON) -> list[Any]:
    """x / sqrt(mean of the squares + epsilon): the root of the mean square is 1 (Zhang and Sennrich, 2019). Raises
    as `layer_norm`."""
    above_0("epsilon", epsilon)
    scale = (weighted_sum(filled(x), x) * (1.0 / len(x)) + epsilon) ** -0.5
    return [xi * scale for xi in x]


def softmax(logits: Sequence[Any]) -> list[Any]:
    """The probability of each class, exp(z_i) over their sum, on numbers or Values; it never overflows, and adds up to
    1 far from zero too."""
    if not hasattr(logits, "__len__"):
        raise TypeError(f"softmax takes a list of numbers, got {type(logits).__name__} {shown(logits)}")
    top = logsumexp(logits)  # rounded, so that what follows is the probability but for a factor
    powers = [exp(z - top) for z in logits]
    whole = total(powers)
    return [power / whole for power in powers]


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
