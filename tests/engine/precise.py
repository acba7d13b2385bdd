"""Every operation and its derivatives to 60 digits by mpmath: the independent truth for values and slopes over the
whole range of doubles.

A function is written from its textbook definition, and differentiated by differences that are so fine, in arithmetic
with so many digits, that nothing of them shows. No derivative is written here.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from itertools import product
from typing import Any

from mpmath import mp, mpf

from tests.engine.arithmetic import ARITHMETIC

__all__ = ["BITS", "FUNCTIONS", "STEP", "derivative", "units_off"]

BITS = 2400
STEP = mpf(2) ** -250
"""Half of the difference that a derivative is taken over."""
SINGULAR = {("div", 1), ("pow", 0), ("log", 0), ("sqrt", 0)}
"""Near 0 the differences in these inputs are as small a part of the number."""
SMALLEST_UNIT = 2.5e-323
"""Five of the smallest floats: between these a factor may have lost its digits before it was multiplied."""


def erfc(x: Any) -> Any:
    return mp.erfc(x) if abs(x) < 60 else mpf(0) if x > 0 else mpf(2)  # 60 is far beyond what a float can tell from 0


FUNCTIONS: dict[str, Callable[..., Any]] = {
    **ARITHMETIC,
    "exp": mp.exp,
    "log": mp.log,
    "sqrt": mp.sqrt,
    "sin": mp.sin,
    "cos": mp.cos,
    "tan": mp.tan,
    "sinh": mp.sinh,
    "cosh": mp.cosh,
    "tanh": mp.tanh,
    "asin": mp.asin,
    "acos": mp.acos,
    "atan": mp.atan,
    "log1p": lambda x: mp.log(1 + x),
    "expm1": lambda x: mp.exp(x) - 1,
    "erf": lambda x: 1 - erfc(x),
    "sigmoid": lambda x: 1 / (1 + mp.exp(-x)),
    "softplus": lambda x: mp.log(1 + mp.exp(x)),
    "gelu": lambda x: x * erfc(-x / mp.sqrt(2)) / 2,
    "normal_pdf": lambda x: mp.exp(-x * x / 2) / mp.sqrt(2 * mp.pi),
    "normal_cdf": lambda x: erfc(-x / mp.sqrt(2)) / 2,
}


def derivative(name: str, point: Sequence[float], *inputs: int) -> Any:
    """The operation at the point, or its derivative in one input, or in one and then another, as a number of
    mpmath."""
    with mp.workprec(BITS):
        xs = [mpf(x) for x in point]
        steps = [STEP * (min(abs(xs[i]), 1) if (name, i) in SINGULAR else 1) for i in inputs]
        found = mpf(0)
        for signs in product((1, -1), repeat=len(inputs)):
            moved = list(xs)
            for sign, i, step in zip(signs, inputs, steps, strict=True):
                moved[i] += sign * step
            found += math.prod(signs) * FUNCTIONS[name](*moved)
        return found / math.prod([2 * step for step in steps])


def units_off(found: float, exact: Any, scale: Any = 0.0) -> float:
    """How many units in the last place of a float `found` is away from what is exact, or parts of 1e-14 / 8 of the
    scale, if that is more; 0 for infinity where no float can hold it."""
    largest = mpf(1.7976931348623157e308)
    if abs(exact) > largest:
        return 0.0 if found == math.copysign(math.inf, exact) or abs(found) > 0.999999 * largest else math.inf
    if not math.isfinite(found):
        return 0.0 if abs(exact) > largest * (1 - mpf(2) ** -50) else math.inf
    with mp.workprec(BITS):
        unit = max(mpf(math.ulp(float(exact))), mpf(SMALLEST_UNIT), mpf(1e-14) * abs(mpf(scale)) / 8)
        return float(abs(mpf(found) - exact) / unit)
