"""The stepper in JupyterLab: in step with Python while a kernel runs, and something to see when none does."""

from __future__ import annotations

import json

import pytest

from tests.browser.jupyter import SECONDS, Lab, ready, run_cell, save
from tests.browser.reading import SCREENSHOTS, Reading
from tests.browser.test_saved_copy import COPIES

CELLS = [
    "from engine import Value, Stepper, group\nw, x = Value(-3.0, 'w'), Value(2.0, 'x')\nwith group('sum'):\n    z = w "
    "* x + w\ny = z.tanh()\ny.name = 'y'\nstepper = Stepper(y, view='drawing')\nstepper",
    "print(stepper.step, stepper.selected_node, len(stepper.answers), stepper.lang, stepper.edits)",
    "stepper.step = 6\nstepper.select(x)\nstepper.lang = 'id'\nprint('set')",
    "print(stepper.answers)",
    "stepper.close()\nprint(stepper)",
    "y.backward()\nv = Value(w.data - 0.1 * w.grad)\n"
    "print(stepper.round, stepper.edits == {'0': v.data}, stepper.losses == [y.data, (v * x + v).tanh().data])\n"
    "stepper.round = 0",
]


@pytest.fixture(scope="module")
def lab(browser, tmp_path_factory):
    lab = Lab(tmp_path_factory.mktemp("lab"))
    yield lab
    lab.stop()


@pytest.fixture
def tab(browser):
    context = browser.new_context(viewport={"width": 1500, "height": 1100})
    context.set_default_timeout(SECONDS * 1000)
    yield context.new_page()
    context.close()


def test_live_then_saved_then_reopened(lab, tab, browser):
    lab.write("live.ipynb", CELLS)
    lab.open(tab, "live.ipynb")
    ready(tab)
    assert run_cell_silently(tab, 0)
    reading = Reading(tab, tab.locator(".jp-OutputArea-output .stepper").first)
    assert reading.place == (0, 10)
    # what is for saved notebooks is not seen beside the live one
    assert tab.locator("iframe:visible, img:visible").count() == 0
    tab.wait_for_timeout(1000)  # and is no page that has become one meanwhile
    assert tab.evaluate(COPIES) == [[False, False]]

    reading.button("next step").click()
    reading.button("next step").click()
    reading.click(0)
    assert run_cell(tab, 1) == "2 Value(-3.0, name='w') 0 en {}"

    # close the group: nothing else changes, and the steps are Python's as before
    reading.root.locator("g.cluster text").first.click()
    reading.root.locator("g.folded").wait_for()
    assert run_cell(tab, 1) == "2 Value(-3.0, name='w') 0 en {}"

    field = reading.root.locator(".editor .field")
    field.fill("-2.5")
    assert run_cell(tab, 1) == "2 Value(-3.0, name='w') 0 en {'0': -2.5}"
    reading.root.locator(".editor .reset").click()

    training = reading.unfold("details.loop")
    assert "The numbers are Python's." in training.inner_text()
    reading.press("u")
    training.locator("summary", has_text="round 1").wait_for()
    assert run_cell(tab, 5) == "1 True True"
    training.locator("summary", has_text="round 0").wait_for()

    run_cell(tab, 2)
    tab.wait_for_function(
        "root => root.querySelector('output.place').textContent === '6 / 10'", arg=reading.root.element_handle()
    )
    assert "v2 meneruskan gradiennya ke v1" in reading.title
    assert reading.root.locator("g.folded.current.receives text").all_text_contents() == ["▸ sum", "2 simpul ✓"]
    assert reading.root.locator(".chooser").input_value() == "1"

    reading.button("Tebak").click()
    reading.root.locator(".predict form input").fill("123")
    reading.button("jawab").click()
    answers = json.loads(
        run_cell(tab, 3).replace("'", '"').replace("None", "null").replace("False", "false").replace("True", "true")
    )
    assert [(answer["step"], answer["given"], answer["right"]) for answer in answers] == [(7, 123, False)]
    reading.picture("notebook")

    save(tab, lab.notebooks / "live.ipynb")
    tab.context.close()
    lab.end_kernels()
    reopened(lab, browser)


def run_cell_silently(tab, place: int) -> bool:
    cell = tab.locator(".jp-Notebook .jp-CodeCell").nth(place)
    cell.locator(".cm-content").click()
    tab.keyboard.press("Control+Enter")
    cell.locator(".stepper").wait_for()
    return True


def reopened(lab, browser) -> None:
    """The same notebook with no kernel: trusted it shows the live page, from somebody else the picture."""
    saved = (lab.notebooks / "live.ipynb").read_text(encoding="utf-8")
    context = browser.new_context(viewport={"width": 1500, "height": 1100})
    context.set_default_timeout(SECONDS * 1000)
    later = context.new_page()
    lab.open(later, "live.ipynb")
    frame = later.frame_locator(".jp-OutputArea-output iframe").first
    frame.locator(".stepper").wait_for()
    frame.get_by_role("button", name="next step", exact=True).click()
    frame.locator("output.place", has_text="1 / 10").wait_for()
    later.wait_for_timeout(2000)  # by then a widget that does not find its model has said so
    assert later.get_by_text("model not found").locator("visible=true").count() == 0
    assert later.locator(".jp-OutputArea-output img").locator("visible=true").count() == 0
    Reading(later, frame.locator(".stepper")).picture("notebook-trusted")

    # not signed on this machine
    (lab.notebooks / "foreign.ipynb").write_text(saved.replace("name='w'", "name='w' "), encoding="utf-8")
    lab.open(later, "foreign.ipynb")
    later.locator(".jp-OutputArea-output img").first.wait_for()
    assert later.locator("iframe").count() == 0
    assert later.locator(".stepper").count() == 0
    width = later.locator(".jp-OutputArea-output img").first.evaluate("img => img.complete && img.naturalWidth")
    assert width > 100
    later.screenshot(path=SCREENSHOTS / "notebook-untrusted.png")
    context.close()
