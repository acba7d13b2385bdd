"""The map of a network and the lens beneath it: whoever sends and whoever receives is in view and named at every
step."""

from __future__ import annotations

import os
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any
from unittest import mock

import pytest

from engine import Value, group, topological_order, total, weighted_sum
from engine.pictures.diagram import LayoutError
from engine.stepper import Stepper
from engine.stepper.network_map import network_map
from engine.stepper.page import page
from engine.stepper.payload import payload
from tests.browser.graphs import GRAPHS, NETWORKS, deep, digits, medium, single, thrice
from tests.browser.reading import Reading, state_of

WALK = Path(__file__).with_name("walk_map.js").read_text(encoding="utf-8").partition("\n\n")[2]
EVERY = 1 if os.environ.get("RANTAI_STEPS") == "all" else 7
"""Which steps the large graphs are looked at."""
SIZES = {"small": (1024, 768), "large": (1400, 900)}


@pytest.fixture
def shown(open_file: Callable[..., Any]) -> Callable[..., Reading]:
    """Opens the map of a graph in a window of a size."""

    def shown(y: Value, size: tuple[int, int] = (1024, 768), **settings: Any) -> Reading:
        tab = open_file(page(y, view="map"), **settings)
        tab.set_viewport_size({"width": size[0], "height": size[1]})
        tab.locator(".network svg").wait_for(timeout=120_000)
        return Reading(tab)

    return shown


def steps_of(sent: dict[str, Any]) -> list[list[Any]]:
    """Of each step its number, who sends or is computed, and who receives."""
    nodes = sent["nodes"]
    return [
        [
            i,
            nodes[rest[0]]["name"] if rest else None,
            nodes[nodes[rest[0]]["inputs"][rest[1]]]["name"] if kind == "backward" else None,
        ]
        for i, (kind, *rest) in enumerate(sent["events"])
    ]


def neighbours(sent: dict[str, Any]) -> list[list[int]]:
    """Pairs of cells: a group, and the one that was made after it beside it."""
    cells = sent["map"]["cells"]
    frames = [frame["cells"] for frame in sent["map"]["frames"] if cells[frame["cells"][0]]["group"] is not None]
    return [[a, b] for frame in frames for a, b in pairwise(frame)]


@pytest.mark.slow
@pytest.mark.parametrize("size", SIZES.values(), ids=SIZES)
@pytest.mark.parametrize("name", NETWORKS)
def test_every_step_is_in_view_and_named(shown, name, size):
    """Text of 12 pixels at least, none on another, and neurons from the top in the order of their making."""
    y = NETWORKS[name]()
    sent = state_of(page(y, view="map"))["payload"]
    steps = steps_of(sent)
    sampled = {"e": 5 * EVERY, "deep": 15 * EVERY, "digits": 25 * EVERY, "c": EVERY}.get(name, 1) if EVERY > 1 else 1
    reading = shown(y, size)
    assert reading.tab.evaluate(WALK, [steps[::sampled], neighbours(sent)]) == []


def test_every_node_is_in_one_cell_and_neurons_stand_in_their_order():
    y = medium()
    sent = payload(y, view="map")
    found = network_map(sent["nodes"], sent["groups"])
    assert sorted(node for cell in found["cells"] for node in cell["nodes"]) == list(range(len(topological_order(y))))
    names = [[found["cells"][cell]["name"] for cell in frame["cells"]] for frame in found["frames"]]
    assert names[1:3] == [[f"neuron {k}" for k in range(1, 9)]] * 2
    column = {node: f["column"] for f in found["frames"] for c in f["cells"] for node in found["cells"][c]["nodes"]}
    for node, facts in enumerate(sent["nodes"]):
        assert all(column[x] <= column[node] for x in facts["inputs"] if isinstance(x, int))


def test_neurons_stand_in_the_order_of_their_making_whatever_uses_them_first():
    """The loss subtracts the score of the right class, the fourth, from the others."""
    found = payload(digits(), view="map")["map"]
    names = [[found["cells"][cell]["name"] for cell in frame["cells"]] for frame in found["frames"]]
    assert [f"neuron {k}" for k in range(1, 11)] in names


@pytest.mark.parametrize("make", [GRAPHS["doubling"], deep, lambda: chain(400)])
def test_a_long_graph_has_few_columns_and_every_node(make):
    y = make()
    found = payload(y, view="map")["map"]
    assert found["columns"] <= 9
    assert sorted(node for cell in found["cells"] for node in cell["nodes"]) == list(range(len(topological_order(y))))


def chain(length: int) -> Value:
    y = Value(0.5, "x")
    for _ in range(length):
        y = y.sin()
    return y


def test_another_view_is_refused():
    with pytest.raises(ValueError, match="view is one of None, 'drawing', 'map', got 'x'"):
        page(single(), view="x")


@pytest.mark.slow
def test_the_drawing_where_all_of_it_can_be_read_else_the_map():
    """Of the graphs here the three smallest; measured in a browser by the test that follows."""
    drawn = {name for name, make in GRAPHS.items() if payload(make())["drawings"]}
    assert drawn == {"endless", "leaf", "ran_before"}
    assert "map" in payload(single())
    assert payload(single(), view="drawing")["drawings"]
    assert payload(single(), folded=[])["drawings"]
    with mock.patch("engine.pictures.diagram.lay_out", side_effect=LayoutError("no engine here")):
        assert "map" in payload(GRAPHS["leaf"]())


@pytest.mark.parametrize("name", ["endless", "ran_before"])
def test_a_drawing_that_is_chosen_stands_in_a_small_window_at_12_pixels(open_file, name):
    tab = open_file(page(GRAPHS[name]()))
    tab.set_viewport_size({"width": 1024, "height": 768})
    tab.locator(".picture svg").wait_for()
    tab.wait_for_timeout(100)
    smallest, inside = tab.evaluate("""() => {
        const svg = document.querySelector(".picture svg"), scale = svg.getScreenCTM().a;
        const box = svg.getBoundingClientRect();
        const texts = [...svg.querySelectorAll("text")].filter((text) => text.textContent.trim());
        const size = (text) => parseFloat(text.getAttribute("font-size") ?? getComputedStyle(text).fontSize) * scale;
        const here = ({ left, right, top, bottom }) =>
            left >= box.left && right <= box.right && top >= box.top && bottom <= box.bottom;
        return [Math.min(...texts.map(size)), texts.every((text) => here(text.getBoundingClientRect()))];
    }""")
    assert smallest >= 12
    assert inside


def test_the_page_is_small():
    assert len(page(medium())) <= 300_000


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("step", [0, 60, 154])
def test_every_edge_has_a_contrast_of_3(shown, theme, step):
    reading = shown(medium(), color_scheme=theme)
    reading.go(step)
    reading.tab.wait_for_timeout(300)  # colours change slowly
    for kind in (".map", ".lens"):
        found = reading.contrasts(f".network {kind} .edge path")
        assert found
        assert min(found) >= 3


def test_what_carries_the_gradient_points_to_who_receives_it(shown):
    """On the map and in the lens, with the number that it carries; forward it points to what is computed."""
    y = medium()
    sent, reading = payload(y, view="map"), shown(y)
    heads = """() => [...document.querySelectorAll(".network .edge.current")].flatMap((g) => {
        const [from, to] = [0, 1].map((end) => {
            const path = g.querySelector("path");
            return path.getPointAtLength(end * path.getTotalLength());
        });
        return [...g.querySelectorAll("polygon")].filter((each) => getComputedStyle(each).display !== "none")
            .map((each) => {
                const { x, y } = each.points[0], near = ([p, q]) => Math.hypot(x - p.x, y - p.y);
                return near([from]) < near([to]) ? "input" : "user";
            });
    })"""
    backward = [i for i, event in enumerate(sent["events"]) if event[0] == "backward"][40]
    for step, end in ((20, "user"), (backward, "input")):
        reading.go(step)
        ends = reading.tab.evaluate(heads)
        assert ends
        assert set(ends) == {end}


def test_a_folded_line_says_what_it_is_the_sum_of(shown):
    """Of three edges into one receiver their sum, once it is a gradient; of edges into several how many are done."""
    reading = shown(thrice(), (1400, 900))
    reading.press("End")
    titles = reading.tab.locator(".network .map .edge title").all_text_contents()
    assert "x → thrice: a gradient has passed along 3 of 3 edges" in titles
    said = set()
    for _ in range(reading.place[1]):
        reading.press("ArrowLeft")
        said |= set(reading.tab.locator(".network .map .passing").all_text_contents())
    assert "◂ Σ 6 (3 of 3)" in said


def test_a_click_pins_a_group_beside_that_of_the_step_and_escape_lets_go(shown):
    reading = shown(medium())
    reading.go(100)
    titles = reading.root.locator(".network .lens .title")
    assert titles.all_text_contents() == ["layer 2 / neuron 6"]
    pin = "() => document.querySelector('.map .node[aria-label^=\"layer 1 / neuron 4\"]')"
    reading.tab.evaluate(f"({pin})().dispatchEvent(new MouseEvent('click', {{ bubbles: true }}))")
    assert titles.all_text_contents() == ["◉ layer 1 / neuron 4", "layer 2 / neuron 6"]
    reading.press("ArrowRight")
    assert titles.all_text_contents() == ["◉ layer 1 / neuron 4", "layer 2 / neuron 6"]
    assert reading.tab.evaluate(WALK, [[[101, None, None]], []]) == []
    reading.press("Escape")
    assert titles.all_text_contents() == ["layer 2 / neuron 6"]


def test_the_keyboard_walks_over_the_map(shown):
    reading = shown(medium())
    assert reading.root.locator(".network .map [tabindex='0']").count() == 1
    reading.root.locator(".network .map [tabindex='0']").focus()
    name = "document.activeElement.getAttribute('aria-label').split('\\n')[0]"
    assert reading.tab.evaluate(name) == "L"
    said = []
    for key in ("ArrowLeft", "ArrowLeft", "ArrowLeft", "ArrowDown", "ArrowRight", "ArrowLeft", "ArrowUp", "ArrowLeft"):
        reading.tab.keyboard.press(key)
        said.append(reading.tab.evaluate(name).split(",")[0])
    layers = [
        f"layer {layer} / neuron {unit}" for layer, unit in ((3, 1), (2, 1), (2, 2), (3, 1), (2, 1), (2, 8), (1, 1))
    ]
    assert said == ["v34", *layers]  # to the first input, the next one beside it, and around
    assert reading.place[0] == 0  # the arrows did not step
    reading.tab.keyboard.press("Enter")
    assert reading.root.locator(".network .lens.pinned .title").text_content() == f"◉ {said[-1]}"


def test_a_selected_node_and_its_path_are_lit_on_the_map_and_in_the_lens(shown):
    reading = shown(medium())
    reading.press("End")
    reading.select("w1_1_1")
    assert "selected" in reading.root.locator('.map .node[aria-label^="layer 1 / neuron 1"]').get_attribute("class")
    reading.root.locator(".paths li button").first.click()
    lit = [label.split(",")[0] for label in reading.root.locator(".map .node.lit").evaluate_all(
        "all => all.map((g) => g.getAttribute('aria-label').split('\\n')[0])"
    )]  # fmt: skip
    assert lit[0].startswith("layer 1 / neuron 1")
    assert len(lit) == 5  # a neuron of each layer, the difference and its square
    assert reading.root.locator(".map .edge.lit").count() == 4


def test_an_edited_number_is_on_the_map_at_once(shown):
    reading = shown(medium())
    reading.press("End")
    reading.select("x1")
    before = reading.root.locator('.map .node[aria-label^="L"]').text_content()
    field = reading.root.locator(".editor .field")
    field.fill("2")
    assert "2" in reading.root.locator('.map .node[aria-label^="x1"] .data').text_content()
    assert reading.root.locator('.map .node[aria-label^="L"]').text_content() != before


def test_a_head_says_what_it_looks_at(shown):
    y = NETWORKS["e"]()
    sent, reading = payload(y, view="map"), shown(y)
    cells = sent["map"]["cells"]
    looks = {cell["name"]: cell["looks"] for cell in cells if "looks" in cell}
    assert [len(row) for row in looks["head 1"]] == [1, 2, 3, 4, 5]
    row = looks["head 2"][2]
    step = next(i for i, event in enumerate(sent["events"]) if event[0] == "backward" and event[1] == row[0])
    reading.go(step)
    shares = sorted(((sent["nodes"][node]["data"], place) for place, node in enumerate(row, 1)), reverse=True)
    words = ", ".join(f"token {place} with {float(f'{share:.2f}'):g}" for share, place in shares)
    assert reading.root.locator(".network .looks").text_content() == f"head 2: token 3 looks at {words}"


@pytest.mark.parametrize("name", ["c", "e", "digits"])
def test_on_a_phone_one_finger_scrolls_and_nothing_is_cut(shown, name):
    y = NETWORKS[name]()
    reading = shown(y, (390, 844))
    steps = steps_of(payload(y, view="map"))
    assert reading.tab.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert reading.root.locator(".network").evaluate("box => getComputedStyle(box).touchAction") in ("auto", "pan-y")
    for pin in (False, True):  # the second time two lenses, one below the other
        if pin:
            reading.root.locator(".map .node").nth(3).dispatch_event("click")
            assert reading.root.locator(".lens .title").count() == 2
        wrong = reading.tab.evaluate(WALK, [steps[:: len(steps) // 7], []])
        assert [each for each in wrong if "in the window" not in each] == []


# The texts that leave something out, with their tooltips. Where … stands by itself it is a word, as in x1 … x9.
CUT = """() => [...document.querySelectorAll(".network text")]
    .filter(({ textContent }) => /\\S…|…\\S/.test(textContent))
    .map((text) => [text.textContent, text.closest(":has(> title)")?.querySelector("title").textContent ?? ""])"""


def long_names() -> Value:
    xs = [Value(0.1 * i, f"the length of petal number {i} in cm") for i in range(3)]
    with group("the layer that is hidden from all of us"), group("a neuron with quite a long name"):
        y = weighted_sum([Value(1.0, f"the weight of that length {i}") for i in range(3)], xs, 0.5).tanh()
        y.name = "the activation of the neuron"
    return (y - 1.0) ** 2


def test_a_very_long_name_is_whole_in_tooltips(shown):
    name, layer, neuron = ("-".join([word] * 12) for word in ("weight", "layer", "neuron"))
    w = Value(0.5, name)
    with group(layer), group(neuron):
        y = (w * 2.0).tanh()
    reading = shown(y * w)
    titles = reading.root.evaluate("root => [...root.querySelectorAll('svg title')].map((t) => t.textContent)")
    assert any(title.startswith(f"{name}\n") for title in titles)
    assert any(title.startswith(f"{layer} / {neuron}, 2 nodes\n") for title in titles)


@pytest.mark.parametrize("size", [(390, 844), (1024, 768)])
@pytest.mark.parametrize("make", [long_names, NETWORKS["c"], NETWORKS["e"], NETWORKS["f"]])
def test_what_is_cut_is_cut_in_the_middle_and_whole_in_a_tooltip(shown, make, size):
    reading = shown(make(), size)
    seen = set()
    for step in range(0, reading.place[1], reading.place[1] // 8):
        reading.go(step)
        seen |= set(map(tuple, reading.tab.evaluate(CUT)))
    assert seen or make is not long_names
    for cut, whole in seen:
        head, tail = cut.split("…", 1)
        ends = whole.replace("\n", " ").partition(head.strip())[1:]
        assert ends[0] == head.strip() and tail.split("…")[-1] in ends[1], (cut, whole)


@pytest.mark.parametrize("key", ["p", "P"])
def test_larger_text_for_a_projector(shown, key):
    reading = shown(medium())
    reading.press(key)
    steps = steps_of(payload(medium(), view="map"))
    wrong = reading.tab.evaluate(WALK, [steps[::40], []])
    assert [each for each in wrong if "in the window" not in each] == []
    assert reading.root.locator(".network .name").first.evaluate("text => getComputedStyle(text).fontSize") == "18px"


def test_a_weighted_sum_of_numbers_is_no_attention():
    x = Value(0.5, "x")
    shown = payload(weighted_sum([2.0, x], [x, 3.0], 1.0) / total([x, 2.0]), view="map")
    assert sum(len(cell["nodes"]) for cell in shown["map"]["cells"]) == len(shown["nodes"])


def test_a_node_that_is_looked_at_from_the_start_is_on_the_map(open_file: Callable[..., Any]) -> None:
    """Before the map is laid out, as in a notebook where the stepper is not yet in view."""
    x = Value(0.5, "x")
    stepper = Stepper((x * 2.0).tanh(), view="map")
    stepper.select(x)
    tab = open_file(stepper.page())
    tab.locator(".network svg").wait_for()
    assert "x (leaf)" in tab.locator(".node-panel").inner_text()
    assert "not in the drawing" not in tab.locator(".node-panel").inner_text()
