"""A drawing in a dark notebook is dark."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from engine import draw
from engine.museum import BUGS
from tests.browser.graphs import neuron

AROUND = {"light": "", "JupyterLab": 'data-jp-theme-light="false"', "VS Code": 'class="vscode-dark"'}


@pytest.mark.parametrize("around", AROUND)
@pytest.mark.parametrize("shown", [lambda: draw(neuron()), lambda: BUGS["overwrites"].show()], ids=["draw", "museum"])
def test_the_ground_of_a_picture_is_as_dark_as_the_notebook(open_file, shown, around):
    tab = open_file(f"<!doctype html><body {AROUND[around]}>{shown()._repr_mimebundle_()['text/html']}")
    corner = Image.open(io.BytesIO(tab.locator("img").first.screenshot())).convert("L").getpixel((3, 3))
    assert (corner < 40) == (around != "light")
