"""A scalar reverse-mode automatic differentiation engine that shows its work.

>>> from engine import Value
>>> a, b = Value(2.0, "a"), Value(-3.0, "b")
>>> L = (a * b + 10.0).tanh()
>>> L.backward()

One graph (`Value`), one table of derivative rules (`engine.rules`), many readers: `gradient`, `Tape`, `check`, `draw`,
formulas. The core imports the standard library only; `draw` loads the package graphviz when it is called.
`Stepper` loads the package anywidget when a notebook shows it.
"""

import sys
from typing import Any

# isort: off
import engine.door  # noqa: F401 (first, for it watches Ctrl-C while the rest is loaded)
from engine.advice import usage
from engine.compiler.choice import BACKENDS, check_backend, eager_seconds, why_eager, will_be_eager
from engine.compiler.cores import cores
from engine.readers.check import GradientError, Report, check, gradcheck
from engine.pictures.draw import draw, mimebundle
from engine.readers.explain import Explanation, explain
from engine.readers.forward import tangents
from engine.readers.gradient import gradient, hessian, jacobian
from engine.graph import Step, depth, topological_order
from engine.compiler.parameters import parameters_of
from engine.compiler.questions import RecordingError
from engine.compiler.recording import lookup
from engine.compiler.samples import Uniform, shape_of
from engine.rule import RULES, Rule, rule
from engine.rules import (
    abs, acos, asin, atan, cos, cosh, erf, exp, expm1, gelu, leaky_relu, log, log1p, logsumexp, maximum, minimum,
    normal_cdf, normal_pdf, pow, relu, sigmoid, sin, sinh, softplus, sqrt, tan, tanh, total, weighted_sum, where,
)  # fmt: skip
from engine.scope import Group, group, no_grad
from engine.pictures.sketch import Sketch
from engine.formulas.specialise import install
from engine.readers.structure import count_paths, names, paths, users
from engine.readers.tape import Row, Tape
from engine.formulas.terms import Term, formula, slope_formulas, symbol
from engine.tracing.anomaly import AnomalyError, detect_anomaly
from engine.tracing.source import Source, source_of, trace_source
from engine.value import Value
# isort: on

__all__ = [
    "BACKENDS", "RULES", "AnomalyError", "Explanation", "GradientError", "Group", "RecordingError", "Report", "Row",
    "Rule", "Sketch", "Source", "Step", "Tape", "Term", "Uniform", "Value", "abs", "acos", "asin", "atan", "check",
    "check_backend", "cores", "cos", "cosh", "count_paths", "depth", "detect_anomaly", "draw", "eager_seconds", "erf",
    "exp", "explain", "expm1", "formula", "gelu", "gradcheck", "gradient", "group", "hessian", "jacobian", "leaky_relu",
    "log", "log1p", "logsumexp", "lookup", "maximum", "minimum", "names", "no_grad", "normal_cdf", "normal_pdf",
    "parameters_of", "paths", "pow", "relu", "rule", "shape_of", "sigmoid", "sin", "sinh", "slope_formulas", "softplus",
    "source_of", "sqrt", "symbol", "tan", "tangents", "tanh", "topological_order", "total", "trace_source", "usage",
    "users", "weighted_sum", "where", "why_eager", "will_be_eager",
]  # fmt: skip

install()
Value.display = mimebundle
sys.modules[f"{__name__}.tape"] = sys.modules[Tape.__module__]  # where tapes that were pickled by 0.1.0 look for it


def __getattr__(name: str) -> Any:
    """What is loaded when it is asked for: the stepper, worksheets, what runs compiled, `compile` by NumPy and the
    kernel that `prepare` compiles by Numba, and the `PageMachine` that runs in a page."""
    if name == "Stepper":
        from engine.stepper import Stepper

        return Stepper
    if name == "Worksheet":
        from engine.worksheet import Worksheet

        return Worksheet
    try:
        if name == "compile":
            from engine.compiler.compiled import compile

            return compile
        if name == "PageMachine":
            from engine.compiler.page_program import PageMachine

            return PageMachine
        if name == "prepare":
            from engine.compiler.kernel import prepare

            return prepare
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError(
            f"engine.{name} needs the package {error.name}: pip install 'rantai[fast]'", name=error.name
        ) from None
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
