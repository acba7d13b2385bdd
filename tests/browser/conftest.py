"""A real browser for the tests."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from engine import Value
from engine.stepper import page
from tests.browser.chromium import launched, what_is_missing
from tests.browser.reading import Reading


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """All tests of this folder need Chromium."""
    for item in items:
        if item.path.parent == Path(__file__).parent:
            item.add_marker("browser")


@pytest.fixture(scope="package")  # Playwright keeps an event loop running, in which no later test could run its own
def browser() -> Iterator[Any]:
    """The browser. Without one the tests are skipped and say so; where CI=true is in the environment, they fail."""
    missing = what_is_missing()
    if missing:
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(missing)
    with launched() as chromium:
        yield chromium


@pytest.fixture
def open_file(browser: Any, tmp_path: Path) -> Iterator[Callable[..., Any]]:
    """Opens HTML from disk, with the network blocked. Whatever the page asks for, or goes wrong in it, fails the
    test."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    context.set_offline(True)
    wrong: list[str] = []

    def open_file(html: str, **settings: Any) -> Any:
        file = tmp_path / "page.html"
        file.write_text(html, encoding="utf-8")
        tab = context.new_page()
        if settings:
            tab.emulate_media(**settings)
        tab.on("pageerror", lambda error: wrong.append(f"{error}"))
        tab.on("console", lambda message: wrong.append(message.text) if message.type in {"error", "warning"} else None)
        tab.on("dialog", lambda dialog: (wrong.append(dialog.message), dialog.dismiss()))
        own = (file.as_uri(), "blob:")  # the second is what the page itself has made
        tab.on("request", lambda request: None if request.url.startswith(own) else wrong.append(request.url))
        tab.goto(file.as_uri())
        return tab

    yield open_file
    context.close()
    assert wrong == []


@pytest.fixture
def stepper(open_file: Callable[..., Any]) -> Callable[..., Reading]:
    """Opens the page of a graph, with its drawing if nothing else is said."""

    def stepper(y: Value, lang: str = "en", view: str = "drawing", **settings: Any) -> Reading:
        return Reading(open_file(page(y, lang, view=view), **settings))

    return stepper
