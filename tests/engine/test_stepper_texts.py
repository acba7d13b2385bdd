"""The words of the stepper: the same ones in every language, with the same places for names, and each of them used."""

import re
from collections import Counter

import pytest

from engine.stepper.page import PARTS, static
from engine.stepper.texts import TEXTS

ENGLISH = TEXTS["en"]


@pytest.mark.parametrize("lang", TEXTS)
def test_every_text_is_in_every_language(lang):
    assert TEXTS[lang].keys() == ENGLISH.keys()
    for key, text in TEXTS[lang].items():
        assert text.strip(), key
        assert Counter(re.findall(r"\{\w+\}", text)) == Counter(re.findall(r"\{\w+\}", ENGLISH[key])), key


def test_no_text_is_forgotten():
    source = "".join(static(f"{part}.js") for part in PARTS)
    composed = {"startTitle", "forwardTitle", "seedTitle", "finishTitle"}
    unused = [key for key in ENGLISH if f'"{key}"' not in source and not re.search(rf"\b{key}\b", source)]
    assert [key for key in unused if key not in composed and not key.startswith("cause")] == []


def test_the_page_asks_for_no_text_that_is_not_there():
    source = "".join(static(f"{part}.js") for part in PARTS)
    asked = set(re.findall(r'[sS]ay\("(\w+)"', source))
    assert asked <= ENGLISH.keys()


def test_the_parts_are_short():
    """A part of the module is read in one sitting, as every other file."""
    assert all(len(static(f"{part}.js").splitlines()) <= 300 for part in PARTS)


def test_names_go_in_as_text_only():
    """Markup is set in three places: for a formula, for whether it is a sum, and for the drawing; all of it made by Python."""
    source = "".join(static(f"{part}.js") for part in PARTS)
    assert len(re.findall("innerHTML|outerHTML|insertAdjacentHTML|document.write", source)) == 3
    assert not re.search(r"\beval\(|new Function|fetch\(|https?://(?!www\.w3\.org)|import\(", source)
