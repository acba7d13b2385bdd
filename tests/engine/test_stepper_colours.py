"""The colours of the page keep the contrast that WCAG 2.2 asks for at level AA, wherever one may stand on another, in
both themes: computed from the definition of relative luminance."""

import re

import pytest

from engine.stepper.page import static

TEXT = "ink faint blue green vermillion pink".split()
GROUNDS = "ground soft leaf frozen constant box result frame now".split()


def palettes() -> dict[str, dict[str, str]]:
    blocks = re.findall(r"\{([^}]*--ground: #[^}]*)\}", static("stepper.css"))
    light, dark = (dict(re.findall(r"--(\w+): (#\w+)", block)) for block in blocks)
    return {"light": light, "dark": {**light, **dark}}


def luminance(colour: str) -> float:
    digits = colour[1:] if len(colour) == 7 else "".join(2 * digit for digit in colour[1:])
    channels = [int(digits[i : i + 2], 16) / 255 for i in (0, 2, 4)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def test_the_formula():
    assert contrast("#fff", "#000000") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.005)  # the known grey that just fails


@pytest.mark.parametrize("theme", palettes())
def test_every_text_on_every_ground(theme):
    colours = palettes()[theme]
    low = {(a, b): contrast(colours[a], colours[b]) for a in TEXT for b in GROUNDS}
    assert {pair: ratio for pair, ratio in low.items() if ratio < 4.5} == {}
    assert contrast(colours["ground"], colours["blue"]) >= 4.5  # the words of a button that is pressed
    assert contrast("#000000", colours["yellow"]) >= 4.5
    assert min(contrast(colours["edge"], colours[ground]) for ground in ("ground", "frame")) >= 3
