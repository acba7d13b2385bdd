"""A sign has one meaning on the page: dL/db is the gradient of the result, ∂L/∂b the slope of one operation, and a sum
that is not complete says so."""

from __future__ import annotations

import pytest

from engine import Value
from engine.stepper import page
from tests.browser.reading import Reading

RATIOS = """math => [...math.querySelectorAll("mfrac")].map((ratio) => [ratio.textContent.normalize("NFKD"), Boolean(ratio.closest(".gradient"))])"""  # noqa: E501


def reuse() -> Value:
    b, a = Value(2.0, "b"), Value(3.0, "a")
    c = b + a
    y = c * b
    c.name, y.name = "c", "L"
    return y


@pytest.mark.parametrize(
    ("lang", "so_far", "complete"), [("en", "so far", "gradient 7"), ("id", "sejauh ini", "gradien 7")]
)
def test_gradients_and_slopes_never_look_alike_and_open_sums_say_so(stepper, lang, so_far, complete):
    """L = c · b, c = b + a: L passes 5 to b along its own edge at step 5, c passes 2 to it later."""
    reading = stepper(reuse(), lang=lang)
    reading.root.locator(".chooser").select_option("0")
    reading.go(5)
    panel, about = reading.root.locator(".step-panel"), reading.root.locator(".facts:has(strong)")
    ratios = panel.locator(".equations").first.evaluate(RATIOS)
    assert ["dLdb", True] in ratios and ["∂L∂b", False] in ratios
    assert all(text.startswith("d") == gradient for text, gradient in ratios)
    assert so_far in panel.locator(".adding").inner_text() and so_far in about.inner_text()
    assert f"{so_far} 5" in reading.box(0)["words"]
    reading.press("End", "ArrowLeft")
    assert "grad 7" in reading.box(0)["words"] and about.inner_text().endswith(f" · {complete}")


@pytest.mark.parametrize("width", [390, 1024, 1400])
def test_long_names_never_push_a_formula_out_of_its_panel(open_file, width):
    """They are cut in the middle, and whole in a tooltip."""
    long = [
        "the_number_of_penguins_on_the_island_" * 2,
        "quantité très longue avec des mots et encore des mots",
        "produit " * 9,
    ]
    a, b = Value(2.0, long[0]), Value(-1.5, long[1])
    c = a * b
    c.name = long[2]
    y = (c + a).tanh()
    reading = Reading(open_file(page(y)))
    reading.tab.set_viewport_size({"width": width, "height": 800})
    out = """() => [...document.querySelectorAll(".stepper section math")].filter((formula) => {
      const box = formula.closest("section").getBoundingClientRect(), { left, right } = formula.getBoundingClientRect();
      return left < box.left - 1 || right > box.right + 1;
    }).length"""
    for _ in range(len(list(y.backward_steps())) + 4):
        assert reading.tab.evaluate(out) == 0
        reading.press("ArrowRight")
    titles = reading.tab.evaluate("[...document.querySelectorAll('span[title]:has(math)')].map((box) => box.title)")
    assert any(long[0] in title and long[2].strip() in title for title in titles)
