"""The picture beside an operation: its tangent has the local slope, its curve is the operation's, its areas and bars
are to scale; at edges, poles and kinks, for huge numbers and nan something is decided."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial

import pytest

import engine
from engine import RULES, Value, topological_order, total, weighted_sum
from engine.stepper.page import page
from tests.browser.reading import Reading

# What is drawn at each step, as the page itself has it: all of it in the coordinates of the drawing.
PICTURES = """(root, steps) => {
    const jump = root.querySelector(".jump"), found = [];
    for (let step = 0; step <= (steps ?? Number(jump.max)); step += 1) {
        jump.value = step;
        jump.dispatchEvent(new Event("change"));
        const figure = root.querySelector(".step-panel .plot"), box = figure?.querySelector("svg");
        const numbers = (element, names) => Object.fromEntries(names.map((name) => [name, Number(element.getAttribute(name))]));
        found.push(figure && {
            words: figure.textContent, kind: figure.classList[1], inside: figure.getBoundingClientRect().right <= root.querySelector(".step-panel").getBoundingClientRect().right,
            size: box && [box.width.baseVal.value, box.height.baseVal.value], window: box?.dataset.window?.split(" ").map(Number), scale: box?.dataset.scale?.split(" ").map(Number),
            tangent: box?.querySelector(".tangent") && numbers(box.querySelector(".tangent"), ["x1", "y1", "x2", "y2"]),
            point: box?.querySelector(".point") && numbers(box.querySelector(".point"), ["cx", "cy"]),
            lines: [...(box?.querySelectorAll(".f") ?? [])].map((line) => [...line.points].map(({ x, y }) => [x, y])),
            gaps: [...(box?.querySelectorAll(".gap") ?? [])].map((gap) => numbers(gap, ["x", "width"])),
            areas: [...(box?.querySelectorAll("rect:not(.gap)") ?? [])].map((rect) => numbers(rect, ["x", "y", "width", "height"])),
            bars: [...figure.querySelectorAll(".bar")].map((bar) => [parseFloat(bar.style.width), bar.classList.contains("minus")]),
        });
    }
    return found;
}"""  # noqa: E501

PLACES = {
    "tanh": [0.3, -5.0, 40.0], "sigmoid": [1.0], "relu": [2.0, -1.0, 0.0], "abs": [0.0, -3.0], "exp": [1.0, 700.0],
    "log": [0.5, 1e-9, 1e9], "sqrt": [4.0, 1e-12, 0.0], "sin": [1e6, math.pi / 2], "tan": [1.4, 1.57],
    "asin": [0.999, 1.0], "acos": [-0.5], "atan": [3.0], "erf": [2.0], "gelu": [-1.0], "softplus": [0.0],
    "log1p": [-0.99], "expm1": [-3.0],
    "cosh": [2.0],
}  # fmt: skip
WITH_CONSTANTS = {
    "cube": (lambda x: x**3, 1.5),
    "cube of a small number": (lambda x: x**3, 1e-6),
    "square far out": (lambda x: x**2, -1e8),
    "root of a power": (lambda x: x**0.5, 0.04),
    "constant": (lambda x: x**0.0, 3.0),
    "power of 2": (lambda x: 2.0**x, 3.0),
    "reciprocal": (lambda x: 1.0 / x, 0.1),
    "negative reciprocal": (lambda x: 1.0 / x, -2.0),
    "scaled": (lambda x: 1e300 * x, 3.0),
    "tiny slope": (lambda x: 1e-12 * x, 2.0),
    "moved": (lambda x: x - 2.0, 5.0),
    "negated": (lambda x: -x, 5.0),
}
CURVES: dict[str, Callable[[], Value]] = {
    **{f"{name} of {x}": partial(lambda f, x: f(Value(x, "x")), getattr(engine, name), x)
       for name, places in PLACES.items() for x in places},
    **{name: partial(lambda f, x: f(Value(x, "x")), *case) for name, case in WITH_CONSTANTS.items()},
}  # fmt: skip


@pytest.fixture(scope="module")
def pictures(browser):
    """What is drawn at every step of a graph."""
    context = browser.new_context(viewport={"width": 1024, "height": 768})
    tab = context.new_page()
    wrong: list[str] = []
    tab.on("pageerror", lambda error: wrong.append(str(error)))

    def pictures(y: Value, steps: int | None = None) -> list[dict]:
        tab.set_content(page(y))
        return Reading(tab).root.evaluate(PICTURES, steps)

    yield pictures
    context.close()
    assert wrong == []


def slope_drawn(picture: dict) -> float:
    """Of the tangent, in the units of the axes."""
    (width, height), (left, right, low, high) = picture["size"], picture["window"]
    line = picture["tangent"]
    across, up = line["x2"] - line["x1"], line["y1"] - line["y2"]
    return (
        math.copysign(math.inf, up) if across == 0 else up / across * ((high - low) / height) / ((right - left) / width)
    )


def of_all(pictures, made: dict) -> dict:
    """The pictures of many operations, from one page: their total, and the step that computes each."""
    y = total(list(made.values()))
    order = [node for node in topological_order(y) if node.rule]
    drawn = pictures(y, len(order))
    return {name: drawn[1 + order.index(node)] for name, node in made.items()}


@pytest.fixture(scope="module")
def curves(pictures):
    made = {name: make() for name, make in CURVES.items()}
    drawn = of_all(pictures, made)
    return {name: (node, drawn[name]) for name, node in made.items()}


@pytest.mark.parametrize("name", CURVES)
def test_the_tangent_has_the_local_slope_and_the_curve_goes_through_the_point(curves, name):
    y, picture = curves[name]
    (x,) = [node for node in y.inputs if isinstance(node, Value)]
    (slope,) = [slope for slope in y.slopes if slope is not None]
    assert picture["kind"] == "curve" and picture["inside"]
    assert slope_drawn(picture) == pytest.approx(slope, rel=1e-3)
    (width, height), (left, right, low, high) = picture["size"], picture["window"]
    across, up = (right - left) / width, (high - low) / height
    point = picture["point"]
    assert 0 <= point["cx"] <= width and 0 <= point["cy"] <= height
    assert left + point["cx"] * across == pytest.approx(x.data, abs=(right - left) * 1e-3)
    assert high - point["cy"] * up == pytest.approx(y.data, abs=(high - low) * 1e-3)
    every = [at for line in picture["lines"] for at in line]
    assert all(-0.01 <= a <= width + 0.01 for a, _ in every)
    for gap in picture["gaps"]:
        assert not [a for a, _ in every if gap["x"] + 0.01 < a < gap["x"] + gap["width"] - 0.01]
    for a, b in every[:: len(every) // 20 or 1]:  # what is drawn is what Python computes
        if 0 < b < height and left > -20 and right < 20:
            moved = left + a * across
            args = [moved if isinstance(each, Value) else each for each in y.inputs]
            try:
                again = float(y.rule(*args))
            except (ValueError, ArithmeticError):
                assert a == pytest.approx(round(a), abs=width)  # on the very edge
                continue
            assert high - b * up == pytest.approx(again, abs=(high - low) * 0.02 + abs(again) * 1e-3)


SEVERAL: dict[str, tuple[Callable[..., Value], tuple[float, ...]]] = {
    "quotient": (lambda x, y: x / y, (3.0, 0.5)),
    "quotient beside its pole": (lambda x, y: x / y, (-2.0, 1e-3)),
    "power": (lambda x, y: x**y, (1.5, 2.5)),
    "power of a small number": (lambda x, y: x**y, (0.01, -1.5)),
    "where": (engine.where, (1.0, 2.0, -1.0)),
    "where not": (engine.where, (-1.0, 2.0, -1.0)),
    "maximum": (engine.maximum, (2.0, -1.0)),
    "minimum": (engine.minimum, (2.0, -1.0)),
    "tie": (engine.maximum, (2.0, 2.0)),
    "logsumexp": (lambda *xs: engine.logsumexp(xs), (0.5, 2.0, -1.0)),
    "logsumexp of one far above": (lambda *xs: engine.logsumexp(xs), (0.5, 40.0)),
    "leaky relu": (lambda x, a: x.leaky_relu(a), (-2.0, 0.1)),
    "own rule": (lambda x, y: OWN(x, y), (1.2, -0.7)),
}
OWN = engine.rule("wave", "{0} {1}", lambda x, y: engine.sin(x * y), lambda x, y, z: y * engine.cos(x * y),
                  lambda x, y, z: x * engine.cos(x * y), text="wave({0}, {1})")  # fmt: skip
del RULES["wave"]  # no row of the table that other tests read


@pytest.mark.parametrize("name", SEVERAL)
def test_of_several_inputs_the_curve_is_along_that_of_the_edge(pictures, name):
    """Forward along the first one; the others stay as they are."""
    make, numbers = SEVERAL[name]
    y = make(*[Value(number, f"x{i}") for i, number in enumerate(numbers)])
    forward, _, *backward = pictures(y)[1:-1]
    passed = [step.index for step in y.backward_steps()]
    assert len(backward) == len(passed) == len(numbers)
    for picture, index in [(forward, 0), *zip(backward, passed, strict=True)]:
        assert picture["kind"] == "curve" and picture["inside"]
        assert slope_drawn(picture) == pytest.approx(y.slopes[index], rel=1e-3, abs=1e-9)
        assert "other inputs fixed" in picture["words"]
        (width, height), (left, right, low, high) = picture["size"], picture["window"]
        for a, b in [at for line in picture["lines"] for at in line][::12]:
            if not 0 < b < height:
                continue
            moved = [left + a * (right - left) / width if i == index else x for i, x in enumerate(numbers)]
            again = float(make(*[Value(x) for x in moved]).data)
            assert high - b * (high - low) / height == pytest.approx(again, abs=(high - low) * 0.02 + abs(again) * 1e-3)


@pytest.mark.parametrize(
    ("make", "gaps"),
    [(lambda x: x.log(), True), (lambda x: x.sqrt(), True), (lambda x: x.asin(), True), (lambda x: x.exp(), False)],
)
def test_where_it_is_not_defined_is_shaded(pictures, make, gaps):
    picture = pictures(make(Value(0.5, "x")))[-2]
    assert bool(picture["gaps"]) == gaps
    assert ("not defined there" in picture["words"]) == gaps


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda x: (10.0 * x).tanh(), "saturated: slope below 0.01"),
        (lambda x: (-10.0 * x).sigmoid(), "saturated: slope below 0.01"),
        (lambda x: (-1.0 * x).relu(), "dead relu: it passes nothing on"),
        (lambda x: (x - 1.0).relu(), "at its kink: the slope is a convention"),
        (lambda x: (x - 1.0).abs(), "at its kink: the slope is a convention"),
        (lambda x: 1e308 * x * 1e10, "No picture: a number here is not finite."),
        (lambda x: x * 1.5e308, "No picture: the numbers are too large."),
    ],
)
def test_what_is_said(pictures, make, words):
    y = make(Value(1.0, "x"))
    assert any(words in step["words"] for step in pictures(y) if step)


@pytest.mark.parametrize(("a", "b"), [(2.0, 3.0), (-3.0, 2.0), (1e-9, 5e8), (0.0, 2.0), (-1.0, -1.0)])
def test_a_product_is_an_area_whose_sides_grow(pictures, a, b):
    """What da adds, by da, is b; what db adds is a."""
    for picture in [step for step in pictures(Value(a, "a") * Value(b, "b")) if step]:
        (sx, sy), (area, da, db) = picture["scale"], picture["areas"]
        if a and b:
            assert area["width"] * area["height"] / sx / sy == pytest.approx(abs(a * b), rel=1e-3)
            assert da["width"] * da["height"] / (sx * sy) / (da["width"] / sx) == pytest.approx(abs(b), rel=1e-3)
            assert db["width"] * db["height"] / (sx * sy) / (db["height"] / sy) == pytest.approx(abs(a), rel=1e-3)
        assert all(part["x"] >= 0 and part["x"] + part["width"] <= picture["size"][0] for part in (area, da, db))
        assert all(part["y"] >= 0 and part["y"] + part["height"] <= picture["size"][1] for part in (area, da, db))


@pytest.mark.parametrize(
    ("make", "terms"),
    [
        (lambda x, y: x + y, [3.0, -2.0]),
        (lambda x, y: x - y, [3.0, 2.0]),
        (lambda x, y: total([x, y, x, 1.0]), [3.0, -2.0, 3.0, 1.0]),
        (lambda x, y: weighted_sum([x, 2.0], [y, y], 1.0), [-6.0, -4.0, 1.0]),
    ],
)
def test_a_sum_is_its_shares(pictures, make, terms):
    for picture in [step for step in pictures(make(Value(3.0, "x"), Value(-2.0, "y"))) if step]:
        largest = max(map(abs, terms))
        assert [width for width, _ in picture["bars"]] == pytest.approx(
            [100 * abs(x) / largest for x in terms], rel=1e-3
        )
        assert [minus for _, minus in picture["bars"]] == [x < 0 for x in terms]


def test_every_rule_of_one_input_has_a_picture_at_every_place(pictures):
    made = {}
    for name, row in RULES.items():
        if row.lists or len(row.parameters) != 1:
            continue
        for x in (-1e300, -0.5, 0.0, 1e-300, 1.5, 30.0, 1e300):
            try:
                made[name, x] = row(Value(x, "x"))
            except (ValueError, ArithmeticError):
                continue
    assert len(made) > 80
    for place, picture in of_all(pictures, made).items():
        assert picture["words"], place
        if picture["tangent"]:
            assert slope_drawn(picture) == pytest.approx(made[place].slopes[0], rel=1e-3), place
