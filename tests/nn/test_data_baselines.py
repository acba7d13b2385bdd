"""What others measured on the shipped files, measured again on what `load` gives.

The figures were made with scikit-learn on the same files and splits: an independent check that
features, windows, splits and units are the intended ones.
"""

from __future__ import annotations

import math
from collections import Counter

import numpy as np
import pytest
from sklearn.linear_model import LinearRegression, LogisticRegression

from nn.data import load

pytestmark = pytest.mark.slow  # scikit-learn fits its models to all data


def rmse(predicted, told) -> float:
    return float(np.sqrt(np.mean((np.asarray(predicted) - np.asarray(told)) ** 2)))


def majority_accuracy(data) -> float:
    label, _ = Counter(data.train.targets).most_common(1)[0]
    return data.test.targets.count(label) / len(data.test)


def linear_rmse(data) -> float:
    model = LinearRegression().fit(data.train.inputs, data.train.targets)
    return rmse(model.predict(data.test.inputs), data.test.targets)


def logistic_accuracy(data) -> float:
    model = LogisticRegression(max_iter=2000).fit(data.train.inputs, data.train.targets)
    return model.score(data.test.inputs, data.test.targets)


class TestTrivialBaselines:
    def test_penguins_majority(self):
        assert majority_accuracy(load("penguins")) == pytest.approx(0.433, abs=5e-4)

    def test_penguins_mean(self):
        data = load("penguins", target="body_mass_g")
        mean = np.mean(data.train.targets)
        assert rmse(mean, data.test.targets) == pytest.approx(802, abs=0.5)

    @pytest.mark.parametrize("name, expected", [("elnino", 1.164), ("us_macro", 0.752)])
    def test_persistence(self, name, expected):
        test = load(name).test
        last = [[x[-1]] for x in test.inputs]
        assert rmse(last, test.targets) == pytest.approx(expected, abs=5e-4)

    def test_elnino_seasonal(self):
        test = load("elnino").test
        a_year_ago = [[x[0]] for x in test.inputs]
        assert rmse(a_year_ago, test.targets) == pytest.approx(1.438, abs=5e-4)

    def test_sentiment_majority(self):
        data = load("sentiment")
        assert data.test.targets.count(1) / len(data.test) == 0.5
        assert majority_accuracy(data) == 0.5

    def test_names_uniform_and_bigram(self):
        data = load("names")
        alphabet = set("".join(data.train.inputs + data.test.inputs)) | {"."}
        assert math.log(len(alphabet)) == pytest.approx(3.296, abs=5e-4)
        counts: Counter[tuple[str, str]] = Counter()
        for name in data.train.inputs:
            counts.update(zip(f".{name}", f"{name}.", strict=True))
        totals: Counter[str] = Counter()
        for (before, _), count in counts.items():
            totals[before] += count
        # Each pair counted half a time more than seen, so that none is impossible.
        losses = [
            -math.log((counts[pair] + 0.5) / (totals[pair[0]] + 0.5 * len(alphabet)))
            for name in data.test.inputs
            for pair in zip(f".{name}", f"{name}.", strict=True)
        ]
        assert np.mean(losses) == pytest.approx(2.351, abs=5e-4)


class TestLinearBaselines:
    @pytest.mark.parametrize(
        "name, options, expected, error",
        [
            ("penguins", {"target": "body_mass_g"}, 295, 0.5),
            ("elnino", {}, 0.531, 5e-4),
            ("us_macro", {}, 0.661, 5e-4),
        ],
    )
    def test_least_squares(self, name, options, expected, error):
        assert linear_rmse(load(name, **options)) == pytest.approx(expected, abs=error)

    @pytest.mark.parametrize("name", ["penguins", "elnino"])
    def test_standardising_changes_no_linear_model(self, name):
        data = load(name, **({"target": "body_mass_g"} if name == "penguins" else {}))
        standard = data.standardised()
        scale = standard.preparation.target.scale
        assert linear_rmse(standard) * scale == pytest.approx(linear_rmse(data))

    def test_logistic_on_digits(self):
        assert logistic_accuracy(load("digits")) == pytest.approx(0.967, abs=5e-4)

    def test_logistic_on_standardised_clothes(self):
        """As the use is fed; on pixels from 0 to 1 it is .782."""
        assert logistic_accuracy(load("fashion").standardised()) == pytest.approx(0.810, abs=5e-4)

    def test_logistic_on_standardised_penguins(self):
        data = load("penguins").standardised()
        assert logistic_accuracy(data) == pytest.approx(0.985, abs=5e-4)

    def test_logistic_on_four_classes_of_clothes(self):
        data = load("fashion").only(["T-shirt/top", "Trouser", "Bag", "Ankle boot"])
        assert (len(data.train), len(data.test)) == (800, 200)
        assert logistic_accuracy(data) == pytest.approx(0.985, abs=5e-4)
