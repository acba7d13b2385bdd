r"""Symbols through the same rules: the formula of a node and of each of its slopes, as LaTeX, Python source or plain text.

A `Term` is one more kind of number. Feed the slope of `tanh` in the table, `1 - z * z`, with the symbol z and it writes `1 - z^2`.
Formulas are simplified just enough to be read: no 1 · x, no + 0, no double minus, brackets only where they are needed.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from engine.rule import Operand, Rule, real

__all__ = ["SIMPLER", "SOURCE", "Literal", "Term", "formula", "latex_name", "shorten", "show_number", "slope_formulas", "symbol"]

GREEK = set(
    "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi pi rho sigma tau upsilon phi chi psi omega".split()  # noqa: SIM905
)
MOST_SHOWN = 6  # of the inputs of an operation on lists; the rest is elided


class Term(Operand):
    """A symbol, or an operation on terms and numbers. Immutable; operators and rules make new terms, simplified."""

    __slots__ = ("args", "name", "rule")
    simplified = True

    def __init__(self, name: str = "", rule: Rule | None = None, args: tuple[Any, ...] = ()) -> None:
        self.name, self.rule, self.args = name, rule, args

    @classmethod
    def apply(cls, rule: Rule, args: tuple[Any, ...]) -> Any:
        args = rule.each(lambda arg: arg if isinstance(arg, Term) else real(arg), args)
        simplify = SIMPLER.get(rule.name) if cls.simplified else None
        simpler = simplify(*args) if simplify else None
        return cls(rule=rule, args=args) if simpler is None else simpler

    def __repr__(self) -> str:
        return f"<term {self.text()}>"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Term) and (self.name, self.rule, self.args) == (other.name, other.rule, other.args)

    def __hash__(self) -> int:
        return hash((self.name, self.rule and self.rule.name, self.args))

    def latex(self) -> str:
        """The term as LaTeX, names escaped."""
        text = LATEX.write(self)[0]  # pieces within the last piece become further lines of the same \\begin{cases}
        return text.replace(r"\\ \begin{cases} ", r"\\ ").replace(r"\end{cases} & \text{else} \end{cases}", r"\end{cases}")

    def python(self) -> str:
        """The term as Python source, to be evaluated with the rules and the names of its symbols in scope."""
        return PYTHON.write(self)[0]

    def text(self) -> str:
        """The term as plain text, in the notation of a textbook: `ln(x) + 2 * y`."""
        return TEXT.write(self)[0]


class Literal(Term):
    """A term that stays as it is written, so that its source computes to the last bit what the rule does."""

    __slots__ = ()
    simplified = False


def symbol(name: str) -> Term:
    """A symbol of that name."""
    return Term(name=name)


def formula(node: Any, names: Mapping[Any, str] | None = None) -> Term | float:
    """The operation that made a node, on the names of its inputs: for a = tanh(z), the term tanh(z). A leaf is its own symbol.

    Args:
        node: a Value, or whatever has `rule`, `inputs` and `name`.
        names: names for nodes that have none (see `engine.names`); without it they are called by the parameters of their rule.
    """
    if node.rule is None:
        return symbol(called(node, names, "x"))
    return Term(rule=node.rule, args=arguments(node, names))  # as it was written: an `a * 1` in the graph is shown as such


def slope_formulas(node: Any, names: Mapping[Any, str] | None = None) -> tuple[Term | float | None, ...]:
    """One formula per input of a node: for a = tanh(z), the term 1 - a^2. None where the input is a constant."""
    if node.rule is None:
        return ()
    rule, args, output = node.rule, arguments(node, names), symbol(called(node, names, "z"))
    slopes = rule.flatten(rule.slopes[0](*args, output)) if rule.lists else [slope(*args, output) for slope in rule.slopes]
    return tuple([slope if isinstance(arg, Term) else None for slope, arg in zip(slopes, rule.flatten(args), strict=True)])


def arguments(node: Any, names: Mapping[Any, str] | None) -> tuple[Any, ...]:
    """The inputs of a node as its rule takes them: symbols for Values, numbers for constants."""
    rule = node.rule
    letters: Iterable[str] = rule.parameters
    if rule.lists:
        length = len(node.inputs) // rule.lists
        lists = [f"{letter[0]}{i + 1}" for letter in rule.parameters[: rule.lists] for i in range(length)]
        letters = (*lists, *rule.parameters[rule.lists :])
    flat = [x if isinstance(x, float) else symbol(called(x, names, letter)) for x, letter in zip(node.inputs, letters, strict=True)]
    return rule.nest(tuple(flat))


def called(node: Any, names: Mapping[Any, str] | None, otherwise: str) -> str:
    return (names or {}).get(node) or node.name or otherwise


# Simplification: for each operation, what it comes to with these inputs, or None where it stays as it is.


def _add(x: Any, y: Any) -> Any:
    if x == 0:
        return y
    if y == 0:
        return x
    return x - y.args[0] if is_a(y, "neg") else None


def _sub(x: Any, y: Any) -> Any:
    if y == 0:
        return x
    if x == 0:
        return -y
    if x == y:
        return 0.0
    return x + y.args[0] if is_a(y, "neg") else None


def _mul(x: Any, y: Any) -> Any:
    for one, other in (x, y), (y, x):
        if one == 0:
            return 0.0
        if one == 1:
            return other
        if one == -1:
            return -other
        if is_a(one, "neg"):
            return -(one.args[0] * other)
        if is_number(one) and one < 0:
            return -(-one * other)
    if is_number(y):
        return y * x  # the number first
    if is_number(x) and is_a(y, "mul") and is_number(y.args[0]):
        return (x * y.args[0]) * y.args[1]
    if is_a(x, "mul") and is_number(x.args[0]):
        return x.args[0] * (x.args[1] * y)
    if is_a(x, "div") and x.args[0] == 1:
        return y / x.args[1]
    return x**2 if x == y else None


def _div(x: Any, y: Any) -> Any:
    if x == 0:
        return 0.0
    if y == 1:
        return x
    if is_number(x) and x < 0:
        return -(-x / y)
    return -(x.args[0] / y) if is_a(x, "neg") else None


def _neg(x: Any) -> Any:
    if is_a(x, "neg"):
        return x.args[0]
    return x.args[1] - x.args[0] if is_a(x, "sub") else None


def _pow(x: Any, y: Any) -> Any:
    if y == 0:
        return 1.0
    return x if y == 1 else None


def _where(c: Any, x: Any, y: Any) -> Any:
    if is_number(c):
        return x if c > 0 else y
    return x if x == y else None


SIMPLER: dict[str, Callable[..., Any]] = {"add": _add, "sub": _sub, "mul": _mul, "div": _div, "neg": _neg, "pow": _pow, "where": _where}


def is_number(x: Any) -> bool:
    return isinstance(x, float)


def is_a(x: Any, name: str) -> bool:
    return isinstance(x, Term) and x.rule is not None and x.rule.name == name


# Writing: one walk, three notations.

ATOM = 9
BINDING = {"add": 1, "sub": 1, "neg": 2, "mul": 3, "div": 3, "pow": 5}
"""How tightly an operation holds its inputs together. Functions such as tanh(x) are atoms."""

NEEDS = {"add": (1, 1), "sub": (1, 3), "neg": (3,), "mul": (3, 3), "div": (3, 4), "pow": (6, 6)}
"""How tightly each input must bind to stand without brackets."""


@dataclass(frozen=True)
class Notation:
    """How one kind of text writes a name, a number, brackets, an operation and the left-out middle of a long list."""

    name: Callable[[str], str]
    number: Callable[[float], str]
    brackets: str
    template: Callable[[Rule], str]
    dots: str
    binding: Mapping[str, int] = field(default_factory=lambda: BINDING)
    needs: Mapping[str, tuple[int, ...]] = field(default_factory=lambda: NEEDS)

    def write(self, term: Any) -> tuple[str, int]:
        """A term as text, and how tightly that text binds."""
        if not isinstance(term, Term):
            return self.number(term), BINDING["neg"] if term < 0 else ATOM
        rule = term.rule
        if rule is None:
            return self.name(term.name), ATOM
        if rule.lists:
            return self.write_lists(rule, term.args)
        template = self.template(rule)
        parts = [self.enclose(arg, self.needed(rule, template, i)) for i, arg in enumerate(term.args)]
        return template.format(*parts), self.binding.get(rule.name, ATOM)

    def enclose(self, term: Any, needed: int) -> str:
        text, binding = self.write(term)
        return text if binding >= needed else self.brackets.format(text)

    def needed(self, rule: Rule, template: str, index: int) -> int:
        """What input `index` must bind like: nothing where the template encloses it, as in tanh({0}); by default an atom."""
        if rule.name in self.needs:
            return self.needs[rule.name][index]
        enclosed = re.search(rf"[(\[{{|,] ?\{{{index}\}}[)\]}}|,]", template)
        return 0 if enclosed else ATOM

    def write_lists(self, rule: Rule, args: tuple[Any, ...]) -> tuple[str, int]:
        """An operation on lists: spelled out in elementary operations, the middle of long lists left out; or in full as a call."""
        if rule.elementary is None or not self.dots:
            lists = ["[" + ", ".join(self.write(item)[0] for item in arg) + "]" for arg in args[: rule.lists]]
            return f"{self.name(rule.name)}({', '.join(lists + [self.write(arg)[0] for arg in args[rule.lists :]])})", ATOM
        if len(args[0]) > MOST_SHOWN:
            dots = [Term(name=self.dots)] + [1.0] * (rule.lists - 1)  # dots · 1 = dots
            args = (*[(*arg[:2], gap, arg[-1]) for arg, gap in zip(args, dots, strict=False)], *args[rule.lists :])
        return self.write(rule.elementary(*args))


KNOWN = {math.sqrt(2): ("sqrt(2)", r"\sqrt{2}"), math.sqrt(2 * math.pi): ("sqrt(2 pi)", r"\sqrt{2 \pi}"),
         2 / math.sqrt(math.pi): ("2 / sqrt(pi)", r"\frac{2}{\sqrt{\pi}}")}  # fmt: skip
"""Constants of the table that a reader knows by another look than their digits."""


def show_number(x: float, digits: int = 17) -> str:
    """A number for people: no trailing .0, and -0 as 0. With 17 digits it reads back as the same float."""
    text = repr(x) if digits >= 17 else f"{x:.{digits}g}"
    return "0" if x == 0 else text.removesuffix(".0")


def shorten(text: str, length: int = 40) -> str:
    """The text, its middle left out if it is longer than `length` characters."""
    return text if len(text) <= length else f"{text[: length - 8]}…{text[-7:]}"


def latex_name(name: str) -> str:
    """A user's name as LaTeX that can do no harm: w1 and w_1 become w_{1}, w1_2 w_{1,2}, alpha its letter, all else escaped text."""
    if name in {CDOTS, ""}:
        return name
    match = re.fullmatch(r"([A-Za-z]+?)_?([0-9]*(?:_[0-9]+)*)", name)
    if match and (len(match[1]) == 1 or match[1].lower() in GREEK):
        letter = match[1] if len(match[1]) == 1 else f"\\{match[1]}"
        return f"{letter}_{{{match[2].replace('_', ',')}}}" if match[2] else letter
    plain = "".join(LATEX_ESCAPES.get(c, c) for c in shorten(name) if c.isprintable())
    return f"\\text{{{plain}}}"


def latex_number(x: float) -> str:
    if x in KNOWN:
        return KNOWN[x][1]
    if math.isinf(x):
        return r"\infty" if x > 0 else r"-\infty"
    mantissa, _, exponent = show_number(x).partition("e")
    return rf"{mantissa} \cdot 10^{{{int(exponent)}}}" if exponent else mantissa


CDOTS = r"\cdots"
LATEX_ESCAPES = {"\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}"} | {c: "\\" + c for c in "{}_#$%&"}
LATEX = Notation(
    latex_name,
    latex_number,
    r"\left({}\right)",
    lambda rule: rule.latex,
    CDOTS,
    {**BINDING, "div": 5, "exp": 5, "expm1": 1},
    {**NEEDS, "div": (0, 0), "pow": (6, 0), "log1p": (3,), "abs": (0,), "where": (0, 0, 0)},
)
PIECES = {**NEEDS, "where": (0, 0, 0)}
TEXT = Notation(str, lambda x: KNOWN[x][0] if x in KNOWN else show_number(x), "({})", lambda rule: rule.text, "⋯", needs=PIECES)
PYTHON = Notation(
    str,
    show_number,
    "({})",
    lambda rule: rule.text if rule.name in BINDING else f"{rule.name}({', '.join(f'{{{i}}}' for i in range(len(rule.parameters)))})",
    dots="",
)
SOURCE = Notation(str, repr, "({})", lambda rule: rule.text if rule.name == "where" else PYTHON.template(rule), dots="", needs=PIECES)
"""Python source on plain floats: to the last bit what the rule computes, and a choice of pieces takes no call."""
