"""Formulas: what they say is what the rules compute, and they are short."""

import math
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

import engine
from engine import Rule, Term, Value, formula, names, rule, slope_formulas, symbol
from engine.formulas.notation import show_number
from engine.formulas.terms import Literal
from tests.engine.helpers import examples
from tests.engine.latex import assert_safe_latex
from tests.engine.points import BUILT_IN, points

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


X, Y, Z = Value(3.0, "x"), Value(2.0, "y"), Value(0.5, "z")


@pytest.mark.parametrize(
    ("node", "text", "slopes"),
    [
        ((X * X) * X, "u * x", ["x", "u"]),
        (X * (X * X), "x * y", ["y", "x"]),
        ((Y * Y) * Value(1.0), "x * u", ["u", "x"]),
        ((X * X).tanh(), "tanh(u)", ["1 - z ** 2"]),  # x is not what tanh was taken of
        (Z.tanh(), "tanh(z)", ["1 - u ** 2"]),  # nor is z what it gave
        ((X + 1) / Z, "u / z", ["1 / z", "-v / z"]),
        ((X * X) * (Y * Y), "u * v", ["v", "u"]),
        (engine.total([Value(1.0, "x2"), X * X, Y]), "x2 + u + y", ["1", "1", "1"]),
        (Value(1.0) * Value(2.0), "x * y", ["y", "x"]),
    ],
)
def test_who_has_no_name_gets_a_letter_that_nothing_below_is_called(node, text, slopes):
    assert formula(node).text() == text
    assert [str(slope) for slope in slope_formulas(node)] == slopes


def test_a_node_that_is_taken_twice_has_one_letter():
    x = Value(3.0)
    assert formula(x * x).text() == "x * x"
    assert formula((X + 1) * (Value(2.0) - Y)).text() == "u * v"


def test_letters_never_run_out():
    leaves = [Value(1.0, name) for name in ("x1", "x2", "u", "v", "s", "t", "p", "q", "u1", "x3")]
    assert formula(engine.total([X * X, *leaves])).python() == f"total([u2, {', '.join(x.name for x in leaves)}])"


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


# Simplification

NUMBERS = [0.0, 1.0, -1.0, 2.0, -2.5, 0.5]
UNARY: list[Callable[..., Any]] = [
    lambda x: -x,
    lambda x: x**2.0,
    lambda x: x**0.0,
    lambda x: x**1.0,
    lambda x: BUILT_IN["tanh"](x),
]
BINARY: list[Callable[..., Any]] = [
    lambda x, y: x + y,
    lambda x, y: x - y,
    lambda x, y: x * y,
    lambda x, y: x / y,
]


@st.composite
def expressions(draw: st.DrawFn, depth: int = 4) -> Callable[..., Any]:
    """A function of two numbers of any kind, of nested operators."""
    kind = (
        draw(st.sampled_from(["leaf", "number", "unary", "binary", "where"]))
        if depth
        else draw(st.sampled_from(["leaf", "number"]))
    )
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
    return eval(
        term.python() if isinstance(term, Term) else repr(term),
        {**vars(engine), "inf": math.inf, "nan": math.nan},
        numbers,
    )


@pytest.mark.slow
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
    (a.__neg__().__neg__(), "a"), (a + -b, "a - b"), (a - -b, "a + b"), (-a * -b, "a * b"), (-a * b, "-a * b"),
    (-(a - b), "b - a"), (-a / b, "-a / b"), (a * 2, "a * 2"), (a * b * 2, "2 * a * b"), (2 * (3 * a), "6 * a"),
    (a * (1 / b), "a / b"), ((1 / b) * a, "a / b"), (-2 * a, "-2 * a"), (BUILT_IN["where"](a, b, b), "b"),
    (BUILT_IN["where"](1.0, a, b), "a"), (BUILT_IN["where"](0.0, a, b), "b"),
]  # fmt: skip


@pytest.mark.parametrize(("term", "expected"), SIMPLER, ids=[text for _, text in SIMPLER])
def test_a_term_is_as_short_as_on_paper(term, expected):
    if not isinstance(term, Term):
        assert show_number(term) == expected
    else:
        assert term.text() == expected


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


def test_two_nodes_of_one_name_stay_two():
    """Their difference is not 0, so the slopes of their maximum are not those of a tie."""
    x, y = Value(1.0, "x"), Value(2.0, "x")
    slopes = slope_formulas(engine.maximum(x, y))
    assert [slope.number for slope in slopes] == [None, None]
    assert slope_formulas(engine.maximum(x, x))[0] == 0.5
