"""Translation word by word: what the network reads, by hand; what it learns that a linear model cannot; how it is
asked."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from itertools import product
from types import SimpleNamespace

import numpy as np
import pytest

from nn import fit, load, save
from nn.__main__ import main
from nn.data.vocabulary import END
from nn.uses import USES, Own, Settings
from nn.uses.translate import Translator
from tests.nn.helpers import COMPILED, numbers

TRANSLATE = USES["translate"]
SMALL = Translator(["cat", "red", "two"], [END, "dua", "kucing", "merah"], slots=3, longest=4, hidden=[5], seed=1)


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture(scope="module")
def parts():
    """The data without their test rows: what is learned from, and a fifth of the training part to tell."""
    data = TRANSLATE.data()
    [(rest, part)] = TRANSLATE.validation_parts(data.train)
    return replace(data, train=rest, test=part)


@pytest.fixture(scope="module")
def trained(parts):
    settings = replace(TRANSLATE.settings, epochs=15, rate=0.02)
    model = TRANSLATE.network(parts, settings, seed=0)
    fit(model, TRANSLATE.samples(model, parts.train), progress=False, loss=TRANSLATE.loss, **settings.for_fit())
    return model


def test_what_is_read_is_one_hot_for_each_slot_the_word_before_and_the_position():
    row = SMALL.row("red cat", [2])
    ones = np.zeros(3 * 3 + 4 + 4)
    ones[[place for place in row if place < len(ones)]] = 1
    slots, before, position = ones[:9].reshape(3, 3), ones[9:13], ones[13:]
    assert slots.tolist() == [[0, 1, 0], [1, 0, 0], [0, 0, 0]]
    assert before.tolist() == [0, 0, 1, 0]
    assert position.tolist() == [0, 1, 0, 0]
    assert len(row) == 3 + 2, "as long for every phrase"
    assert SMALL.row("two red cat", [])[-2:] == [9, 13], "the end stands before the first word"


def test_samples_are_the_words_of_a_translation_and_its_end():
    part = SimpleNamespace(inputs=["two cat"], targets=["dua kucing"])
    samples = TRANSLATE.samples(SMALL, list(zip(part.inputs, part.targets, strict=True)))
    assert samples == [(SMALL.row("two cat", []), 1), (SMALL.row("two cat", [1]), 2), (SMALL.row("two cat", [1, 2]), 0)]


def test_the_most_probable_word_is_said_until_the_end():
    """Word by word, with the distribution by NumPy."""
    for phrase in ("red cat", "two red cat", "cat"):
        [said] = SMALL.translate([phrase], "eager")
        before: list[int] = []
        while len(before) < SMALL.longest:
            logits = np.array([float(y) for y in SMALL.outputs(SMALL.row(phrase, before))])
            shares = np.exp(logits) / np.exp(logits).sum()
            if logits.argmax() == 0:
                break
            word, share = said[len(before)]
            assert word == SMALL.target.tokens[logits.argmax()]
            assert share == pytest.approx(shares.max(), rel=1e-12)
            before.append(int(logits.argmax()))
        assert len(said) == len(before)


def test_it_learns_what_a_linear_model_cannot(parts, trained):
    """The network has to combine words and positions: two hundred twenty two is dua ratus dua puluh dua."""
    assert TRANSLATE.figure(trained, parts, parts.test) >= 0.9
    measured = TRANSLATE.measured(parts, "auto")
    assert measured.linear <= 0.3 and measured.trivial <= 0.02
    assert [
        word for word, _ in trained.translate(["two hundred twenty two"], "eager")[0]
    ] == "dua ratus dua puluh dua".split()


@pytest.mark.parametrize("backend", COMPILED)
def test_all_backends_say_the_same(backend, parts, trained):
    phrases = parts.test.inputs[:20]
    eager, other = (trained.translate(phrases, path) for path in ("eager", backend))
    assert [[word for word, _ in one] for one in other] == [[word for word, _ in one] for one in eager]


@pytest.mark.parametrize("backend", COMPILED)
def test_backends_train_alike(backend, parts):
    models = []
    for path in ("eager", backend):
        model = TRANSLATE.network(parts, Settings({"hidden": [4]}), seed=0)
        samples = TRANSLATE.samples(model, parts.train[:20])
        fit(
            model, samples, progress=False, loss="cross_entropy", optimizer="adam", epochs=3, batch_size=8, backend=path
        )
        models.append(numbers(model))
    assert models[1] == pytest.approx(models[0], abs=1e-9)


def test_saved_with_its_words(tmp_path):
    save(SMALL, tmp_path / "model.json")
    again = load(tmp_path / "model.json")
    assert again.config() == SMALL.config() and numbers(again) == numbers(SMALL)
    assert len(numbers(SMALL)) == Translator.count(**SMALL.config()) == (9 + 4 + 4 + 1) * 5 + (5 + 1) * 4
    assert repr(again).startswith("Translator(3 slots of 3 words, the word before, 4 positions; [5, 4]")


def ask(model, *phrase):
    return list(TRANSLATE.ask(model, None, SimpleNamespace(phrase=phrase)))


def test_asked(trained):
    said, sure = ask(trained, "seven hundred forty two")
    assert said == "tujuh ratus empat puluh dua"
    assert re.fullmatch(r"how sure of each word: tujuh \d+\.\d%, .*, dua \d+\.\d%", sure)
    assert ask(trained, "Seven", "hundred", "and", "forty-two") == [said, sure]


@pytest.mark.parametrize(
    ("phrase", "message"),
    [
        ("fourty two", "'fourty' is not known; did you mean 'forty'? (known words: eight, eighteen,"),
        ("742", "'742' is not known: numbers are read in words, such as 'forty two'"),
        ("one thousand", "'thousand' is not known"),
        ("one two three four five", "'one two three four five' has 5 words; this network reads 1 to 4"),
        ("and", "'' has no words; this network reads 1 to 4"),
    ],
)
def test_what_cannot_be_read(trained, phrase, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        ask(trained, phrase)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"target": ["dua"]}, "target begins with the mark '<end>', got 'dua'"),
        ({"slots": 0}, "the number of slots must be a whole number from 1 up, got 0"),
        ({"longest": 0}, "the number of positions must be a whole number from 1 up, got 0"),
        ({"source": []}, "tokens is empty"),
    ],
)
def test_what_makes_no_translator(changes, message):
    with pytest.raises(ValueError, match=message):
        Translator(**{**SMALL.config(), **changes})


COLOURS = {"red": "merah", "blue": "biru", "green": "hijau", "white": "putih", "black": "hitam", "yellow": "kuning"}
ANIMALS = {"cat": "kucing", "dog": "anjing", "bird": "burung", "fish": "ikan", "horse": "kuda", "cow": "sapi"}


def pairs_of_words(path):
    """In Indonesian the colour stands behind the animal."""
    rows = [f"{colour} {animal},{ANIMALS[animal]} {COLOURS[colour]}" for colour, animal in product(COLOURS, ANIMALS)]
    path.write_text("\n".join(["english,indonesian", *rows]) + "\n", encoding="utf-8")
    return str(path)


def test_phrases_of_ones_own(here, capsys):
    file = pairs_of_words(here / "animals.csv")
    assert (
        main(
            [
                "use",
                "translate",
                "--csv",
                file,
                "--text",
                "english",
                "--target",
                "indonesian",
                "--seeds",
                "0",
                "--quiet",
            ]
        )
        == 0
    )
    kept = json.loads((here / "runs" / "uses" / "translate-animals" / "card.json").read_text(encoding="utf-8"))
    assert kept["data"] == file and kept["goal"] is None and kept["trivial"] == 0.0
    assert kept["mean"] >= 0.8, "pairs of words that were learned in other pairs"
    printed = capsys.readouterr().out
    assert "ten translations of phrases that were not learned from" in printed and "2 words:" in printed
    assert main(["ask", "translate", "--run", "runs/uses/translate-animals", "red cat"]) == 0
    assert capsys.readouterr().out.startswith("kucing merah\n")


@pytest.mark.parametrize(
    ("own", "message"),
    [
        ({"target": None, "text": "english"}, "--target names the translations"),
        ({"target": "indonesian", "text": "inglish"}, "has no column 'inglish'; did you mean 'english'?"),
        ({"target": "english", "text": "english"}, "'english' is the target; it cannot be the text too"),
    ],
)
def test_wrong_columns_are_named(tmp_path, own, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        TRANSLATE.data(Own(pairs_of_words(tmp_path / "animals.csv"), **own))
