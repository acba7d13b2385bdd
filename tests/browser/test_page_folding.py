"""Groups close to one box and open again in the page, which has no Python; whatever is closed, the picture tells the
truth of the step."""

from __future__ import annotations

from typing import Any

import pytest

from engine import Value, draw, topological_order
from engine.pictures.account import Account
from tests.benchmarks.page import network
from tests.browser.graphs import GRAPHS, neuron, thrice
from tests.browser.reading import Reading

FOLDED = """root => ({
    open: [...root.querySelectorAll("g.cluster")].map(g => g.dataset.id).sort(),
    closed: [...root.querySelectorAll("g.node.folded")].map(g => g.dataset.id).sort(),
    offered: [...root.querySelectorAll("[aria-expanded]")].map(g => [g.dataset.id, g.getAttribute("aria-expanded")]),
    marks: Object.fromEntries(["current", "receives", "complete", "computed", "selected", "done", "begun", "lit",
      "reached"].map(name =>
        [name, [...root.querySelectorAll(`g.${name}`)].map(g => g.dataset.id).sort()])),
})"""


def state(reading: Reading) -> dict[str, Any]:
    found: dict[str, Any] = reading.root.evaluate(FOLDED)
    return found


def toggle(reading: Reading, group: int) -> None:
    """Click a group, and wait for its other state: the drawing is unpacked first."""
    g = reading.root.locator(f'g[data-id="g{group}"]')
    after = {"true": "false", "false": "true"}[g.get_attribute("aria-expanded")]
    g.locator("text").first.click()
    reading.root.locator(f'g[data-id="g{group}"][aria-expanded="{after}"]').wait_for()


def close_all(reading: Reading) -> None:
    reading.press("f")
    reading.root.locator("g.folded").first.wait_for()


def said(reading: Reading) -> str:
    text: str = reading.root.locator(".unseen").inner_text()
    return text


def test_a_click_closes_a_group_and_another_one_opens_it(stepper):
    """Step, selection, answers and numbers stay."""
    reading = stepper(neuron())
    reading.go(9)
    reading.select("b")
    before, order = reading.everything(), topological_order(neuron())
    inside = {f"v{i}" for i, node in enumerate(order) if node.group}
    toggle(reading, 0)
    closed = reading.everything()
    assert state(reading)["closed"] == ["g0"]
    assert closed["boxes"] == {box: words for box, words in before["boxes"].items() if box not in inside}
    assert [closed[what] for what in ("place", "numbers", "tape")] == [
        before[what] for what in ("place", "numbers", "tape")
    ]
    assert said(reading) == "neuron is closed: one box."
    assert reading.root.locator(".facts strong").inner_text() == "b"
    toggle(reading, 0)
    assert reading.everything() == before
    assert said(reading) == "neuron is open."


def test_the_keyboard_opens_and_closes(stepper):
    reading = stepper(GRAPHS["layers"]())
    reading.root.locator(".bar button").last.focus()
    reading.tab.keyboard.press("Tab")
    focused = "document.activeElement.dataset.id + ' ' + document.activeElement.getAttribute('aria-expanded')"
    assert reading.tab.evaluate(focused) == "g0 true"
    assert reading.root.locator(".picture [tabindex='0']").count() == 1  # one stop for Tab, arrows from there
    reading.tab.keyboard.press("ArrowDown")
    reading.tab.keyboard.press("ArrowDown")
    assert reading.tab.evaluate(focused) == "g2 true"
    reading.tab.keyboard.press("Enter")
    reading.root.locator("[data-id=g2][aria-expanded=false]").wait_for()
    assert reading.tab.evaluate(focused) == "g2 false"
    assert "neuron 2" in reading.root.locator("[data-id=g2]").get_attribute("aria-label")
    reading.tab.keyboard.press("ArrowUp")
    reading.tab.keyboard.press(" ")
    reading.root.locator("[data-id=g1][aria-expanded=false]").wait_for()
    assert reading.place[0] == 0  # the space did not play
    reading.tab.keyboard.press("ArrowRight")
    assert reading.place[0] == 1


def test_what_is_shown_is_what_the_engine_draws_of_that_folding(stepper):
    y = GRAPHS["layers"]()
    reading = stepper(y)
    groups = Account(y).folding.groups
    for click in (0, 4, 0, 3, 7, 5):
        if f"g{click}" not in [identity for identity, _ in state(reading)["offered"]]:
            continue
        toggle(reading, click)
        shown = state(reading)
        opened = [int(identity[1:]) for identity in shown["open"]]
        expected = draw(y, folded=[group for i, group in enumerate(groups) if i not in opened]).boxes
        assert set(shown["closed"]) | reading.everything()["boxes"].keys() == expected.keys()


@pytest.mark.parametrize("make", [neuron, GRAPHS["layers"]])
def test_the_marks_of_every_step_with_all_groups_closed(stepper, make):
    """A box is current or receives if a node in it is or does, and complete when all in it are; an arrow is done
    when all its edges are."""
    y = make()
    account = Account(y)
    folding, number = account.folding, account.number
    folding.closed = set(folding.groups)
    place = {group: i for i, group in enumerate(folding.groups)}

    def box(node: Value) -> str:
        home = folding.box(node)
        return f"v{number[home]}" if isinstance(home, Value) else f"g{place[home]}"

    def arrow(node: Value, index: int) -> str | None:
        pairs = [(other, i) for other in number for i, x in enumerate(other.inputs) if isinstance(x, Value)]
        alike = [
            pair
            for pair in pairs
            if (box(pair[0]), box(pair[0].inputs[pair[1]])) == (box(node), box(node.inputs[index]))
        ]
        single = len(alike) == 1 or not (box(node) + box(node.inputs[index])).count("g")
        return (
            None
            if box(node) == box(node.inputs[index])
            else f"e{number[node]}_{index}"
            if single
            else f"m{box(node.inputs[index])}_{box(node)}"
        )

    reading = stepper(y)
    close_all(reading)
    steps = list(y.backward_steps())
    reading.go(reading.place[1] - len(steps) - 1)
    last = {step.input: i for i, step in enumerate(steps)}
    edges: dict[str, list[int]] = {}
    for i, step in enumerate(steps):
        edges.setdefault(arrow(step.node, step.index) or "", []).append(i)
    for i, step in enumerate(steps):
        reading.press("ArrowRight")
        marks = state(reading)["marks"]
        assert set(marks["current"]) == {box(step.node), arrow(step.node, step.index)} - {None}
        assert marks["receives"] == [box(step.input)]
        complete = {box(node) for node in number if all(last.get(x, -1) <= i for x in number if box(x) == box(node))}
        passive = {box(node) for node in number if node not in last and node is not y}
        assert set(marks["complete"]) == complete - {b for b in passive if b[0] == "v"}
        assert set(marks["done"]) == {edge for edge, places in edges.items() if edge and max(places) <= i}
        assert set(marks["begun"]) == {
            edge for edge, places in edges.items() if edge and min(places) <= i < max(places)
        }
    assert sorted(marks["complete"]) == sorted({box(node) for node in number if node in last or node is y})


def test_a_path_lights_up_through_closed_groups(stepper):
    y = GRAPHS["layers"]()
    x1 = [node.name for node in topological_order(y)].index("x1")
    reading = stepper(y)
    close_all(reading)
    reading.press("End")
    reading.select("x1")
    reading.root.locator(".paths li button").first.click()
    lit = state(reading)["marks"]["lit"]
    assert [identity for identity in lit if identity[0] == "g"] == ["g0", "g4", "g7"]
    assert [identity for identity in lit if identity[0] == "m"] == ["mg0_g4", "mg4_g7", f"mv{x1}_g0"]


def test_a_closed_box_opens_in_predict_mode_too_and_is_no_answer(stepper):
    reading = stepper(neuron())
    close_all(reading)
    reading.go(8)
    reading.button("Predict").click()
    toggle(reading, 0)
    assert "0 of 0 right" in reading.root.locator(".score").inner_text()
    reading.root.locator("g.node.result text").first.click()
    assert "1 of 1 right" in reading.root.locator(".score").inner_text()


def test_a_thousand_nodes_start_closed_and_say_so(stepper):
    y = network(1000)
    reading = stepper(y)
    assert "997 nodes, too many to draw one by one" in reading.root.locator(".note").inner_text()
    shown = state(reading)
    assert len(shown["closed"]) == 199
    steps = list(y.backward_steps())
    reading.go(reading.place[1] - 1)
    last = steps[-1]
    assert reading.everything()["numbers"] == [
        repr(x) for x in (last.upstream, last.local, last.before, last.contribution, last.after)
    ]
    opens = next(int(identity[1:]) for identity, _ in shown["offered"])
    reading.root.locator(f'g[data-id="g{opens}"]').press("Enter")
    reading.root.locator(f'g[data-id="g{opens}"][aria-expanded="true"]').wait_for()
    assert f"g{opens}" in state(reading)["open"]
    inside = [box for box in reading.everything()["boxes"].values() if "tanh" in box["words"]]
    assert len(inside) == 1
    reading.press("ArrowLeft")
    assert reading.everything()["numbers"][0] == repr(steps[-2].upstream)
    not_offered = next(identity for identity in shown["closed"] if identity not in dict(shown["offered"]))
    reading.root.locator(f'g[data-id="{not_offered}"]').evaluate(
        "g => g.dispatchEvent(new MouseEvent('click', { bubbles: true }))"
    )
    # its last node is selected instead
    assert "= tanh(" in reading.root.locator(".chooser option:checked").inner_text()
    reading.picture("thousand")


def test_without_groups_the_nodes_nearest_the_result_are_shown(stepper):
    y = Value(0.5, "x")
    for _ in range(400):
        y = y.sin()
    reading = stepper(y, lang="id")
    boxes = len(reading.everything()["boxes"])
    assert f"401 simpul, terlalu banyak untuk digambar: inilah {boxes}" in reading.root.locator(".note").inner_text()
    assert reading.root.locator("g.more text").first.inner_html() == f"dan {401 - boxes} simpul lagi"
    assert reading.root.locator(".fold-all").count() == 0
    reading.press("f")
    assert len(reading.everything()["boxes"]) == boxes


def test_it_starts_as_python_says(open_file):
    from engine.stepper import page

    reading = Reading(open_file(page(GRAPHS["layers"](), "id", folded=["layer 1", "layer 3 / neuron 1"])))
    assert (state(reading)["closed"], state(reading)["open"]) == (["g0", "g8"], ["g4", "g5", "g6", "g7"])
    words = (
        reading.root.locator('g[data-id="g0"]').text_content() + reading.root.locator("g.edge text").first.inner_html()
    )
    assert "6 simpul" in words and "sisi" in words


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("folded", [False, True])
def test_every_arrow_has_a_contrast_of_3(stepper, theme, folded):
    """On the ground and on the frame of a group, whatever has come along it."""
    reading = stepper(GRAPHS["layers"](), color_scheme=theme)
    if folded:
        close_all(reading)
    for step in (0, 5, 30, reading.place[1]):
        reading.go(step)
        reading.tab.wait_for_timeout(300)  # colours change slowly
        found = reading.contrasts(".picture .edge path")
        assert found
        assert min(found) >= 3


# Of each arrow of the step the box that its head, if just one is seen, is nearest to.
HEADS = """root => {
    const middle = (points, axis) => points.reduce((sum, at) => sum + at[axis] / points.length, 0);
    const boxes = [...root.querySelectorAll(".picture .node")].map((g) => [g.dataset.id, g.getBoundingClientRect()]);
    const far = ({ left, right, top, bottom }, [x, y]) =>
        Math.hypot(Math.max(left - x, x - right, 0), Math.max(top - y, y - bottom, 0));
    const tip = (polygon) => {
        const points = [...polygon.points].slice(0, 3), at = polygon.getScreenCTM();
        const seen = points.map((point) => point.matrixTransform(at)).map(({ x, y }) => [x, y]);
        const centre = [0, 1].map((axis) => middle(seen, axis)), away = ([x, y]) => Math.hypot(x - centre[0], y - centre[1]);
        return seen.sort((a, b) => away(b) - away(a))[0];
    };
    return [...root.querySelectorAll(".picture .edge.current")].map((g) => {
        const heads = [...g.querySelectorAll("polygon")].filter((each) => each.getClientRects().length);
        return heads.length === 1 && boxes.sort((a, b) => far(a[1], tip(heads[0])) - far(b[1], tip(heads[0])))[0][0];
    });
}"""  # noqa: E501


@pytest.mark.parametrize("folded", [False, True])
@pytest.mark.parametrize("make", [neuron, GRAPHS["layers"]])
def test_what_carries_the_gradient_points_to_who_receives_it(stepper, make, folded):
    """And forward each arrow points to what is computed."""
    reading = stepper(make())
    if folded:
        close_all(reading)
    backward = 0
    for _ in range(reading.place[1] - 1):
        reading.press("ArrowRight")
        marks, heads = state(reading)["marks"], reading.root.evaluate(HEADS)
        backward += len(heads) if marks["receives"] else 0
        assert set(heads) <= set(marks["receives"] or marks["current"])
    assert backward > 5


def test_the_number_along_an_arrow_covers_no_box(stepper):
    reading = stepper(neuron())
    on = """root => {
        const label = root.querySelector(".picture .passing").getBoundingClientRect();
        return [...root.querySelectorAll(".picture .node")].map((g) => [g.dataset.id, g.getBoundingClientRect()])
            .filter(([, box]) => label.width && box.left < label.right && label.left < box.right
                && box.top < label.bottom - 4 && label.top + 4 < box.bottom).map(([id]) => id);
    }"""
    for _ in range(reading.place[1]):
        reading.press("ArrowRight")
        assert reading.root.evaluate(on) == []


def test_a_folded_arrow_says_what_it_is_the_sum_of(open_file, stepper):
    """Of three edges into one receiver their sum, once it is a gradient; of edges into several how many are done."""
    from engine.stepper import page

    def said(reading: Reading) -> list[str]:
        found = []
        for _ in range(reading.place[1]):
            reading.press("ArrowRight")
            found.append(reading.root.locator(".picture .passing").text_content())
        return found

    assert "◂ Σ 6 (3 of 3)" in said(Reading(open_file(page(thrice(), folded=["thrice"]))))
    reading = stepper(GRAPHS["layers"]())
    close_all(reading)
    found = said(reading)
    assert [f"◂ {done} of 6" for done in range(1, 7)] == [words for words in found if words.endswith(" of 6")]
    assert all("Σ" not in words for words in found if not words.endswith("of 3)"))  # three into x1 are its gradient


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_looks(stepper, theme):
    """Screenshots for looking at."""
    reading = stepper(GRAPHS["layers"](), color_scheme=theme)
    close_all(reading)
    toggle(reading, 4)
    reading.go(24)
    reading.picture(f"folded-{theme}")
