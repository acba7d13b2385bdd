"""Beside each widget stands its copy for saved notebooks: a page where the widget does not live, and nothing else."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.browser.graphs import neuron
from tests.browser.notebook_page import notebook

COPIES = """() => [...document.querySelectorAll("iframe")].map((frame) => [frame.checkVisibility(),
    Boolean(frame.contentDocument.querySelector(".stepper"))])"""


@pytest.mark.parametrize("count", [1, 3])
def test_the_copy_is_a_page_only_where_no_widget_lives(open_file: Callable[..., Any], count: int) -> None:
    tab = open_file(notebook(neuron(), count))
    tab.locator(".stepper .graph svg").nth(count - 1).wait_for()
    tab.wait_for_timeout(1500)  # what is to come later would have come
    assert tab.evaluate(COPIES) == [[False, False]] * count

    widget = tab.locator(".widget").last
    alive = widget.locator(".stepper")
    alive.evaluate("(root) => { window.kept = root; root.remove(); }")  # as when its kernel ends
    copy = tab.locator("iframe").last
    copy.scroll_into_view_if_needed()
    inside = tab.frame_locator("iframe").last
    inside.get_by_role("button", name="next step", exact=True).click()
    assert inside.locator("output.place").inner_text() == "1 / 20"
    assert tab.evaluate(COPIES) == [[False, False]] * (count - 1) + [[True, True]]

    tab.evaluate("document.body.hidden = true")
    tab.wait_for_timeout(300)  # another document is looked at: what was done in this one stays
    tab.evaluate("document.body.hidden = false")
    assert inside.locator("output.place").inner_text() == "1 / 20"

    widget.evaluate("(place) => place.append(window.kept)")
    tab.wait_for_function(f"() => ({COPIES})().flat().every((seen) => !seen)")
