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
    "add_up", "gelu", "logsumexp", "normal_cdf", "normal_pdf", "power", "relu", "sigmoid",
    "softplus", "total", "weighted_sum",
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


def normal_pdf(x: float) -> float:
    """exp(-x²/2) / sqrt(2π). A rounded x² would spoil the last ten bits, so x is cut in two: the
    square of h, which has few digits, is exact."""
    if not abs(x) < 40.0:
        return 0.0 if x == x else x
    h = math.floor(64.0 * x) / 64.0
    rest = math.exp(-0.5 * (x - h) * (x + h))
    return math.exp(-0.5 * h * h) * rest * 0.3989422804014327


def normal_cdf(x: float) -> float:
    """The probability that a standard normal number is below x, erfc(-x / sqrt 2) / 2."""
    t = x * -0.7071067811865476
    if not 1.0 < t < 28.0:
        return 0.5 * math.erfc(t)
    # t is rounded, and erfc(t), about exp(-t²), feels it: times exp(t² - x²/2), as in normal_pdf
    h, g = math.floor(64.0 * x) / 64.0, math.floor(64.0 * t) / 64.0
    lost = (g * g - 0.5 * h * h) + ((t - g) * (t + g) - 0.5 * (x - h) * (x + h))
    return 0.5 * math.erfc(t) * (1.0 + lost)


def gelu(x: float) -> float:
    """x times the probability that a standard normal number is below x (Hendrycks and Gimpel,
    2016; exact form)."""
    return -0.0 if x < -40.0 else x * normal_cdf(x)


def power(x: float, y: float) -> float:
    """x ** y among the real numbers: `math.pow` refuses (-8) ** (1/3), where `**` would turn
    complex."""
    return math.pow(x, y)


def total(xs: Sequence[float]) -> float:
    return add_up(xs, 0.0)


def weighted_sum(ws: Sequence[float], xs: Sequence[float], b: float = 0.0) -> float:
    return add_up(map(mul, ws, xs), b)


def logsumexp(xs: Sequence[float]) -> float:
    """log(exp(x1) + exp(x2) + ...), shifted by the largest x so that no exponential overflows. That
    one's is 1: log1p of the others keeps what they add to it."""
    top = max(xs)  # of no numbers: a ValueError
    if math.isinf(top):
        return math.nan if any(map(math.isnan, xs)) else top
    place = list(xs).index(top)
    return top + math.log1p(total([math.exp(x - top) for x in (*xs[:place], *xs[place + 1 :])]))
