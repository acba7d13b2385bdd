"""Rounds of gradient descent in the page: the same numbers as in Python, to the last bit where Python is there, and
where the arithmetic leaves no choice."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Any

import pytest

import engine
from engine import Stepper, Value, relu, topological_order
from nn import MLP, SGD
from tests.browser.reading import Reading

ROUNDS = 50
Loss = Callable[[], Value]


def neuron() -> tuple[list[Value], Loss]:
    """L = (tanh(w1·x1 + w2·x2 + b) - 1)²: its parameters, and the loss, made anew from the numbers they have."""
    w1, x1, w2, x2, b = (Value(n, name) for n, name in zip((0.5, 2.0, -1.0, 1.0, 0.25), NAMES, strict=True))

    def loss() -> Value:
        L = ((w1 * x1 + w2 * x2 + b).tanh() - 1.0) ** 2
        L.name = "L"
        return L

    return [w1, w2, b], loss


NAMES = ("w1", "x1", "w2", "x2", "b")


def network(*sizes: int) -> tuple[list[Value], Loss]:
    model = MLP(2, [*sizes], seed=1)
    xs = [Value(0.7, "x1"), Value(-1.3, "x2")]
    return model.parameters(), lambda: (model(xs) - 1.0) ** 2


def arithmetic() -> tuple[list[Value], Loss]:
    """Operations that IEEE 754 rounds in one way only, in every language."""
    w, v, b = Value(0.3, "w"), Value(-0.7, "v"), Value(0.1, "b")

    def loss() -> Value:
        off = relu(w * 0.9 + b) * v / 1.7 - abs(v - w) + (w * w + 2.0).sqrt() - 1.1
        return off * off + w * v * 0.01

    return [w, v, b], loss


GRAPHS = {"neuron": neuron, "small": lambda: network(3, 1), "wide": lambda: network(8, 8, 1), "arithmetic": arithmetic}


def trained(name: str, rate: float) -> tuple[list[list[float]], list[float]]:
    """The parameters and the loss at the start and after each round, by Python's SGD."""
    parameters, loss = GRAPHS[name]()
    numbers, losses, sgd = [], [], SGD(rate)
    for _ in range(ROUNDS + 1):
        y = loss()
        y.zero_grad()
        y.backward()
        numbers.append([p.data for p in parameters])
        losses.append(y.data)
        sgd.step(parameters)
    return numbers, losses


PYTHON = """\
  send(question) {
    window.waiting = (window.waiting ?? 0) + 1;
    window.ask(question).then((answer) => {
      told["msg:custom"].forEach((hear) => hear(answer));
      window.waiting -= 1;
    });
  },
"""
PLAY = """async ([key, count]) => {
  const root = document.querySelector(".stepper");
  for (let i = 0; i < count; i += 1) root.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }));
  const goal = Number(window.model.get("round")) + count;
  for (let i = 0; i < 1000 && (window.model.get("round") < goal || window.waiting); i += 1) {
    await new Promise((done) => setTimeout(done, 10));
  }
  return window.model.get("rounds");
}"""


class Pages:
    """Opens pages whose state a test can read: `window.model`."""

    def __init__(self, context: Any, folder: Any) -> None:
        self.context, self.folder = context, folder
        self.wrong: list[str] = []

    def open(self, stepper: Stepper, python: bool = False) -> Reading:
        """With Python behind the page, as a notebook has it: what the page asks, the stepper answers."""
        html = stepper.page().replace("stepper.render({ model", "window.model = model; stepper.render({ model")
        if python:
            self.context.expose_function("ask", stepper._answer)
            html = html.replace("const model = {\n", "const model = {\n" + PYTHON)
        file = self.folder / "page.html"
        file.write_text(html, encoding="utf-8")
        tab = self.context.new_page()
        tab.on("pageerror", lambda error: self.wrong.append(f"{error}"))
        tab.goto(file.as_uri())
        return Reading(tab)


@pytest.fixture
def pages(browser: Any, tmp_path: Any) -> Iterator[Pages]:
    context = browser.new_context(viewport={"width": 1024, "height": 768})
    pages = Pages(context, tmp_path)
    yield pages
    context.close()
    assert pages.wrong == []


def state(reading: Reading, key: str) -> Any:
    return reading.tab.evaluate("key => window.model.get(key)", key)


def played(reading: Reading, rounds: int = ROUNDS) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = reading.tab.evaluate(PLAY, ["u", rounds])
    return found


def numbers_of(rounds: list[dict[str, Any]], y: Value, parameters: list[Value]) -> list[list[float]]:
    """The parameters in each round as the page has shared them: what is not an edit has the number of the start."""
    order = topological_order(y)
    places = [order.index(p) for p in parameters]
    return [[float(each["edits"].get(str(i), order[i].data)) for i in places] for each in rounds]


@pytest.mark.parametrize("name", GRAPHS)
def test_50_rounds_with_python_are_sgd_bit_for_bit(pages, name):
    parameters, loss = GRAPHS[name]()
    y = loss()
    rounds = played(pages.open(Stepper(y, view="drawing"), python=True))
    expected, losses = trained(name, 0.1)
    assert numbers_of(rounds, y, parameters) == expected
    assert [float(each["loss"]) for each in rounds] == losses


@pytest.mark.parametrize("name", GRAPHS)
def test_50_rounds_alone_are_sgd_as_far_as_the_browsers_functions_are_pythons(pages, name):
    """Bit for bit with arithmetic alone; tanh and squares may end in another digit."""
    parameters, loss = GRAPHS[name]()
    y = loss()
    rounds = played(pages.open(Stepper(y, view="drawing")))
    expected, losses = trained(name, 0.1)
    found = numbers_of(rounds, y, parameters), [float(each["loss"]) for each in rounds]
    if name == "arithmetic":
        assert found == (expected, losses)
    assert found[1] == pytest.approx(losses, rel=1e-10, abs=1e-14)
    for some, others in zip(found[0], expected, strict=True):
        assert some == pytest.approx(others, rel=1e-12, abs=1e-14)
    assert losses[-1] < losses[0]


def test_the_update_is_walked_one_leaf_at_a_time(pages):
    """From "done" on, each → moves one leaf, with the formula in numbers; then it goes forward again."""
    parameters, loss = neuron()
    y = loss()
    reading = pages.open(Stepper(y, view="drawing"))
    reading.press("End")
    done = reading.everything()
    y.backward()
    rate = 0.1
    for place, p in enumerate(sorted(parameters, key=topological_order(y).index), 1):
        reading.press("ArrowRight")
        assert reading.root.locator(".step-panel .badge").inner_text().lower() == f"update {place} of 3"
        assert reading.title.endswith(f"{p.name} takes a step downhill")
        numbers = [float(n) for n in reading.numbers()]
        assert numbers == [p.data, rate, p.grad, p.data - rate * p.grad]
        at = topological_order(y).index(p)
        assert f"data {numbers[-1]:.4g}".replace("-", "−") in reading.box(at)["words"]
        assert "receives" in reading.box(at)["classes"]
        assert f"{p.name} takes a step downhill" in reading.root.locator(".unseen").text_content()
    assert state(reading, "edits") == {}
    assert reading.place == (reading.place[1], reading.place[1])
    reading.press("ArrowRight")
    assert reading.place[0] == 0 and state(reading, "round") == 1
    assert reading.root.locator(".phase").inner_text() == "round 1 · start"
    reading.press("ArrowLeft")
    assert (state(reading, "round"), state(reading, "edits")) == (0, {})
    assert reading.root.locator(".step-panel .badge").inner_text().lower() == "update 3 of 3"
    reading.press("ArrowLeft", "ArrowLeft", "ArrowLeft")
    assert {**reading.everything(), "place": ""} == {**done, "place": ""}
    reading.root.locator("select").nth(1).select_option("node")
    reading.press("ArrowRight")
    assert reading.root.locator(".step-panel .badge").inner_text().lower() == "update 3 of 3"


def test_rounds_are_kept_and_a_number_given_by_hand_begins_anew(pages):
    reading = pages.open(Stepper(neuron()[1](), view="drawing"))
    rounds = played(reading, 5)
    reading.press("[", "[")
    assert state(reading, "round") == 3 and state(reading, "edits") == rounds[3]["edits"]
    assert state(reading, "rounds") == rounds
    reading.press("]")
    assert state(reading, "round") == 4 and state(reading, "edits") == rounds[4]["edits"]
    reading.select("w1")
    reading.root.locator(".editor .field").fill("0.25")
    assert len(state(reading, "rounds")) == 5 and state(reading, "rounds")[4]["edits"]["0"] == 0.25
    assert state(reading, "rounds")[:4] == rounds[:4]
    reading.button("reset all").click()
    assert (state(reading, "round"), state(reading, "rounds"), state(reading, "edits")) == (0, [], {})


def opened_training(reading: Reading) -> Any:
    return reading.unfold("details.loop")


TANGENT = """root => {
  const chart = root.querySelector(".loop-chart.slice"), line = chart.querySelector(".tangent");
  const inside = chart.querySelector("svg");
  const [x0, x1, y0, y1] = ["x0", "x1", "y0", "y1"].map((key) => Number(chart.dataset[key]));
  const [a, b, c, d] = ["x1", "y1", "x2", "y2"].map((key) => Number(line.getAttribute(key)));
  const wide = Number(inside.getAttribute("width")), high = Number(inside.getAttribute("height"));
  return -((d - b) * (y1 - y0) / high) / ((c - a) * (x1 - x0) / wide);
}"""


@pytest.mark.parametrize("name", GRAPHS)
def test_the_tangent_of_the_slice_has_the_slope_of_the_gradient(pages, name):
    y = GRAPHS[name]()[1]()
    reading = pages.open(Stepper(y, view="drawing"))
    training = opened_training(reading)
    y.backward()
    leaves = [node for node in topological_order(y) if node.rule is None]
    for leaf in leaves[:: max(1, len(leaves) // 6)]:
        training.locator("h4 select").select_option(label=leaf.name)
        assert reading.root.evaluate(TANGENT) == pytest.approx(leaf.grad, rel=1e-3)
        assert float(training.locator(".facts data").get_attribute("value")) == pytest.approx(leaf.grad, rel=1e-12)


def test_the_point_is_drawn_along_the_curve(pages):
    parameters, loss = neuron()
    y = loss()
    reading = pages.open(Stepper(y, view="drawing"))
    training = opened_training(reading)
    point = training.locator(".loop-chart.slice .point")
    point.scroll_into_view_if_needed()
    box = point.bounding_box()
    reading.tab.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    reading.tab.mouse.down()
    reading.tab.mouse.move(box["x"] + 40, box["y"] - 30, steps=3)
    reading.tab.mouse.up()
    w = state(reading, "edits")["0"]
    assert w == pytest.approx(0.5 + 4.0 * (40 - box["width"] / 2) / 224, abs=0.05)
    parameters[0].data = w
    assert float(training.locator(".facts data").get_attribute("value")) == pytest.approx(
        engine.gradient(loss(), parameters[0])[0], rel=1e-12
    )
    assert reading.root.locator(".loop-chart.slice .point").get_attribute("aria-valuenow") == f"{w:g}"
    point.press("ArrowLeft")
    assert state(reading, "edits")["0"] < w and reading.place[0] == 0
    points = training.locator(".loop-chart.losses .point")
    assert points.count() == 1


def wall() -> tuple[Value, Loss]:
    """(ln w)², where a step too long ends below 0."""
    w = Value(3.0, "w")
    return w, lambda: w.log() ** 2


def chain() -> tuple[Value, Loss]:
    """cosh w, where it ends where cosh overflows."""
    w = Value(1.0, "w")
    return w, lambda: w.cosh() * 2.0


@pytest.mark.parametrize(("make", "rate"), [(wall, 10.0), (chain, 1000.0)])
def test_a_step_out_of_the_domain_is_refused_in_pythons_words(pages, make, rate):
    """Nothing has moved; a smaller rate is taken."""
    w, loss = make()
    y = loss()
    stepper = Stepper(y, view="drawing")
    stepper.learning_rate = rate
    reading = pages.open(stepper)
    training = opened_training(reading)
    y.backward()
    SGD(rate).step([w])
    with pytest.raises((ValueError, OverflowError)) as raised:
        loss()
    before = reading.everything()
    training.get_by_role("button", name="one round").click()
    said = f"{raised.value}. Nothing has moved: take a smaller η."
    assert training.locator(".warning").inner_text() == said
    assert reading.everything() == before and (state(reading, "round"), state(reading, "edits")) == (0, {})
    reading.press("End", "ArrowRight", "ArrowRight")
    assert reading.root.locator(".step-panel .warning").inner_text() == said
    assert reading.place[0] == reading.place[1] and state(reading, "round") == 0
    training.locator(".rate").fill("0.01")
    assert not training.locator(".warning").is_visible()
    reading.press("u")
    assert state(reading, "round") == 1


def test_a_rate_too_large_makes_the_loss_grow_until_nothing_moves(pages):
    """As in Python, where SGD then raises an error."""
    w = Value(1.0, "w")
    stepper = Stepper(w * w, update=[w])
    stepper.learning_rate = 1e30
    reading = pages.open(stepper)
    training = opened_training(reading)
    reading.tab.evaluate(PLAY, ["u", 10])
    for _ in range(3):
        reading.press("u")
    losses, sgd = [], SGD(1e30)
    with pytest.raises(OverflowError):
        while True:
            y = w * w
            w.grad = None
            y.backward()
            losses.append(y.data)
            sgd.step([w])
    assert [float(each["loss"]) for each in state(reading, "rounds")] == losses
    assert losses == sorted(losses) and losses[-1] == math.inf
    assert training.locator(".warning").inner_text() == "w would become −inf ‼: nothing has moved. Take a smaller η."


def test_the_page_as_it_stands_keeps_the_rounds(pages):
    """And a box that is not ticked keeps its leaf where it is."""
    reading = pages.open(stepper := Stepper(neuron()[1](), view="drawing"))
    opened_training(reading).get_by_label("w1").first.uncheck()
    rounds = played(reading, 4)
    assert all("0" not in each["edits"] and len(each["edits"]) == 2 for each in rounds[1:])
    assert reading.root.locator(".unseen").text_content().startswith("round 4 · L = ")
    stepper.rounds, stepper.edits, stepper.round = rounds, rounds[2]["edits"], 2
    later = pages.open(stepper)
    assert opened_training(later).locator("summary").inner_text().startswith("Training · round 2 · L = ")
    later.press("]")
    assert (state(later, "round"), state(later, "edits")) == (3, rounds[3]["edits"])


def test_where_nothing_can_move_there_is_no_training(pages):
    reading = pages.open(Stepper(Value(2.0, "w", frozen=True) * 3.0))
    assert reading.root.locator("details.loop").count() == 0
    reading.press("End", "ArrowRight")
    assert reading.place[0] == reading.place[1]


def test_a_rate_that_is_none_is_not_taken(pages):
    reading = pages.open(Stepper(neuron()[1](), view="drawing"))
    training = opened_training(reading)
    for text in ("0", "-1", "two", ""):
        training.locator(".rate").fill(text)
        assert training.locator(".rate").get_attribute("aria-invalid") == "true"
        assert training.locator(".warning").inner_text() == "η is a number above 0; it stays 0.1."
        assert state(reading, "learning_rate") == 0.1
    training.locator(".rate").fill("0,5")
    assert state(reading, "learning_rate") == 0.5 and not training.locator(".warning").is_visible()


OVERFLOWING = """root => [...root.querySelectorAll(".loop *")].filter((e) => {
  const { left, right } = e.getBoundingClientRect();
  return right > innerWidth || left < 0 || (e.textContent.trim() && parseFloat(getComputedStyle(e).fontSize) < 12);
}).map((e) => e.outerHTML.slice(0, 80))"""


@pytest.mark.parametrize(("width", "height"), [(1024, 768), (1400, 900), (390, 800)])
def test_it_fits_and_is_read_in_both_languages(pages, width, height):
    reading = pages.open(Stepper(neuron()[1](), view="drawing"))
    reading.tab.set_viewport_size({"width": width, "height": height})
    training = opened_training(reading)
    played(reading, 3)
    for lang, words in (("en", "Training · round 3 · L = "), ("id", "Pelatihan · putaran 3 · L = ")):
        reading.button(lang).click()
        assert training.locator("summary").inner_text().startswith(words)
        assert reading.root.evaluate(OVERFLOWING) == []
        charts = training.locator("section")
        tops = [charts.nth(i).bounding_box()["y"] for i in range(3)]
        assert (len(set(tops)) == 1) == (width > 390)
        reading.picture(f"training-{width}-{lang}")
    assert math.isfinite(float(state(reading, "rounds")[-1]["loss"]))
