"""The names of HIPS autograd, answered by our engine: just so much as its own tests of scalars ask for.

Derivatives are those of `engine.gradient`. There is no forward mode here; what a test asks of it is asked of the sweep.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from engine import Value, gradient

__all__ = ["grad", "slope"]

_open = 0
"""How many derivatives are being taken: within another one the result is a Value."""


def grad(fun: Callable[..., Any], argnum: int = 0) -> Callable[..., Any]:
    """The derivative of a function in one of its arguments, as a function of all of them."""

    def derivative(*args: Any) -> Any:
        return slope(lambda x: fun(*args[:argnum], x, *args[argnum + 1 :]), args[argnum])

    return derivative


def slope(fun: Callable[[Any], Any], x: Any) -> Any:
    """The derivative of fun at x: a float, or a Value where x is one or where another derivative is being taken."""
    global _open
    nested = _open > 0 or isinstance(x, Value)
    # a node of its own, so that what fun knows of x from elsewhere is no part of this derivative
    here = x * 1.0 if isinstance(x, Value) else Value(x)
    _open += 1
    try:
        y = fun(here)
    finally:
        _open -= 1
    if not isinstance(y, Value):
        return 0.0
    return gradient(y, here, as_values=nested)[0]
