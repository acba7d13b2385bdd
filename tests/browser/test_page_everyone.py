"""For everyone: what axe finds, what a screen reader says, keys alone, little motion, a phone, a projector."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe

from engine import Value, topological_order
from engine.stepper import page
from nn import MLP
from tests.browser.graphs import GRAPHS, NETWORKS, neuron
from tests.browser.reading import AT_END, Reading

RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}


def network() -> Value:
    y = (MLP(2, [3, 1])([Value(0.5, "x1"), Value(-0.3, "x2")]) - 1) ** 2
    y.name = "L"
    return y


def found_by_axe(tab: Any) -> list[tuple[str, str, str]]:
    """What is wrong: the rule, the element, and why."""
    violations = Axe().run(tab, options=RULES).response["violations"]
    return [(each["id"], node["html"][:80], node["failureSummary"]) for each in violations for node in each["nodes"]]


@pytest.mark.parametrize("view", ["drawing", "map"])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing(open_file: Callable[..., Any], view: str, theme: str) -> None:
    y = neuron() if view == "drawing" else network()
    reading = Reading(open_file(page(y, view=view), color_scheme=theme))
    tab = reading.tab
    tab.set_viewport_size({"width": 1024, "height": 768})
    reading.press("End")
    for table in ("tape", "steps"):
        reading.rows(table)
    reading.root.locator(".chooser").select_option("0")
    reading.root.locator(".editor .field").fill("two")
    assert found_by_axe(tab) == []
    reading.root.get_by_role("button", name="Predict", exact=True).click()
    reading.go(reading.place[1] - 3)
    reading.press("P")
    assert found_by_axe(tab) == []


def as_shown(x: float) -> str:
    return "0" if x == 0 else f"{x:.4g}".replace("-", "−")


def sentences(y: Value) -> Iterator[str]:
    """What is to be heard from the first step to the last but one, by the engine's own sweep."""
    operations = [node for node in topological_order(y) if node.rule is not None]
    last = len(operations) + len(list(y.backward_steps())) + 2
    yield f"Step 0 of {last}. The leaves hold their numbers."
    for i, node in enumerate(operations, 1):
        yield f"Step {i} of {last}. Compute {node.name}: {as_shown(node.data)}."
    yield f"Step {i + 1} of {last}. The backward pass starts at {y.name}: 1."
    for i, s in enumerate(y.backward_steps(), len(operations) + 2):
        numbers = [as_shown(x) for x in (s.upstream, s.local, s.contribution, s.before, s.after)]
        again = ", which adds it to what it has" if s.before else ""
        yield (
            f"Step {i} of {last}. {s.node.name} passes its gradient to {s.input.name}{again}: "
            "{} times {} is {}; {} before, {} after.".format(*numbers)
        )


HEARD = """root => {
    const live = [...root.querySelectorAll("[aria-live], [role=status], [role=alert], output")]
        .filter((each) => each.getAttribute("aria-live") !== "off");
    const heard = [live.map((each) => each.textContent).filter(Boolean)];
    const next = root.querySelector(".bar button.main");
    while (!(AT_END)) {
        const before = live.map((each) => each.textContent);
        next.click();
        heard.push(live.map((each) => each.textContent).filter((text, i) => text && text !== before[i]));
    }
    return heard;
}""".replace("AT_END", AT_END)


def three() -> Value:
    """Every node has a name, and w is used twice."""
    w, x = Value(-3.0, "w"), Value(2.5e-5, "x")
    z = w * x
    z.name = "z"
    y = z.tanh() + w
    y.name = "y"
    y.inputs[0].name = "t"
    return y


def test_each_step_is_said_once_as_a_sentence_with_the_digits_that_are_shown(stepper: Callable[..., Reading]) -> None:
    y = three()
    heard = stepper(y).root.evaluate(HEARD)
    assert [len(each) for each in heard] == [1] * len(heard)
    expected = list(sentences(y))
    assert [each[0] for each in heard[:-1]] == expected
    assert "Every leaf adds its total" in heard[-1][0]


def test_what_is_said_between_two_steps_does_not_say_the_step_again(stepper: Callable[..., Reading]) -> None:
    reading = stepper(neuron())
    reading.press("ArrowRight", "f")
    reading.root.locator("g.folded").wait_for()
    said = reading.root.locator("p.unseen")
    assert said.inner_text() == "Every group is closed: one box."
    reading.select("w")
    assert said.inner_text() == "Every group is closed: one box."
    slider = reading.root.locator(".position")
    slider.focus()
    reading.tab.keyboard.press("ArrowRight")  # the slider says it itself
    assert said.inner_text() == "Every group is closed: one box."
    assert slider.get_attribute("aria-valuetext") == "Step 2 of 20. Compute z: 0.88."


FOCUSED = "document.activeElement.dataset.id"


WALKED = [("drawing", three), ("drawing", neuron), ("map", three), ("map", neuron), ("map", NETWORKS["c"])]
IN_VIEW = """() => {
    const graph = document.querySelector(".graph");
    const [a, b] = [document.activeElement, graph].map((each) => each.getBoundingClientRect());
    return a.left >= b.left && a.right <= b.right && a.top >= b.top && a.bottom <= b.bottom;
}"""


@pytest.mark.parametrize(("view", "make"), WALKED)
def test_the_graph_is_walked_by_arrow_keys_to_inputs_and_users(
    stepper: Callable[..., Reading], view: str, make: Callable[[], Value]
) -> None:
    """In the drawing, and in the lens beneath the map, which goes along."""
    y = make()
    order = topological_order(y)
    place = {node: f"v{i}" for i, node in enumerate(order)}
    reading = stepper(y, view=view)
    tab = reading.tab
    tab.locator(".graph svg .node").first.wait_for()
    reading.press("End", "g")
    node = y
    while True:  # down to a leaf, by the first input each time
        assert tab.evaluate(FOCUSED) == place[node]
        assert tab.evaluate("document.activeElement.getAttribute('aria-label')").startswith(node.name or "")
        assert tab.evaluate(IN_VIEW)
        inputs = [x for x in node.inputs if isinstance(x, Value)]
        if not inputs:
            break
        tab.keyboard.press("ArrowLeft")
        if len(set(inputs)) > 1:  # there and back among the inputs
            tab.keyboard.press("ArrowDown")
            assert tab.evaluate(FOCUSED) == place[list(dict.fromkeys(inputs))[1]]
            tab.keyboard.press("ArrowUp")
        node = inputs[0]
    tab.keyboard.press("ArrowRight")
    assert tab.evaluate(FOCUSED) in {place[user] for user in order if node in user.inputs}
    tab.keyboard.press("Enter")
    assert f"v{reading.root.locator('.chooser').input_value()}" == tab.evaluate(FOCUSED)
    assert reading.place[0] == reading.place[1]  # no arrow was a step
    tab.keyboard.press("Escape")
    tab.keyboard.press("ArrowLeft")
    assert reading.place[0] == reading.place[1] - 1
    assert reading.root.locator(".lens.pinned").count() == 0
    reading.root.locator(".graph g.node text").first.click()
    tab.keyboard.press("ArrowLeft")  # after a click of the mouse as well
    assert reading.place[0] == reading.place[1] - 2


def test_tab_leads_into_a_drawing_without_groups_and_out_of_it(stepper: Callable[..., Reading]) -> None:
    reading = stepper(three())
    assert reading.root.locator(".picture [tabindex='0']").count() == 1
    reading.root.locator(".bar button").last.focus()
    reading.tab.keyboard.press("Tab")
    assert reading.tab.evaluate(FOCUSED) == f"v{len(topological_order(three())) - 1}"
    reading.tab.keyboard.press("Tab")
    assert reading.tab.evaluate(FOCUSED) is None


def test_reduced_motion(stepper: Callable[..., Reading]) -> None:
    moving = """root => [...root.querySelectorAll("*")].filter((each) => {
        const style = getComputedStyle(each);
        return style.transitionDuration.split(", ").some((time) => parseFloat(time) > 0)
            || style.animationName !== "none" || style.scrollBehavior === "smooth";
    }).length"""
    assert stepper(neuron(), reduced_motion="reduce").root.evaluate(moving) == 0
    assert stepper(neuron(), reduced_motion="no-preference").root.evaluate(moving) > 0  # else this test sees nothing


CUT = """root => [...root.querySelectorAll("*")].filter((each) => {
    if (each.closest("svg, details:not([open]), .unseen") || !each.checkVisibility()) return false;
    const { right, left } = each.getBoundingClientRect();
    return right > innerWidth || left < 0 || (each.scrollWidth > each.clientWidth + 1 && each.clientWidth > 0 &&
        getComputedStyle(each).overflowX !== "visible" && !each.matches("input, select, .graph"));
}).map((each) => each.outerHTML.slice(0, 90))"""


@pytest.mark.parametrize("view", ["drawing", "map"])
@pytest.mark.parametrize("lang", ["en", "id"])
def test_a_phone(browser: Any, tmp_path: Any, lang: str, view: str) -> None:
    """Nothing hangs over the edge, one finger scrolls the page and moves nothing else, two zoom the graph: a drawing in
    its window, a map with the page."""
    file = tmp_path / "page.html"
    file.write_text(page(GRAPHS["neuron"](), lang, view=view), encoding="utf-8")
    context = browser.new_context(
        viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True, device_scale_factor=2
    )
    tab = context.new_page()
    tab.goto(file.as_uri())
    reading = Reading(tab)
    last = reading.place[1]
    for step in (0, 3, last - 1, last):
        reading.go(step)
        reading.root.locator(".chooser").select_option("0")
        assert reading.root.evaluate(CUT) == []
    tab.evaluate("scrollTo(0, 0)")
    box = reading.root.locator(".graph > :is(.picture, .network)").bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    fingers = context.new_cdp_session(tab)
    seen = "root => root.querySelector('.graph svg').getAttribute('viewBox').split(' ').map(Number)"
    before = reading.root.evaluate(seen)

    def touch(*ways: list[tuple[float, float]]) -> None:
        """Put fingers down at the first places, move them to the others, and lift them."""
        for i, places in enumerate([*ways, []]):
            points = [{"x": x + dx, "y": y + dy, "id": finger} for finger, (dx, dy) in enumerate(places)]
            kind = "touchStart" if i == 0 else "touchMove" if points else "touchEnd"
            fingers.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
            tab.wait_for_timeout(20)  # faster than that no finger is
        tab.wait_for_timeout(300)  # until the browser has followed

    touch(*([(-spread, 0), (spread, 0)] for spread in range(20, 101, 4)))
    after = reading.root.evaluate(seen)
    if view == "drawing":
        assert after[2] == pytest.approx(before[2] / 5, rel=0.01)  # by as much as the fingers
        assert after[0] + after[2] / 2 == pytest.approx(before[0] + before[2] / 2, rel=0.01)  # at the same place
        assert tab.evaluate("[scrollY, visualViewport.scale]") == [0, 1]
    else:
        assert tab.evaluate("visualViewport.scale") > 1.5
        touch(*([(-spread, 0), (spread, 0)] for spread in range(100, 10, -4)))
        assert tab.evaluate("visualViewport.scale") < 1.1
        tab.evaluate("scrollTo(0, 0)")
    touch(*([(0, -20 * i)] for i in range(11)))
    tab.wait_for_function("scrollY > 150")
    assert reading.root.evaluate(seen) == after
    reading.picture(f"phone-{view}-{lang}")
    context.close()


# At every step the words of its panel that are small, and the numbers with a note that stand on another or hang out.
PANEL = """root => {
    const panel = root.querySelector(".step-panel"), wrong = [], next = root.querySelector(".bar button.main");
    const box = (each) => each.getBoundingClientRect();
    while (!(AT_END)) {
        next.click();
        const inner = box(panel), notes = [...panel.querySelectorAll(".labelled")];
        const words = [...panel.querySelectorAll("*")].filter((each) => each.textContent.trim() && !each.closest("math"));
        wrong.push(...words.filter((each) => parseFloat(getComputedStyle(each).fontSize) < 12).map((each) => each.outerHTML));
        const apart = (a, b) => a.right <= b.left || b.right <= a.left || a.bottom <= b.top || b.bottom <= a.top;
        notes.forEach((a, i) => notes.slice(0, i).forEach((b) => apart(box(a), box(b)) || wrong.push([a, b].map((each) => each.outerHTML))));
        wrong.push(...notes.filter((each) => box(each).left < inner.left || box(each).right > inner.right).map((each) => each.outerHTML));
    }
    return wrong;
}""".replace("AT_END", AT_END)  # noqa: E501


@pytest.mark.parametrize("width", [390, 1024])
@pytest.mark.parametrize("lang", ["en", "id"])
def test_notes_under_numbers_can_be_read_and_stand_apart(open_file: Callable[..., Any], lang: str, width: int) -> None:
    tab = open_file(page(three(), lang))
    tab.set_viewport_size({"width": width, "height": 768})
    assert Reading(tab).root.evaluate(PANEL) == []


PRESENTED = """root => {
    const inside = (each, box) => {
        const a = each.getBoundingClientRect(), all = new DOMRect(0, 0, innerWidth, innerHeight);
        const b = box?.getBoundingClientRect() ?? all;
        return a.left >= b.left - 2 && a.right <= b.right + 2 && a.top >= b.top - 2 && a.bottom <= b.bottom + 2;
    };
    const small = () => [...root.querySelectorAll("*")].filter((each) => each.checkVisibility()
        && !each.closest(".unseen") && [...each.childNodes].some((child) => child.nodeType === 3 && child.data.trim()))
        .map((each) => [each.outerHTML.slice(0, 80), parseFloat(getComputedStyle(each).fontSize)
            * (each.ownerSVGElement ? each.getScreenCTM().a : 1)]).filter(([, size]) => size < 17.99);
    const graph = root.querySelector("div.graph"), panel = root.querySelector(".step-panel"), found = [];
    const [step, last] = root.querySelector("output.place").textContent.split(" / ").map(Number);
    for (let i = step + 1; i <= last; i += 1) {
        root.dispatchEvent(new KeyboardEvent("keydown", { key: "PageDown", bubbles: true }));
        const at = [...root.querySelectorAll(".graph .node:is(.current, .receives)")];
        const parts = [...root.querySelectorAll(".step-panel :is(h3, .leaves, .working > *)")];
        const apart = (a, b) => !b || a.right <= b.left + 1 || a.bottom <= b.top + 1;
        const beside = parts.map((each) => each.getBoundingClientRect());
        const place = root.querySelector("output.place"), plots = root.querySelectorAll(".step-panel .plot");
        found.push([parseInt(place.textContent), at.some((each) => inside(each, graph)),
            panel.checkVisibility() && panel.scrollHeight <= panel.clientHeight,
            [...parts, graph, place].every((each) => inside(each, null)),
            beside.every((a, i) => apart(a, beside[i + 1])), small(), plots.length]);
    }
    return found;
}"""


@pytest.mark.parametrize(("view", "by"), [("drawing", "e"), ("map", "e"), ("map", "l")])
def test_the_presenter_has_all_on_one_screen(open_file: Callable[..., Any], view: str, by: str) -> None:
    """By layer too: the screen has room for the step, and not for the matrices."""
    y = neuron() if view == "drawing" else network()
    reading = Reading(open_file(page(y, view=view)))
    tab = reading.tab
    tab.set_viewport_size({"width": 1024, "height": 768})
    tab.keyboard.press("PageDown")
    assert reading.place[0] == 0  # it scrolls the page
    tab.keyboard.press("P")
    reading.press(by)
    steps, *shown, plots = zip(*reading.root.evaluate(PRESENTED), strict=True)
    assert set(map(str, zip(*shown, strict=True))) == {str((*[True] * 4, []))}
    assert steps[-1] == reading.place[1]
    if by == "e":
        assert steps == tuple(range(1, reading.place[1] + 1))
        operations = sum(node.rule is not None for node in topological_order(y))
        assert sum(plots) == operations + len(list(y.backward_steps()))  # there is room for each of them here
    tab.keyboard.press("PageUp")
    reading.picture(f"presenter-{view}")
    cover = reading.root.locator(".blank")
    step = reading.place[0]
    tab.keyboard.press("b")
    box = cover.bounding_box()
    assert (box["width"], box["height"]) == (1024, 768)
    assert cover.evaluate("each => getComputedStyle(each).backgroundColor") == "rgb(0, 0, 0)"
    tab.keyboard.press("PageDown")  # the next click shows it again
    assert not cover.is_visible() and reading.place[0] == step
    tab.keyboard.press("b")
    tab.keyboard.press("b")
    assert not cover.is_visible()
    tab.keyboard.press("Escape")
    assert "presenting" not in reading.root.get_attribute("class")
    assert reading.root.locator(".tables").is_visible()
