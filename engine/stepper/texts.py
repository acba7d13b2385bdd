"""The languages that the stepper speaks, and every word that it shows in each of them."""

from importlib import import_module
from pkgutil import iter_modules
from typing import Any

from engine.rule import Rule
from engine.stepper import languages
from engine.stepper.languages import english

__all__ = ["LANGUAGES", "TEXTS", "conventions", "lacking", "read_languages", "words"]


def read_languages(folder: Any = languages) -> dict[str, Any]:
    """The files of languages in a package of such, English first, by their codes."""
    names = sorted((file.name for file in iter_modules(folder.__path__)), key=lambda name: (name != "english", name))
    files: list[Any] = [import_module(f"{folder.__name__}.{name}") for name in names]
    return {file.LANGUAGE: file for file in files}


def words(language: Any, english: Any = english) -> dict[str, str]:
    """All texts of a language; what it lacks is in English."""
    missing = lacking(language, english)
    return {key: text if key in missing else language.TEXTS[key] for key, text in english.TEXTS.items()}


def lacking(language: Any, english: Any = english) -> list[str]:
    """What English has and this language does not: keys of texts."""
    return [key for key in english.TEXTS if not language.TEXTS.get(key, "").strip()]


SPOKEN = read_languages()
TEXTS = {lang: words(language) for lang, language in SPOKEN.items()}
LANGUAGES = tuple(TEXTS)


def conventions(rule: Rule) -> dict[str, str]:
    """The convention of a rule in every language; that of a user's own rule in the words of the user."""
    return {lang: language.CONVENTIONS.get(rule.name, rule.convention) for lang, language in SPOKEN.items()}
