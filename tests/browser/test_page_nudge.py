"""The nudge of the page says of a leaf what `check` says, in the same words."""

from __future__ import annotations

import json
import math
import random
from itertools import islice

import pytest

import engine
from engine import RULES, Value, check, rule, topological_order
from engine.stepper.page import module
from engine.stepper.payload import payload
from tests.engine.check_power import graphs

OWN = rule("half_square", "{0}", lambda x: x * x, lambda x, z: x, text="half_square({0})")  # wrong: it should be 2x
del RULES["half_square"]  # no row of the table that other tests read


def x(number: float) -> Value:
    return Value(number, "x")


CASES = {
    "tanh": lambda: x(0.7).tanh(),
    "1/x": lambda: 1 / x(1e-9),
    "far out": lambda: x(1e8).sin(),
    "a small result": lambda: 1e-6 * x(1.0) ** 2,
    "beside a top": lambda: x(1e-9).cos(),
    "steep": lambda: (1e6 * x(0.3)).sin(),
    "hopeless": lambda: (1e15 * x(0.3)).sin(),
    "saturated": lambda: x(20.0).tanh(),
    "at a top": lambda: x(math.pi / 2).sin(),
    "kink": lambda: x(0.0).relu() + 5,
    "beside a kink": lambda: x(1e-7).relu() + 5,
    "not taken": lambda: engine.maximum(x(1.0), 5.0),
    "tie": lambda: (lambda leaf: engine.maximum(leaf, 2 * leaf - 1))(x(1.0)),
    "edge": lambda: x(0.0).sqrt(),
    "beside an edge": lambda: x(1e-9).log(),
    "infinite slope": lambda: (x(0.0) * 2).sqrt() * 0.0,
    "wrong": lambda: OWN(x(3.0)),
    "wrong and small": lambda: OWN(x(1e-5)) * 1e-9,
    "lists": lambda: (lambda leaf: engine.logsumexp([leaf, 2 * leaf, 0.1]) + engine.total([leaf, 1e3]))(x(0.4)),
}


@pytest.fixture(scope="module")
def tab(browser):
    context = browser.new_context()
    yield context.new_page()
    context.close()


def on_the_page(tab, y: Value) -> dict[int, dict]:
    """What the machine of the page finds at every leaf, by its number in topological order."""
    order = topological_order(y)
    leaves = [i for i, node in enumerate(order) if node.rule is None and node is not y]
    source = module(order).replace("export default stepper;", "")
    call = (
        "const machine = new Machine(state); return leaves.map((leaf) => { const { numeric, verdict } ="
        " machine.nudge(leaf); return { numeric: String(numeric), verdict }; });"
    )
    found = tab.evaluate(
        f"([text, leaves]) => {{ const state = JSON.parse(text); {source}; {call} }}", [json.dumps(payload(y)), leaves]
    )
    return dict(zip(leaves, found, strict=True))


@pytest.mark.parametrize("case", CASES)
def test_the_verdict_is_that_of_check(tab, case):
    y = CASES[case]()
    report = check(y)
    found = on_the_page(tab, y)
    assert found
    for place, leaf in enumerate(topological_order(y)):
        if place in found:
            assert found[place]["verdict"] == report[leaf].verdict
            if report[leaf].verdict in ("ok", "wrong"):
                assert float(found[place]["numeric"]) == pytest.approx(report[leaf].numeric, rel=1e-6)


def test_in_random_graphs_too(tab):
    """Browsers round functions otherwise, and roll other places: at the border of what can be told, verdicts differ."""
    same = count = 0
    for y in islice(graphs(random.Random(3)), 40):
        report, order = check(y), topological_order(y)
        for place, one in on_the_page(tab, y).items():
            assert one["verdict"] != "wrong"
            same += one["verdict"] == report[order[place]].verdict
            count += 1
    assert count > 40
    assert same > 0.9 * count


@pytest.mark.parametrize(
    ("case", "english", "indonesian"),
    [
        ("at a top", "cannot tell", "tidak dapat dipastikan"),
        ("kink", "kink", "tekukan"),
        ("wrong", "✗ differs from the chain rule", "✗ berbeda dari aturan rantai"),
        ("tanh", "✓ agrees with the chain rule", "✓ cocok dengan aturan rantai"),
    ],
)
def test_the_words(stepper, case, english, indonesian):
    for lang, words in (("en", english), ("id", indonesian)):
        reading = stepper(CASES[case](), lang=lang)
        reading.press("End")
        reading.select("x")
        assert words in reading.root.locator(".nudge").inner_text()
