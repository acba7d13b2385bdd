"""The operations whose definition is the same lines for any kind of number: floats, decimals, those of mpmath, of other
engines."""

from collections.abc import Callable
from typing import Any

__all__ = ["ARITHMETIC"]

ARITHMETIC: dict[str, Callable[..., Any]] = {
    "add": lambda x, y: x + y,
    "sub": lambda x, y: x - y,
    "mul": lambda x, y: x * y,
    "div": lambda x, y: x / y,
    "pow": lambda x, y: x**y,
    "neg": lambda x: -x,
    "leaky_relu": lambda x, a: x if x > 0 else a * x,
    "where": lambda c, x, y: x if c > 0 else y,
}
