"""Another number in a leaf: the page computes the forward and the backward pass again, and agrees with Python on the new graph."""

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
    [("neuron", "w", "1.25"), ("neuron", "x", "-2e-3"), ("functions", "x", "0.72"), ("functions", "y", "0,9"), ("layers", "x1", "3"),
     ("layers", "x2", "0.25"), ("pieces", "x", "2"), ("doubling", "x", "-1")],
)  # fmt: skip
def test_everything_follows(stepper, graph, name, text):
    make = GRAPHS[graph]
    reading = stepper(make())
    reading.select(name)
    reading.root.locator(".editor .field").fill(text)
    expected = again(make, name, float(text.replace(",", ".")))
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
    for text in ("", "-", "two", "1/3"):
        reading.root.locator(".editor .field").fill(text)
        assert reading.everything() == before


def test_outside_the_domain(stepper):
    x = Value(2.0, "x")
    reading = stepper(x.log())
    reading.select("x")
    reading.root.locator(".editor .field").fill("-1")
    reading.go(1)
    assert "not a finite number" in reading.root.locator(".step-panel").inner_text()
    assert "odd" in reading.box(1)["classes"]
    assert "data nan ‼" in reading.box(1)["words"]


def test_a_rule_that_cannot_be_read_with_symbols(stepper):
    """It steps, with the numbers of its slopes; editing is refused, and it is said why."""
    bump = rule("bump", "b({0})", lambda x: math.exp(-x * x) if abs(x) < 1 else 0.0, lambda x, z: -2.0 * x * math.exp(-x * x))
    try:
        x = Value(0.5, "x")
        y = 2.0 * bump(x)
        reading = stepper(y)
        reading.select("x")
        assert "Numbers cannot be changed here: bump" in reading.root.locator(".node-panel").inner_text()
        assert reading.root.locator(".editor").count() == 0
        reading.press("End", "ArrowLeft")
        last = list(y.backward_steps())[-1]
        assert reading.everything()["numbers"] == [repr(n) for n in (last.upstream, last.local, last.before, last.contribution, last.after)]
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
