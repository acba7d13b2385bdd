"""What the kernel computes in its own way: exp and the sigmoid, as the library's exp is a call for each number, and a
loop with a call or a branch is not vectorised.

Compiled without leave to reorder sums, unlike all else: the order is what makes it right to a unit in the last place.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

__all__ = ["apart", "exponential", "logarithm", "logistic"]

LOG2_E = 1.4426950408889634
# ln 2 in two parts; times a small whole number the first one is exact
LN2_HIGH, LN2_LOW = 0.6931471803691238, 1.9082149292705877e-10
ROOT = 4604544271217802189  # the bits of the root of 1/2
LARGEST_X, LEAST_X = 710.0, -746.0  # beyond them the result is infinite, or 0


def exponential(x: Any) -> Any:
    """exp(x) = 2^k exp(r) with r = x - k ln 2, at most half of ln 2, by 13 terms of its series (Cody and Waite's
    reduction)."""
    y = x if x < LARGEST_X else LARGEST_X
    y = y if y > LEAST_X else LEAST_X
    k = math.floor(y * LOG2_E + 0.5)
    r = y - k * LN2_HIGH - k * LN2_LOW
    p = 1.0 / 6227020800.0
    p = p * r + 1.0 / 479001600.0
    p = p * r + 1.0 / 39916800.0
    p = p * r + 1.0 / 3628800.0
    p = p * r + 1.0 / 362880.0
    p = p * r + 1.0 / 40320.0
    p = p * r + 1.0 / 5040.0
    p = p * r + 1.0 / 720.0
    p = p * r + 1.0 / 120.0
    p = p * r + 1.0 / 24.0
    p = p * r + 1.0 / 6.0
    p = p * r + 0.5
    p = p * r * r + r + 1.0
    power = np.int64(k)
    half = power >> 1  # 2^k in two factors, as it may be larger or smaller than a float can be
    return (
        p * np.int64((half + 1023) << 52).view(np.float64) * np.int64((power - half + 1023) << 52).view(np.float64)
        if x == x
        else x
    )


def apart(x: Any, y: Any) -> Any:
    """x - y, but of equal infinities 0."""
    return x - y if x != y else 0.0


def logarithm(x: Any) -> Any:
    """log(1 + x) of x from 0 on: 1 + x = 2^k (1 + f) between the roots of 1/2 and of 2, and log(1 + f) by 11 terms of
    the series of s = f / (2 + f). What 1 + x loses of x is made up for."""
    y = 1.0 + x
    lost = (x - (y - 1.0)) / y
    bits = np.float64(y).view(np.int64)
    power = np.int64((bits - ROOT) >> 52)
    f = np.int64(bits - (power << 52)).view(np.float64) - 1.0
    k, s = np.float64(power), f / (2.0 + f)
    z, half = s * s, 0.5 * f * f
    p = 2.0 / 23.0
    p = p * z + 2.0 / 21.0
    p = p * z + 2.0 / 19.0
    p = p * z + 2.0 / 17.0
    p = p * z + 2.0 / 15.0
    p = p * z + 2.0 / 13.0
    p = p * z + 2.0 / 11.0
    p = p * z + 2.0 / 9.0
    p = p * z + 2.0 / 7.0
    p = p * z + 2.0 / 5.0
    p = p * z + 2.0 / 3.0
    return k * LN2_HIGH - ((half - (s * (half + p * z) + (k * LN2_LOW + lost))) - f)


def logistic(x: Any) -> Any:
    """1 / (1 + exp(-x)), with the exponential always of a negative number."""
    small = exponential(-abs(x))
    return (1.0 if x >= 0.0 else small) / (1.0 + small)
