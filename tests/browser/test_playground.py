"""The playground in a real browser: it trains as Python does, goes back, explains, and says what it cannot do."""

from __future__ import annotations

import json
import math
import re
import subprocess
import sys
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlparse

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe

from nn import Playground
from nn.playground.languages import TEXTS
from tests.browser.jupyter import SECONDS, Lab, ready

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A page for settings, each written once."""
    folder, known = tmp_path_factory.mktemp("playgrounds"), {}

    def page_of(**settings: Any) -> str:
        key = repr(sorted(settings.items(), key=str))
        if key not in known:
            playground = Playground.lesson(**settings) if "name" in settings else Playground(**settings)
            known[key] = playground.to_html(folder / f"{len(known)}.html").as_uri()
        return known[key]

    return page_of


@pytest.fixture
def opened(browser, made):
    """A page in a window; what its console says against it is an error."""
    contexts, errors = [], []

    def open_page(hash: str = "", width: int = 1400, height: int = 900, dark: bool = False, **settings: Any) -> Any:
        context = browser.new_context(
            viewport={"width": width, "height": height}, color_scheme="dark" if dark else "light"
        )
        contexts.append(context)
        tab = context.new_page()
        tab.on("pageerror", lambda error: errors.append(str(error)))
        tab.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
        tab.goto(made(**settings) + hash)
        tab.wait_for_selector(".playground .unit")
        return tab

    yield open_page
    for context in contexts:
        context.close()
    assert errors == []


def until(tab: Any, condition: str) -> None:
    """Waits; playwright's own way makes a function of a text, which the page's policy forbids."""
    while not tab.evaluate(condition):
        tab.wait_for_timeout(50)


def epochs(tab: Any, count: int) -> None:
    tab.evaluate("n => { for (let i = 0; i < n; i += 1) playground.takeEpoch(); }", count)


def parameters(tab: Any) -> list[float]:
    return list(tab.evaluate("Array.from(playground.run.descent.P).slice(0, -2)"))


def test_its_first_numbers_are_pythons(opened):
    tab = opened(data="circles", layers=[3, 2])
    assert tab.evaluate("playground.agrees") is True
    assert tab.locator(".remarks").inner_text() == ""


SETTINGS: list[dict[str, Any]] = [
    {},
    {"data": "sine", "layers": [4], "rate": 0.05, "batch": 32},
    {"data": "xor", "layers": [], "optimizer": "Adam", "rate": 0.02, "l2": 0.01},
    {"data": "blobs", "noise": 0.8, "test": 0.4, "layers": [3], "activation": "relu", "init": "he", "seed": 5,
     "dropout": 0.2},
    {"data": "spirals", "layers": [8, 4, 2], "optimizer": "momentum", "rate": 0.02, "schedule": "cosine", "l1": 0.001,
     "batch": 100},
]  # fmt: skip


@pytest.mark.parametrize("settings", SETTINGS, ids=str)
def test_the_code_gives_the_same_run(opened, settings, tmp_path):
    tab = opened(**settings)
    epochs(tab, 30)
    tab.get_by_role("button", name="copy as code").click()
    code = tab.locator("textarea.code").input_value()
    program = tmp_path / "run.py"
    program.write_text(
        f"{code}\nimport json\nprint(json.dumps([p.data for p in model.parameters()]))\n", encoding="utf-8"
    )
    done = subprocess.run([sys.executable, program], capture_output=True, text=True, check=True, timeout=120)
    expected = np.array(json.loads(done.stdout.splitlines()[-1]))
    assert np.linalg.norm(np.array(parameters(tab)) - expected) <= 1e-9 * np.linalg.norm(expected)


def test_playing_pausing_and_going_back(opened):
    tab = opened(layers=[4])
    tab.get_by_role("button", name="play").click()
    until(tab, "playground.run.epoch > 5")
    tab.get_by_role("button", name="pause").click()
    last = tab.evaluate("playground.run.epoch")
    there = parameters(tab)
    slider = tab.get_by_role("slider", name="epoch")
    slider.fill("2")
    assert re.match(rf"epoch 2 of {last}", tab.locator(".at").inner_text())
    assert parameters(tab) != there
    slider.fill(str(last))
    assert parameters(tab) == there
    tab.get_by_role("button", name="reset").click()
    assert "epoch 0 of 0" in tab.locator(".at").inner_text()


def test_why_a_weight_moves(opened):
    """The rows are the chain rule, their mean the gradient, and the step that follows is the one that was told."""
    tab = opened(layers=[3, 2])
    epochs(tab, 10)
    tab.get_by_role("button", name="unit 2 of layer 1").click()
    tab.locator(".panel").get_by_role("button", name="y", exact=True).click()
    why = tab.evaluate("playground.look.constructor.why(playground.run, playground.run.units()[1], 1)")
    for row in why["samples"]:
        assert row["upstream"] * row["local"] * row["x"] == pytest.approx(row["product"], rel=1e-12, abs=1e-300)
    assert why["gradient"] == pytest.approx(
        sum(row["product"] for row in why["samples"]) / len(why["samples"]), rel=1e-12
    )
    sizes = [abs(row["product"]) for row in why["samples"]]
    assert sizes == sorted(sizes, reverse=True)
    index = tab.evaluate("playground.weight.index")
    before, said = parameters(tab)[index], tab.locator(".panel").inner_text()
    change = float(re.search(r"Δw = .* = (\S+)", said)[1].replace("−", "-"))
    tab.get_by_role("button", name="step", exact=True).click()
    assert parameters(tab)[index] - before == pytest.approx(change, rel=1e-3)
    assert parameters(tab)[index] - before == pytest.approx(-0.1 * why["gradient"], rel=1e-9)


def test_two_epochs_beside_each_other(opened):
    tab = opened(layers=[3])
    epochs(tab, 4)
    before = parameters(tab)
    tab.get_by_role("button", name="compare from here").click()
    epochs(tab, 20)
    change = np.array(parameters(tab)) - before
    rows = tab.locator(".panel tbody tr").all_inner_texts()
    shown = [float(row.split()[-1].replace("−", "-")) for row in rows]
    largest = sorted(change, key=abs, reverse=True)[: len(shown)]
    assert shown == pytest.approx(largest, rel=1e-3)
    tab.get_by_role("button", name="compared with epoch 4").click()
    assert tab.locator(".panel tbody tr").count() == 0


def test_the_loss_around_the_path(opened):
    """At the end of the path the height is the loss, and the two directions are the principal ones of NumPy's SVD."""
    tab = opened(layers=[3], rate=0.5)
    tab.locator("summary").click()
    until(tab, "document.querySelector('.around').innerText.includes('Nothing has moved')")
    epochs(tab, 30)
    assert "of all movement" in tab.locator(".around").inner_text()
    points = np.array(tab.evaluate("[...playground.run.kept.values()].map(({ P }) => Array.from(P).slice(0, -2))"))
    points = np.vstack([points, points[-1]])
    singular = np.linalg.svd(points - points.mean(axis=0), compute_uv=False)
    share = (singular[:2] ** 2).sum() / (singular**2).sum()
    assert f"{100 * share:.0f} %" in tab.locator(".around").inner_text()
    assert parameters(tab) == points[-1].tolist()  # drawing it moves nothing


def test_a_points_graph_in_the_stepper(opened):
    """At the numbers of the network as it is: the gradient there is the one that was told here."""
    for settings, unit in (({"layers": [2]}, "unit 1 of layer 1"), ({"data": "sine", "layers": [3]}, "output")):
        tab = opened(**settings)
        epochs(tab, 3)
        tab.get_by_role("button", name=unit).click()
        tab.locator(".panel tbody").first.get_by_role("button").first.click()
        told = tab.locator(".panel tbody").nth(1).locator("tr").first.locator("td").last.inner_text()
        with tab.context.expect_page() as opening:
            tab.locator(".panel tbody").nth(1).get_by_role("button").first.click()
        first = "w1_1_1" if unit.startswith("unit") else "w2_1_1"
        assert gradient_in(opening.value, first) == pytest.approx(number_of(told), rel=1e-3)


def gradient_in(stepper: Any, leaf: str) -> float:
    """What the stepper on that page comes to for a leaf."""
    stepper.get_by_role("button", name="last step").click()
    row = stepper.locator("details.tape tbody tr").filter(has_text=leaf).first
    return number_of(row.locator("td.number").last.text_content())


def number_of(text: str) -> float:
    return float(text.replace("−", "-"))


def test_a_points_graph_as_code_for_another_network(opened):
    tab = opened(layers=[2])
    tab.evaluate("playground.set('activation', 'sin')")
    epochs(tab, 3)
    tab.get_by_role("button", name="unit 1 of layer 1").click()
    tab.locator(".panel").get_by_role("button", name="x", exact=True).click()
    row = tab.evaluate("playground.look.constructor.why(playground.run, playground.run.units()[0], 0).samples[0]")
    tab.locator(".panel tbody").nth(1).get_by_role("button").first.click()
    scope: dict[str, Any] = {}
    exec(tab.locator("textarea.code").input_value().replace("\nStepper(", "\nstepper = Stepper("), scope)
    stepper = scope["stepper"]
    from engine import gradient

    loss = stepper._nodes[-1]
    assert gradient(loss, scope["model"].parameters()[0])[0] == pytest.approx(row["product"], rel=1e-12)


def test_a_training_that_diverges_is_explained(opened):
    tab = opened(data="sine", layers=[8], activation="relu", rate=1000.0)
    tab.get_by_role("button", name="play").click()
    until(tab, "playground.run.trouble !== null")
    said = tab.locator(".remarks").inner_text()
    assert "diverges" in said
    assert "1000" in said
    assert all(math.isfinite(p) for p in parameters(tab))


def test_what_cannot_be_is_marked_and_the_number_in_use_stands(opened):
    tab = opened()
    field = tab.get_by_label("learning rate")
    field.fill("-3")
    field.press("Enter")
    assert field.get_attribute("aria-invalid") == "true"
    assert "from" in tab.locator(".remarks").inner_text()
    assert tab.evaluate("playground.settings.rate") == 0.1


def test_zeros_never_learn(opened):
    tab = opened(init="zeros", layers=[3], activation="relu")
    epochs(tab, 5)
    assert "All weights of the units of layer 1 are 0" in tab.locator(".remarks").inner_text()
    hidden = tab.evaluate("Array.from(playground.run.descent.P.slice(0, 9))")
    assert hidden == [0] * 9


@pytest.mark.parametrize("width", [1024, 1400])
@pytest.mark.parametrize("layers", [[4], [8, 8]])
def test_layers_come_and_go_by_buttons_on_one_line(opened, layers, width):
    tab = opened(layers=layers)
    tab.set_viewport_size({"width": width, "height": 800})
    places = [
        tab.get_by_role("button", name=TEXTS["en"][name]).bounding_box() for name in ("moreLayers", "fewerLayers")
    ]
    assert places[0]["y"] == places[1]["y"]
    assert places[0]["x"] < places[1]["x"]


UNITS = {
    "en": ["unit 1 of layer 1", "unit 1 of layer 1, unit 2 of layer 1", "the units of layer 1"],
    "id": ["unit 1 lapisan 1", "unit 1 lapisan 1, unit 2 lapisan 1", "unit-unit lapisan 1"],
}
ILL = {"dead": ("relu", [1, 1, -99]), "zeros": ("relu", [0, 0, 0]), "saturated": ("tanh", [0, 0, 99])}
"""What ails a unit: its activation, and its weights with its bias."""


@pytest.mark.parametrize("lang", UNITS)
@pytest.mark.parametrize("what", ILL)
@pytest.mark.parametrize("count", [1, 2, 3])
def test_units_that_do_not_learn_are_named(opened, lang, what, count):
    """One, some of a layer, and all of it."""
    activation, weights = ILL[what]
    tab = opened(layers=[3], activation=activation, lang=lang)
    tab.evaluate("numbers => { playground.run.descent.P.set(numbers); playground.draw(); }", weights * count)
    assert tab.locator(".remarks").inner_text() == TEXTS[lang][what].replace("{units}", UNITS[lang][count - 1])


def test_of_one_point_no_mean_is_told(opened):
    tab = opened(layers=[2], batch=1)
    tab.get_by_role("button", name="unit 1 of layer 1").click()
    tab.locator(".panel").get_by_role("button", name="x", exact=True).click()
    gradient = tab.locator(".panel tbody").nth(1).locator("td").last.inner_text()
    said = f"The next step takes this point alone: its ∂L/∂w is the gradient, {gradient}."
    assert said in tab.locator(".panel").inner_text()


def test_points_of_ones_own(opened):
    tab = opened(layers=[2])
    before = tab.evaluate("playground.run.data.train.length")
    box = tab.locator(".plane").bounding_box()
    tab.mouse.click(box["x"] + 0.25 * box["width"], box["y"] + 0.25 * box["height"])
    point, target = tab.evaluate("playground.run.data.train.at(-1)")
    across, up = tab.evaluate("[playground.look.across, playground.look.up]")
    assert tab.evaluate("playground.run.data.train.length") == before + 1
    assert target == 1
    assert across[0] < point[0] < across[1]
    assert up[0] < point[1] < up[1]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("x,y\n" + "\n".join(f"{i / 10},{math.sin(i / 10)}" for i in range(20)), "20 points"),
        ("\n".join(f"{i} {-i} {i % 2}" for i in range(10)), "10 points"),
        ("1,2,1\n1,2\n3,4,0\n5,6,1", "row 2"),
        ("1,2,5\n1,2,7\n3,4,0\n5,6,1", "0 or 1"),
        ("hello", "four rows"),
        ("1,2\n3,x\n5,6\n7,8", "row 2"),
    ],
)
def test_a_file_of_ones_own(opened, tmp_path, text, said):
    tab = opened(layers=[2])
    (tmp_path / "own.csv").write_text(text, encoding="utf-8")
    tab.locator("input[type=file]").set_input_files(str(tmp_path / "own.csv"))
    until(tab, "document.querySelector('.remarks').textContent !== ''")
    assert said in tab.locator(".remarks").inner_text()
    epochs(tab, 2)


def test_a_file_is_dropped_on_the_page(opened):
    tab = opened(layers=[2])
    rows = "\\n".join(f"{i / 10},{(i / 10) ** 2}" for i in range(20))
    tab.evaluate(
        f"""() => {{
          const dropped = new DataTransfer();
          dropped.items.add(new File(["{rows}"], "curve.csv"));
          document.querySelector(".network").dispatchEvent(
            new DragEvent("drop", {{ dataTransfer: dropped, bubbles: true, cancelable: true }}));
        }}"""
    )
    until(tab, "document.querySelector('.remarks').textContent !== ''")
    assert "curve.csv: 20 points" in tab.locator(".remarks").inner_text()
    assert tab.evaluate("[playground.run.task, playground.run.width]") == ["regression", 1]


def test_a_function_of_ones_own(opened):
    tab = opened(data=math.cos, layers=[4])
    assert tab.evaluate("playground.agrees") is True
    x, y = tab.evaluate("playground.run.data.train[5]")
    assert y == pytest.approx(math.cos(x[0]), rel=1e-15)


def test_a_link_holds_the_settings(opened):
    tab = opened(hash="#layers=3-2&rate=0.5&data=xor&lang=id")
    assert tab.evaluate("playground.settings.layers") == [3, 2]
    assert tab.evaluate("[playground.settings.rate, playground.settings.data, playground.lang]") == [0.5, "xor", "id"]
    tab.evaluate("playground.set('seed', 7)")
    assert "seed=7" in tab.evaluate("location.hash")
    tab.reload()
    tab.wait_for_selector(".playground .unit")
    assert tab.evaluate("[playground.settings.seed, playground.settings.rate]") == [7, 0.5]


@pytest.mark.parametrize("hash", ["#layers=99", "#rate=nonsense", "#data=nothing", "#optimizer=SGD&batch=-1"])
def test_a_link_that_cannot_be_is_refused(opened, hash):
    tab = opened(hash=hash)
    assert tab.evaluate("JSON.stringify(playground.settings)") == tab.evaluate("JSON.stringify(playground.usual)")
    assert "usual settings" in tab.locator(".remarks").inner_text()


def test_a_lesson_hides_what_does_not_matter(opened, made):
    tab = opened(name="learning rate")
    assert tab.get_by_label("learning rate").count() == 1
    assert tab.get_by_label("dropout").count() == 0
    assert Path(unquote(urlparse(made(name="learning rate")).path)).stat().st_size < 280_000  # one network alone
    assert tab.evaluate("playground.settings.layers") == [4]


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("lang", ["en", "id"])
def test_axe_finds_nothing(opened, dark, lang):
    tab = opened(dark=dark, lang=lang)
    epochs(tab, 2)
    tab.locator(".unit").first.click()
    tab.locator(".panel button").first.click()
    found = Axe().run(tab)
    assert [(each["id"], [node["html"] for node in each["nodes"]]) for each in found.response["violations"]] == []


@pytest.mark.parametrize("width", [390, 1024, 1400])
def test_nothing_is_cut(opened, width):
    tab = opened(width=width, height=844)
    epochs(tab, 2)
    tab.locator(".unit").first.click()
    assert tab.evaluate("document.documentElement.scrollWidth <= innerWidth")
    small = """[...document.querySelectorAll('.playground *')].filter((e) => e.offsetParent
      && [...e.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim())
      && parseFloat(getComputedStyle(e).fontSize) < 12).length"""
    assert tab.evaluate(small) == 0


def test_nothing_jumps_while_it_trains(opened):
    tab = opened()
    tab.evaluate("document.fonts.ready")
    places = """[...document.querySelectorAll('.network, .panel, .plane, .losses, .health, .bar')].map((e) => {
      const { x, y, width } = e.getBoundingClientRect();
      return [x, y, width];
    })"""
    before = tab.evaluate(places)
    tab.get_by_role("button", name="play").click()
    until(tab, "playground.run.epoch > 20")
    assert tab.evaluate(places) == before


def test_by_keyboard_alone(opened):
    tab = opened(layers=[2])
    tab.evaluate("document.querySelector('.bar .main').focus()")
    tab.keyboard.press("Tab")
    tab.keyboard.press("Tab")
    tab.keyboard.press("Enter")  # an epoch
    assert "epoch 1 of 1" in tab.locator(".at").inner_text()
    tab.evaluate("document.querySelector('.unit').focus()")
    tab.keyboard.press("Enter")
    assert "unit 1 of layer 1" in tab.locator(".panel h2").first.inner_text()


def test_another_language_and_theme_show_the_same(opened):
    tab = opened(layers=[2])
    epochs(tab, 3)
    seen = "[...document.querySelectorAll('.points > *, .unit, .network line')].length"
    before = tab.evaluate(seen)
    for name in ("id", "light or dark", "larger text, for a projector (key p)"):
        tab.get_by_role("button", name=name, exact=True).click()
        assert tab.evaluate(seen) == before
        if name == "id":
            assert "Taman bermain" in tab.locator("h1").inner_text()
            tab.get_by_role("button", name="en", exact=True).click()
    assert "epoch 3 of 3" in tab.locator(".at").inner_text()


def test_keys_for_a_projector(opened):
    tab = opened(layers=[2])
    size = "getComputedStyle(document.querySelector('.playground')).fontSize"
    before = tab.evaluate(size)
    tab.evaluate("document.querySelector('.playground').focus()")
    tab.keyboard.press("p")
    assert (before, tab.evaluate(size)) == ("14px", "19px")
    tab.evaluate("document.querySelector('.playground').focus()")
    tab.keyboard.press(" ")
    until(tab, "playground.run.epoch > 1")
    tab.keyboard.press(" ")
    assert tab.evaluate("playground.playing") is False
    epoch = tab.evaluate("playground.run.epoch")
    tab.keyboard.press("PageDown")
    assert tab.evaluate("playground.run.epoch") == epoch + 1
    tab.keyboard.press("PageUp")
    tab.keyboard.press("PageUp")
    assert tab.evaluate("playground.run.epoch") == epoch - 1
    tab.keyboard.press("b")
    covered = "getComputedStyle(document.querySelector('.playground'), '::after').content"
    assert tab.evaluate(covered) == '""'
    tab.keyboard.press("b")
    assert tab.evaluate(covered) == "none"


def test_a_network_beyond_those_that_are_offered(opened):
    tab = opened(layers=[12, 3, 2, 2])
    epochs(tab, 2)
    assert tab.evaluate("[playground.agrees, playground.run.shape]") == [True, [2, 12, 3, 2, 2, 1]]
    tab.get_by_label("one hidden layer less").click()
    assert tab.evaluate("playground.run.shape") == [2, 8, 3, 2, 1]


def test_in_jupyterlab(browser, tmp_path):
    """As the last line of a cell it shows itself, as high as it is. While a kernel runs it has every network, and the
    stepper of each; without one it trains those that it carries."""
    lab = Lab(tmp_path)
    try:
        lab.write("play.ipynb", ["from nn import Playground\nPlayground('circles', layers=[2])"])
        context = browser.new_context(viewport={"width": 1400, "height": 1000})
        context.set_default_timeout(SECONDS * 1000)
        tab = context.new_page()
        lab.open(tab, "play.ipynb")
        ready(tab)
        tab.locator(".jp-Notebook .cm-content").first.click()
        tab.keyboard.press("Control+Enter")
        page = tab.frame_locator(".jp-OutputArea-output iframe")
        page.locator(".unit").first.wait_for()
        assert tab.locator("iframe:visible, .no-playground:visible, .jp-OutputArea-child:visible").count() == 2
        units = page.get_by_label("units of hidden layer 1")
        units.locator("option[value='12']").wait_for(state="attached")
        units.select_option("12")
        page.get_by_role("button", name="unit 12 of layer 1").click()
        page.locator(".panel").get_by_role("button", name="x", exact=True).click()
        told = page.locator(".panel tbody").nth(1).locator("tr").first.locator("td").last.inner_text()
        with context.expect_page() as opening:
            page.locator(".panel tbody").nth(1).get_by_role("button").first.click()
        assert gradient_in(opening.value, "w1_12_1") == pytest.approx(number_of(told), rel=1e-3)
        lab.end_kernels()
        page.get_by_role("button", name="play").click()
        page.get_by_text("epoch 3").first.wait_for()
        frame = tab.locator(".jp-OutputArea-output iframe").bounding_box()
        assert frame["height"] == pytest.approx(page.locator("html").bounding_box()["height"], abs=2)
        context.close()
    finally:
        lab.stop()
