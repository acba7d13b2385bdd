"""The words of the stepper: the same ones in every language, with the same places for names, and each of them used."""

import re
from collections import Counter
from pathlib import Path

import pytest

from engine import RULES, rule
from engine.stepper import handout, languages
from engine.stepper.page import PARTS, static
from engine.stepper.texts import SPOKEN, TEXTS, conventions, lacking, read_languages, words

ENGLISH = TEXTS["en"]


@pytest.mark.parametrize("lang", TEXTS)
def test_every_text_is_in_every_language(lang):
    assert lacking(SPOKEN[lang]) == []
    assert TEXTS[lang].keys() == ENGLISH.keys()
    for key, text in TEXTS[lang].items():
        assert text.strip(), key
        assert Counter(re.findall(r"\{\w+\}", text)) == Counter(re.findall(r"\{\w+\}", ENGLISH[key])), key


@pytest.mark.parametrize("rule", [rule for rule in RULES.values() if rule.convention], ids=lambda rule: rule.name)
def test_every_convention_is_in_indonesian(rule):
    """In other words, about the same numbers and symbols."""
    in_english, in_indonesian = conventions(rule)["en"], conventions(rule)["id"]
    assert in_english != in_indonesian
    symbols = r"-?\b(?:\d(?:/\d)?|[xyac]|inf|nan)\b|[<>=]+"
    articles = r"\ba (?=tie|fraction|branch)"
    assert Counter(re.findall(symbols, in_indonesian)) == Counter(re.findall(symbols, re.sub(articles, "", in_english)))
    assert not re.search(r"\b(is|slope|error|gives|takes|for)\b", in_indonesian)


@pytest.mark.parametrize("key", [key for key, text in ENGLISH.items() if re.search(r"\{(count|missing|rules)\}", text)])
def test_what_is_said_of_a_number_of_things_is_right_of_one(key):
    """So no word stands for several."""
    assert not re.search(r"\b(they|them|their|these|those)\b", ENGLISH[key], re.IGNORECASE)


THIRD = """
LANGUAGE = "eo"
TEXTS = {"next": "sekva paŝo", "node": " "}
CONVENTIONS = {"relu": "0 ĉe x = 0"}
"""


def test_a_third_language_is_one_file(tmp_path, monkeypatch):
    """What it lacks is in English, and can be listed."""
    (tmp_path / "esperanto.py").write_text(THIRD, encoding="utf-8")
    monkeypatch.setattr(languages, "__path__", [*languages.__path__, str(tmp_path)])
    found = read_languages()
    assert list(found) == ["en", "eo", "id"]
    assert lacking(found["eo"]) == [key for key in ENGLISH if key != "next"]
    assert words(found["eo"]) == {**ENGLISH, "next": "sekva paŝo"}
    assert found["eo"].CONVENTIONS.keys() <= RULES.keys()


def test_the_convention_of_a_users_own_rule_is_the_users():
    bump = rule("bump", "b({0})", lambda x: x, lambda x, z: 1.0, convention="{mine}")
    del RULES["bump"]
    assert set(conventions(bump).values()) == {"{mine}"}


def test_no_text_is_forgotten():
    source = "".join(static(f"{part}.js") for part in PARTS) + Path(handout.__file__).read_text(encoding="utf-8")
    composed = {"startTitle", "forwardTitle", "seedTitle", "finishTitle", "tooOld"}
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
    """Markup is set in three places: for a formula, for whether it is a sum, and for the drawing; all of it made by
    Python."""
    source = "".join(static(f"{part}.js") for part in PARTS)
    assert len(re.findall("innerHTML|outerHTML|insertAdjacentHTML|document.write", source)) == 3
    assert not re.search(r"\beval\(|new Function|fetch\(|https?://(?!www\.w3\.org)|import\(", source)
