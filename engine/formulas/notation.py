"""Formulas as text: one walk over the terms, and a notation for each kind of text: LaTeX, MathML, Python source, plain
text.

A term is whatever has `rule`, `args` and `name`; a number is a float.
"""

from __future__ import annotations

import html
import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from engine.rule import Rule

__all__ = [
    "BINDING", "LATEX", "MATHML", "PIECES", "PYTHON", "SOURCE", "TEXT", "Notation", "call", "latex_name",
    "latex_text", "mathml_name", "shorten", "show_number",
]  # fmt: skip

GREEK = {
    "alpha": "α", "beta": "β", "gamma": "γ", "delta": "δ", "epsilon": "ε", "zeta": "ζ",
    "eta": "η", "theta": "θ", "iota": "ι", "kappa": "κ", "lambda": "λ", "mu": "μ",
    "nu": "ν", "xi": "ξ", "pi": "π", "rho": "ρ", "sigma": "σ", "tau": "τ",
    "upsilon": "υ", "phi": "φ", "chi": "χ", "psi": "ψ", "omega": "ω",
}  # fmt: skip
# LaTeX has no others
CAPITALS = {"Gamma", "Delta", "Theta", "Lambda", "Xi", "Pi", "Sigma", "Upsilon", "Phi", "Psi", "Omega"}
LONGEST = 40  # of a name that is shown whole
LONGEST_SET = 12  # of one in MathML, which is not broken into lines: three of them fit beside each other in a panel
MOST_SHOWN = 6  # of the inputs of an operation on lists; the rest is elided

ATOM = 9
BINDING = {"add": 1, "sub": 1, "neg": 2, "mul": 3, "div": 3, "pow": 5}
"""How tightly an operation holds its inputs together. Functions such as tanh(x) are atoms."""

NEEDS = {"add": (1, 1), "sub": (1, 3), "neg": (3,), "mul": (3, 3), "div": (3, 4), "pow": (6, 6)}
"""How tightly each input must bind to stand without brackets."""


@dataclass(frozen=True)
class Notation:
    """How one kind of text writes a name, a number, brackets, an operation and the left-out middle of a long list; and
    below these, the rows of an explanation."""

    name: Callable[[str], str]
    number: Callable[[float], str]
    brackets: str
    template: Callable[[Rule], str]
    dots: str
    binding: Mapping[str, int] = field(default_factory=lambda: BINDING)
    needs: Mapping[str, tuple[int, ...]] = field(default_factory=lambda: NEEDS)
    ratio: Callable[[str, str, str], str] = lambda d, over, under: f"{d}{over}/{d}{under}"
    """A derivative, from its sign and two names: ∂c/∂b is the slope of an operation, dL/db the gradient, over all
    paths."""
    words: Callable[[str], str] = str
    times: str = " · "
    plus: str = " + "
    equals: str = "= "
    ellipsis: str = "⋯"
    """The left-out middle of a long product."""
    gap: str = ""
    """Between a formula and the number that follows it."""

    def write(self, term: Any) -> tuple[str, int]:
        """A term as text, and how tightly that text binds."""
        if isinstance(term, int | float):
            return self.number(float(term)), BINDING["neg"] if term < 0 else ATOM
        rule = term.rule
        if rule is None:
            return self.write(term.args[0]) if term.args else (self.name(term.name), ATOM)
        if rule.lists:
            return self.write_lists(rule, term.args)
        template = self.template(rule)
        parts = [self.enclose(arg, self.needed(rule, template, i)) for i, arg in enumerate(term.args)]
        return template.format(*parts), self.binding.get(rule.name, ATOM)

    def enclose(self, term: Any, needed: int) -> str:
        text, binding = self.write(term)
        return text if binding >= needed else self.brackets.format(text)

    def needed(self, rule: Rule, template: str, index: int) -> int:
        """What input `index` must bind like: nothing where the template encloses it, as in tanh({0}); by default an
        atom."""
        if rule.name in self.needs:
            return self.needs[rule.name][index]
        enclosed = re.search(rf"[(\[{{|,>] ?\{{{index}\}}[)\]}}|,<]", template)
        return 0 if enclosed else ATOM

    def write_lists(self, rule: Rule, args: tuple[Any, ...]) -> tuple[str, int]:
        """An operation on lists: spelled out in elementary operations, the middle of long lists left out; or in full
        as a call."""
        if rule.elementary is None or not self.dots:
            lists = ["[" + ", ".join(self.write(item)[0] for item in arg) + "]" for arg in args[: rule.lists]]
            return (
                f"{self.name(rule.name)}({', '.join(lists + [self.write(arg)[0] for arg in args[rule.lists :]])})",
                ATOM,
            )
        kind = next((type(item) for item in rule.flatten(args) if not isinstance(item, float)), None)
        if kind:  # a number that is a term stands as it is: exp(1000) can be written, but not computed
            args = rule.each(lambda item: kind(args=(item,)) if isinstance(item, float) else item, args)
        if kind and len(args[0]) > MOST_SHOWN:
            dots = [kind(name=self.dots)] + [1.0] * (rule.lists - 1)  # dots · 1 = dots
            args = (*[(*arg[:2], gap, arg[-1]) for arg, gap in zip(args, dots, strict=False)], *args[rule.lists :])
        return self.write(rule.elementary(*args))


KNOWN = {
    math.sqrt(2): ("sqrt(2)", r"\sqrt{2}", "<msqrt><mn>2</mn></msqrt>"),
    math.sqrt(2 * math.pi): ("sqrt(2 pi)", r"\sqrt{2 \pi}", "<msqrt><mn>2</mn><mi>π</mi></msqrt>"),
    2 / math.sqrt(math.pi): (
        "2 / sqrt(pi)",
        r"\frac{2}{\sqrt{\pi}}",
        "<mfrac><mn>2</mn><msqrt><mi>π</mi></msqrt></mfrac>",
    ),
}
"""Constants of the table that a reader knows by another look than their digits."""


def show_number(x: float, digits: int = 17) -> str:
    """A number for people: no trailing .0, and -0 as 0. With 17 digits it reads back as the same float."""
    text = repr(x) if digits >= 17 else f"{x:.{digits}g}"
    return "0" if x == 0 else text.removesuffix(".0")


def shorten(text: str, length: int = LONGEST) -> str:
    """The text, its middle left out if it is longer than `length` characters."""
    return text if len(text) <= length else f"{text[: length - 8]}…{text[-7:]}"


def parted(name: str) -> tuple[str, str] | None:
    """A name such as w, w1, w_1, w1_2 or alpha as its letter and its subscript; None for any other."""
    match = re.fullmatch(r"([A-Za-z]+?)_?([0-9]*(?:_[0-9]+)*)", name)
    if match and len(name) <= LONGEST and (len(match[1]) == 1 or match[1] in GREEK or match[1] in CAPITALS):
        return match[1], match[2].replace("_", ",")
    return None


def latex_name(name: str) -> str:
    """A user's name as LaTeX that can do no harm: w1 and w_1 become w_{1}, w1_2 w_{1,2}, alpha its letter, all else
    escaped text."""
    if name in {CDOTS, ""}:
        return name
    parts = parted(name)
    if parts:
        letter = parts[0] if len(parts[0]) == 1 else f"\\{parts[0]}"
        return f"{letter}_{{{parts[1]}}}" if parts[1] else letter
    return latex_text(shorten(name))


def latex_text(text: str) -> str:
    """Words inside a formula, escaped."""
    return f"\\text{{{''.join(LATEX_ESCAPES.get(c, c) for c in text if c.isprintable())}}}"


def latex_number(x: float) -> str:
    if x in KNOWN:
        return KNOWN[x][1]
    if math.isinf(x):
        return r"\infty" if x > 0 else r"-\infty"
    mantissa, _, exponent = show_number(x).partition("e")
    return rf"{mantissa} \cdot 10^{{{int(exponent)}}}" if exponent else mantissa


def latex_ratio(d: str, over: str, under: str) -> str:
    d = r"\partial " if d == "∂" else r"\mathrm{d}"
    return rf"\frac{{{d}{latex_name(over)}}}{{{d}{latex_name(under)}}}"


def call(rule: Rule) -> str:
    """A template for an operation written as the call of a function: `maximum({0}, {1})`."""
    return f"{rule.name}({', '.join(f'{{{i}}}' for i in range(len(rule.parameters)))})"


CDOTS = r"\cdots"
LATEX_ESCAPES = {"\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}"} | {
    c: "\\" + c for c in "{}_#$%&"
}
LATEX = Notation(
    latex_name,
    latex_number,
    r"\left({}\right)",
    lambda rule: rule.latex,
    CDOTS,
    {**BINDING, "div": 5, "exp": 5, "expm1": 1},
    {**NEEDS, "div": (0, 0), "pow": (6, 0), "log1p": (3,), "abs": (0,), "where": (0, 0, 0)},
    latex_ratio,
    words=lambda text: latex_text(text) if text else "",
    times=r" \cdot ",
    ellipsis=CDOTS,
)
PIECES = {**NEEDS, "where": (0, 0, 0)}
TEXT = Notation(
    str,
    lambda x: KNOWN[x][0] if x in KNOWN else show_number(x),
    "({})",
    lambda rule: rule.text,
    "⋯",
    needs=PIECES,
    gap=" ",
)
PYTHON = Notation(
    str,
    show_number,
    "({})",
    lambda rule: rule.text if rule.name in BINDING else call(rule),
    dots="",
)
CHOICE = "({1} if {0} > 0 else {2} if {0} <= 0 else {0})"  # the last where it is nan
SOURCE = Notation(
    str,
    repr,
    "({})",
    lambda rule: CHOICE if rule.name == "where" else call(rule) if rule.name == "pow" else PYTHON.template(rule),
    dots="",
    needs=PIECES,
)
"""Python source on plain floats: to the last bit what the rule computes, and a choice of pieces takes no call. A
power is the function of the table, since `**` turns complex where that is an error."""


def mathml_name(name: str) -> str:
    """A user's name as MathML that can do no harm: w1 gets a subscript, alpha its letter, all else is escaped text."""
    parts = parted(name)
    if not parts:
        whole = "".join(c for c in name if c.isprintable())
        short = shorten(whole, LONGEST_SET)
        hint = "" if short == whole else f' title="{html.escape(shorten(whole, 300))}"'
        return f"<mtext{hint}>{html.escape(short)}</mtext>"
    letter = parts[0] if len(parts[0]) == 1 else GREEK[parts[0].lower()]
    letter = letter.upper() if parts[0][0].isupper() else letter
    return f"<msub><mi>{letter}</mi><mn>{parts[1]}</mn></msub>" if parts[1] else f"<mi>{letter}</mi>"


def mathml_number(x: float) -> str:
    sign, size = ("<mo>-</mo>" if x < 0 else ""), abs(x)
    mantissa, _, exponent = show_number(size).partition("e")
    power = f"<mo>·</mo><msup><mn>10</mn><mn>{int(exponent)}</mn></msup>" if exponent else ""
    known = {key: text for key, (_, _, text) in KNOWN.items()}
    return known.get(x, f"{sign}<mn>{'∞' if math.isinf(x) else mantissa}</mn>{power}")


def mathml_ratio(d: str, over: str, under: str) -> str:
    sign = "<mo>∂</mo>" if d == "∂" else '<mi mathvariant="normal">d</mi>'
    parts = [f"<mrow>{sign}{mathml_name(name)}</mrow>" for name in (over, under)]
    return f"<mfrac>{''.join(parts)}</mfrac>"


def mathml_template(rule: Rule) -> str:
    """How an operation looks: as in print, or for one without a look of its own as a function with brackets."""
    slots = "<mo>,</mo>".join(f"{{{i}}}" for i in range(len(rule.parameters)))
    names = {
        "log": "ln",
        "asin": "arcsin",
        "acos": "arccos",
        "atan": "arctan",
        "sigmoid": "σ",
        "normal_pdf": "φ",
        "normal_cdf": "Φ",
        "maximum": "max",
        "minimum": "min",
    }
    return MATHML_LOOKS.get(rule.name, f"<mi>{names.get(rule.name, rule.name)}</mi><mo>(</mo>{slots}<mo>)</mo>")


MATHML_LOOKS = {
    "add": "{0}<mo>+</mo>{1}",
    "sub": "{0}<mo>-</mo>{1}",
    "neg": "<mo>-</mo>{0}",
    "mul": "{0}<mo>·</mo>{1}",
    "div": "<mfrac><mrow>{0}</mrow><mrow>{1}</mrow></mfrac>",
    "pow": "<msup><mrow>{0}</mrow><mrow>{1}</mrow></msup>",
    "exp": "<msup><mi>e</mi><mrow>{0}</mrow></msup>",
    "expm1": "<msup><mi>e</mi><mrow>{0}</mrow></msup><mo>-</mo><mn>1</mn>",
    "log1p": "<mi>ln</mi><mo>(</mo><mn>1</mn><mo>+</mo>{0}<mo>)</mo>",
    "sqrt": "<msqrt>{0}</msqrt>",
    "abs": "<mo>|</mo>{0}<mo>|</mo>",
    "where": "<mo>{{</mo><mtable><mtr><mtd>{1}</mtd><mtd><mtext>if </mtext>{0}<mo>&gt;</mo><mn>0</mn></mtd></mtr>"
    "<mtr><mtd>{2}</mtd><mtd><mtext>else</mtext></mtd></mtr></mtable>",
}
MATHML = Notation(
    mathml_name,
    mathml_number,
    "<mo>(</mo>{}<mo>)</mo>",
    mathml_template,
    "⋯",
    LATEX.binding,
    {**LATEX.needs, "exp": (0,), "expm1": (0,), "sqrt": (0,), "log1p": (3,)},
    mathml_ratio,
    words=lambda text: f"<mtext>{html.escape(text)}</mtext>" if text else "",
    times="<mo>·</mo>",
    plus="<mo>+</mo>",
    equals="<mo>=</mo>",
    ellipsis="<mo>⋯</mo>",
)
