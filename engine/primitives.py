"""Forward functions that the `math` module lacks, or that overflow when written as in a textbook.

Each is the plain-Python implementation of one row of the table in `rules.py`; no derivative is
written here.
"""

import math
import sys
from collections.abc import Callable, Sequence
from functools import reduce
from operator import add, mul
from typing import Any

__all__ = [
    "add_up", "gelu", "logsumexp", "power", "relu", "sigmoid", "softplus", "total",
    "weighted_sum",
]  # fmt: skip

add_up: Callable[..., Any] = sum
"""`sum` from left to right, with the same last bits on every Python."""
if sys.version_info >= (3, 12):  # its sum of floats carries what is rounded off along

    def add_up(numbers, start=0):  # type: ignore[no-untyped-def]
        return reduce(add, numbers, start)


def relu(x: float) -> float:
    return 0.0 if x <= 0.0 else x  # in this order a NaN stays a NaN


def sigmoid(x: float) -> float:
    """1 / (1 + exp(-x)), with the exponential always of a negative number, so that it cannot
    overflow."""
    if x >= 0.0:
        return 1.0 / (1.0 + math.exp(-x))
    small = math.exp(x)
    return small / (1.0 + small)


def softplus(x: float) -> float:
    """log(1 + exp(x)) = max(x, 0) + log(1 + exp(-|x|))."""
    return relu(x) + math.log1p(math.exp(-abs(x)))


def gelu(x: float) -> float:
    """x times the probability that a standard normal number is below x (Hendrycks and Gimpel,
    2016; exact form)."""
    # erfc keeps the tail that 1 + erf would round away
    return 0.5 * x * math.erfc(-x * math.sqrt(0.5))


def power(x: float, y: float) -> float:
    """x ** y among the real numbers: `math.pow` refuses (-8) ** (1/3), where `**` would turn
    complex."""
    return math.pow(x, y)


def total(xs: Sequence[float]) -> float:
    return add_up(xs, 0.0)


def weighted_sum(ws: Sequence[float], xs: Sequence[float], b: float = 0.0) -> float:
    return add_up(map(mul, ws, xs), b)


def logsumexp(xs: Sequence[float]) -> float:
    """log(exp(x1) + exp(x2) + ...), shifted by the largest x so that no exponential overflows."""
    top = max(xs)  # of no numbers: a ValueError
    if math.isinf(top):
        return math.nan if any(map(math.isnan, xs)) else top
    return top + math.log(add_up([math.exp(x - top) for x in xs]))
