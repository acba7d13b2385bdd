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

from nn.data.vocabulary import words
from nn.uses import USES
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


SIZES = {"sentiment": (4,)}
"""Hidden units where ours are not those of the use: it has none there."""
SKLEARN = ("penguins", "body-mass", "gdp", "climate", "digits", "images", "sentiment", "faces")
"""The uses whose figure of scikit-learn is measured here."""


def sklearn_settings(n, seed=0):
    """So many settings by random search (Bergstra and Bengio, 2012)."""
    rng = random.Random(seed)
    return [
        {
            "alpha": 10 ** rng.uniform(-5, 0),
            "learning_rate_init": 10 ** rng.uniform(-3, -1.5),
            "max_iter": rng.choice([25, 50, 100, 200]),
            "activation": rng.choice(["relu", "tanh"]),
            "batch_size": 32,
        }
        for _ in range(n)
    ]


def sklearn_figure(use, data, part, settings, seed, sizes):
    """What scikit-learn's network, learned from the training part of the data, reaches on a part of them."""
    from sklearn.neural_network import MLPClassifier, MLPRegressor

    rows = word_rows(data) if use.name == "sentiment" else lambda some: np.array(some.inputs)
    model = (MLPClassifier if data.classes else MLPRegressor)(hidden_layer_sizes=sizes, random_state=seed, **settings)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of epochs that were not enough: how many is one of the settings
        model.fit(rows(data.train), np.array(data.train.targets, dtype=int if data.classes else float).ravel())
        told = model.predict(rows(part))
    if data.classes:
        scores = [float(one == true) for one, true in zip(told, part.targets, strict=True)]
    else:
        scale = data.preparation.target.scale
        scores = [(scale * (y - t[0])) ** 2 for y, t in zip(told, part.targets, strict=True)]
    return use.metric.of(scores)


def word_rows(data):
    """Texts as rows of 0 and 1, a column for each word of the training part."""
    from sklearn.feature_extraction.text import CountVectorizer

    counter = CountVectorizer(analyzer=words, binary=True).fit(data.train.inputs)
    return lambda some: counter.transform(some.inputs)


def sklearn_measured(name):
    """Our sizes, as many settings as we tried, chosen on the same parts of the training rows; then five seeds on the
    test rows, a mean and a spread."""
    use = USES[name]
    data, sizes = use.data(), SIZES.get(name) or tuple(use.settings.network["hidden"])
    parts = [(replace(data, train=rest), part) for rest, part in use.validation_parts(data.train)]
    tried = sklearn_settings(len({str(settings) for settings in (use.settings, *use.tried)}))
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
