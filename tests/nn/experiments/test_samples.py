"""Settings to try."""

from __future__ import annotations

import math
from itertools import product
from statistics import fmean

import numpy as np
import pytest

from nn.experiments import choice, grid, log_uniform, sample, uniform


def test_a_grid_has_every_combination_once_the_last_changing_fastest():
    found = grid({"a": [1, 2], "b": ["xyz", "x y"], "c": (None, True)})
    assert [tuple(setting.values()) for setting in found] == list(product([1, 2], ["xyz", "x y"], [None, True]))
    assert grid({}) == [{}]
    assert grid({"rate": np.array([0.5, 0.25])}) == [{"rate": 0.5}, {"rate": 0.25}]


def space():
    return {"rate": log_uniform(1e-4, 1.0), "share": uniform(-1.0, 3.0), "hidden": [4, 8, 16]}


def test_samples_are_functions_of_the_seed_and_of_the_name():
    assert sample(space(), 50, seed=3) == sample(space(), 80, seed=3)[:50]
    assert sample(space(), 50, seed=3) != sample(space(), 50, seed=4)
    alone = sample({"rate": space()["rate"]}, 50, seed=3)
    assert [setting["rate"] for setting in sample(space(), 50, seed=3)] == [setting["rate"] for setting in alone]


def test_who_names_no_seed_has_seed_0():
    assert sample(space(), 5) == sample(space(), 5, seed=0) != sample(space(), 5, seed=1)


def test_samples_have_the_distribution_that_was_asked_for():
    found = sample(space(), 4000)
    n = math.sqrt(len(found))
    logs = [math.log10(setting["rate"]) for setting in found]
    assert min(logs) >= -4 and max(logs) <= 0
    # five standard errors of the means of uniform numbers
    assert abs(fmean(logs) + 2) < 5 * 4 / math.sqrt(12) / n
    assert abs(fmean(setting["share"] for setting in found) - 1) < 5 * 4 / math.sqrt(12) / n
    for hidden in (4, 8, 16):
        assert abs(fmean(setting["hidden"] == hidden for setting in found) - 1 / 3) < 5 * math.sqrt(2 / 9) / n


@pytest.mark.parametrize(
    ("call", "kind", "words"),
    [
        (lambda: grid({"rate": 0.1}), TypeError, "rate takes a list of values, such as [0.1, 0.01], got 0.1"),
        (lambda: grid({"act": "tanh"}), TypeError, "act takes a list of values, such as [0.1, 0.01], got 'tanh'"),
        (lambda: grid({"rate": []}), ValueError, "rate has no value to try"),
        (lambda: sample(space(), 0), ValueError, "count must be a whole number from 1 up, got 0"),
        (lambda: sample(space(), 1, seed=None), TypeError, "seed must be a whole number, got None"),
        (lambda: log_uniform(0.0, 1.0), ValueError, "low must be above 0, got 0.0"),
        (lambda: log_uniform(1.0, 0.1), ValueError, "high must be above low and finite, got 1.0 to 0.1"),
        (lambda: uniform(1.0, math.inf), ValueError, "high must be above low and finite, got 1.0 to inf"),
        (lambda: uniform(1.0, 1.0), ValueError, "high must be above low and finite, got 1.0 to 1.0"),
        (lambda: uniform("0", 1), TypeError, "low must be a number, got str '0'"),
        (lambda: choice([]), ValueError, "choice has no value to try"),
    ],
)
def test_what_makes_no_settings_is_named(call, kind, words):
    with pytest.raises(kind) as error:
        call()
    assert str(error.value) == words
