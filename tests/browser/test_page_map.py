"""The map of a network and the lens beneath it: whoever sends and whoever receives is in view at every step."""

from __future__ import annotations

from unittest import mock

import pytest

from engine import Value, topological_order
from engine.pictures.diagram import LayoutError
from engine.stepper.network_map import network_map
from engine.stepper.page import page
from engine.stepper.payload import payload
from nn import MLP
from tests.browser.graphs import GRAPHS, single

IN_VIEW = """root => {
    const around = root.querySelector(".network").getBoundingClientRect();
    const inside = ({ left, right, top, bottom }) =>
        left >= around.left - 1 && right <= around.right + 1 && top >= around.top - 1 && bottom <= around.bottom + 1;
    const all = (what) => [...root.querySelectorAll(`.network ${what}`)];
    const count = (kind) => all(`.node.${kind}`).filter((g) => inside(g.getBoundingClientRect())).length;
    const sizes = all("text").filter((text) => text.textContent.trim()).map((text) => getComputedStyle(text).fontSize);
    return [count("current"), count("receives"), Math.min(...sizes.map(parseFloat))];
}"""


def network(sizes) -> Value:
    y = (MLP(2, sizes)([Value(0.5, "x1"), Value(-0.3, "x2")]) - 1) ** 2
    y.name = "L"
    return y


@pytest.mark.parametrize("width", [1024, 1400])
def test_sender_and_receiver_are_in_view_at_every_step(open_file, width):
    html = page(network([8, 8, 1]), view="map")
    assert len(html) < 300_000
    tab = open_file(html)
    tab.set_viewport_size({"width": width, "height": 900 if width == 1400 else 768})
    root, events = tab.locator(".stepper"), payload(network([8, 8, 1]), view="map")["events"]
    for event in events:
        if event[0] == "backward":
            current, receives, smallest = root.evaluate(IN_VIEW)
            assert (current > 0, receives > 0, smallest >= 12) == (True, True, True), event
        tab.keyboard.press("ArrowRight")


def test_every_node_is_in_one_cell_and_neurons_stand_in_their_order():
    y = network([8, 8, 1])
    shown = payload(y, view="map")
    found = network_map(shown["nodes"], shown["groups"])
    assert sorted(node for cell in found["cells"] for node in cell["nodes"]) == list(range(len(topological_order(y))))
    names = [[found["cells"][cell]["name"] for cell in frame["cells"]] for frame in found["frames"]]
    assert names[1:3] == [[f"neuron {k}" for k in range(1, 9)]] * 2
    column = {node: f["column"] for f in found["frames"] for c in f["cells"] for node in found["cells"][c]["nodes"]}
    for node, facts in enumerate(shown["nodes"]):
        assert all(column[x] <= column[node] for x in facts["inputs"] if isinstance(x, int))


def test_another_view_is_refused():
    with pytest.raises(ValueError, match="view is one of None, 'drawing', 'map', got 'x'"):
        page(network([2, 1]), view="x")


def test_the_drawing_where_all_of_it_can_be_read_else_the_map():
    """Of the graphs here the three smallest; measured in a browser by the test that follows."""
    drawn = {name for name, make in GRAPHS.items() if payload(make())["drawings"]}
    assert drawn == {"endless", "leaf", "ran_before"}
    assert "map" in payload(single())
    assert payload(single(), view="drawing")["drawings"]
    assert payload(network([2, 1]), folded=[])["drawings"]
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
