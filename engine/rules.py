"""THE TABLE: every elementary operation of the engine, one row each, and the only place where a
derivative is written.

A row holds a name, a LaTeX template, the forward function, and the slope of the output z in each
input. A slope is written in the very operations that the table defines, so the same lambda can be
fed with different kinds of number:

* a `float` gives the local derivative, a number;
* a `Value` gives a graph that can be differentiated again, hence derivatives of any order;
* a `Term` (a symbol) gives a formula: LaTeX, Python source, the documentation.

So slopes are straight-line: where a function has pieces they are chosen by `where(c, a, b)`, which
is a where c > 0, b where c <= 0 and nan where c is nan. `engine.rule(...)` adds a row of your own.
"""

import math

from engine import primitives
from engine.rule import RULES, rule

__all__ = [
    "RULES", "abs", "acos", "add", "asin", "atan", "cos", "cosh", "div", "erf", "exp", "expm1",
    "gelu", "leaky_relu", "log", "log1p", "logsumexp", "maximum", "minimum", "mul", "neg", "pow",
    "relu", "sigmoid", "sin", "sinh", "softplus", "sqrt", "sub", "tan", "tanh", "total",
    "weighted_sum", "where",
]  # fmt: skip

REAL = (-math.inf, math.inf)
POSITIVE = (0.0, math.inf)
UNIT = (-1.0, 1.0)

# fmt: off
#            name   LaTeX            forward             slope in x            slope in y
add  = rule("add", "{0} + {1}",      lambda x, y: x + y, lambda x, y, z: 1.0,  lambda x, y, z: 1.0,
            text="{0} + {1}")
sub  = rule("sub", "{0} - {1}",      lambda x, y: x - y, lambda x, y, z: 1.0,  lambda x, y, z: -1.0,
            text="{0} - {1}")
mul  = rule("mul", r"{0} \cdot {1}", lambda x, y: x * y, lambda x, y, z: y,    lambda x, y, z: x,
            text="{0} * {1}")
div  = rule("div", r"\frac{{{0}}}{{{1}}}",
                                     lambda x, y: x / y, lambda x, y, z: 1/y,  lambda x, y, z: -z/y,
            text="{0} / {1}", domain=[REAL, POSITIVE],
            limit=lambda x, y: x * math.copysign(math.inf, y), convention="y = 0 is an error")
pow  = rule("pow", "{{{0}}}^{{{1}}}", primitives.power,
            lambda x, y, z: y * x ** where(abs(y), y - 1, 0.0),
            lambda x, y, z: where(abs(z), z * log(x), 0.0),
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
tanh = rule("tanh", r"\tanh({0})",       math.tanh,    lambda x, z: 1 - z * z)
asin = rule("asin", r"\arcsin({0})",     math.asin,    lambda x, z: 1 / sqrt(1 - x * x),
            domain=[UNIT], convention="at x = -1 and 1 the slope is inf; beyond is an error")
acos = rule("acos", r"\arccos({0})",     math.acos,    lambda x, z: -1 / sqrt(1 - x * x),
            domain=[UNIT], convention="at x = -1 and 1 the slope is -inf; beyond is an error")
atan = rule("atan", r"\arctan({0})",     math.atan,    lambda x, z: 1 / (1 + x * x))
log1p = rule("log1p", r"\ln(1 + {0})",   math.log1p,   lambda x, z: 1 / (1 + x),
             domain=[(-1.0, math.inf)],
             limit=lambda x: -math.inf if x == -1 else math.nan, convention="x <= -1 is an error")
expm1 = rule("expm1", "e^{{{0}}} - 1",   math.expm1,   lambda x, z: z + 1)
erf  = rule("erf", r"\operatorname{{erf}}({0})", math.erf,
            lambda x, z: 2 / math.sqrt(math.pi) * exp(-x * x))
sigmoid = rule("sigmoid", r"\sigma({0})", primitives.sigmoid, lambda x, z: z * (1 - z))
softplus = rule("softplus", r"\operatorname{{softplus}}({0})", primitives.softplus,
            lambda x, z: sigmoid(x))
gelu = rule("gelu", r"\operatorname{{gelu}}({0})", primitives.gelu,
            lambda x, z: 0.5 * (1 + erf(x / math.sqrt(2)))
                         + x * exp(-0.5 * x * x) / math.sqrt(2 * math.pi))
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
            lambda x, y, z: where(x - y, 1.0, where(y - x, 0.0, 0.5)),
            lambda x, y, z: where(y - x, 1.0, where(x - y, 0.0, 0.5)),
            kink=lambda x, y: x - y,
            convention="a tie x = y gives each input the slope 1/2, of two infinities nan")
minimum = rule("minimum", r"\min({0}, {1})",
            lambda x, y: x if x < y or x != x else y,
            lambda x, y, z: where(y - x, 1.0, where(x - y, 0.0, 0.5)),
            lambda x, y, z: where(x - y, 1.0, where(y - x, 0.0, 0.5)),
            kink=lambda x, y: x - y,
            convention="a tie x = y gives each input the slope 1/2, of two infinities nan")
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
            lambda xs, z: ([exp(x - z) for x in xs],),
            lists=1, elementary=lambda xs: log(primitives.add_up(map(exp, xs))))
# fmt: on
