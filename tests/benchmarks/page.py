"""The page of the stepper: how long a click takes in a real browser, until it is seen."""

from __future__ import annotations

import random
import tempfile
from pathlib import Path
from typing import Any

from engine import Value, group, topological_order, weighted_sum
from engine.stepper import page
from tests.benchmarks.report import Figure, Report, Spread, Target
from tests.browser.chromium import launched, what_is_missing
from tests.browser.graphs import NETWORKS

__all__ = ["measure", "network"]

LIMIT, OF_THE_MAP = Target("<=", 100.0), Target("<=", 50.0)
CLICKS = """async ([from, name, clicks]) => {
    const press = (label) => document.querySelector(`button[aria-label="${label}"]`).click(), times = [];
    press(from);
    for (let i = 0; i < clicks; i += 1) {
        const start = performance.now();
        press(name);
        await new Promise(done => requestAnimationFrame(() => setTimeout(done, 0)));
        times.push(performance.now() - start);
    }
    return times;
}"""
QUICK: list[tuple[int | str, Any, Target]] = [(30, [], LIMIT), ("b", None, OF_THE_MAP)]
PAGES: list[tuple[int | str, Any, Target]] = [
    (30, [], LIMIT),
    (300, [], LIMIT),
    (1000, None, LIMIT),
    *[(name, None, OF_THE_MAP) for name in ("c", "e", "deep", "digits")],
]
"""Chains of neurons of so many nodes as drawings, networks by name on the map."""
WAYS = {"next step": "first step", "previous step": "last step"}
"""The buttons, and where one begins."""


def network(nodes: int, seed: int = 0) -> Value:
    """A chain of neurons, each fed by the two before it: as many as fit into a graph of so many nodes."""
    chance = random.Random(seed)
    outputs = [Value(0.5, "x1"), Value(-1.0, "x2")]
    for number in range(1, (nodes - 2) // 5 + 1):
        weights, bias = [Value(chance.gauss(0.0, 1.0), f"w{number}_{i}") for i in (1, 2)], Value(0.1, f"b{number}")
        with group(f"neuron {number}", weights, bias):
            outputs.append(weighted_sum(weights, outputs[-2:], bias).tanh())
    return outputs[-1]


def measure(rounds: int, quick: bool) -> Report:
    """Open the page and click through it, forward and back."""
    report = Report("page", rounds, quick)
    if what_is_missing():
        report.notes.append(f"nothing measured: {what_is_missing()}")
        return report
    for what, folded, limit in QUICK if quick else PAGES:
        view = "drawing" if isinstance(what, int) else "map"
        y = network(what) if isinstance(what, int) else NETWORKS[what]()
        with tempfile.TemporaryDirectory() as folder, launched() as browser:
            file = Path(folder, "page.html")
            file.write_text(page(y, folded=folded, view=view), encoding="utf-8")
            tab = browser.new_page(viewport={"width": 1280, "height": 900})
            tab.goto(file.as_uri())
            tab.locator(".stepper").wait_for(timeout=120_000)
            how = ", on the map" if view == "map" else ", groups closed" if folded is None else ""
            workload = f"{len(topological_order(y)):,} nodes{how}"
            report.figures += [figure(workload, way, tab, rounds, limit) for way in WAYS]
            report.notes.append(f"The page of {workload} takes {file.stat().st_size / 1e6:.1f} MB.")
    report.notes.append(
        "From the click until the page is drawn: of each round the median of its clicks, by the wall clock."
    )
    return report


def figure(workload: str, way: str, tab: Any, rounds: int, limit: Target) -> Figure:
    """How long the clicks of one way take."""
    medians = [sorted(tab.evaluate(CLICKS, [WAYS[way], way, 21]))[10] for _ in range(rounds)]
    return Figure(workload, way, "", "ms", Spread.of(medians), None, limit)
