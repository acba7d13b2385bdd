"""Formulas: what they say is what the rules compute, they are short, and names in them do no harm."""

import math
import random
import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

import engine
from engine import RULES, Rule, Term, Value, formula, names, rule, slope_formulas, symbol
from engine.notation import latex_name, mathml_name, shorten, show_number
from engine.specialise import method_source
from engine.terms import Literal
from tests.engine.helpers import bits, examples, raised
from tests.engine.test_rules import points

BUILT_IN = dict(RULES)
RULE = pytest.mark.parametrize("row", BUILT_IN.values(), ids=BUILT_IN)
a, b, c = symbol("a"), symbol("b"), symbol("c")


def node_of(row: Rule, point: tuple[float, ...]) -> Value:
    """The operation on leaves x0, x1, ..., called z."""
    y = row(*row.nest(tuple([Value(x, f"x{i}") for i, x in enumerate(point)])))
    y.name = "z"
    return y


def evaluated(term: Term | float, node: Value) -> float:
    """The Python source of a term, run with the functions of the engine and the numbers of a node's inputs."""
    numbers = {x.name: x.data for x in node.inputs if isinstance(x, Value)} | {"z": node.data}
    source = term.python() if isinstance(term, Term) else repr(term)
    return eval(source, {**vars(engine), "inf": math.inf}, numbers)


# What a formula says


@RULE
def test_the_source_of_a_formula_computes_what_the_rule_does(row):
    for point in points(row):
        node = node_of(row, point)
        assert evaluated(formula(node), node) == pytest.approx(node.data, rel=1e-15)


@RULE
def test_the_source_of_a_slope_computes_what_the_rule_does(row):
    for point in points(row):
        node = node_of(row, point)
        for term, slope in zip(slope_formulas(node), node.slopes, strict=True):
            assert evaluated(term, node) == pytest.approx(slope, rel=1e-13, abs=1e-15)


@RULE
def test_formulas_can_be_written_in_every_notation(row):
    node = node_of(row, points(row)[0])
    for term in (formula(node), *slope_formulas(node)):
        if isinstance(term, Term):
            assert_safe_latex(term.latex())
            ElementTree.fromstring(f"<math>{term.mathml()}</math>")
            assert term.text()


def test_constants_are_numbers_in_a_formula_and_have_no_slope():
    x = Value(3.0, "x")
    y = 2 - x
    assert formula(y).text() == "2 - x"
    assert slope_formulas(y) == (None, -1.0)
    assert [slope if slope is None else slope.text() for slope in slope_formulas(x**2)] == ["2 * x", None]


def test_a_leaf_is_its_own_symbol():
    assert formula(Value(3.0, "x")) == symbol("x")
    assert slope_formulas(Value(3.0)) == ()


def test_who_has_no_name_is_called_by_the_mapping_or_by_the_rule():
    x = Value(3.0)
    y = x / Value(2.0, "w")
    assert formula(y).text() == "x / w"
    assert formula(y, names(y)).text() == "x1 / w"
    assert slope_formulas(y, {x: "p", y: "q"})[1].text() == "-q / w"


def test_long_lists_leave_out_their_middle():
    xs = [Value(1.0, f"x{i}") for i in range(100)]
    for operation in (engine.total, engine.logsumexp):
        text = formula(operation(xs)).text()
        assert "x0" in text
        assert "x99" in text
        assert "x50" not in text
        assert len(text) < 100
    assert "⋯" in formula(engine.weighted_sum(xs, xs, 1.0)).text()
    assert eval(formula(engine.total(xs)).python(), vars(engine), {x.name: x.data for x in xs}) == 100.0


def test_an_operation_on_short_lists_is_spelled_out():
    ws, xs = [Value(1.0, "w1"), Value(2.0, "w2")], [Value(3.0, "x1"), Value(4.0, "x2")]
    assert formula(engine.weighted_sum(ws, xs, Value(5.0, "b"))).text() == "w1 * x1 + w2 * x2 + b"
    assert formula(engine.total(xs)).text() == "x1 + x2"
    assert formula(engine.logsumexp(xs)).text() == "ln(exp(x1) + exp(x2))"


def test_a_rule_of_ones_own_has_formulas():
    cube = rule("cube", "{0}^3", lambda x: x * x * x, lambda x, z: 3.0 * x * x)
    y = cube(Value(2.0, "x"))
    assert formula(y).text() == formula(y).python() == "cube(x)"
    assert formula(y).latex() == "x^3"
    assert eval(slope_formulas(y)[0].python(), {}, {"x": 2.0}) == 12.0


# The methods written from the table

SPECIALISED = {
    **{name: row for name, row in BUILT_IN.items() if len(row.parameters) == 1 and not row.lists},
    **{f"__{name}__": BUILT_IN[name] for name in ("add", "sub", "mul")},
    "__neg__": BUILT_IN["neg"],
    "__abs__": BUILT_IN["abs"],
}
EDGES = [0.0, -0.0, 1.0, -1.0, 5e-324, -1e-310, 1e-8, 0.5, math.pi / 2, 36.7, -745.2, 709.8, 710.5, 1e16, 1e200, -1e308]
EDGES += [math.inf, -math.inf, math.nan]


def recorded(node: Value) -> tuple[Any, ...]:
    return node.rule, node.inputs, bits(node.data), bits(*[math.nan if slope is None else slope for slope in node.slopes])


@pytest.mark.parametrize("name", SPECIALISED)
def test_a_specialised_method_gives_the_bits_that_the_table_gives(name):
    row = SPECIALISED[name]
    draw = random.Random(name)
    numbers = EDGES + [draw.gauss(0, 1) for _ in range(50)] + [draw.uniform(-1, 1) for _ in range(50)]
    for number in numbers:
        others = [()] if len(row.parameters) == 1 else [(Value(0.3),), (Value(draw.gauss(0, 10)),), (2.5,), (math.nan,)]
        for other in others:
            x = Value(number, "x")
            method = getattr(Value, name)
            assert raised(lambda: recorded(method(x, *other))) == raised(lambda: recorded(Value.apply(row, (x, *other))))  # noqa: B023


@pytest.mark.parametrize("name", SPECIALISED)
def test_a_specialised_method_is_written_from_the_table(name):
    """Its slope is the text of the lambda: no second formula is kept anywhere."""
    row = SPECIALISED[name]
    source = method_source(row, name)
    assert row.name in source
    assert len(source.splitlines()) < 20
    if row.name not in name:
        return
    changed = Rule(row.name, row.latex, row.forward, (lambda x, z: 17.25 * z,) * len(row.slopes), text=row.text)
    if len(row.parameters) == 1:
        assert "17.25 * z" in method_source(changed, name)


# Simplification

NUMBERS = [0.0, 1.0, -1.0, 2.0, -2.5, 0.5]
UNARY: list[Callable[..., Any]] = [lambda x: -x, lambda x: x**2.0, lambda x: x**0.0, lambda x: x**1.0, lambda x: BUILT_IN["tanh"](x)]
BINARY: list[Callable[..., Any]] = [
    lambda x, y: x + y,
    lambda x, y: x - y,
    lambda x, y: x * y,
    lambda x, y: x / y,
]


@st.composite
def expressions(draw: st.DrawFn, depth: int = 4) -> Callable[..., Any]:
    """A function of two numbers of any kind, of nested operators."""
    kind = draw(st.sampled_from(["leaf", "number", "unary", "binary", "where"])) if depth else draw(st.sampled_from(["leaf", "number"]))
    if kind == "leaf":
        index = draw(st.integers(0, 1))
        return lambda *xs: xs[index]
    if kind == "number":
        number = draw(st.sampled_from(NUMBERS))
        return lambda *xs: number
    parts = [draw(expressions(depth - 1)) for _ in range({"unary": 1, "binary": 2, "where": 3}[kind])]
    operate = draw(st.sampled_from({"unary": UNARY, "binary": BINARY, "where": [BUILT_IN["where"]]}[kind]))
    return lambda *xs: operate(*[part(*xs) for part in parts])


def value_of(term: Any, **numbers: float) -> float:
    return eval(term.python() if isinstance(term, Term) else repr(term), {**vars(engine), "inf": math.inf, "nan": math.nan}, numbers)


@examples(400)
@given(expressions(), st.floats(0.25, 4), st.floats(-4, -0.25))
def test_a_simplified_term_has_the_same_value(build, x, y):
    try:
        expected = build(x, y)
        plain = build(Literal(name="x"), Literal(name="y"))
        simple = build(symbol("x"), symbol("y"))
        found = [value_of(term, x=x, y=y) for term in (plain, simple)]
    except (ArithmeticError, ValueError):
        assume(False)
    assume(math.isfinite(expected) and abs(expected) < 1e6)
    assert found == pytest.approx([expected, expected], rel=1e-9, abs=1e-9)


SIMPLER = [
    (1 * a, "a"), (a * 1, "a"), (a + 0, "a"), (0.0 + a, "a"), (a - 0, "a"), (0 - a, "-a"), (a * 0, "0"), (0 * a, "0"),
    (a * -1, "-a"), (a / 1, "a"), (0 / a, "0"), (a**1, "a"), (a**0, "1"), (a * a, "a ** 2"), (a - a, "0"),
    (a.__neg__().__neg__(), "a"), (a + -b, "a - b"), (a - -b, "a + b"), (-a * -b, "a * b"), (-a * b, "-a * b"), (-(a - b), "b - a"),
    (-a / b, "-a / b"), (a * 2, "a * 2"), (a * b * 2, "2 * a * b"), (2 * (3 * a), "6 * a"),
    (a * (1 / b), "a / b"), ((1 / b) * a, "a / b"), (-2 * a, "-2 * a"),
    (BUILT_IN["where"](a, b, b), "b"), (BUILT_IN["where"](1.0, a, b), "a"), (BUILT_IN["where"](0.0, a, b), "b"),
]  # fmt: skip


@pytest.mark.parametrize(("term", "expected"), SIMPLER, ids=[text for _, text in SIMPLER])
def test_a_term_is_as_short_as_on_paper(term, expected):
    if not isinstance(term, Term):
        assert show_number(term) == expected
    else:
        assert term.text() == expected


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
    r"x_1^2\frac", r"\end{document}", 'a"b', "<script>alert(1)</script>", "</math>", "&amp;", "😀", "naïve Größe", "$x$", "a%b",
    "a#b", "{", "}}", "a\nb", "a\x00b", "\u202eabc", "\ud800", "x" * 5_000, "x" + "1" * 5_000, "\\" * 5_000, "~^", "`x`", "'",
    "x1_", "_1", "1", " ", "Alpha", "ALPHA", "aLpHa",
]  # fmt: skip

UNKNOWN_GREEK = ["Alpha", "Beta", "Epsilon", "Zeta", "Eta", "Iota", "Kappa", "Mu", "Nu", "Rho", "Tau", "Chi"]
KNOWN_COMMANDS = set(
    re.findall(
        r"\\\w+",
        r"\text \textbackslash \textasciitilde \textasciicircum \frac \sqrt \left \right \cdot \cdots \ln \sin \cos \tan \sinh \cosh \tanh "
        r"\arcsin \arccos \arctan \operatorname \sigma \sum \max \min \begin \end \lvert \rvert \infty \pi "
        r"\alpha \beta \gamma \delta \epsilon \zeta \eta \theta \iota \kappa \lambda \mu \nu \xi \rho \tau \upsilon \phi \chi \psi \omega "
        r"\Gamma \Delta \Theta \Lambda \Xi \Pi \Sigma \Upsilon \Phi \Psi \Omega",
    )
)


def assert_safe_latex(text: str) -> None:
    """Balanced braces, known commands only, and no character that would end or break a formula."""
    assert set(re.findall(r"\\[A-Za-z]+", text.replace(r"\\", "  "))) <= KNOWN_COMMANDS
    plain = re.sub(r"\\[A-Za-z]+|\\.", "", text)
    depth = 0
    for letter in plain:
        depth += (letter == "{") - (letter == "}")
        assert depth >= 0
    assert depth == 0
    assert not set(plain) & set("\\$%#~\n\x00\u202e")
    for words in re.findall(r"\\text\{((?:[^{}\\]|\\.|\{\})*)\}", text):
        assert not set(re.sub(r"\\[A-Za-z]+\{\}|\\.", "", words)) & set("\\{}_^$%#~")


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
        ("x", "x"), ("W", "W"), ("x1", "x_{1}"), ("x_1", "x_{1}"), ("w12", "w_{12}"), ("w1_2", "w_{1,2}"), ("alpha", r"\alpha"),
        ("Gamma", r"\Gamma"), ("omega_3", r"\omega_{3}"), ("loss", r"\text{loss}"), ("x 1", r"\text{x 1}"), ("a_b", r"\text{a\_b}"),
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


# Terms as such


def test_terms_are_equal_when_they_say_the_same():
    assert a + b == symbol("a") + symbol("b")
    assert hash(a * b) == hash(symbol("a") * symbol("b"))
    assert a + b != b + a
    assert a != "a"
    assert len({a + b, symbol("a") + symbol("b"), a}) == 2
    assert "a + b" in repr(a + b)


@pytest.mark.parametrize("other", ["3", None, [1.0], 1j])
def test_terms_and_strangers(other):
    with pytest.raises(TypeError):
        a * other
    with pytest.raises(TypeError, match="real number"):
        engine.maximum(a, other)


def test_terms_and_values_do_not_mix():
    for f in (lambda: a + Value(2.0), lambda: Value(2.0) + a, lambda: engine.maximum(Value(2.0), a)):
        with pytest.raises(TypeError, match="real number"):
            f()
