"""Another number in a leaf: the page computes the forward and the backward pass again, and agrees with Python on the
new graph."""

from __future__ import annotations

import math

import pytest

import engine
from engine import RULES, Value, rule, topological_order
from tests.browser.graphs import GRAPHS, neuron


def leaves_of(y: Value) -> list[Value]:
    return [node for node in topological_order(y) if node.rule is None]


def again(make, name: str, number: float) -> Value:
    """The same graph made anew, by the engine, with another number in one leaf."""
    original = Value.__init__

    def init(self, data, called=None, frozen=False):
        original(self, number if called == name else data, called, frozen)

    Value.__init__ = init  # type: ignore[method-assign]
    try:
        return make()
    finally:
        Value.__init__ = original  # type: ignore[method-assign]


@pytest.mark.parametrize(
    ("graph", "name", "text"),
    [("neuron", "w", "1.25"), ("neuron", "x", "-2e-3"), ("neuron", "b", "−1,5"),
     ("functions", "x", "0.72"), ("functions", "y", "0,9"), ("layers", "x1", "3"),
     ("layers", "x2", "0.25"), ("pieces", "x", "2"), ("doubling", "x", "-1")],
)  # fmt: skip
def test_everything_follows(stepper, graph, name, text):
    make = GRAPHS[graph]
    reading = stepper(make())
    reading.select(name)
    reading.root.locator(".editor .field").fill(text)
    expected = again(make, name, float(text.replace(",", ".").replace("−", "-")))
    order = topological_order(expected)
    steps = list(expected.backward_steps())
    reading.press("Home")
    place, computed = 0, sum(node.rule is not None for node in order)
    while place < computed + 1 + len(steps):
        reading.press("ArrowRight")
        place += 1
        if place > computed + 1:
            step = steps[place - computed - 2]
            numbers = [step.upstream, step.local, step.before, step.contribution, step.after]
            assert [float(x) for x in reading.everything()["numbers"]] == pytest.approx(numbers, rel=1e-12, abs=1e-14)
    reading.press("End")
    adjoints = {step.input: step.after for step in steps}
    tape = reading.everything()["tape"]
    for row, node in zip(tape, order, strict=True):
        assert float(row[2]) == pytest.approx(node.data, rel=1e-12, abs=1e-14)
        if node in adjoints:
            assert float(row[3]) == pytest.approx(adjoints[node], rel=1e-12, abs=1e-14)
    if not next(node for node in leaves_of(expected) if node.name == name).frozen:
        nudge = float(reading.root.locator(".nudge data").get_attribute("value"))
        gradient = adjoints[next(node for node in leaves_of(expected) if node.name == name)]
        assert nudge == pytest.approx(gradient, rel=1e-6, abs=1e-8)


def test_drag_and_reset(stepper):
    reading = stepper(neuron())
    reading.select("x")
    reading.press("End")
    before = reading.everything()
    slider = reading.root.locator(".editor .drag")
    slider.fill("3.5")
    assert reading.root.locator(".editor .field").input_value() == "3.5"
    assert reading.everything()["boxes"]["v1"]["words"].startswith("x | data 3.5")
    assert "was 2" in reading.root.locator(".editor").inner_text()
    reading.root.locator(".editor .reset").click()
    assert reading.everything() == before
    slider.press("ArrowRight")
    assert reading.everything() != before
    reading.button("reset all").click()
    assert reading.everything() == before


def test_what_is_no_number_changes_nothing(stepper):
    reading = stepper(neuron())
    reading.select("x")
    before = reading.everything()
    for text in ("", "-", "two", "1/", "1e400", "1/0"):
        reading.root.locator(".editor .field").fill(text)
        assert reading.everything() == before


def shifted_log() -> Value:
    return engine.log(Value(2.0, "x") - 1.0) * Value(3.0, "y")


def quotient() -> Value:
    return Value(1.0, "a") / (Value(2.0, "x") * Value(0.5, "b"))


def root() -> Value:
    return Value(2.0, "x").sqrt() + Value(1.0, "y")


def growing() -> Value:
    return (Value(2.0, "x") * 10.0).exp()


def power() -> Value:
    return Value(2.0, "x") ** Value(0.5, "n")


REFUSED = [
    (shifted_log, "x", "1"), (shifted_log, "x", "-4.5"), (quotient, "x", "0"), (quotient, "b", "-0"),
    (root, "x", "-1e-9"), (growing, "x", "1000"), (power, "x", "-3"), (power, "n", "5000"), (power, "x", "-0.5"),
]  # fmt: skip


@pytest.mark.parametrize(("make", "name", "text"), REFUSED)
def test_what_python_refuses_is_refused_in_the_same_words(stepper, make, name, text):
    """Nothing changes, and a sentence says which operation and which numbers; a number that is allowed takes it away
    again."""
    reading = stepper(make())
    reading.press("End")
    reading.select(name)
    before = reading.everything()
    reading.root.locator(".editor .field").fill(text)
    with pytest.raises((ValueError, ArithmeticError)) as raised:
        again(make, name, float(text))
    warning = reading.root.locator(".editor .warning")
    kept = next(node.data for node in leaves_of(make()) if node.name == name)
    # while it is made, Python does not know what it will be called
    said = str(raised.value).replace("a node without a name", "node 'v1'")
    assert warning.inner_text() == f"{said}. This is an error in Python too: {name} stays {kept:g}."
    assert reading.root.locator(".editor .field").get_attribute("aria-invalid") == "true"
    assert reading.everything() == before
    reading.press("Home", "End")
    assert reading.root.locator(".editor .field").input_value() == text  # what was typed stays to be corrected
    reading.root.locator(".editor .field").fill("1.5")
    assert not warning.is_visible()
    expected = again(make, name, 1.5)
    assert float(reading.everything()["tape"][-1][2]) == pytest.approx(expected.data, rel=1e-14)
    reading.root.locator(".editor .field").fill(text)
    reading.root.locator(".editor .reset").click()
    assert not warning.is_visible()
    assert reading.everything() == before


def test_a_slider_out_of_the_domain(stepper):
    reading = stepper(shifted_log(), lang="id")
    reading.press("End")
    reading.select("x")
    reading.root.locator(".editor .drag").fill("0.25")
    assert reading.root.locator(".editor .field").input_value() == "0.25"
    words = "ln(-0.75) tidak terdefinisi; masukannya simpul 'v1'. Di Python pun ini galat: x tetap 2."
    assert reading.root.locator(".editor .warning").inner_text() == words
    reading.picture("refused")
    reading.root.locator(".editor .drag").fill("3")
    assert not reading.root.locator(".editor .warning").is_visible()
    assert float(reading.everything()["tape"][-1][2]) == pytest.approx(3 * math.log(2.0))


def test_no_nudge_across_the_edge_of_a_domain(stepper):
    reading = stepper(Value(0.0, "x").sqrt())
    reading.press("End")
    reading.select("x")
    words = reading.root.locator(".nudge").inner_text()
    assert words.startswith("No nudge here: sqrt(-0.0625)") and words.endswith(
        " is not defined; its input is node 'x'."
    )


def test_a_number_that_python_lets_overflow_stands_out(stepper):
    """Arithmetic does not raise an error, here as there."""
    make = lambda: Value(2.0, "x") * 1e300  # noqa: E731
    reading = stepper(make())
    reading.select("x")
    reading.root.locator(".editor .field").fill("1e10")
    assert again(make, "x", 1e10).data == math.inf
    reading.go(1)
    assert "v1 is not a finite number" in reading.root.locator(".step-panel").inner_text()
    assert "odd" in reading.box(1)["classes"]
    assert "data inf ‼" in reading.box(1)["words"]


def test_a_rule_that_cannot_be_read_with_symbols(stepper):
    """It steps, with the numbers of its slopes; editing is refused, and it is said why."""
    bump = rule(
        "bump", "b({0})", lambda x: math.exp(-x * x) if abs(x) < 1 else 0.0, lambda x, z: -2.0 * x * math.exp(-x * x)
    )
    try:
        x = Value(0.5, "x")
        y = 2.0 * bump(x)
        reading = stepper(y)
        reading.select("x")
        assert "Numbers cannot be changed here: bump" in reading.root.locator(".node-panel").inner_text()
        assert reading.root.locator(".editor").count() == 0
        reading.press("End", "ArrowLeft")
        last = list(y.backward_steps())[-1]
        assert reading.everything()["numbers"] == [
            repr(n) for n in (last.upstream, last.local, last.before, last.contribution, last.after)
        ]
        assert "cannot be read with symbols" in reading.root.locator(".step-panel").inner_text()
    finally:
        del RULES["bump"]


def test_a_rule_of_ones_own_is_computed_again(stepper):
    cube = rule("cube", "{0}^3", lambda x: x * x * x, lambda x, z: 3.0 * x * x)
    try:
        reading = stepper(engine.exp(cube(Value(0.5, "x"))))
        reading.select("x")
        reading.press("End")
        reading.root.locator(".editor .field").fill("1")
        assert float(reading.everything()["tape"][0][3]) == pytest.approx(3 * math.e, rel=1e-14)
    finally:
        del RULES["cube"]
