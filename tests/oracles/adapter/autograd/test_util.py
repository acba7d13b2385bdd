"""`check_grads` by our engine: derivatives against central differences of the function's own numbers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from autograd import grad

STEP, TOLERANCE = 1e-6, 1e-6


def check_grads(fun: Callable[..., Any], modes: Sequence[str] = ("rev",), order: int = 2) -> Callable[..., None]:
    """A function that takes numbers and fails where a derivative of fun there is wrong, up to that order."""

    def check(*args: float) -> None:
        for i in range(len(args)):
            derivative = grad(fun, i)
            above, below = ([*args[:i], args[i] + move, *args[i + 1 :]] for move in (STEP / 2, -STEP / 2))
            numeric, found = (fun(*above) - fun(*below)) / STEP, derivative(*args)
            assert close(found, numeric), f"in argument {i} of {args}: {found}, and the difference quotient {numeric}"
            if order > 1:
                check_grads(derivative, modes, order - 1)(*args)

    return check


def close(a: float, b: float) -> bool:
    return abs(a - b) < TOLERANCE * max(1.0, abs(a + b))
