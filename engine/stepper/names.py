"""How a name is sent to the page: short, on one line, and whole for tooltips."""

from __future__ import annotations

from engine.formulas.notation import shorten

__all__ = ["LONGEST_NAME", "name_of"]

LONGEST_NAME, LONGEST_WHOLE = 40, 300


def name_of(name: str) -> dict[str, str]:
    """A name as it is shown, and where something of it is left out the whole."""
    short = shorten(name, LONGEST_NAME)
    return {"name": short} if short == name else {"name": short, "whole": shorten(name, LONGEST_WHOLE)}
