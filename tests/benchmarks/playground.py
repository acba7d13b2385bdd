"""The page of the playground in a real browser: epochs a second, and pictures a second while it trains."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from nn.playground import Playground
from tests.benchmarks.report import Figure, Report, Spread, Target
from tests.benchmarks.rounds import say
from tests.browser.chromium import launched, what_is_missing

__all__ = ["measure"]

EPOCHS, PICTURES = Target(">=", 10_000.0), Target(">=", 59.5)  # a screen of 60 Hz shows 59.9

TRAIN = """(seconds) => {
    const { run } = playground, start = performance.now(), end = start + 1000 * seconds;
    let count = 0;
    for (; performance.now() < end; count += 1) run.advanceEpoch(false);
    return 1000 * count / (performance.now() - start);
}"""
"""Epochs a second, with nothing drawn."""
PLAY = """async (seconds) => {
    const frame = () => new Promise((done) => requestAnimationFrame(done));
    playground.pace = 1;
    playground.toggle();
    await frame();
    const start = performance.now();
    let count = 0;
    for (; performance.now() < start + 1000 * seconds; count += 1) await frame();
    playground.pause();
    return 1000 * count / (performance.now() - start);
}"""
"""Pictures a second, each of one more epoch."""


def measure(rounds: int, quick: bool) -> Report:
    """The usual network, 2-8-8-1, on 200 points in one batch, trained and drawn."""
    report = Report("playground", rounds, quick)
    if what_is_missing():
        report.notes.append(f"nothing measured: {what_is_missing()}")
        return report
    seconds = 0.2 if quick else 2.0
    workload = "MLP(2, [8, 8, 1]), 200 points, full batch, Adam"
    say(workload)
    found: dict[str, list[float]] = {"epochs": [], "pictures": []}
    with tempfile.TemporaryDirectory() as folder, launched() as browser:
        file = Playground(test=0, optimizer="Adam", rate=0.001, hidden=["layers"]).to_html(Path(folder, "page.html"))
        for _ in range(rounds):
            tab = opened(browser, file)
            found["epochs"].append(tab.evaluate(TRAIN, seconds))
            found["pictures"].append(tab.evaluate(PLAY, seconds))
            tab.close()
    for what, target in (("epochs", EPOCHS), ("pictures", PICTURES)):
        report.figures.append(Figure(workload, what, "", "a second", Spread.of(found[what]), None, target))
    report.notes.append("By the wall clock; a browser makes at most 60 pictures a second on most screens.")
    return report


def opened(browser: Any, file: Path) -> Any:
    tab = browser.new_page(viewport={"width": 1280, "height": 900})
    tab.goto(file.as_uri())
    tab.wait_for_selector(".playground .unit")
    return tab
