"""The page of the stepper in a real browser: how long until it is seen, and until a click is."""

from __future__ import annotations

import random
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from engine import Value, group, topological_order, weighted_sum
from engine.stepper import page
from tests.benchmarks.report import Figure, Report, Spread, Target
from tests.benchmarks.rounds import say
from tests.browser.chromium import launched, what_is_missing
from tests.browser.graphs import NETWORKS
from tests.browser.notebook_page import notebook

__all__ = ["measure", "network"]

OF_A_DRAWING, OF_A_MAP, OF_MANY, MOUNTED = (Target("<=", bound) for bound in (100.0, 50.0, 100.0, 20_000.0))

SEEN = "new Promise((done) => requestAnimationFrame(() => setTimeout(() => done(performance.now()), 0)))"
"""When the next frame has been drawn, in milliseconds since the page was asked for."""
OPENED = f"""async (count) => {{
    const all = document.getElementsByClassName("stepper");
    while (all.length < count || !all[0].querySelector(".graph svg")) await {SEEN};
    return {SEEN};
}}"""
"""When so many steppers are there, and what is in view has been drawn."""
CLICKS = f"""async ([place, from, name, clicks]) => {{
    const root = document.querySelectorAll(".stepper")[place], times = [];
    const press = (label) => root.querySelector(`button[aria-label="${{label}}"]`).click();
    root.scrollIntoView();
    press(from);
    await {SEEN};
    for (let i = 0; i < clicks; i += 1) {{
        const start = performance.now();
        press(name);
        times.push((await {SEEN}) - start);
    }}
    return times;
}}"""
WAYS = {"next step": "first step", "previous step": "last step"}
"""The buttons, and where one begins."""

TITLES = {
    "b": "MLP(2, [3, 1])",
    "c": "MLP(2, [8, 8, 1])",
    "e": "attention",
    "deep": "six layers of 16",
    "digits": "MLP(64, [32, 10]) with cross-entropy",
}
"""What the networks are."""
QUICK: list[tuple[int | str, Any]] = [(30, []), ("b", None)]
PAGES: list[tuple[int | str, Any]] = [
    (30, []),
    (300, []),
    (1000, None),
    *[(name, None) for name in ("c", "e", "deep", "digits")],
]
"""Chains of neurons of so many nodes as drawings, networks by name on the map; and the groups that are closed."""
MANY = 50
"""Steppers in one notebook."""


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
    """Open the pages and click through them, forward and back; then many steppers on one page."""
    report = Report("page", rounds, quick)
    if what_is_missing():
        report.notes.append(f"nothing measured: {what_is_missing()}")
        return report
    with tempfile.TemporaryDirectory() as folder, launched() as browser:
        for what, folded in QUICK if quick else PAGES:
            single(report, browser, Path(folder, "page.html"), what, folded)
        many(report, browser, Path(folder, "page.html"), 3 if quick else MANY)
    report.notes.append(
        "From the click until the page is drawn, of each round the median of its clicks; opening from the address "
        "until the graph is drawn. By the wall clock."
    )
    return report


def single(report: Report, browser: Any, file: Path, what: int | str, folded: Any) -> None:
    """A page by itself, opened anew in each round."""
    drawn = isinstance(what, int)
    y = network(what) if isinstance(what, int) else NETWORKS[what]()
    file.write_text(page(y, folded=folded, view="drawing" if drawn else "map"), encoding="utf-8")
    how = "a map" if not drawn else "groups closed" if folded is None else "a drawing"
    title = TITLES[what] if isinstance(what, str) else "chain"
    workload = f"{title}: {len(topological_order(y)):,} nodes, {how}"
    say(workload)
    opening: list[float] = []
    clicks: dict[str, list[float]] = {way: [] for way in WAYS}
    for _ in range(report.rounds):
        with opened(browser, file) as (tab, milliseconds):
            opening.append(milliseconds)
            for way, medians in clicks.items():
                medians.append(median_click(tab, way))
    limit = OF_A_DRAWING if drawn else OF_A_MAP
    report.figures += [
        Figure(workload, way, "", "ms", Spread.of(medians), None, limit) for way, medians in clicks.items()
    ]
    report.figures.append(Figure(workload, "opening", "", "ms", Spread.of(opening)))
    report.notes.append(f"The page of {workload} takes {file.stat().st_size / 1e6:.2f} MB.")


def many(report: Report, browser: Any, file: Path, count: int) -> None:
    """A notebook full of steppers: until all are there, and then a click on the first and on one in the middle."""
    file.write_text(notebook(NETWORKS["c"](), count), encoding="utf-8")
    workload = f"{count} of {TITLES['c']} in one notebook"
    say(workload)
    with opened(browser, file, count) as (tab, milliseconds):
        report.figures.append(Figure(workload, "opening", "", "ms", Spread.of([milliseconds]), None, MOUNTED))
        for way in WAYS:
            medians = [median_click(tab, way, place) for place in (0, count // 2)]
            report.figures.append(Figure(workload, way, "", "ms", Spread.of(medians), None, OF_MANY))


@contextmanager
def opened(browser: Any, file: Path, steppers: int = 1) -> Iterator[tuple[Any, float]]:
    """A page in a tab of its own, and when all its steppers had been drawn."""
    tab = browser.new_page(viewport={"width": 1280, "height": 900})
    tab.set_default_timeout(120_000)
    tab.add_init_script(f"if (window === top) window.opened = ({OPENED})({steppers});")
    tab.goto(file.as_uri(), wait_until="commit")
    yield tab, tab.evaluate("window.opened")
    tab.close()


def median_click(tab: Any, way: str, place: int = 0) -> float:
    """Of eleven clicks."""
    times: list[float] = sorted(tab.evaluate(CLICKS, [place, WAYS[way], way, 11]))
    return times[5]
