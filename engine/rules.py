"""THE TABLE: every elementary operation of the engine, one row each, and the only place where a
derivative is written.

A row holds a name, a LaTeX template, the forward function, and the slope of the output z in each
input. A slope is written in the very operations that the table defines, so the same lambda can be
fed with different kinds of number:

* a `float` gives the local derivative, a number;
* a `Value` gives a graph that can be differentiated again, hence derivatives of any order;
* a `Term` (a symbol) gives a formula: LaTeX, Python source, the documentation.

So slopes are straight-line: where a function has pieces they are chosen by `where(c, a, b)`, which
is a where c > 0, b where c <= 0 and nan where c is nan. And where the formula of the textbooks
would lose digits in floats (1 - z * z of a tanh near 1), `same(c, a, b)` holds one number written
twice: a, which is shown, is computed where c > 0, and b, which keeps the digits, elsewhere. So each
value and slope is right to a few units in the last place. `engine.rule(...)` adds your own row.
"""

import math
from typing import Any

from engine import primitives
from engine.rule import RULES, Operand, rule

__all__ = [
    "RULES", "abs", "acos", "add", "asin", "atan", "cos", "cosh", "div", "erf", "exp", "expm1",
    "gelu", "leaky_relu", "log", "log1p", "logsumexp", "maximum", "minimum", "mul", "neg",
    "normal_cdf", "normal_pdf", "pow", "relu", "sigmoid", "sin", "sinh", "softplus", "sqrt", "sub",
    "tan", "tanh", "total", "weighted_sum", "where",
]  # fmt: skip

REAL = (-math.inf, math.inf)
POSITIVE = (0.0, math.inf)
UNIT = (-1.0, 1.0)
TINY = 1e-290  # what is smaller may have lost digits, and what is made of it too
UP = 2.0**100  # times this, what is smaller than TINY has all its digits


def same(c: Any, x: Any, y: Any) -> Any:
    """One number, written twice: x, the formula of the textbooks, where c > 0; y elsewhere, where x
    would lose digits. Formulas for people show x."""
    for arg in (c, x, y):
        if isinstance(arg, Operand):
            return arg.choose(c, x, y)
    return x if c > 0 else y


def one_minus_square(x: Any) -> Any:
    """1 - x * x, near 1 and -1 too."""
    return same(0.5 - x * x, 1 - x * x, (1 - x) * (1 + x))


def keeps_power(x: Any, y: Any, z: Any) -> Any:
    """Above 0 where y * x ** (y - 1) keeps the digits: y - 1 must be exact, and z not too small."""
    small = where(4 - y, 1.0, where(abs(z) - TINY, 2.0**53 - y, -1.0))
    return where(abs(y), where(x, where(y - 0.5, small, -1.0), 2.0**53 - abs(y)), 1.0)


def finite(x: Any) -> Any:
    """Above 0 where x is finite, -inf where it is infinite."""
    return 5 - (1e-308 * x) * (1e-308 * x)


def apart(x: Any, y: Any) -> Any:
    """x - y, but of equal infinities, where this would be no number, 0."""
    gap = x - y
    return same(finite(x), gap, same(finite(y), gap, same(x * y, 0.0, gap)))


def shares(parts: list[Any]) -> list[Any]:
    """Each part over the sum of all, which is 1 but for the rounding of what made them."""
    whole = total(parts)
    return [same(0.0, part, part / whole) for part in parts]


# fmt: off
#            name   LaTeX            forward             slope in x            slope in y
add  = rule("add", "{0} + {1}",      lambda x, y: x + y, lambda x, y, z: 1.0,  lambda x, y, z: 1.0,
            text="{0} + {1}")
sub  = rule("sub", "{0} - {1}",      lambda x, y: x - y, lambda x, y, z: 1.0,  lambda x, y, z: -1.0,
            text="{0} - {1}")
mul  = rule("mul", r"{0} \cdot {1}", lambda x, y: x * y, lambda x, y, z: y,    lambda x, y, z: x,
            text="{0} * {1}")
div  = rule("div", r"\frac{{{0}}}{{{1}}}",
                                     lambda x, y: x / y, lambda x, y, z: 1/y,
            lambda x, y, z: same(abs(z) - TINY, -z/y, -(x * UP / y) / y / UP),
            text="{0} / {1}", domain=[REAL, POSITIVE],
            limit=lambda x, y: x * math.copysign(math.inf, y), convention="y = 0 is an error")
pow  = rule("pow", "{{{0}}}^{{{1}}}", primitives.power,
            lambda x, y, z: same(keeps_power(x, y, z), y * x ** where(abs(y), y - 1, 0.0),
                                 y * pow(x, y / 2) / x * pow(x, y / 2)),
            lambda x, y, z: same(abs(z) - TINY, z * log(x),
                                 where(x, pow(x, y / 2) * log(x) * pow(x, y / 2), z)),
            text="{0} ** {1}", domain=[POSITIVE, REAL],
            limit=lambda x, y: math.inf if x == 0 else math.nan,
            convention="an exponent y = 0 has slope 0 in x, at x = 0 and nan too; at x = 0 the "
                       "slope in x is 0 for y > 1, 1 for y = 1, inf for 0 < y < 1; the slope in y "
                       "is 0 at x = 0 < y and nan for x < 0; x < 0 with a fraction for y, and "
                       "x = 0 with y < 0, are errors")

#            name    LaTeX               forward       slope in x
neg  = rule("neg",  "-{0}",              lambda x: -x, lambda x, z: -1.0,            text="-{0}")
exp  = rule("exp",  "e^{{{0}}}",         math.exp,     lambda x, z: z)
log  = rule("log", r"\ln({0})",          math.log,     lambda x, z: 1 / x,
            text="ln({0})", domain=[POSITIVE],
            limit=lambda x: -math.inf if x == 0 else math.nan, convention="x <= 0 is an error")
sqrt = rule("sqrt", r"\sqrt{{{0}}}",     math.sqrt,    lambda x, z: 0.5 / z,
            domain=[POSITIVE], convention="at x = 0 the slope is inf; x < 0 is an error")
sin  = rule("sin", r"\sin({0})",         math.sin,     lambda x, z: cos(x))
cos  = rule("cos", r"\cos({0})",         math.cos,     lambda x, z: -sin(x))
tan  = rule("tan", r"\tan({0})",         math.tan,     lambda x, z: 1 + z * z,
            domain=[(-math.pi / 2, math.pi / 2)])
sinh = rule("sinh", r"\sinh({0})",       math.sinh,    lambda x, z: cosh(x))
cosh = rule("cosh", r"\cosh({0})",       math.cosh,    lambda x, z: sinh(x))
tanh = rule("tanh", r"\tanh({0})",       math.tanh,
            lambda x, z: same(0.75 - z * z, 1 - z * z, 2 * sigmoid(-2 * abs(x)) * (1 + abs(z))))
asin = rule("asin", r"\arcsin({0})",     math.asin,    lambda x, z: 1 / sqrt(one_minus_square(x)),
            domain=[UNIT], convention="at x = -1 and 1 the slope is inf; beyond is an error")
acos = rule("acos", r"\arccos({0})",     math.acos,    lambda x, z: -1 / sqrt(one_minus_square(x)),
            domain=[UNIT], convention="at x = -1 and 1 the slope is -inf; beyond is an error")
atan = rule("atan", r"\arctan({0})",     math.atan,
            lambda x, z: same(1e18 - x * x, 1 / (1 + x * x), (1 / x) * (1 / x)))
log1p = rule("log1p", r"\ln(1 + {0})",   math.log1p,   lambda x, z: 1 / (1 + x),
             domain=[(-1.0, math.inf)],
             limit=lambda x: -math.inf if x == -1 else math.nan, convention="x <= -1 is an error")
expm1 = rule("expm1", "e^{{{0}}} - 1",   math.expm1,   lambda x, z: same(0.5 + z, z + 1, exp(x)))
erf  = rule("erf", r"\operatorname{{erf}}({0})", math.erf,
            lambda x, z: same(1 - x * x, 2 / math.sqrt(math.pi) * exp(-x * x),
                              4 * math.sqrt(math.pi) * normal_pdf(x) * normal_pdf(x)))
sigmoid = rule("sigmoid", r"\sigma({0})", primitives.sigmoid,
            lambda x, z: same(0.75 - z, z * (1 - z), z * sigmoid(-x)))
softplus = rule("softplus", r"\operatorname{{softplus}}({0})", primitives.softplus,
            lambda x, z: sigmoid(x))
gelu = rule("gelu", r"\operatorname{{gelu}}({0})", primitives.gelu,
            lambda x, z: normal_cdf(x) + same(40 - abs(x), x * normal_pdf(x), 0.0))
normal_pdf = rule("normal_pdf", r"\varphi({0})", primitives.normal_pdf, lambda x, z: -x * z)
normal_cdf = rule("normal_cdf", r"\Phi({0})", primitives.normal_cdf, lambda x, z: normal_pdf(x))
relu = rule("relu", r"\operatorname{{relu}}({0})", primitives.relu,
            lambda x, z: where(x, 1.0, 0.0),
            kink=lambda x: x, convention="the slope at x = 0 is 0")
abs  = rule("abs", r"\lvert {0} \rvert", math.fabs,
            lambda x, z: where(x, 1.0, where(-x, -1.0, 0.0)),
            kink=lambda x: x, text="|{0}|", convention="the slope at x = 0 is 0")

# Of two inputs and of three. Forward, then the slope in each input.
leaky_relu = rule("leaky_relu", r"\operatorname{{leaky\_relu}}({0}, {1})",
            lambda x, a=0.01: x if x > 0 else a * x,
            lambda x, a, z: where(x, 1.0, a),
            lambda x, a, z: where(x, 0.0, x),
            kink=lambda x, a: x, convention="the slope in x at x = 0 is a")
maximum = rule("maximum", r"\max({0}, {1})",
            lambda x, y: x if x > y or x != x else y,
            lambda x, y, z: where(apart(x, y), 1.0, where(apart(y, x), 0.0, 0.5)),
            lambda x, y, z: where(apart(y, x), 1.0, where(apart(x, y), 0.0, 0.5)),
            kink=apart,
            convention="a tie x = y gives each input the slope 1/2, one of infinities too")
minimum = rule("minimum", r"\min({0}, {1})",
            lambda x, y: x if x < y or x != x else y,
            lambda x, y, z: where(apart(y, x), 1.0, where(apart(x, y), 0.0, 0.5)),
            lambda x, y, z: where(apart(x, y), 1.0, where(apart(y, x), 0.0, 0.5)),
            kink=apart,
            convention="a tie x = y gives each input the slope 1/2, one of infinities too")
where = rule("where", r"\begin{{cases}} {1} & {0} > 0 \\ {2} & \text{{else}} \end{{cases}}",
            lambda c, x, y: x if c > 0 else y if c <= 0 else c,
            lambda c, x, y, z: 0.0,
            lambda c, x, y, z: where(c, 1.0, 0.0),
            lambda c, x, y, z: where(c, 0.0, 1.0),
            kink=lambda c, x, y: c, text="({1} if {0} > 0 else {2})",
            convention="c = 0 takes y, c = nan gives nan; the slope in c is 0 everywhere; a branch "
                       "that is not taken passes 0 on, even of inf, but it is computed: keep its "
                       "input in its domain, as in log(maximum(x, 1e-300))")

# On lists: one node with many inputs, and one function for all its slopes, nested as its
# arguments are.
total = rule("total", r"\sum {0}", primitives.total, lambda xs, z: ([1.0] * len(xs),),
            lists=1, elementary=primitives.add_up)
weighted_sum = rule("weighted_sum", r"\sum {0} \cdot {1} + {2}", primitives.weighted_sum,
            lambda ws, xs, b, z: (xs, ws, 1.0),
            lists=2, elementary=lambda ws, xs, b: primitives.add_up(map(mul, ws, xs)) + b)
logsumexp = rule("logsumexp", r"\ln \sum e^{{{0}}}", primitives.logsumexp,
            lambda xs, z: (shares([exp(apart(x, z)) for x in xs]),),
            lists=1, elementary=lambda xs: log(primitives.add_up(map(exp, xs))),
            convention="infinite x share the slope 1 equally, and so do all if all are -inf")
# fmt: on
