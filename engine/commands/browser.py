"""The browser of this machine, if there is one."""

from __future__ import annotations

import os
import webbrowser
from pathlib import Path

__all__ = ["has_browser", "show"]


def has_browser() -> bool:
    """Whether something here shows a page in a window. A browser in the terminal does not count, unless it was chosen
    by the variable BROWSER."""
    try:
        browser = webbrowser.get()
    except webbrowser.Error:
        return False
    return type(browser) is not webbrowser.GenericBrowser or bool(os.environ.get("BROWSER"))


def show(file: Path, wanted: bool) -> None:
    """Say where a file was written, and open it if that is wanted and possible."""
    opened = wanted and has_browser() and webbrowser.open(file.resolve().as_uri())
    hint = "" if opened or not wanted else "; there is no browser here to open it"
    print(f"written to {file}{hint}")
