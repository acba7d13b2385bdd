"""The languages that the stepper speaks, and every word that it shows in each of them."""

from engine.rule import Rule
from engine.stepper.english import ENGLISH
from engine.stepper.indonesian import CONVENTIONS, INDONESIAN

__all__ = ["LANGUAGES", "TEXTS", "conventions"]

TEXTS = {"en": ENGLISH, "id": INDONESIAN}
LANGUAGES = tuple(TEXTS)


def conventions(rule: Rule) -> dict[str, str]:
    """The convention of a rule in every language; that of a user's own rule in the words of the user."""
    return {"en": rule.convention, "id": CONVENTIONS.get(rule.name, rule.convention)}
