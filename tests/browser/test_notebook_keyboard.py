"""The notebook of the stepper, in JupyterLab, from its first cell to an answer, by the keyboard alone."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest

from engine.stepper import page
from tests.browser.jupyter import SECONDS, Lab, ready

NOTEBOOK = Path(__file__).parents[2] / "notebooks" / "02-step-by-step.ipynb"


@pytest.fixture
def lab(browser: Any, tmp_path: Path) -> Iterator[Lab]:
    lab = Lab(tmp_path / "lab")
    yield lab
    lab.stop()


def test_notebook_02_by_keyboard_alone(lab: Lab, browser: Any) -> None:
    notebook = nbformat.read(NOTEBOOK, 4)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    stepper = next(i for i, cell in enumerate(notebook.cells) if "stepper = Stepper(L)" in cell.source)
    nbformat.write(notebook, lab.notebooks / "02.ipynb")
    tab = browser.new_context(viewport={"width": 1500, "height": 1000}).new_page()
    tab.set_default_timeout(SECONDS * 1000)
    lab.open(tab, "02.ipynb")
    ready(tab)

    def press(key: str, times: int = 1) -> None:
        for _ in range(times):
            tab.keyboard.press(key)

    def tab_to(what: str) -> None:
        for _ in range(40):
            if tab.evaluate(f"document.activeElement.matches({what!r})"):
                return
            press("Tab")
        raise AssertionError(f"Tab does not lead to {what}")

    count = len(notebook.cells)
    press("Shift+Enter", count - 1)  # every cell of the course
    prompts = "[...document.querySelectorAll('.jp-CodeCell .jp-InputArea-prompt')].map((each) => each.textContent)"
    tab.wait_for_function(f"{prompts}.every((prompt) => /\\d/.test(prompt))")
    assert tab.locator('.jp-RenderedText[data-mime-type*="error"]').count() == 0
    press("ArrowUp", count - 1 - stepper)
    tab_to(".stepper")
    root = tab.locator(".jp-mod-active .stepper")

    def at(step: int) -> None:
        root.locator("output.place", has_text=re.compile(rf"^{step} / 18$")).wait_for()

    at(17)  # a later cell has set it
    press("Home")
    for step in range(1, 19):
        press("ArrowRight")
        at(step)
    tab.context.close()


def test_the_page_of_its_stepper_to_the_end_by_keyboard_alone(open_file: Callable[..., Any]) -> None:
    """Every question of the backward pass is answered without a mouse."""
    made: dict[str, Any] = {}
    exec(next(cell.source for cell in nbformat.read(NOTEBOOK, 4).cells if cell.cell_type == "code"), made)
    tab = open_file(page(made["L"]))
    for _ in range(40):
        if tab.evaluate("document.activeElement.matches('.toggle button[aria-pressed=false]')"):
            break
        tab.keyboard.press("Tab")
    tab.keyboard.press("Enter")  # predict
    tab.keyboard.press("Enter")  # to the backward pass
    senders = set()
    for step in made["L"].backward_steps():
        if step.node not in senders:
            senders.add(step.node)
            tab.keyboard.type(step.node.name)
            tab.keyboard.press("Tab")
            tab.keyboard.press("Enter")
        tab.keyboard.type(repr(step.after))
        tab.keyboard.press("Enter")
    assert tab.locator("output.place").inner_text() == "17 / 18"
    assert tab.locator(".score").inner_text() == "16 of 16 right, 16 in a row"
