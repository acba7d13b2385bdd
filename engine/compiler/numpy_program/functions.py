"""Forward functions on NumPy arrays that NumPy lacks, or that overflow when written as in a textbook.

Each is the array twin of one in `primitives.py` or of a row of the table in `rules.py`, element by element; no
derivative is written here. Edges of a domain give inf or nan, as arrays do, and no error.
"""

import math
from typing import Any

import numpy as np

__all__ = ["Array", "erf", "erfc", "gelu", "leaky_relu", "logsumexp", "relu", "sigmoid", "softplus", "where"]

Array = np.ndarray[Any, np.dtype[np.float64]]

_erf, _erfc = np.frompyfunc(math.erf, 1, 1), np.frompyfunc(math.erfc, 1, 1)


def relu(x: Array) -> Array:
    return np.maximum(x, 0.0)  # a NaN stays a NaN


def leaky_relu(x: Array, a: Array) -> Array:
    return np.where(x > 0.0, x, a * x)


def where(c: Array, x: Array, y: Array) -> Array:
    """x where c > 0, y where c <= 0, nan where c is nan: `np.where` asks for c != 0."""
    return np.where(c > 0.0, x, np.where(c <= 0.0, y, c))


def sigmoid(x: Array) -> Array:
    """1 / (1 + exp(-x)), with the exponential always of a negative number, so that it cannot overflow."""
    small = np.exp(-np.abs(x))
    return np.where(x >= 0.0, 1.0, small) / (1.0 + small)


def softplus(x: Array) -> Array:
    """log(1 + exp(x)) = max(x, 0) + log(1 + exp(-|x|))."""
    return np.maximum(x, 0.0) + np.log1p(np.exp(-np.abs(x)))


def erf(x: Array) -> Array:
    return np.asarray(_erf(x), dtype=float)


def erfc(x: Array) -> Array:
    return np.asarray(_erfc(x), dtype=float)


def gelu(x: Array) -> Array:
    """x times the probability that a standard normal number is below x, with the tail that 1 + erf would round away."""
    return 0.5 * x * erfc(-x * math.sqrt(0.5))


def logsumexp(xs: Array) -> Array:
    """log(exp(x1) + exp(x2) + ...) over the second axis, shifted by the largest x so that no exponential overflows."""
    top = xs.max(axis=1)
    sums = np.exp(xs - top[:, None]).sum(axis=1)
    return np.where(np.isinf(top), top, top + np.log(sums))
