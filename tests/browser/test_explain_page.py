"""`explain` in a notebook is set as the formulas of the stepper are: as large, fractions too, and with true minus
signs."""

from __future__ import annotations

from engine import Value, explain
from engine.stepper import page

SET = """what => [...document.querySelectorAll(`${what} mfrac :is(mi, mo)`)]
    .map((part) => getComputedStyle(part).fontSize)"""


def test_it_is_as_large_as_in_the_stepper(open_file):
    w, x, b = Value(0.5, "w"), Value(2.0, "x"), Value(-1.0, "b")
    z = w * x * w + b
    L = (z.tanh() - 1.0) ** 2
    z.name, L.name = "z", "L"
    html = explain(L, w)._repr_mimebundle_()["text/html"]
    # a cell of a notebook sets text in 14 pixels, as the stepper does
    tab = open_file(page(L).replace("<body", f'<body style="font-size:14px"><div id="cell">{html}</div><div', 1))
    tab.locator(".stepper").wait_for()
    for key in ("End", "ArrowLeft", "ArrowLeft"):
        tab.keyboard.press(key)
    ours, theirs = tab.evaluate(SET, "#cell"), tab.evaluate(SET, ".step-panel")
    assert set(ours) == set(theirs) == {"16.1px"}
    left = tab.evaluate("document.querySelector('#cell math').getBoundingClientRect().left")
    assert left < 30  # not in the middle of the page, away from the cell that it answers
    text = tab.locator("#cell").inner_text()
    assert "−" in text and "-" not in text
    # a sign stands at its number: no wider than the sign and its number are
    gap = tab.evaluate(
        """() => { const sign = [...document.querySelectorAll('#cell mo[form=prefix]')][0];
        return sign.nextElementSibling.getBoundingClientRect().left - sign.getBoundingClientRect().right; }"""
    )
    assert gap < 1


def test_a_long_chain_is_pushed_aside_not_cut(open_file):
    y = Value(0.5, "x")
    x = y
    for i in range(9):
        y = y.tanh()
        y.name = f"a rather long name {i}"
    tab = open_file(f"<!doctype html><body>{explain(y, x)._repr_mimebundle_()['text/html']}")
    tab.set_viewport_size({"width": 500, "height": 900})
    sizes = tab.evaluate(
        "() => [document.documentElement.scrollWidth, document.querySelector('div').scrollWidth, innerWidth]"
    )
    assert sizes[0] <= sizes[2] < sizes[1]
