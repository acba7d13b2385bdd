"""How a NumPy program spells a formula."""

from __future__ import annotations

from typing import Any

from engine import rules
from engine.formulas.notation import BINDING, PIECES, Notation, call, show_number
from engine.formulas.reading import Traced, renaming
from engine.formulas.terms import Term, symbol
from engine.rule import Rule

__all__ = ["NUMPY", "WRITERS", "write"]


def numpy_template(rule: Rule) -> str:
    """An operator, a function of NumPy, or one of `functions` under its own name."""
    return rule.text if rule.name in BINDING else call(rule).replace(rule.name, UFUNCS.get(rule.name, rule.name), 1)


SAME = [
    "abs",
    "cos",
    "cosh",
    "exp",
    "expm1",
    "log",
    "log1p",
    "maximum",
    "minimum",
    "sin",
    "sinh",
    "sqrt",
    "tan",
    "tanh",
]
UFUNCS = {name: f"np.{name}" for name in SAME} | {"asin": "np.arcsin", "acos": "np.arccos", "atan": "np.arctan"}
WRITERS = {*UFUNCS.values(), "np.einsum", "np.multiply", "relu", "sigmoid", "softplus", "where", ".sum"}
"""Calls that write to an array if they are told to, by `out=`."""
NUMPY = Notation(
    str,
    lambda x: show_number(x).replace("inf", "np.inf").replace("nan", "np.nan"),
    "({})",
    numpy_template,
    dots="",
    needs=PIECES,
)
"""Python source on NumPy arrays, where the functions of `engine.compiler.numpy_program.functions` are in scope."""


def write(term: Term | float) -> str:
    """The term as NumPy source."""
    return NUMPY.write(shorter(term))[0]


def shorter(term: Any) -> Any:
    """The term with differences that the table spells out, as `apart`, called by their name."""
    if not isinstance(term, Term) or term.rule is None:
        return term
    if term.rule is rules.where and isinstance(gap := term.args[1], Term) and gap.rule is rules.sub:
        x, y = gap.args
        if term == renaming({"x": x, "y": y})(rules.apart(Traced("x"), Traced("y"))):
            return symbol(f"apart({write(x)}, {write(y)})")
    return Term(rule=term.rule, args=term.rule.each(shorter, term.args))
