"""`make_vjp` by our engine."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from autograd import slope


def make_vjp(fun: Callable[[Any], Any], x: Any) -> tuple[Callable[[Any], Any], Any]:
    """What takes an upstream number to its product with the derivative of fun at x; and fun(x)."""
    return lambda upstream: upstream * slope(fun, x), fun(x)
