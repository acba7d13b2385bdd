"""A link holds the state of the page: written as one goes, read at the start, in a file and in a frame."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from engine import Value, topological_order
from engine.stepper import page
from tests.browser.graphs import neuron, odd
from tests.browser.reading import Reading


@pytest.fixture
def opened(browser: Any, tmp_path: Path) -> Iterator[Any]:
    """Opens the page of a graph at an address of its own, and gives the tab and the stepper in it."""
    context = browser.new_context(viewport={"width": 1024, "height": 768})
    wrong: list[str] = []

    def opened(y: Value, rest: str = "") -> Reading:
        file = tmp_path / "page.html"
        file.write_text(page(y), encoding="utf-8")
        tab = context.new_page()
        tab.on("pageerror", lambda error: wrong.append(f"{error}"))
        tab.on("console", lambda message: wrong.append(message.text) if message.type in {"error", "warning"} else None)
        tab.goto(file.as_uri() + rest)
        return Reading(tab)

    opened.folder = tmp_path  # type: ignore[attr-defined]
    yield opened
    context.close()
    assert wrong == []


def said(reading: Reading) -> dict[str, str]:
    reading.tab.wait_for_timeout(500)
    return {key: values[0] for key, values in parse_qs(urlsplit(reading.tab.url).fragment).items()}


def about(reading: Reading) -> list[Any]:
    """What the page shows of its state."""
    return reading.root.evaluate(
        """root => [root.querySelector("output.place").textContent, root.lang, root.querySelector(".chooser").value,
          root.classList.contains("predicting"), [...root.querySelectorAll(".bar select")].map((box) => box.value),
          [...root.querySelectorAll("details.tape tbody tr")].map((row) => row.cells[2].textContent)]"""
    )


def test_a_link_leads_to_the_state(opened):
    reading = opened(neuron(), "#step=9&by=node&lang=id&mode=predict&w=0.6")
    place, lang, _, predicting, boxes, data = about(reading)
    assert (place, lang, predicting, boxes[1], data[0]) == ("9 / 20", "id", True, "node", "0.6")
    assert said(reading) == {"step": "9", "by": "node", "lang": "id", "mode": "predict", "w": "0.6"}
    assert reading.root.locator(".link-line").inner_text() == ""


def test_reload_keeps_the_place(opened):
    reading = opened(neuron())
    assert "#" not in reading.tab.url
    reading.press("ArrowRight", "ArrowRight", "ArrowRight")
    reading.select("x")
    reading.root.locator(".editor .field").fill("-2.5e-3")
    reading.button("id").click()
    before = about(reading)
    assert said(reading) == {"step": "3", "lang": "id", "node": "1", "x": "-0.0025"}
    reading.tab.reload()
    reading.root.wait_for()
    assert about(reading) == before
    reading.press("Home", "Escape")
    reading.button("en").click()
    assert said(reading) == {"x": "-0.0025"}


@pytest.mark.parametrize(
    ("link", "ignored"),
    [("step=99", "step=99"), ("step=-1&lang=fr", "step=-1, lang=fr"), ("w=two", "w=two"), ("nobody=3", "nobody=3"),
     ("by=hour&mode=&step=3", "by=hour, mode="), ("rate=0", "rate=0")],
)  # fmt: skip
def test_what_is_no_state_is_ignored_and_said(opened, link, ignored):
    reading = opened(neuron(), f"#{link}")
    assert reading.place[0] == (3 if "step=3" in link else 0)
    words = f"The link says what is not here, which is ignored: {ignored}."
    assert reading.root.locator(".link-line").inner_text() == words


def test_a_number_that_python_refuses_is_refused(opened):
    reading = opened(Value(2.0, "x").log(), "#x=-1&step=1")
    assert "is not defined; its input is node 'x'" in reading.root.locator(".link-line").inner_text()
    assert reading.place[0] == 1


def test_odd_names_come_back(opened):
    reading = opened(odd())
    leaves = [i for i, node in enumerate(topological_order(odd())) if node.rule is None]
    for i, leaf in enumerate(leaves):
        reading.root.locator(".chooser").select_option(value=str(leaf))
        reading.root.locator(".editor .field").fill(f"{i + 0.125}")
    before = about(reading)
    reading.tab.wait_for_timeout(500)
    reading.tab.reload()
    reading.root.wait_for()
    assert about(reading) == before and {f"{i + 0.125}" for i in range(len(leaves))} <= set(before[-1])


def test_the_address_may_change_beneath_the_page(opened):
    """As a link in slides to another step of the same frame does."""
    reading = opened(neuron(), "#step=9&w=0.6")
    reading.tab.evaluate("location.hash = '#step=4&by=layer'")
    reading.tab.wait_for_function("document.querySelector('output.place').textContent === '4 / 20'")
    assert about(reading)[-1][0] == "−3" and about(reading)[4][1] == "layer"


def test_copy_link(opened):
    reading = opened(neuron())
    reading.press("ArrowRight")
    reading.tab.context.grant_permissions(["clipboard-read", "clipboard-write"])
    reading.button("copy a link to this step").click()
    reading.root.locator(".link-line", has_text="The link is copied.").wait_for()
    assert reading.tab.evaluate("navigator.clipboard.readText()").endswith("page.html#step=1")


def test_bare_in_a_frame_of_slides(opened):
    """The graph, the panel of the step and the controls, and nothing else; the frame has an address of its own."""
    reading = opened(neuron())
    slides = opened.folder / "slides.html"
    slides.write_text(
        '<!doctype html><body style="margin:0"><iframe src="page.html?bare#step=12" '
        'style="width:960px;height:540px;border:0"></iframe></body>',
        encoding="utf-8",
    )
    tab = reading.tab
    tab.goto(slides.as_uri())
    frame = tab.frame_locator("iframe")
    root = frame.locator(".stepper")
    root.wait_for()
    assert frame.locator("output.place").inner_text() == "12 / 20"
    seen = dict.fromkeys(("div.graph", ".step-panel", ".bar"), True)
    hidden = dict.fromkeys((".tables", ".keys", ".loop", ".node-panel"), False)
    for part, shown in (seen | hidden).items():
        assert root.locator(part).is_visible() == shown, part
    box = root.bounding_box()
    assert (box["width"], box["height"]) == (960, 540)
    frame.get_by_role("button", name="next step").click()
    tab.wait_for_timeout(500)
    assert tab.frames[1].url.endswith("page.html?bare#step=13")
    tab.screenshot(path="build/screenshots/bare.png")


def test_a_frame_without_an_address_goes_without(opened):
    """As in a saved notebook: nothing is written, nothing fails."""
    reading = opened(neuron())
    tab, source = reading.tab, page(neuron())
    tab.evaluate(
        """source => {
          document.body.innerHTML = "<iframe></iframe>";
          document.querySelector("iframe").srcdoc = source;
        }""",
        source,
    )
    frame = tab.frame_locator("iframe")
    frame.locator(".stepper").wait_for()
    frame.get_by_role("button", name="next step").click()
    assert frame.locator("output.place").inner_text() == "1 / 20"
    assert not frame.locator(".copy-link").is_visible()
