"""Forward functions on NumPy arrays that NumPy lacks, or that overflow when written as in a textbook.

Each is the array twin of one in `primitives.py` or of a row of the table in `rules.py`, element by element; no
derivative is written here. Edges of a domain give inf or nan, as arrays do, and no error. Some write their result to
an array `out`, as NumPy's do.
"""

import math
from functools import lru_cache
from typing import Any

import numpy as np

__all__ = [
    "Array", "apart", "erf", "erfc", "gelu", "leaky_relu", "logsumexp", "normal_cdf", "normal_pdf", "relu", "shares",
    "sigmoid", "softplus", "squares", "where",
]  # fmt: skip

Array = np.ndarray[Any, np.dtype[np.float64]]

_erf, _erfc = np.frompyfunc(math.erf, 1, 1), np.frompyfunc(math.erfc, 1, 1)


def relu(x: Array, out: Array | None = None) -> Array:
    by_lines = x.strides[-1:] == (x.itemsize,)
    side_by_side = x.shape[-1:] if by_lines else x.shape[:1] + (1,) * (x.ndim - 1)
    return np.maximum(x, zeros(side_by_side), out=out)  # a NaN stays a NaN


@lru_cache(maxsize=16)
def zeros(shape: tuple[int, ...]) -> Array:
    """As many zeros as lie side by side in an array: NumPy takes the larger of two arrays in a third of the time that
    it needs for an array and a number."""
    found = np.zeros(shape)
    found.flags.writeable = False
    return found


def leaky_relu(x: Array, a: Array) -> Array:
    return np.where(x > 0.0, x, a * x)


def where(c: Array, x: Array | float, y: Array | float, out: Array | None = None) -> Array:
    """x where c > 0, y where c <= 0, nan where c is nan: `np.where` asks for c != 0."""
    if isinstance(x, np.ndarray) and isinstance(y, int | float) and y == 0:
        found = masked(x, c > 0.0, out)
    elif isinstance(y, np.ndarray) and isinstance(x, int | float) and x == 0:
        found = masked(y, c <= 0.0, out)
    else:
        found = np.where(c > 0.0, x, y)
    if np.isnan(c.min()):
        found = np.where(np.isnan(c), c, found)
    if out is None or found is out:
        return found
    out[:] = found
    return out


def apart(x: Array, y: Array) -> Array:
    """x - y, but of equal infinities 0."""
    return np.where(x == y, 0.0, x - y)


def masked(x: Array, mask: Any, out: Array | None) -> Array:
    """x where the mask is true, 0 elsewhere, of inf and nan too: the bits of x times 1 or 0. `np.where` takes five
    times as long, for a processor cannot guess where a mask is true."""
    bits = np.multiply(x.view(np.int64), mask, out=None if out is None else out.view(np.int64))
    return bits.view(np.float64) if out is None else out


def sigmoid(x: Array, out: Array | None = None) -> Array:
    """1 / (1 + exp(-x)), with the exponential always of a negative number, so that it cannot overflow."""
    small = np.exp(-np.abs(x))
    return np.divide(np.where(x >= 0.0, 1.0, small), 1.0 + small, out=out)


def softplus(x: Array, out: Array | None = None) -> Array:
    """log(1 + exp(x)) = max(x, 0) + log(1 + exp(-|x|))."""
    return np.add(np.maximum(x, 0.0), np.log1p(np.exp(-np.abs(x))), out=out)


def erf(x: Array) -> Array:
    return np.asarray(_erf(x), dtype=float)


def erfc(x: Array) -> Array:
    return np.asarray(_erfc(x), dtype=float)


def cut(x: Array) -> Array:
    """A number of few digits near x, whose square is exact."""
    return np.floor(64.0 * x) / 64.0


def normal_pdf(x: Array) -> Array:
    """exp(-x²/2) / sqrt(2π), where x² is not rounded."""
    x = np.clip(x, -40.0, 40.0)
    h = cut(x)
    return np.exp(-0.5 * h * h) * np.exp(-0.5 * (x - h) * (x + h)) * 0.3989422804014327


def normal_cdf(x: Array) -> Array:
    """The probability that a standard normal number is below x, erfc(-x / sqrt 2) / 2; in the tail times what erfc
    lost by a rounded argument."""
    t = np.clip(x * -math.sqrt(0.5), -28.0, 28.0)
    x = np.clip(x, -40.0, 40.0)
    h, g = cut(x), cut(t)
    lost = (g * g - 0.5 * h * h) + ((t - g) * (t + g) - 0.5 * (x - h) * (x + h))
    return 0.5 * erfc(t) * np.where((t > 1.0) & (t < 28.0), 1.0 + lost, 1.0)


def gelu(x: Array) -> Array:
    """x times the probability that a standard normal number is below x."""
    return x.clip(-40.0) * normal_cdf(x)


def logsumexp(xs: Array) -> Array:
    """log(exp(x1) + exp(x2) + ...) over the second axis, shifted by the largest x, whose exponential is 1: log1p of
    the others keeps what they add to it."""
    top = xs.max(axis=1)
    powers = np.exp(xs - top[:, None])
    powers[np.arange(len(xs))[:, None], xs.argmax(axis=1), np.arange(xs.shape[2])] = 0.0
    return np.where(np.isinf(top), top, top + np.log1p(powers.sum(axis=1)))


def shares(parts: Array) -> Array:
    """Each part over the sum of all along the second axis."""
    return parts / parts.sum(axis=1, keepdims=True)


ADDED = 1 << 13
"""Numbers that are added up at a time: OpenBLAS adds up so few in one thread, so that the sum does not depend on how
many there are."""


def squares(W: Array) -> float:
    """The sum of all squares, line by line."""
    whole = W.shape[1] // ADDED * ADDED
    parts = [W[:, :whole].reshape(-1, ADDED), W[:, whole:]] if whole else [W]
    return float(sum(np.matmul(part[:, None], part[:, :, None]).sum() for part in parts))
