"""A real browser for the tests: the Chromium of this machine, driven by Playwright."""

from __future__ import annotations

import importlib.util
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from engine import Value
from engine.stepper import page
from tests.browser.reading import Reading

ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip


def what_is_missing() -> str:
    if importlib.util.find_spec("playwright") is None:
        return "the tests in a browser need the package playwright"
    if not shutil.which("chromium"):
        return "the tests in a browser need the program chromium on the PATH"
    return ""


@pytest.fixture(scope="package")  # Playwright keeps an event loop running, in which no later test could run its own
def browser() -> Iterator[Any]:
    """The browser. Without one the tests are skipped and say so; where CI=true is in the environment, they fail."""
    missing = what_is_missing()
    if missing:
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(missing)
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=ARGUMENTS)
        yield chromium
        chromium.close()


@pytest.fixture
def open_file(browser: Any, tmp_path: Path) -> Iterator[Callable[..., Any]]:
    """Opens HTML from disk, with the network blocked. Whatever the page asks for, or goes wrong in it, fails the test."""
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
        tab.on("request", lambda request: None if request.url == file.as_uri() else wrong.append(request.url))
        tab.goto(file.as_uri())
        return tab

    yield open_file
    context.close()
    assert wrong == []


@pytest.fixture
def stepper(open_file: Callable[..., Any]) -> Callable[..., Reading]:
    """Opens the page of a graph."""

    def stepper(y: Value, lang: str = "en", **settings: Any) -> Reading:
        return Reading(open_file(page(y, lang), **settings))

    return stepper
