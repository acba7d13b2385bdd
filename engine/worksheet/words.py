"""What a worksheet says in a language: its own words, those of predict mode, and the museum's reasons."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from engine.museum.words import CAUSES
from engine.stepper.causes import Cause
from engine.stepper.texts import TEXTS as STEPPER
from engine.stepper.texts import read_languages, words
from engine.worksheet import languages
from engine.worksheet.languages import english

__all__ = ["LANGUAGES", "TEXTS", "Words"]

TEXTS = {lang: words(language, english) for lang, language in read_languages(languages).items()}
LANGUAGES = tuple(TEXTS)


class Words:
    """The words in one language."""

    def __init__(self, lang: str) -> None:
        """ValueError if worksheets do not speak it."""
        if lang not in LANGUAGES:
            raise ValueError(f"lang is one of {', '.join(map(repr, LANGUAGES))}, got {lang!r}")
        self.lang = lang

    def say(self, key: str, **names: Any) -> str:
        return TEXTS[self.lang][key].format(**names)

    def predicted(self, cause: Cause, **names: Any) -> str:
        """What predict mode says of a mistake."""
        texts = STEPPER.get(self.lang, STEPPER["en"])
        return " ".join([texts[key].format(**names) for key in cause.texts])

    def bug(self, cause: str) -> str:
        """Why an engine of the museum is wrong; what it has of slopes is a sign."""
        return self.say("minus") if cause == "slope" else CAUSES.get(self.lang, CAUSES["en"])[cause]

    def either(self, reasons: Sequence[str]) -> str:
        """What is said of a number to which more than one mistake leads: the two that come first."""
        return f" {self.say('or')} ".join(list(dict.fromkeys(reasons))[:2])
