"""Operators on functions of one argument, made to take functions of several."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


def unary_to_nary(operator: Callable[[Callable[[Any], Any], Any], Any]) -> Callable[..., Any]:
    """`operator(fun, x)`, for a function of several arguments: `nary(fun, argnum)(*args)`."""

    def nary(fun: Callable[..., Any], argnum: int = 0) -> Callable[..., Any]:
        return lambda *args: operator(lambda x: fun(*args[:argnum], x, *args[argnum + 1 :]), args[argnum])

    return nary
