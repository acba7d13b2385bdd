"""A sign has one meaning on the page: dL/db is the gradient of the result, ∂L/∂b the slope of one operation, and a sum
that is not complete says so."""

from __future__ import annotations

import pytest

from engine import Value

RATIOS = """math => [...math.querySelectorAll("mfrac")].map((ratio) => [ratio.textContent.normalize("NFKD"), Boolean(ratio.closest(".gradient"))])"""  # noqa: E501


def reuse() -> Value:
    b, a = Value(2.0, "b"), Value(3.0, "a")
    c = b + a
    y = c * b
    c.name, y.name = "c", "L"
    return y


@pytest.mark.parametrize(("lang", "so_far"), [("en", "so far"), ("id", "sejauh ini")])
def test_gradients_and_slopes_never_look_alike_and_open_sums_say_so(stepper, lang, so_far):
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
    assert "grad 7" in reading.box(0)["words"] and so_far not in about.inner_text()
