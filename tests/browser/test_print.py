"""On paper: the handout, and what is printed of a page. A4, nothing clipped, at least 9 points, each step once."""

import re

import pytest

from engine import Stepper, Worksheet, gradient
from engine.graph import topological_order
from engine.stepper import page
from tests.browser.graphs import GRAPHS, NETWORKS, hostile

A4 = {"width": 794, "height": 1123}
SMALLEST = 12  # pixels, which are 9 points

READ = r"""
(root) => {
  const sheet = document.querySelector(root), { left, right } = sheet.getBoundingClientRect();
  const shown = (e) => e.getClientRects().length && getComputedStyle(e).visibility !== "hidden";
  const all = [...sheet.querySelectorAll("*")].filter(shown);
  const scale = (e) => e.ownerSVGElement ? e.getScreenCTM().a : 1;
  const texts = all.filter((e) => [...e.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim()));
  const beyond = (e) => {
    const at = e.getBoundingClientRect();
    return at.left < left - 1 || at.right > right + 1;
  };
  const numbers = (row) => [...row.querySelectorAll("[data-field] data")].map((e) => e.getAttribute("value"));
  return {
    wide: all.filter(beyond).map((e) => e.outerHTML.slice(0, 200)),
    clipped: all.filter((e) => e.matches("td, th") && e.scrollWidth > e.clientWidth + 1).map((e) => e.outerHTML),
    smallest: Math.min(...texts.map((e) => parseFloat(getComputedStyle(e).fontSize) * scale(e))),
    width: right - left,
    steps: [...sheet.querySelectorAll("[data-step]")].filter(shown).map((e) => Number(e.dataset.step)),
    blanks: [...sheet.querySelectorAll(".blank")].map((e) => e.textContent),
    rows: [...sheet.querySelectorAll("tr[data-step]:has([data-field])")].map(numbers),
    key: [...sheet.querySelectorAll("tr[data-key]")].map((row) => [Number(row.dataset.key), ...numbers(row)]),
    leaves: [...sheet.querySelectorAll("[data-leaf] data")].map((e) => e.getAttribute("value")),
    pictures: all.filter((e) => e.matches("svg") && !e.ownerSVGElement).length,
  };
}
"""
SHEETS = [
    ("a", "en"), ("b", "id"), ("d", "en"), ("f", "id"), ("pieces", "en"), ("endless", "id"), ("functions", "id"),
    ("doubling", "en"), ("hostile", "en"), ("layers", "en"), ("leaf", "en"),
]  # fmt: skip
WITH_NUMBERS = [("a", "id"), ("f", "en"), ("functions", "en")]


def numbers_of(step):
    return [step.upstream, step.local, step.contribution, step.before, step.after]


def same(texts, numbers):
    """Whether the texts read back as these very numbers."""
    return [*map(str, map(float, texts))] == [str(x + 0.0) for x in numbers]


@pytest.mark.parametrize(
    ("name", "lang", "blanks"), [*[(*sheet, True) for sheet in SHEETS], *[(*sheet, False) for sheet in WITH_NUMBERS]]
)
def test_a_handout_is_legible_and_its_key_is_right(open_file, tmp_path, name, lang, blanks):
    y = (GRAPHS | NETWORKS | {"hostile": hostile})[name]()
    stepper = Stepper(y, lang=lang)
    file = stepper.handout(tmp_path / "sheet.html", blanks=blanks)
    tab = open_file(file.read_text(encoding="utf-8"), media="print")
    tab.set_viewport_size(A4)
    seen = tab.evaluate(READ, ".sheet")
    assert (seen["wide"], seen["clipped"]) == ([], [])
    assert seen["smallest"] >= SMALLEST - 0.01
    assert sorted(seen["steps"]) == [*range(stepper.last + 1)]
    steps = [*y.backward_steps()]
    first = stepper.last - len(steps)
    filled = seen["key"] if blanks else [[first + i, *row] for i, row in enumerate(seen["rows"])]
    assert [number for number, *_ in filled] == [*range(first, stepper.last)]
    for (_, *texts), step in zip(filled, steps, strict=True):
        assert same(texts, numbers_of(step))
    leaves = [node for node in topological_order(y) if node.rule is None and not node.frozen]
    assert same(seen["leaves"], gradient(y, *leaves))
    assert seen["blanks"] == [""] * (5 * len(steps) * blanks)


def pages_of(pdf):
    """The sizes of the pages of a PDF as Chromium writes it."""
    return re.findall(rb"/Type /Page\b[^s].*?/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", pdf, re.DOTALL)


def test_the_key_has_the_last_page_of_a4(open_file, tmp_path):
    with_key, without = (
        open_file(Stepper(NETWORKS["a"]()).handout(tmp_path / "s.html", blanks=blanks).read_text(encoding="utf-8"))
        for blanks in (True, False)
    )
    sizes = pages_of(with_key.pdf(prefer_css_page_size=True))
    assert len(sizes) == 3
    assert {(round(float(w)), round(float(h))) for w, h in sizes} == {(595, 842)}
    assert len(pages_of(without.pdf(prefer_css_page_size=True))) == 2


@pytest.mark.parametrize(("seed", "lang"), [(7, "en"), (8, "id")])
def test_a_worksheet_is_legible_and_has_two_pages_of_a4_for_each_student(open_file, tmp_path, seed, lang):
    students = 12
    sheets, key = Worksheet(seed, students, lang).to_html(tmp_path)
    for file in (sheets, key):
        tab = open_file(file.read_text(encoding="utf-8"), media="print")
        tab.set_viewport_size(A4)
        seen = tab.evaluate(READ, ".sheet")
        assert (seen["wide"], seen["clipped"]) == ([], [])
        assert seen["smallest"] >= SMALLEST - 0.01
        sizes = pages_of(tab.pdf(prefer_css_page_size=True))
        assert {(round(float(w)), round(float(h))) for w, h in sizes} == {(595, 842)}
        assert len(sizes) == 2 * students if file is sheets else len(sizes) < students
        assert seen["pictures"] == (2 * students if file is sheets else 0)
        assert {len(blank) for blank in seen["blanks"]} <= {0}


@pytest.mark.parametrize(
    ("name", "lang", "view"), [("a", "en", None), ("neuron", "id", "drawing"), ("c", "en", None), ("e", "id", None)]
)
def test_a_printed_page_has_the_graph_and_each_step_once(open_file, name, lang, view):
    y = (GRAPHS | NETWORKS)[name]()
    tab = open_file(page(y, lang, view=view), color_scheme="dark")
    tab.wait_for_selector(".stepper .graph svg")
    tab.keyboard.press("ArrowRight")
    before = tab.evaluate("document.querySelector('.stepper').innerText")
    tab.emulate_media(media="print")
    tab.set_viewport_size(A4)
    tab.wait_for_selector(".printing")
    seen = tab.evaluate(READ, ".stepper")
    assert seen["wide"] == []
    assert seen["smallest"] >= SMALLEST - 0.01
    assert round(seen["width"]) == 703
    assert seen["pictures"] == 1
    rows = tab.evaluate(
        "[...document.querySelectorAll('.steps tbody tr')].map((r) => [...r.cells].map((c) => c.textContent))"
    )
    last = len(Stepper(y).payload["events"]) - 1
    assert [int(row[0]) for row in rows] == [*range(last + 1)]
    passed = [row[2:] for row in rows][-1 - len([*y.backward_steps()]) : -1]
    for texts, step in zip(passed, y.backward_steps(), strict=True):
        up, local, contribution, grown, after = numbers_of(step)
        assert [float(text.replace("−", "-")) for text in texts] == [grown, up, local, contribution, after]
    dark = "getComputedStyle(document.querySelector('.stepper')).backgroundColor"
    assert tab.evaluate(dark) == "rgb(255, 255, 255)"
    tab.emulate_media(media="screen", color_scheme="dark")
    tab.set_viewport_size({"width": 1280, "height": 900})
    tab.wait_for_selector(".stepper:not(.printing)")
    assert tab.evaluate("document.querySelector('.stepper').innerText") == before
