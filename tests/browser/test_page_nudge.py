"""The nudge of the page says of a leaf what `check` says, in the same words."""

from __future__ import annotations

import json
import math
import random
from collections import Counter
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


def on_the_page(tab, ys: list[Value]) -> list[dict[int, dict]]:
    """What the machine of the page finds at every leaf of each graph, by its number in topological order."""
    source = module([node for y in ys for node in topological_order(y)], {}).replace("export default stepper;", "")
    call = """all.map((text) => {
        const machine = new Machine(JSON.parse(text));
        return machine.nodes.flatMap(({ rule }, leaf) => {
            if (rule || leaf === machine.result) return [];
            const { numeric, verdict } = machine.nudge(leaf);
            return [[leaf, { numeric: String(numeric), verdict }]];
        });
    })"""
    found = tab.evaluate(f"(all) => {{ {source}; return {call} }}", [json.dumps(payload(y, view="map")) for y in ys])
    return [dict(leaves) for leaves in found]


@pytest.mark.parametrize("case", CASES)
def test_the_verdict_is_that_of_check(tab, case):
    y = CASES[case]()
    report = check(y)
    (found,) = on_the_page(tab, [y])
    assert found
    for place, leaf in enumerate(topological_order(y)):
        if place in found:
            assert found[place]["verdict"] == report[leaf].verdict
            if report[leaf].verdict in ("ok", "wrong"):
                assert float(found[place]["numeric"]) == pytest.approx(report[leaf].numeric, rel=1e-6)


@pytest.mark.slow
def test_in_500_random_graphs_too(tab):
    """Browsers round functions otherwise, and roll other places: at the very border of what can be told a verdict may
    be the other one, of one leaf in some hundreds at most."""
    ys = list(islice(graphs(random.Random(4)), 500))
    pairs: Counter[tuple[str, str]] = Counter()
    for y, found in zip(ys, on_the_page(tab, ys), strict=True):
        report, order = check(y), topological_order(y)
        pairs.update((report[order[place]].verdict, one["verdict"]) for place, one in found.items())
    assert pairs.total() > 700
    others = {pair: count for pair, count in pairs.items() if pair[0] != pair[1]}
    assert others.keys() <= {("ok", "cannot tell"), ("cannot tell", "ok")}
    assert sum(others.values()) <= 2
    assert not any("wrong" in pair for pair in pairs)
    assert all(pairs[verdict, verdict] for verdict in ("ok", "kink", "edge", "cannot tell"))


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
