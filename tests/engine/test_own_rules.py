"""Rules of one's own: what they can do, and what is refused."""

import copy
import math
import pickle

import pytest

from engine import RULES, Rule, Value, gradient, group, no_grad, rule
from tests.engine.points import BUILT_IN


def cube(name: str = "cube", **columns: object) -> Rule:
    return rule(name, "{0}^3", lambda x: x * x * x, lambda x, z: 3.0 * x * x, **columns)


def test_a_rule_of_ones_own_differentiates():
    cube()
    x = Value(2.0)
    y = RULES["cube"](x)
    assert (y.data, y.rule, y.slopes) == (8.0, RULES["cube"], (12.0,))
    assert gradient(gradient(y, x, as_values=True)[0], x) == (12.0,)


def test_a_rule_of_two_inputs_with_a_constant():
    hypot = rule("hypot", r"\sqrt{{{0}^2 + {1}^2}}", math.hypot, lambda x, y, z: x / z, lambda x, y, z: y / z)
    x, y = Value(3.0), Value(4.0)
    assert gradient(hypot(x, y), x, y) == (0.6, 0.8)
    assert hypot(x, 4).slopes == (0.6, None)
    assert hypot(3, 4) == 5.0


def test_a_rule_on_lists():
    product = rule("product", r"\prod {0}", math.prod, lambda xs, z: ([z / x for x in xs],), lists=1)
    xs = [Value(2.0), Value(3.0), 5]
    y = product(xs)
    assert (y.data, y.inputs, y.slopes) == (30.0, (*xs[:2], 5.0), (15.0, 10.0, None))
    (slope,) = gradient(y, xs[0], as_values=True)
    assert gradient(slope, *xs[:2]) == (pytest.approx(0.0, abs=1e-15), pytest.approx(5.0))


def test_ones_own_rule_can_be_replaced_and_old_graphs_keep_the_old_one():
    old = cube()
    y = old(Value(2.0))
    new = cube(convention="none")
    assert RULES["cube"] is new
    assert y.rule is old


@pytest.mark.parametrize("name", BUILT_IN)
def test_a_built_in_row_is_never_replaced(name):
    for forward in (lambda x: x, math.tanh, math.exp, BUILT_IN[name].forward):
        with pytest.raises(ValueError, match=name):
            rule(name, "{0}", forward, lambda x, z: 1.0)
    assert RULES[name] is BUILT_IN[name]


@pytest.mark.parametrize("name", ["", "2x", "a b", "a-b", "f()"])
def test_a_name_must_be_an_identifier(name):
    with pytest.raises(ValueError, match="identifier"):
        cube(name)


def two(x: float, y: float) -> float:
    return x * y


@pytest.mark.parametrize(
    ("forward", "slopes", "columns", "words"),
    [
        (two, (), {}, "each slope .* got None"),
        (two, (lambda x, y, z: y,), {}, "takes 2 slopes, got 1"),
        (two, (lambda x, y, z: y,) * 3, {}, "takes 2 slopes, got 3"),
        (two, (lambda x, y, z: y, lambda x, z: x), {}, "each slope"),
        (math.sin, (math.cos,), {}, "each slope .* function cos"),
        (
            two,
            (lambda x, y, z: y, lambda x, y, z: x),
            {"domain": [(0.0, 1.0)]},
            "takes 2 intervals of the domain, got 1",
        ),
        (sum, (lambda xs, z: [1.0], lambda xs, z: [1.0]), {"lists": 1}, "takes 1 slopes, got 2"),
    ],
)
def test_a_row_with_wrong_columns(forward, slopes, columns, words):
    with pytest.raises(ValueError, match=words):
        rule("mine", "{0}", forward, *slopes, **columns)
    assert "mine" not in RULES


@pytest.mark.parametrize("wrong", [lambda x: (-x) ** 0.5, lambda x: None, lambda x: "1", lambda x: [x]])
def test_a_forward_function_that_gives_no_real_number(wrong):
    row = rule("mine", "{0}", wrong, lambda x, z: 1.0)
    for x in (2.0, Value(2.0)):
        with pytest.raises(TypeError, match="mine"):
            row(x)


@pytest.mark.parametrize("wrong", [lambda x, z: None, lambda x, z: "1", lambda x, z: 1j])
def test_a_slope_that_is_no_real_number(wrong):
    row = rule("mine", "{0}", lambda x: x, wrong)
    assert row(2.0) == 2.0
    with pytest.raises(TypeError, match="mine"):
        row(Value(2.0))


@pytest.mark.parametrize(
    "wrong",
    [lambda xs, z: [1.0] * len(xs), lambda xs, z: ([1.0],), lambda xs, z: ([1.0] * len(xs), 1.0), lambda xs, z: 1.0],
)
def test_slopes_of_a_list_that_do_not_fit(wrong):
    row = rule("mine", "{0}", math.fsum, wrong, lists=1)
    with pytest.raises(TypeError, match="mine"):
        row([Value(2.0), Value(3.0)])


def test_whole_numbers_become_floats():
    step = rule("step", "[{0}]", lambda x: 1 if x > 0 else 0, lambda x, z: 0)
    y = step(Value(3.0))
    assert (type(y.data), type(y.slopes[0]), type(step(3.0))) == (float, float, float)


def test_an_error_in_a_rule_names_the_node():
    half = rule("half", "{0}/2", lambda x: math.log(x), lambda x, z: 1 / x)
    with pytest.raises(ValueError, match=r"half\(-1.0\) is not defined; its input is node 'p'"):
        half(Value(-1.0, "p"))


def test_a_rule_travels_by_its_name():
    mine = cube()
    for row in (*BUILT_IN.values(), mine):
        assert pickle.loads(pickle.dumps(row)) is row
        assert copy.deepcopy(row) is row
    content = pickle.dumps(mine)
    del RULES["cube"]
    with pytest.raises(KeyError, match="no rule 'cube' here"):
        pickle.loads(content)


def test_a_rule_shows_its_formula():
    assert repr(RULES["mul"]) == "<rule mul: x * y>"
    assert "weighted_sum(ws, xs, b)" in repr(RULES["weighted_sum"])


def test_a_rule_of_ones_own_makes_nodes_like_any_other():
    double = rule("double", "2{0}", lambda x: 2 * x, lambda x, z: 2.0)
    with no_grad():
        assert double(Value(3.0)).rule is None
    with group("mine") as mine:
        assert double(Value(3.0)).group is mine
