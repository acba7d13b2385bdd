"""Expressions that are typed: the value that Python's arithmetic gives, where a wrong one is pointed at, what is
refused."""

from __future__ import annotations

import math
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine import RULES, Value, check, topological_order
from engine.commands.expression import MOST_CHARACTERS, MOST_NESTED, ExpressionError, graph_of
from tests.engine.helpers import bits, examples

NUMBERS = {"x": 2.0, "y": -3.0, "z": 0.25, "w1": -0.5, "ξ": 7.0}
FUNCTIONS = {
    "exp": math.exp,
    "log": math.log,
    "sqrt": math.sqrt,
    "sin": math.sin,
    "tanh": math.tanh,
    "abs": math.fabs,
    "maximum": lambda x, y: x if x > y or x != x else y,
    "minimum": lambda x, y: x if x < y or x != x else y,
    "where": lambda c, x, y: float(x) if c > 0 < math.fabs(y) + 1 else float(y),
    "total": lambda xs: sum(xs, 0.0),
}

# An expression is made by putting random ones into these. What is written is read by Python too.
LEAVES = st.sampled_from([*NUMBERS, "1.0", "2.5", ".5", "3.", "1e-2", "2E3"])
PATTERNS = """{}+{}; {} - {}; {}*{}; {} / {}; {}**{}; -{}; +{}; ({}); ( {} - {} ); exp({}); log({}); sqrt({}); sin({});
tanh({}); abs({}); maximum({}, {}); minimum({},{}); where({}, {}, {}); total([{}, {}, {}]); total([{}])""".split(";")


def composed(smaller):
    return st.sampled_from(PATTERNS).flatmap(
        lambda pattern: st.tuples(*[smaller] * pattern.count("{}")).map(lambda parts: pattern.strip().format(*parts))
    )


@pytest.mark.slow
@examples(400)
@given(st.recursive(LEAVES, composed, max_leaves=12))
def test_what_is_read_is_what_python_reads(text):
    numbers = {name: NUMBERS[name] for name in re.findall(r"[^\W\d]\w*", text) if name in NUMBERS}
    try:
        expected = eval(text, {"__builtins__": {}, **FUNCTIONS}, NUMBERS)
    except (ValueError, ArithmeticError, TypeError):  # a TypeError: complex numbers, which the engine does not have
        expected = None
    if expected is None or isinstance(expected, complex) or not numbers:
        with pytest.raises((ValueError, ArithmeticError)) as refused:
            graph_of(text, numbers)
        assert not isinstance(refused.value, ExpressionError)  # it was read, and could not be computed
    else:
        assert bits(graph_of(text, numbers)[0].data) == bits(expected)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("-x**2", -4.0),
        ("2**-x", 0.25),
        ("2**-x*3", 0.75),
        ("2**3**x", 512.0),
        ("-x*-x", 4.0),
        ("8-x-1", 5.0),
        ("16/x/2", 4.0),
        ("--x", 2.0),
        ("x\n * \t3", 6.0),
        ("leaky_relu(-x)", -0.02),
        ("leaky_relu(-x, .5)", -1.0),
        ("weighted_sum([x, 2], [3, x], 1)", 11.0),
        ("logsumexp([x - 2, 0])", math.log(2)),
        ("pow(x, 3)", 8.0),
        ("total([x, x,],)", 4.0),
    ],
)
def test_values(text, expected):
    y, _ = graph_of(text, {"x": 2.0})
    assert y.data == pytest.approx(expected, rel=1e-15)
    assert check(y)


def test_the_graph_is_the_one_that_python_writes():
    w, x = Value(0.5, "w"), Value(2.0, "x")
    expected = ((w * x + 1.0).tanh() - w) ** 2
    y, nodes = graph_of("(tanh(w*x + 1) - w)**2", {"w": 0.5, "x": 2.0})
    shape = [(node.rule, node.data, node.slopes) for node in topological_order(expected)]
    assert [(node.rule, node.data, node.slopes) for node in topological_order(y)] == shape
    assert (y.name, list(nodes)) == ("y", ["w", "x", "y"])


def test_parts_get_the_names_that_they_are_given():
    y, nodes = graph_of("z = w*x + b; a = tanh(z); L = (a - 1)**2;", {"w": 0.5, "x": 2.0, "b": 0.25})
    assert {node.name for node in topological_order(y) if node.name} == {"w", "x", "b", "z", "a", "L"}
    assert nodes["L"] is y and nodes["z"].rule is RULES["add"]
    y, nodes = graph_of("w = .5; u = w; y = 3; u*w*y", {})
    assert (y.data, y.name, nodes["u"] is nodes["w"], nodes["w"].name) == (0.75, None, True, "w")


def test_names_in_any_script():
    y, _ = graph_of("x₁*x̄ + е́1*数", {"x₁": 2.0, "x̄": 3.0, "е́1": 4.0, "数": 5.0})
    assert y.data == 26.0
    composed, apart = "\u00e9", "e\u0301"  # two ways to type the same letter
    assert graph_of(f"{composed} + 1", {apart: 1.0})[0].data == 2.0


WRONG = [
    ("", "^", 'expected a number, a name, a function or "(", found the end'),
    ("x*)", "  ^", 'expected a number, a name, a function or "(", found ")"'),
    ("tanh(x", "      ^", 'expected an operator, "," or ")", found the end'),
    ("(x", "  ^", 'expected an operator or ")", found the end'),
    ("x y", "  ^", 'expected an operator or the end, found "y"'),
    ("2x", " ^", 'expected an operator or the end, found "x"'),
    ("1.2.3", "   ^", 'found ".3"'),
    ("x^2", " ^", 'found "^" (here it is written **)'),
    ("x²", " ^", 'found "²" (here it is written **)'),
    ("a · b", "  ^", "(here it is written *)"),
    ("tnh(x)", "^", 'there is no function "tnh"; did you mean tanh?'),
    ("1 + ln(x)", "    ^", 'there is no function "ln"; did you mean log?'),
    ("qqq(x)", "^", 'there is no function "qqq"; there are add, sub, mul,'),
    ("tanh x", "^", "tanh is a function: write tanh(…)"),
    ("exp = 3; x", "^", "exp is a function of the table"),
    ("x = 2; x = 3", "       ^", "x has a value already"),
    ("maximum(x)", "         ^", "maximum takes (x, y), found 1 of them"),
    ("tanh(x, y)", "         ^", "tanh takes (x), found 2 of them"),
    ("tanh()", "     ^", "tanh takes (x), found 0 of them"),
    ("total(x)", "      ^", 'expected a list, as in "[x1, x2]", found "x"'),
    ("total([x", "        ^", 'expected an operator, "," or "]", found the end'),
    ("[x]", "^", 'found "["'),
    ("数*)", "   ^", 'found ")"'),  # a wide character takes two columns
    ("x̄*)", "  ^", 'found ")"'),  # and an accent none
    ("1e999*x", "^", "the number is too large for a float"),
    ("x;;x", "  ^", 'found ";"'),
    # nothing is Python
    ("x.real", " ^", 'found "."'),
    ("__import__('os')", "^", 'there is no function "__import__"'),
    ("'x'", "^", 'found "\'"'),
    ("(lambda: 1)", "       ^", 'expected an operator or ")", found ":"'),
    ("[i for i in x]", "^", 'found "["'),
    ("x if x else x", "  ^", 'found "if"'),
    ("x := 1", "  ^", 'expected an operator or the end, found ":"'),
    ("tanh(x=1)", "      ^", 'found "="'),
    ("x == x", "   ^", 'found "="'),
    ("x[0]", " ^", 'found "["'),
    ("1_000*x", " ^", 'found "_000"'),
    ("0x10", " ^", 'found "x10"'),
    ("x // 2", "   ^", 'found "/"'),
    ("exp(x)(x)", "      ^", 'found "("'),
]


@pytest.mark.parametrize(("text", "caret", "said"), WRONG, ids=[text for text, _, _ in WRONG])
def test_a_wrong_expression_is_pointed_at(text, caret, said):
    with pytest.raises(ExpressionError) as refused:
        graph_of(text, {"x": 1.0})
    message, shown, under = str(refused.value).split("\n")
    assert said in message
    assert (shown, under) == (f"  {text}", f"  {caret}")


def test_of_a_long_expression_the_part_with_the_caret_is_shown():
    with pytest.raises(ExpressionError) as refused:
        graph_of("+".join(["x"] * 300) + "+)" + "+x" * 300, {"x": 1.0})
    _, shown, under = str(refused.value).split("\n")
    assert len(shown) < 80 and shown[under.index("^")] == ")"
    assert shown.startswith("  …") and shown.endswith("…")


@pytest.mark.parametrize(
    ("text", "numbers", "said"),
    [
        ("x*y + x", {}, "x and y have no number: add x=1.5 y=1.5"),
        ("x*y", {"x": 1.0}, "y has no number: add y=1.5"),
        ("x", {"x": 1.0, "q": 1.0}, "q is not in the expression, which has x"),
        ("z = x; z", {"x": 1.0, "z": 1.0}, "z is computed in the expression: it takes no number"),
        ("2*3", {}, "there is no name in the expression"),
        ("log(x)", {"x": 0.0}, "ln(0.0) is not defined; its input is node 'x'"),
        ("weighted_sum([x], [x, x], 1)", {"x": 1.0}, "lists of equal length"),
    ],
)
def test_numbers_that_do_not_fit(text, numbers, said):
    with pytest.raises(ValueError, match=re.escape(said)):
        graph_of(text, numbers)


@pytest.mark.parametrize("pattern", ["({})", "-{}", "x**{}", "tanh({})", "total([{}])", "2*({})"])
def test_nested_to_a_limit(pattern):
    def nested(times):
        text = "x"
        for _ in range(times):
            text = pattern.format(text)
        return text

    assert graph_of(nested(MOST_NESTED), {"x": 0.9})[0].name in {"x", "y"}
    with pytest.raises(ExpressionError, match=f"more than {MOST_NESTED} brackets, signs or exponents are inside"):
        graph_of(nested(MOST_NESTED + 1), {"x": 0.9})


def test_long_to_a_limit():
    y, _ = graph_of("+".join(["x"] * (MOST_CHARACTERS // 2)), {"x": 1.0})
    assert y.data == MOST_CHARACTERS // 2
    with pytest.raises(ValueError, match="has 10,001 characters, and at most 10,000 are read"):
        graph_of("x" * 10_001, {})
