"""The languages that the stepper speaks, and every word that it shows in each of them."""

from engine.stepper.english import ENGLISH
from engine.stepper.indonesian import INDONESIAN

__all__ = ["LANGUAGES", "TEXTS"]

TEXTS = {"en": ENGLISH, "id": INDONESIAN}
LANGUAGES = tuple(TEXTS)
