"""The arithmetic of the page: numbers as Python writes them, and every rule of the table, forward and slopes, as
Python computes it."""

from __future__ import annotations

import math
import random
import struct
from itertools import product

import pytest

import engine
from engine import RULES, Value, rule
from engine.graph import passed_on
from engine.pages.javascript import forward_functions, operation_key, operations, part
from engine.stepper.page import static


@pytest.fixture(scope="module")
def tab(browser):
    context = browser.new_context()
    yield context.new_page()
    context.close()


def in_browser(tab, source: str, call: str, arguments: list) -> list:
    """What a JavaScript function gives for each list of arguments. Numbers travel as text, for JSON has no nan."""
    found: list = tab.evaluate(
        f"all => {{ {source}; const text = x => Array.isArray(x) ? x.map(text) : String(x);"
        f"return all.map(args => text(({call})(...args.map(x => typeof x === 'string' ? Number(x) : x)))) }}",
        arguments,
    )
    return found


def sent(x: float) -> str:
    return repr(x).replace("inf", "Infinity").replace("nan", "NaN")


def received(text: str) -> float:
    return float(text.replace("Infinity", "inf"))


def numbers() -> list[float]:
    chance = random.Random(0)
    found = [
        0.0,
        -0.0,
        math.inf,
        -math.inf,
        math.nan,
        5e-324,
        1.7976931348623157e308,
        0.1 + 0.2,
        1e16,
        1e15,
        123456789012345680.0,
        1e-4,
        9.9999e-5,
    ]
    found += [
        1.0625,
        2.0625,
        -1.06250000001,
        1.0635,
        9999.5,
        99995.0,
        0.00012345,
        10000.0,
        1e22,
        1e21,
        999.95,
        1e100,
        100.0,
        -3.0,
    ]
    found += [struct.unpack(">d", chance.randbytes(8))[0] for _ in range(2000)]
    found += [chance.choice([1, -1]) * chance.randrange(10**6) / 2 ** chance.randrange(12) for _ in range(1000)]
    return found + [chance.gauss(0, 1) * 10.0 ** chance.randrange(-8, 20) for _ in range(1000)]


def test_repr_is_that_of_python(tab):
    written = in_browser(tab, part("numbers"), "repr", [[sent(x)] for x in numbers()])
    assert written == [repr(x) for x in numbers()]


def test_four_digits_are_those_of_python(tab):
    written = in_browser(tab, part("numbers"), "show", [[sent(x)] for x in numbers()])
    expected = [f"{x:.4g}" if math.isfinite(x) and x != 0 else "0" if x == 0 else f"{x!r} ‼" for x in numbers()]
    assert written == expected


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("0.5", 0.5),
        (" -3 ", -3.0),
        ("−1,5", -1.5),
        (".5", 0.5),
        ("1e3", 1000.0),
        ("+2.", 2.0),
        ("", None),
        ("x", None),
        ("1/2", 0.5),
        ("−3 / 1,5", -2.0),
        ("2e-3", 0.002),
        ("1e400", math.inf),
        ("1/0", None),
        ("1/2/3", None),
        ("1e", None),
    ],
)
def test_what_a_person_types(tab, text, number):
    found = tab.evaluate(f"text => {{ {part('numbers')}; return typed(text) }}", text)
    assert found == number


def test_a_factor_of_0_passes_on_what_it_does_in_python(tab):
    pairs = list(product([0.0, -0.0, 2.0, -3.0, math.inf, -math.inf, math.nan], repeat=2))
    found = in_browser(tab, forward_functions(), "passedOn", [[sent(x) for x in pair] for pair in pairs])
    for pair, number in zip(pairs, found, strict=True):
        assert agree(received(number), passed_on(*pair)), pair


GRID = [-30.0, -4.2, -2.0, -1.999, -1.0, -0.7, -1e-9, 0.0, 1e-9, 0.3, 0.99, 1.0, 1.7, 2.0, 2.001, 3.0, 5.5, 26.0, 700.0]
LENGTH = 3


def points(row: engine.Rule) -> list[tuple[float, ...]]:
    """Places in the domain of a rule, and on its edges, kinks and ties."""
    if row.lists:
        chance = random.Random(row.name)
        count = LENGTH * row.lists + len(row.parameters) - row.lists
        return [tuple(chance.choice(GRID) for _ in range(count)) for _ in range(40)]
    return [point for point in product(*[GRID] * len(row.parameters)) if computable(row, point)]


def computable(row: engine.Rule, point: tuple[float, ...]) -> bool:
    try:
        row(*point)
    except (ValueError, ArithmeticError):
        return False
    return True


def node_of(row: engine.Rule, point: tuple[float, ...]) -> Value:
    return Value.apply(row, row.nest(tuple(map(Value, point))))


def agree(found: float, expected: float, scale: float = 0.0) -> bool:
    if math.isnan(expected) or math.isinf(expected):
        return found == expected or (math.isnan(found) and math.isnan(expected))
    return math.isclose(found, expected, rel_tol=2e-13, abs_tol=1e-13 * scale + 5e-300)


@pytest.mark.parametrize("name", list(RULES))
def test_every_rule_forward_and_slopes(tab, name):
    row = RULES[name]
    nodes = [node_of(row, point) for point in points(row)]
    source, unknown = operations(nodes)
    assert unknown == []
    key = operation_key(nodes[0])
    call = f"(...args) => {{ const {{ forward, slopes }} = operations[{key!r}], z = forward(...args); "
    call += "return [z, slopes(...args, z)] }"
    found = in_browser(tab, forward_functions() + source, call, [[sent(x) for x in point] for point in points(row)])
    for node, point, (z, slopes) in zip(nodes, points(row), found, strict=True):
        scale = max(map(abs, point))
        assert agree(received(z), node.data, scale * scale if row.lists else 0.0), (name, point, z, node.data)
        for index, (slope, expected) in enumerate(zip(slopes, node.slopes, strict=True)):
            assert agree(received(slope), expected, 1.0), (name, point, index, slope, expected)


EDGES = [
    math.nan,
    math.inf,
    -math.inf,
    0.0,
    -0.0,
    1.0,
    -1.0,
    1.0 / 3.0,
    -2.0,
    3.0,
    1e-300,
    1e155,
    -1e200,
    710.0,
    -750.0,
]


def python_refuses(row: engine.Rule, point: tuple[float, ...]) -> str | None:
    try:
        row(*row.nest(point))
    except OverflowError:
        return "tooLarge"
    except (ValueError, ZeroDivisionError):
        return "notDefined"
    return None


@pytest.mark.parametrize("name", list(RULES))
def test_every_rule_refuses_what_python_refuses(tab, name):
    """Inside the domain and out of it, with numbers that are too large, infinite or not numbers."""
    row = RULES[name]
    count = LENGTH * row.lists + len(row.parameters) - row.lists if row.lists else len(row.parameters)
    chance = random.Random(name)
    tried = (
        list(product(*[EDGES + GRID] * count))
        if count < 3
        else [tuple(chance.choices(EDGES, k=count)) for _ in range(300)]
    )
    source, _ = operations([node_of(row, (0.5,) * count)])
    key = operation_key(node_of(row, (0.5,) * count))
    call = f"(...args) => String(refused({name!r}, args, operations[{key!r}].forward(...args)))"
    found = in_browser(
        tab, forward_functions() + static("domain.js") + source, call, [[sent(x) for x in point] for point in tried]
    )
    expected = [str(python_refuses(row, point)).replace("None", "null") for point in tried]
    assert [(point, x) for point, x in zip(tried, found, strict=True)] == list(zip(tried, expected, strict=True))


def test_a_rule_of_a_users_own_that_is_written_with_rules(tab):
    cube = rule("cube", "{0}^3", lambda x: x * x * x, lambda x, z: 3.0 * x * x)
    swish = rule(
        "swish",
        "{0}",
        lambda x: x * engine.sigmoid(x) - cube(x),
        lambda x, z: engine.sigmoid(x) * (1 + x * (1 - engine.sigmoid(x))) - 3 * x**2,
    )
    try:
        nodes = [swish(Value(x)) for x in GRID if abs(x) < 30]
        source, unknown = operations(nodes)
        assert unknown == []
        found = in_browser(
            tab,
            forward_functions() + source,
            "x => operations.swish.forward(x)",
            [[x] for x in GRID if abs(x) < 30],
        )
        assert all(agree(received(z), node.data, 1.0) for z, node in zip(found, nodes, strict=True))
    finally:
        del RULES["cube"], RULES["swish"]
