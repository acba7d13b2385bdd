"""Formulas as text: brackets, LaTeX, numbers, and names that do no harm."""

import math
import re
import xml.etree.ElementTree as ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

import engine
from engine import Value, formula, logsumexp, slope_formulas, symbol, weighted_sum
from engine.formulas.notation import latex_name, mathml_name, shorten, show_number
from tests.engine.helpers import examples
from tests.engine.latex import assert_safe_latex

a, b, c = symbol("a"), symbol("b"), symbol("c")


BRACKETS = [
    ((a + b) * c, "(a + b) * c"),
    (a + b * c, "a + b * c"),
    (a - (b - c), "a - (b - c)"),
    (a - b - c, "a - b - c"),
    ((a + b) + c, "a + b + c"),
    (a / (b * c), "a / (b * c)"),
    (a / (b / c), "a / (b / c)"),
    (a / b / c, "a / b / c"),
    (a * b / c, "a * b / c"),
    ((a + b) / c, "(a + b) / c"),
    ((-a) ** 2, "(-a) ** 2"),
    (-(a**2), "-a ** 2"),
    ((a * b) ** c, "(a * b) ** c"),
    ((a**b) ** c, "(a ** b) ** c"),
    (a ** (b**c), "a ** (b ** c)"),
    (a ** (b + c), "a ** (b + c)"),
    (2 ** (-a), "2 ** (-a)"),
    (symbol("a") ** -2, "a ** (-2)"),
    (-(a + b), "-(a + b)"),
    ((a + b).tanh() ** 2, "tanh(a + b) ** 2"),
    ((a - b).exp() * c, "exp(a - b) * c"),
    (abs(a - b), "|a - b|"),
    (engine.maximum(a + b, -c), "maximum(a + b, -c)"),
]


@pytest.mark.parametrize(("term", "expected"), BRACKETS, ids=[text for _, text in BRACKETS])
def test_brackets_stand_where_they_are_needed(term, expected):
    assert term.text() == expected
    numbers = {"a": 1.3, "b": -0.7, "c": 2.1}
    python = term.python()
    if "|" not in expected:
        assert python == expected
    assert eval(python, vars(engine), numbers) is not None


def bare(latex: str) -> str:
    """LaTeX without braces and spaces: `{a}^{2}` and `a^2` look the same."""
    return re.sub(r"[{} ]", "", latex)


LATEX = [
    (a**2, "a^2"),
    ((a + b) ** 2, r"\left(a+b\right)^2"),
    (1 - a**2, "1-a^2"),
    (a / (b + c), r"\frac{a}{b+c}"),
    ((a / b) ** 2, r"\left(\frac{a}{b}\right)^2"),
    ((a + b) * c, r"\left(a+b\right)\cdotc"),
    (a.exp(), "e^a"),
    ((a + b).exp(), "e^{a+b}"),
    (a.exp() ** 2, r"\left(e^a\right)^2"),
    ((a + b).sqrt(), r"\sqrt{a+b}"),
    ((a - b).log(), r"\ln(a-b)"),
    (a - (b + c), r"a-\left(b+c\right)"),
    (2 ** (a + b), "2^{a+b}"),
    (1e-9 * a, r"1\cdot10^{-9}\cdota"),
]


@pytest.mark.parametrize(("term", "expected"), LATEX, ids=[text for _, text in LATEX])
def test_latex(term, expected):
    assert bare(term.latex()) == bare(expected)
    assert_safe_latex(term.latex())


def test_pieces_within_pieces_are_one_list_of_cases():
    slope = slope_formulas(abs(Value(2.0, "x")))[0]
    assert slope.latex().count(r"\begin{cases}") == 1
    assert slope.latex().count(r"\\") == 2
    assert_safe_latex(slope.latex())


# Names

HOSTILE = [
    r"x_1^2\frac", r"\end{document}", 'a"b', "<script>alert(1)</script>", "</math>", "&amp;", "😀", "naïve Größe",
    "$x$", "a%b", "a#b", "{", "}}", "a\nb", "a\x00b", "\u202eabc", "\ud800", "x" * 5_000, "x" + "1" * 5_000,
    "\\" * 5_000,
    "~^", "`x`", "'", "x1_", "_1", "1", " ", "Alpha", "ALPHA", "aLpHa",
]  # fmt: skip

UNKNOWN_GREEK = ["Alpha", "Beta", "Epsilon", "Zeta", "Eta", "Iota", "Kappa", "Mu", "Nu", "Rho", "Tau", "Chi"]


@pytest.mark.parametrize("name", HOSTILE, ids=lambda name: ascii(shorten(name)))
def test_hostile_names(name):
    latex, mathml = latex_name(name), mathml_name(name)
    assert len(latex) < 1_000
    assert_safe_latex(latex)
    assert len(mathml) < 1_000
    element = ElementTree.fromstring(f"<math>{mathml}</math>")
    assert {part.tag for part in element.iter()} <= {"math", "mi", "mn", "mtext", "msub"}
    y = Value(2.0, name) * Value(3.0, "w")
    for term in (formula(y), *slope_formulas(y)):
        assert_safe_latex(term.latex())


@pytest.mark.slow
@examples(300)
@given(st.text(max_size=80) | st.from_regex(r"[a-zA-Z\\{}_^$0-9]{0,60}"))
def test_no_name_breaks_a_formula(name):
    if name == r"\cdots":
        return
    assert_safe_latex(latex_name(name))
    ElementTree.fromstring(f"<math>{mathml_name(name)}</math>")


@pytest.mark.parametrize(
    ("name", "latex"),
    [
        ("x", "x"), ("W", "W"), ("x1", "x_{1}"), ("x_1", "x_{1}"), ("w12", "w_{12}"), ("w1_2", "w_{1,2}"),
        ("alpha", r"\alpha"),
        ("Gamma", r"\Gamma"), ("omega_3", r"\omega_{3}"), ("loss", r"\text{loss}"), ("x 1", r"\text{x 1}"),
        ("a_b", r"\text{a\_b}"),
        ("50%", r"\text{50\%}"),
    ],
)  # fmt: skip
def test_names_as_latex(name, latex):
    assert latex_name(name) == latex


@pytest.mark.parametrize("name", UNKNOWN_GREEK)
def test_capital_letters_that_latex_has_no_command_for(name):
    assert_safe_latex(latex_name(name))


@pytest.mark.parametrize("number", [0.1, 1 / 3, 1e22, 5e-324, -2.5, 123456789.123, 1e100, 3.0, -0.0, math.inf])
def test_a_number_reads_back(number):
    assert float(show_number(number)) == number
    assert not show_number(number).endswith(".0")


def test_shorten_keeps_both_ends():
    text = shorten("begin" + "x" * 1_000 + "end")
    assert len(text) == 40
    assert (text[:5], text[-3:]) == ("begin", "end")
    assert shorten("short") == "short"


def test_a_number_among_the_terms_of_a_sum_stands_as_it_is():
    """It is not computed with: that would be an error for exp(1000)."""
    node = logsumexp([Value(1.0, "x"), 0.1, 1000.0])
    assert formula(node).text() == "ln(exp(x) + exp(0.1) + exp(1000))"
    assert formula(node).latex() == r"\ln(e^{x} + e^{0.1} + e^{1000})"
    assert formula(weighted_sum([Value(1.0, "x"), 2.0], [Value(1.0, "y"), 3.0], 0.0)).text() == "x * y + 6"
