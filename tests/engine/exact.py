"""Every operation to 50 digits, written from its textbook definition in decimal arithmetic: the oracle for forward
functions.

Only the basic functions of `decimal` are used (+ - * /, sqrt, exp, ln) and Taylor series; nothing from `math` or from
the engine.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal, localcontext
from typing import Any

from tests.engine.arithmetic import ARITHMETIC

ONE, TWO = Decimal(1), Decimal(2)


def series(first: Decimal, next_term: Callable[[Decimal, int], Decimal]) -> Decimal:
    """first + the terms that follow, until they no longer count."""
    total, term, n = Decimal(0), first, 0
    while total + term != total:
        total += term
        n += 1
        term = next_term(term, n)
    return total


def atan(x: Decimal) -> Decimal:
    for _ in range(4):  # atan x = 2 atan(x / (1 + sqrt(1 + x^2)))
        x = x / (1 + (1 + x * x).sqrt())
    return 16 * sum((Decimal((-1) ** n) * x ** (2 * n + 1) / (2 * n + 1) for n in range(1, 60)), x)


def pi() -> Decimal:
    return 4 * atan(ONE)


def sin(x: Decimal) -> Decimal:
    x %= 2 * pi()
    return series(x, lambda term, n: -term * x * x / ((2 * n) * (2 * n + 1)))


def cos(x: Decimal) -> Decimal:
    return sin(x + pi() / 2)


def asin(x: Decimal) -> Decimal:
    return (pi() / 2).copy_sign(x) if abs(x) == 1 else atan(x / (1 - x * x).sqrt())


def erf(x: Decimal) -> Decimal:
    power = series(x, lambda term, n: -term * x * x / n * (2 * n - 1) / (2 * n + 1))
    return 2 / pi().sqrt() * power


def sinh(x: Decimal) -> Decimal:
    return (x.exp() - (-x).exp()) / 2


def cosh(x: Decimal) -> Decimal:
    return (x.exp() + (-x).exp()) / 2


def sigmoid(x: Decimal) -> Decimal:
    return 1 / (1 + (-x).exp())


DEFINITIONS: dict[str, Callable[..., Any]] = {
    **ARITHMETIC,
    "exp": lambda x: x.exp(),
    "log": lambda x: x.ln(),
    "sqrt": lambda x: x.sqrt(),
    "sin": sin,
    "cos": cos,
    "tan": lambda x: sin(x) / cos(x),
    "sinh": sinh,
    "cosh": cosh,
    "tanh": lambda x: sinh(x) / cosh(x),
    "asin": asin,
    "acos": lambda x: pi() / 2 - asin(x),
    "atan": atan,
    "log1p": lambda x: (1 + x).ln(),
    "expm1": lambda x: x.exp() - 1,
    "erf": erf,
    "sigmoid": sigmoid,
    "softplus": lambda x: (1 + x.exp()).ln(),
    "gelu": lambda x: x * (1 + erf(x / TWO.sqrt())) / 2,
    "normal_pdf": lambda x: (-x * x / 2).exp() / (2 * pi()).sqrt(),
    "normal_cdf": lambda x: (1 + erf(x / TWO.sqrt())) / 2,
    "relu": lambda x: max(x, Decimal(0)),
    "abs": abs,
    "maximum": max,
    "minimum": min,
    "total": sum,
    "weighted_sum": lambda ws, xs, b: sum((w * x for w, x in zip(ws, xs, strict=True)), b),
    "logsumexp": lambda xs: sum(x.exp() for x in xs).ln(),
}


def exactly(name: str, args: Sequence[Any]) -> float:
    """The operation on these floats (and tuples of floats), rounded to a float once, at the end."""
    with localcontext() as context:
        context.prec = 80
        return float(
            DEFINITIONS[name](*[tuple(map(Decimal, arg)) if isinstance(arg, tuple) else Decimal(arg) for arg in args])
        )
