"""The functions of NumPy that autograd's tests of scalars use, by the rules of our engine. What the table of rules does
not have is spelled out in what it has."""

from __future__ import annotations

import math
from typing import Any

from engine import abs as absolute
from engine import acos as arccos
from engine import asin as arcsin
from engine import atan as arctan
from engine import cos, cosh, exp, expm1, log, log1p, sin, sinh, sqrt, tan, tanh
from engine.rules import pow as power

__all__ = ["absolute", "arccos", "arcsin", "arctan", "cos", "cosh", "exp", "expm1", "log", "log1p", "power"]
__all__ += ["sin", "sinh", "sqrt", "tan", "tanh"]

abs = absolute
pi = math.pi


# fmt: off
def sign(x: Any) -> float: return math.copysign(1.0, float(x))
def log2(x: Any) -> Any: return log(x) / math.log(2.0)
def log10(x: Any) -> Any: return log(x) / math.log(10.0)
def exp2(x: Any) -> Any: return 2.0**x
def arccosh(x: Any) -> Any: return log(x + sqrt(x * x - 1.0))
def arcsinh(x: Any) -> Any: return log(x + sqrt(x * x + 1.0))
def arctanh(x: Any) -> Any: return 0.5 * (log1p(x) - log1p(-x))
def multiply(x: Any, y: Any) -> Any: return x * y
def divide(x: Any, y: Any) -> Any: return x / y
def mod(x: Any, y: Any) -> Any: return x - y * math.floor(float(x) / float(y))
def reciprocal(x: Any) -> Any: return 1.0 / x
def negative(x: Any) -> Any: return -x
def degrees(x: Any) -> Any: return x * (180.0 / pi)
def radians(x: Any) -> Any: return x * (pi / 180.0)
def sinc(x: Any) -> Any: return sin(pi * x) / (pi * x)
def allclose(x: Any, y: Any) -> bool: return math.isclose(float(x), float(y), rel_tol=1e-5, abs_tol=1e-8)
# fmt: on

true_divide, rad2deg, deg2rad = divide, degrees, radians
