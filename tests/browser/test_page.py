"""Going about in the page: every way to a step, clicking, languages, themes, narrow windows, and names that are
written to do harm."""

from __future__ import annotations

import html
from unittest import mock

import pytest

from engine import Value, topological_order
from engine.pictures.diagram import LayoutError
from engine.stepper import page
from engine.stepper.texts import TEXTS
from nn import Playground
from tests.browser.graphs import GRAPHS, HOSTILE, ODD, hostile, neuron, odd
from tests.browser.reading import Reading

LAST = 7 + 1 + 10 + 1  # seven operations, the seed, ten contributions, and the end


def graph_of_a_neuron() -> tuple[Value, list[str]]:
    y = neuron()
    return y, [node.name or "" for node in topological_order(y)]


def test_buttons_keys_slider_and_jump_lead_to_steps(stepper):
    reading = stepper(neuron())
    last = reading.place[1]
    ways = [
        (lambda: reading.button("next step").click(), 1),
        (lambda: reading.button("next step").click(), 2),
        (lambda: reading.button("previous step").click(), 1),
        (lambda: reading.button("last step").click(), last),
        (lambda: reading.button("first step").click(), 0),
        (lambda: reading.press("ArrowRight", "ArrowRight", "ArrowRight", "ArrowLeft"), 2),
        (lambda: reading.press("End"), last),
        (lambda: reading.press("ArrowRight"), last),
        (lambda: reading.press("Home"), 0),
        (lambda: reading.press("ArrowLeft"), 0),
        (lambda: reading.go(7), 7),
        (lambda: reading.go(1000), last),
        (lambda: reading.go(-5), 0),
        (lambda: reading.root.locator(".position").fill("9"), 9),
        (lambda: reading.root.locator(".position").press("ArrowRight"), 10),
    ]
    for act, expected in ways:
        act()
        assert reading.place == (expected, last)


def test_a_step_back_shows_what_was_there(stepper):
    reading = stepper(GRAPHS["layers"]())
    seen = [reading.everything()]
    for _ in range(reading.place[1]):
        reading.press("ArrowRight")
        seen.append(reading.everything())
    for earlier in reversed(seen[:-1]):
        reading.press("ArrowLeft")
        assert reading.everything() == earlier


@pytest.mark.parametrize(
    ("key", "places"), [("e", list(range(1, 21))), ("n", [1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 13, 14, 15, 17, 19, 20])]
)
def test_by_edge_and_by_node(stepper, key, places):
    reading = stepper(neuron())
    reading.press(key)
    seen = []
    while reading.place[0] < reading.place[1]:
        reading.press("ArrowRight")
        seen.append(reading.place[0])
    assert seen == places
    for place in [*reversed(places[:-1]), 0]:
        reading.press("ArrowLeft")
        assert reading.place[0] == place


def test_by_layer(stepper):
    """Three layers: three clicks forward, one to begin, three clicks back, one to end, however wide they are."""
    reading = stepper(GRAPHS["layers"]())
    reading.root.get_by_label("go by").select_option("layer")
    titles = []
    for _ in range(8):
        reading.button("next step").click()
        titles.append(reading.place[0])
    assert titles[-1] == reading.place[1]
    assert len(set(titles)) == 8


def test_play_goes_to_the_end_and_stops(stepper):
    reading = stepper(GRAPHS["leaf"]())
    reading.root.get_by_label("speed").select_option("4×")
    reading.press(" ")
    assert reading.button("pause").inner_text() == "❚❚"
    reading.root.locator("output.place", has_text="2 / 2").wait_for()
    reading.root.locator("button[aria-label=play]", has_text="▷").wait_for()


def test_the_panel_of_a_click(stepper):
    y, _ = graph_of_a_neuron()
    reading = stepper(y)
    reading.press("End")
    reading.click(0)
    words = reading.root.locator(".node-panel").inner_text()
    assert "w (leaf)" in words
    assert "paths to L: 3" in words
    assert "agrees with the chain rule" in words
    paths = reading.root.locator(".paths li button")
    assert paths.all_inner_texts() == ["w → v2 → L", "w → v2 → L", "w → v1 → z → a → v5 → v6 → L"]
    paths.nth(2).click()
    lit = reading.root.locator("g.edge.lit").evaluate_all("all => all.map(g => g.dataset.id)")
    order = topological_order(y)
    ways = [order[0], *[node for node in order if node.name in {"z", "a"}]]
    assert len(lit) == 6 and f"e{order.index(ways[1])}_0" in lit
    paths.nth(2).click()
    assert reading.root.locator("g.edge.lit").count() == 0
    reading.press("Escape")
    assert reading.root.locator(".chooser").input_value() == ""


def test_sums_over_paths_are_the_gradient(stepper):
    y = neuron()
    reading = stepper(y)
    reading.press("End")
    w = topological_order(y)[0]
    reading.select("w")
    products = [
        float(x)
        for x in reading.root.locator(
            ".paths li > data.contribution, .paths li > span > data.contribution"
        ).evaluate_all("all => all.map(data => data.value)")
    ]
    slopes = {step.input: step.after for step in y.backward_steps()}
    assert sum(products) == pytest.approx(slopes[w], rel=1e-14)
    assert float(reading.root.locator(".paths p data").get_attribute("value")) == slopes[w]


def test_more_paths_than_atoms(stepper):
    reading = stepper(GRAPHS["doubling"]())
    reading.press("End")
    reading.select("x")
    words = reading.root.locator(".paths").inner_text()
    assert f"paths to v40: {2**40:,}" in words
    assert f"the other {2**40 - 12:,} paths" in words


def test_a_graph_too_large_for_one_drawing_steps_all_the_same(stepper):
    """Nodes that are not in the drawing are in the tables and the panels."""
    x = Value(0.5, "x")
    y = x
    for _ in range(400):
        y = y.sin()
    reading = stepper(y)
    assert reading.place == (0, 802)
    reading.go(700)
    assert len(reading.everything()["boxes"]) <= 300
    reading.go(401)
    assert reading.everything()["tape"][-1][2] == repr(y.data)
    reading.go(801)
    reading.select("x")
    assert "x is not in the drawing." in reading.root.locator(".node-panel").inner_text()
    expected = [step.after for step in y.backward_steps()][-1]
    assert float(reading.everything()["numbers"][-1]) == expected


def test_without_a_drawing_it_steps_all_the_same(open_file):
    with mock.patch("engine.pictures.diagram.lay_out", side_effect=LayoutError("no engine here")):
        reading = Reading(open_file(page(neuron(), view="drawing")))
    assert reading.root.locator(".graph").inner_text().startswith("No drawing: no engine here")
    reading.press("f", "+", "-", "0", "p", "End", "ArrowLeft")
    reading.select("w")
    reading.root.locator(".editor .field").fill("2")
    assert reading.place == (LAST, LAST + 1)
    assert reading.root.locator(".paths li").count() == 3


def test_indonesian(stepper):
    reading = stepper(neuron(), lang="id")
    assert "Daun-daun memegang bilangannya" in reading.title
    reading.button("en").click()
    assert "The leaves hold their numbers" in reading.title
    assert reading.root.get_attribute("lang") == "en"
    reading.button("id").click()
    reading.press("End")
    assert "Setiap daun" in reading.title
    english = {text for text in TEXTS["en"].values() if " " in text and "{" not in text}
    assert not [text for text in english if text in reading.root.inner_text()]


def test_conventions_and_kinks_in_both_languages(stepper):
    reading = stepper(Value(0.0, "x").relu(), lang="id")
    reading.press("End")
    reading.root.locator(".chooser").select_option("1")
    convention, kink = reading.root.locator(".convention"), reading.root.locator("g.kink .aside")
    assert convention.inner_text() == "kesepakatan: kemiringan di x = 0 adalah 0"
    assert kink.text_content() == "di tekukannya"
    reading.button("en").click()
    assert convention.inner_text() == "convention: the slope at x = 0 is 0"
    assert kink.text_content() == "at its kink"
    reading.root.locator(".chooser").select_option("0")
    reading.root.locator(".editor .field").fill("1")
    assert not kink.is_visible()  # it is there no longer


def test_nothing_moves_between_steps(stepper):
    reading = stepper(GRAPHS["layers"]())
    where = """root => [".bar", ".graph", ".step-panel", ".node-panel", ".tables", ".keys", "output.place", ".position",
        ".jump"].map(part => {
            const box = root.querySelector(part).getBoundingClientRect();
            return [box.x, box.y, box.width, box.height]
        })"""
    first = reading.root.evaluate(where)
    for _ in range(reading.place[1]):
        reading.press("ArrowRight")
        assert reading.root.evaluate(where) == first


def test_hostile_names_are_only_text(stepper):
    reading = stepper(hostile())
    reading.rows("steps")
    for _ in range(reading.place[1]):
        reading.press("ArrowRight")
    for place in range(len(HOSTILE)):
        reading.root.locator(".chooser").select_option(str(place))
        assert reading.root.locator(".facts strong").inner_text()
    reading.root.locator(".chooser").select_option(label=HOSTILE[0])
    assert reading.root.locator(".facts strong").inner_text() == HOSTILE[0]
    assert reading.rows("tape")[1][0] == HOSTILE[1]
    assert reading.root.locator("img, script, b").count() == 0
    reading.root.get_by_role("button", name="Predict").click()
    reading.go(5)
    reading.picture("hostile")


def test_odd_names_leave_the_page_alive(stepper):
    reading = stepper(odd())
    first, last = reading.place
    reading.press("f", "End")
    assert reading.place == (last, last)
    reading.press("f", "Home")
    assert reading.place == (first, last)
    assert reading.root.locator("img, script, b").count() == 0
    words = [box["words"] for box in reading.everything()["boxes"].values()]
    assert len(words) == 3 * len(ODD) + 1  # the parameter, two operations, and one sum of all
    assert [text for text in words if not text.replace("\u200d", "").isprintable()] == []
    for place in range(len(ODD)):
        reading.root.locator(".chooser").select_option(str(place))
        assert reading.root.locator(".facts strong").inner_text()


SECOND = """
let shown = 0;
const again = {}, shadow = document.getElementById("host").attachShadow({ mode: "open" });
shadow.innerHTML = `<style>${document.querySelector("style").textContent}</style><div id="inside"></div>`;
const second = {
  ...model, get: (key) => (key === "step" ? shown : state[key]), on: (event, call) => (again[event] = call),
  set(key, x) { shown = x; again["change:step"](); },
};
stepper.render({ model: second, el: shadow.getElementById("inside") });
"""


def test_inside_a_shadow_root(open_file):
    """As marimo shows it: beside another stepper, which stays as it is."""
    html = page(neuron(), view="drawing").replace('<div id="stepper">', '<div id="host"></div><div id="stepper">')
    html = html.replace("stepper.render({", SECOND + "stepper.render({")
    tab = open_file(html)
    inside = Reading(tab, tab.locator("#inside .stepper"))
    inside.button("next step").click()
    inside.button("next step").click()
    assert inside.place[0] == 2
    assert Reading(tab, tab.locator("#stepper .stepper")).place[0] == 0


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 600, 340])
def test_themes_and_widths(stepper, theme, width):
    """The text keeps its contrast and nothing hangs over the edge; the screenshots are for looking at."""
    reading = stepper(neuron(), color_scheme=theme)
    reading.tab.set_viewport_size({"width": width, "height": 900})
    reading.go(14)
    reading.select("w")
    reading.tab.wait_for_timeout(250)
    assert reading.root.get_attribute("data-theme") == theme
    assert reading.tab.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    reading.picture(f"stepper-{theme}-{width}")
    reading.press("p")
    assert reading.tab.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    if width == 1280:
        reading.picture(f"stepper-{theme}-large")


@pytest.mark.parametrize("said", ["true", "false"])
def test_a_page_in_a_frame_is_as_dark_as_what_is_around_it(open_file, said):
    """JupyterLab says whether it is light; what the system would like does not count then."""
    made = [page(neuron()), Playground(layers=[2], hidden=["layers", "data"]).page()]
    frames = "".join(f'<iframe srcdoc="{html.escape(each)}" width="900" height="700"></iframe>' for each in made)
    tab = open_file(f'<body data-jp-theme-light="{said}">{frames}', color_scheme="dark" if said == "true" else "light")
    for frame, name in zip(tab.frames[1:], (".stepper", ".playground"), strict=True):
        root = frame.locator(f"{name}[data-theme]").first
        root.wait_for()
        assert root.get_attribute("data-theme") == ("light" if said == "true" else "dark")
        tab.evaluate("said => { document.body.dataset.jpThemeLight = said; }", "false" if said == "true" else "true")
        root.page.wait_for_timeout(100)
        assert root.get_attribute("data-theme") == ("dark" if said == "true" else "light")
        tab.evaluate("said => { document.body.dataset.jpThemeLight = said; }", said)


@pytest.mark.parametrize("width", [820, 1024, 1400])
def test_a_step_is_seen_whole(stepper, width):
    """Also where a product is negative, of which the note beside its area takes three lines."""
    c = Value(2.0, "a") * Value(-3.0, "b")
    c.name = "c"
    reading = stepper(c**2)
    reading.tab.set_viewport_size({"width": width, "height": 800})
    for step in range(reading.place[1] + 1):
        reading.go(step)
        panel = reading.root.locator(".step-panel")
        assert panel.evaluate("panel => panel.scrollHeight - panel.clientHeight") <= 0
