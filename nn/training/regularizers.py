"""Regularisers: a price on large weights, added to the loss. Functions of the parameters, made of Values."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

from engine import Value, abs, total, weighted_sum
from nn.checks import a_number, usage

__all__ = ["Regularizer", "elastic", "l1", "l2"]

Regularizer = Callable[[Sequence[Value]], Any]


@usage("l1(0.001)")
def l1(strength: float) -> Regularizer:
    """strength · Σ|w|: its pull is the same for small and large weights, so it brings many near 0 and keeps few.

    At 0 the slope is 0, by convention; a step jumps over it, so plain descent leaves a small weight where other methods
    (proximal steps) leave none.
    """
    return priced(f"l1({check(strength)!r})", lambda weights: strength * sum_of_sizes(weights))


@usage("l2(0.001)")
def l2(strength: float) -> Regularizer:
    """strength · Σw²: its pull is in proportion to a weight, so it makes all of them small."""
    return priced(f"l2({check(strength)!r})", lambda weights: strength * sum_of_squares(weights))


@usage("elastic(0.001, 0.001)")
def elastic(l1_strength: float, l2_strength: float) -> Regularizer:
    """Both together (Zou and Hastie, 2005)."""
    first, second = l1(l1_strength), l2(l2_strength)
    return priced(f"elastic({l1_strength!r}, {l2_strength!r})", lambda weights: first(weights) + second(weights))


def sum_of_sizes(weights: Sequence[Value]) -> Any:
    return total([abs(w) for w in weights])


def sum_of_squares(weights: Sequence[Value]) -> Any:
    return weighted_sum(weights, weights)


def priced(name: str, price: Regularizer) -> Regularizer:
    price.__name__ = price.__qualname__ = name  # what a checkpoint compares
    return price


def check(strength: float) -> float:
    if not 0 <= a_number("the strength of a regulariser", strength) < math.inf:
        raise ValueError(f"the strength of a regulariser must be a finite number from 0 up, got {strength!r}")
    return strength
