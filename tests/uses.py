"""Whether the table of uses in nn/README.md is true: after `python -m nn uses`, `python -m tests.uses` compares it with
the cards in runs/uses; `python -m tests.uses sklearn [NAME ...]` measures the figures of scikit-learn in it."""

import json
import math
import random
import re
import sys
import warnings
from dataclasses import replace
from pathlib import Path
from statistics import fmean, stdev

import numpy as np

from nn.data.vocabulary import END, words
from nn.uses import USES
from nn.uses.names import a_letter
from tests.readme import USES_README

ROW = re.compile(r"^\| `([\w-]+)` \|.*$", re.MULTILINE)


def rows(text):
    """The rows of the table by the name of the use: its cells."""
    table = re.search(r"<!-- the uses: .*?-->(.*?)<!-- end of the uses -->", text, re.DOTALL)[1]
    return {match[1]: [cell.strip() for cell in match[0].strip("|").split("|")] for match in ROW.finditer(table)}


def differences(said, cards):
    """What the table says otherwise than the cards, a line each; another machine may draw other last bits, so runs
    are like other seeds."""
    found = [f"{name}: no {'card' if name in said else 'row'}" for name in sorted(said.keys() ^ cards.keys())]
    for name, card in cards.items():
        if name not in said:
            continue
        mean, spread = (float(number) for number in re.findall(r"[\d.]+", said[name][3])[:2])
        digits = USES[name].metric.digits
        tolerance = 10.0**-digits + 4 * math.sqrt(2 / 5) * max(spread, card["spread"])
        if abs(mean - card["mean"]) > tolerance:
            found.append(
                f"{name}: the table says {mean}, the card {card['mean']:.{digits}f}, which differ by more than "
                f"{tolerance:.{digits}f}"
            )
        reached = USES[name].metric.reaches(card["mean"], card["goal"])
        if reached == ("missed" in said[name][7]):
            found.append(f"{name}: the goal was {'reached' if reached else 'missed'}, the table says the other")
    return found


SIZES = {"sentiment": (4,), "names": (100,)}
"""Hidden units where our settings do not say them as a list; of `sentiment`, which has none, those of another that was
tried."""
EPOCHS = {"names": (5, 10, 20, 40)}
"""Of how many passes is chosen: around ours, where a pass takes long."""
SKLEARN = ("penguins", "body-mass", "gdp", "climate", "digits", "images", "sentiment", "faces", "translate", "names")
"""The uses whose figure of scikit-learn is measured here."""


def sklearn_settings(n, epochs=(25, 50, 100, 200), seed=0):
    """So many settings by random search (Bergstra and Bengio, 2012)."""
    rng = random.Random(seed)
    return [
        {
            "alpha": 10 ** rng.uniform(-5, 0),
            "learning_rate_init": 10 ** rng.uniform(-3, -1.5),
            "max_iter": rng.choice(epochs),
            "activation": rng.choice(["relu", "tanh"]),
            "batch_size": 32,
        }
        for _ in range(n)
    ]


def sklearn_figure(use, data, part, settings, seed, sizes):
    """What scikit-learn's network, learned from the training part of the data, reaches on a part of them."""
    from sklearn.neural_network import MLPClassifier, MLPRegressor

    reading = READINGS.get(use.name, Rows)(use, data)
    kind = MLPRegressor if data.task == "regression" else MLPClassifier
    model = kind(hidden_layer_sizes=sizes, random_state=seed, **settings)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of epochs that were not enough: how many is one of the settings
        model.fit(*reading.learned())
        return use.metric.of(reading.scores(model, part))


class Rows:
    """How scikit-learn reads the data of a use: rows of numbers, and how what it tells is scored."""

    def __init__(self, use, data):
        self.use, self.data = use, data

    def rows(self, part):
        return np.array(part.inputs)

    def learned(self):
        train = self.data.train
        return self.rows(train), np.array(train.targets, dtype=int if self.data.classes else float).ravel()

    def scores(self, model, part):
        told = model.predict(self.rows(part))
        if self.data.classes:
            return [float(one == true) for one, true in zip(told, part.targets, strict=True)]
        scale = self.data.preparation.target.scale
        return [(scale * (y - t[0])) ** 2 for y, t in zip(told, part.targets, strict=True)]


class Words(Rows):
    """Texts as rows of 0 and 1, a column for each word of the training part."""

    def __init__(self, use, data):
        from sklearn.feature_extraction.text import CountVectorizer

        super().__init__(use, data)
        self.counter = CountVectorizer(analyzer=words, binary=True).fit(data.train.inputs)

    def rows(self, part):
        return self.counter.transform(part.inputs)


class Phrases(Rows):
    """The next word of a translation, from the same 0 and 1 as our network; whole phrases by taking it again and
    again."""

    def __init__(self, use, data):
        super().__init__(use, data)
        self.ours = use.network(data, use.settings, 0)

    def ones(self, places):
        return ones(places, self.ours.network.places)

    def learned(self):
        places, told = zip(*self.use.samples(self.ours, self.data.train), strict=True)
        return self.ones(places), np.array(told)

    def scores(self, model, part):
        end, said = self.ours.target.number(END), [[] for _ in part]
        for _ in range(self.ours.longest):
            rows = self.ones([self.ours.row(x, before) for x, before in zip(part.inputs, said, strict=True)])
            for before, word in zip(said, model.predict(rows), strict=True):
                if end not in before and len(before) < self.ours.longest - 1:
                    before.append(int(word))
        told = [[number for number in before if number != end] for before in said]
        return [float(one == self.ours.target.encode(true)) for one, true in zip(told, part.targets, strict=True)]


class Letters(Rows):
    """The next letter of a name, from a 1 for each of the letters before it."""

    def __init__(self, use, data):
        super().__init__(use, data)
        self.ours = use.network(data, use.settings, 0)

    def ones(self, windows):
        wide = len(self.ours.vocabulary)
        return ones([[k * wide + token for k, token in enumerate(x)] for x in windows], wide * self.ours.inputs)

    def learned(self):
        windows, told = zip(*self.use.samples(self.ours, self.data.train), strict=True)
        return self.ones(windows), np.array(told)

    def scores(self, model, part):
        names = [self.ours.windows(self.ours.encoded(name)) for name in part.inputs]
        shares = iter(model.predict_proba(self.ones([x for name in names for x, _ in name])))
        places = {token: place for place, token in enumerate(model.classes_.tolist())}
        return a_letter([[-math.log(next(shares)[places[told]]) for _, told in name] for name in names])


READINGS = {"sentiment": Words, "translate": Phrases, "names": Letters}


def ones(places, columns):
    """Rows of 0 with a 1 at these places; a place behind the last is none."""
    from scipy.sparse import csr_matrix

    kept = [[place for place in row if place < columns] for row in places]
    ends = np.cumsum([0, *map(len, kept)])
    return csr_matrix((np.ones(ends[-1]), np.concatenate(kept).astype(int), ends), (len(kept), columns))


def epochs_of(name):
    return {"epochs": EPOCHS[name]} if name in EPOCHS else {}


def sklearn_measured(name):
    """Our sizes, as many settings as we tried, chosen on the same parts of the training rows; then five seeds on the
    test rows, a mean and a spread."""
    use = USES[name]
    data, sizes = use.data(), SIZES.get(name) or tuple(use.settings.network["hidden"])
    parts = [(replace(data, train=rest), part) for rest, part in use.validation_parts(data.train)]
    tried = sklearn_settings(len({str(each) for each in (use.settings, *use.tried)}), **epochs_of(name))
    found = [
        fmean(sklearn_figure(use, known, part, settings, seed, sizes) for known, part in parts for seed in (0, 1))
        for settings in tried
    ]
    best = tried[found.index((max if use.metric.more_is_better else min)(found))]
    figures = [sklearn_figure(use, data, data.test, best, seed, sizes) for seed in range(5)]
    return fmean(figures), stdev(figures), sizes, len(tried), best


def say_sklearn(names):
    for name in names or SKLEARN:
        mean, spread, sizes, tried, best = sklearn_measured(name)
        text = USES[name].metric.text
        print(f"{name}: {text(mean)} ± {text(spread)}, hidden {sizes}, {tried} settings tried, {best}", flush=True)


def main():
    if sys.argv[1:2] == ["sklearn"]:
        return say_sklearn(sys.argv[2:])
    cards = {name: json.loads(Path("runs", "uses", name, "card.json").read_text(encoding="utf-8")) for name in USES}
    found = differences(rows(USES_README.read_text(encoding="utf-8")), cards)
    print("\n".join(found) or f"the table of {len(cards)} uses in nn/README.md agrees with runs/uses")
    return bool(found)


if __name__ == "__main__":
    sys.exit(main())
