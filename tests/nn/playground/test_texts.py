"""The words of the playground: the same ones in every language, with the same places for names, right of one and of
many."""

from __future__ import annotations

import re
from collections import Counter

import pytest

from nn.playground.languages import TEXTS
from tests.engine.helpers import ROOT

ENGLISH = TEXTS["en"]
OF_ONE_OR_OF_MANY = {
    "en": r"\b(it|its|they|them|their|this|that|these|those)\b",
    "id": r"\b(ia|mereka|keduanya|semuanya|unit-unit)\b",
}
"""Words that stand for one thing alone, or for several."""
LISTS = [(lang, key) for lang, texts in TEXTS.items() for key, text in texts.items() if "{units}" in text]


@pytest.mark.parametrize("lang", TEXTS)
def test_every_language_says_all(lang: str) -> None:
    assert TEXTS[lang].keys() == ENGLISH.keys()
    for key, text in TEXTS[lang].items():
        assert Counter(re.findall(r"\{\w+\}", text)) == Counter(re.findall(r"\{\w+\}", ENGLISH[key])), key


def test_the_page_asks_for_no_text_that_is_not_there() -> None:
    parts = (ROOT / "nn" / "playground" / "static").glob("*.js")
    source = "".join(path.read_text(encoding="utf-8") for path in parts)
    assert set(re.findall(r'say\("(\w+)"', source)) <= ENGLISH.keys()


@pytest.mark.parametrize(("lang", "key"), LISTS)
def test_what_is_said_of_units_is_right_of_one_and_of_several(lang: str, key: str) -> None:
    """So no word beside their names stands for them."""
    assert not re.search(OF_ONE_OR_OF_MANY[lang], TEXTS[lang][key], re.IGNORECASE)
