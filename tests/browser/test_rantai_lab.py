"""The README's first command, in a real browser: the course opens at its first notebook, and a cell runs."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from tests.browser.jupyter import SECONDS, own_settings, ready
from tests.browser.reading import SCREENSHOTS
from tests.commands.lab import RantaiLab
from tests.engine.helpers import ROOT

pytestmark = [pytest.mark.slow, pytest.mark.browser]


@pytest.fixture
def lab(tmp_path):
    command = Path(sys.executable).with_name("rantai")
    if not command.exists():
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)("rantai is not installed in this environment")
    lab = RantaiLab([command, "lab", "--no-browser"], ROOT, own_settings(tmp_path))
    yield lab
    lab.kill()


def test_the_course_opens_and_a_cell_runs(lab, browser):
    assert f"the course is in {ROOT / 'notebooks'}\n" in lab.said
    before = {path: path.read_bytes() for path in (ROOT / "notebooks").glob("*.ipynb")}
    context = browser.new_context(viewport={"width": 1400, "height": 1000})
    context.set_default_timeout(SECONDS * 1000)
    tab = context.new_page()
    tab.goto(lab.address)
    tab.locator(".jp-Notebook .jp-Cell").first.wait_for()
    ready(tab)
    assert tab.locator(".jp-Dialog").count() == 0  # no question to a newcomer
    cell = tab.locator(".jp-Notebook .jp-CodeCell").first
    cell.locator(".cm-content").click()
    tab.keyboard.press("Control+a")
    tab.keyboard.type("import engine, os; print(engine.__file__, os.getpid(), sum(range(10)))")
    tab.keyboard.press("Control+Enter")
    printed = cell.locator(".jp-OutputArea-output pre", has_text=" 45")
    printed.wait_for()
    file, kernel, _ = printed.inner_text().split()
    assert Path(file) == ROOT / "engine" / "__init__.py"
    assert tab.get_by_text("Jupyter news").count() == 0  # which it asks after some seconds
    tab.screenshot(path=SCREENSHOTS / "rantai-lab.png")
    assert lab.end() == 0
    assert not lab.answers()
    with pytest.raises(ProcessLookupError):
        os.kill(int(kernel), 0)
    for word in ("Traceback", "y/[n]", "not recommended"):
        assert word not in lab.said
    assert {path: path.read_bytes() for path in (ROOT / "notebooks").glob("*.ipynb")} == before
    context.close()
