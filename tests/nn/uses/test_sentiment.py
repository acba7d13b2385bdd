"""Classes of texts by the words in them: scikit-learn's own solution, what is learned, and how it is asked."""

from __future__ import annotations

import json
import math
import re
from dataclasses import replace
from random import Random
from types import SimpleNamespace

import numpy as np
import pytest
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression

from nn import Adam, fit, l2, load, save
from nn.__main__ import main
from nn.data.vocabulary import words
from nn.layers.norms import softmax
from nn.training.schedules import cosine
from nn.uses import USES, Own, Settings
from nn.uses.sentiment import WordSums
from tests.nn.helpers import COMPILED, give, numbers

SENTIMENT = USES["sentiment"]


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture(scope="module")
def parts():
    """The data without their test rows: what is learned from, and a fifth of the training part to tell."""
    data = SENTIMENT.data()
    [(rest, part)] = SENTIMENT.validation_parts(data.train)
    return replace(data, train=rest, test=part)


@pytest.fixture(scope="module")
def trained(parts):
    settings = replace(SENTIMENT.settings, epochs=5, rate=0.02)
    model = SENTIMENT.network(parts, settings, seed=0)
    fit(model, SENTIMENT.samples(model, parts.train), progress=False, **settings.for_fit(), loss="cross_entropy")
    return model


def small(hidden=()):
    model = WordSums(["bad", "film", "good", "not"], ["-", "+"], hidden, seed=1)
    rng = Random(2)
    give(model, [rng.gauss(0, 1) for _ in model.parameters()])
    return model


def test_a_row_is_the_known_words_once_and_places_of_no_word():
    row = small().row("Good, good FILM (a film by Ada)")
    assert row[:2] == [2, 1] and set(row[2:]) == {4} and len(row) == 64
    assert set(small().row("")) == {4}


def test_it_is_logistic_regression(parts):
    """The loss is convex: with the same price on the weights there is one solution, scikit-learn's."""
    part, price = parts.train[:300], 0.005
    model = SENTIMENT.network(replace(parts, train=part), Settings({"hidden": [], "min_count": 5}), seed=0)
    fit(model, SENTIMENT.samples(model, part), loss="cross_entropy", optimizer=Adam(0.05), epochs=400,
        regularizer=l2(price), schedule=cosine(400), progress=False)  # fmt: skip
    counted = CountVectorizer(analyzer=words, vocabulary=model.vocabulary.tokens, binary=True).fit_transform(
        part.inputs
    )
    # The two weights of a word are w/2 and -w/2, so that their squares cost half of w², times the price.
    theirs = LogisticRegression(C=1 / (price * len(part)), tol=1e-8, max_iter=10_000).fit(counted, part.targets)
    ours = [row[1].data - row[0].data for row in model.network.rows]
    assert ours == pytest.approx(theirs.coef_[0], abs=1e-3)
    first, second = (one.b.data for one in model.network.sums)
    assert second - first == pytest.approx(theirs.intercept_[0], abs=1e-3)


def test_what_a_word_adds_is_its_weight_where_weights_are_summed():
    model = small()
    weights = [row[1].data - row[0].data for row in model.network.rows]
    effects = dict(model.effects("not good, not a good film", label=1))
    assert effects == pytest.approx({"not": weights[3], "good": weights[2], "film": weights[1]}, abs=1e-12)
    assert dict(model.effects("good", label=0)) == pytest.approx({"good": -weights[2]}, abs=1e-12)
    strongest = model.strongest(2)
    order = np.argsort(weights)
    assert [word for word, _ in strongest[1]] == [model.vocabulary.tokens[i] for i in order[::-1][:2]]
    assert [effect for _, effect in strongest[0]] == pytest.approx([-weights[i] for i in order[:2]], abs=1e-12)


def test_with_a_hidden_layer_it_is_what_the_probability_loses_without_the_word():
    model = small(hidden=[3])

    def odds(text):
        share = softmax([float(y) for y in model.outputs(model.row(text))])[1]
        return math.log(share / (1 - share))

    effects = dict(model.effects("not good", label=1))
    assert effects["not"] == pytest.approx(odds("not good") - odds("good"), abs=1e-9)
    assert effects["good"] == pytest.approx(odds("not good") - odds("not"), abs=1e-9)
    [alone] = [effect for word, effect in model.strongest(4)[1] if word == "film"]
    assert alone == pytest.approx(odds("film") - odds(""), abs=1e-9)


def test_it_learns(parts, trained):
    """Half of the rows are of either class; 477 coins come to 0.57 once in a thousand times."""
    assert SENTIMENT.figure(trained, parts, parts.test) >= 0.75
    effects = dict(trained.strongest(30)[1]), dict(trained.strongest(30)[0])
    assert {"great", "love", "excellent"} < effects[0].keys() and {"bad", "not", "worst"} < effects[1].keys()


@pytest.mark.parametrize("backend", COMPILED)
def test_backends_train_alike(backend, parts):
    models = []
    for path in ("eager", backend):
        model = SENTIMENT.network(replace(parts, train=parts.train[:40]), Settings({"hidden": [2]}), seed=0)
        samples = SENTIMENT.samples(model, parts.train[:40])
        fit(
            model, samples, progress=False, loss="cross_entropy", optimizer="adam", epochs=2, batch_size=8, backend=path
        )
        models.append(numbers(model))
    assert models[1] == pytest.approx(models[0], abs=1e-9)


def test_saved_with_its_words(tmp_path):
    model = small(hidden=[3])
    save(model, tmp_path / "model.json")
    again = load(tmp_path / "model.json")
    assert again.config() == model.config() and numbers(again) == numbers(model)
    assert len(numbers(model)) == WordSums.count(**model.config()) == (4 + 1) * 3 + (3 + 1) * 2
    assert repr(again) == "WordSums(4 words, [3, 2], 23 parameters)"


def ask(model, *text):
    return list(SENTIMENT.ask(model, None, SimpleNamespace(text=text)))


def test_asked(trained):
    said, effects, unknown = ask(trained, "A great film,", "qwertz!")
    assert re.fullmatch(r"positive \d+\.\d%, negative \d+\.\d%", said)
    assert re.fullmatch(
        r"what each word adds to the log-odds of positive: a [+-]\d\.\d\d, great \+\d\.\d\d, film [+-]\d\.\d\d", effects
    )
    assert unknown == "unknown words, which add nothing: qwertz"
    assert len(ask(trained, "great")) == 2 and len(ask(trained, "qwertz")) == 2
    with pytest.raises(ValueError, match=r"there are no words in '\?!'"):
        ask(trained, "?!")


@pytest.mark.parametrize("text, turning", [("not bad at all", "not"), ("I don't think so. Never!", "don't, never")])
def test_that_it_cannot_turn_a_word_is_said_where_that_shows(text, turning, trained):
    assert (
        ask(trained, text)[-1]
        == f"{turning}: words are added up here, wherever they stand: none turns the one behind it"
    )
    assert "turns" not in "".join(ask(trained, "a great film"))


def table_of_texts(path):
    rng, rows = Random(0), []
    own = {"fine": ["tasty", "lovely"], "poor": ["cold", "rude"], "so-so": ["average", "plain"]}
    for i in range(90):
        label = list(own)[i % 3]
        text = [rng.choice(own[label]), *rng.choices(["the", "food", "staff", "room", "bed"], k=5)]
        rows.append(f"{' '.join(rng.sample(text, 6))},{label}")
    path.write_text("\n".join(["remark,verdict", *rows]) + "\n", encoding="utf-8")
    return str(path)


def test_texts_of_ones_own(here, capsys):
    file = table_of_texts(here / "hotel.csv")
    assert main(["use", "sentiment", "--csv", file, "--target", "verdict", "--seeds", "0", "--quiet"]) == 0
    kept = json.loads((here / "runs" / "uses" / "sentiment-hotel" / "card.json").read_text(encoding="utf-8"))
    assert kept["data"] == file and kept["goal"] is None and kept["trivial"] <= 0.5 and kept["linear"] is None
    assert kept["mean"] == 1.0, "each class has words of its own"
    printed = capsys.readouterr().out
    assert all(word in printed for word in ("tasty", "rude", "average", "true, and told as"))
    assert (here / "runs" / "uses" / "sentiment-hotel" / "words.png").exists()
    assert main(["ask", "sentiment", "--run", "runs/uses/sentiment-hotel", "a rude remark"]) == 0
    answer = capsys.readouterr().out
    assert answer.startswith("poor ") and "unknown words, which add nothing: a, remark" in answer


@pytest.mark.parametrize(
    ("own", "message"),
    [
        ({}, "--target names the classes"),
        ({"target": "verdicts"}, "has no column 'verdicts'; did you mean 'verdict'?"),
        ({"target": "verdict", "text": "remarks"}, "has no column 'remarks'; did you mean 'remark'?"),
    ],
)
def test_wrong_columns_are_named(tmp_path, own, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        SENTIMENT.data(Own(table_of_texts(tmp_path / "hotel.csv"), **own))
