"""The paired bootstrap, against the normal distribution and NumPy."""

from __future__ import annotations

import math
import random

import numpy as np
import pytest

from nn.scoring.bootstrap import paired_interval


def test_of_means_it_is_the_interval_of_the_normal_distribution():
    """The difference of paired means has the standard error of the mean of the differences."""
    rng = random.Random(1)
    other = [rng.gauss(5, 3) for _ in range(400)]
    ours = [x + rng.gauss(0.1, 0.5) for x in other]
    differences = np.subtract(ours, other)
    half = 1.96 * np.std(differences) / math.sqrt(400)
    expected = (np.mean(differences) - half, np.mean(differences) + half)
    assert paired_interval([ours], other, draws=2000) == pytest.approx(expected, abs=0.15 * half)


def test_of_roots_it_is_that_of_numpy():
    rng = np.random.default_rng(2)
    models, other = rng.exponential(size=(3, 60)), rng.exponential(2.0, size=60)
    drawn = rng.integers(0, 60, size=(20_000, 60))
    roots = np.sqrt(models[:, drawn].mean(axis=2)).mean(axis=0) - np.sqrt(other[drawn].mean(axis=1))
    found = paired_interval(models.tolist(), other.tolist(), lambda scores: math.sqrt(sum(scores) / 60), draws=4000)
    assert found == pytest.approx(np.quantile(roots, [0.025, 0.975]), abs=0.03)


def test_a_model_does_not_differ_from_itself():
    scores = [float(i % 3) for i in range(50)]
    assert paired_interval([scores, scores], scores) == (0.0, 0.0)


def test_the_seed_decides_the_draws():
    scores, other = [[float(i % 3) for i in range(50)]], [float(i % 4) for i in range(50)]
    assert paired_interval(scores, other, seed=1) == paired_interval(scores, other, seed=1)
    assert paired_interval(scores, other, seed=1) != paired_interval(scores, other, seed=2)


@pytest.mark.parametrize(("ours", "other"), [([[1.0]], []), ([[1.0], [1.0, 2.0]], [0.0])])
def test_scores_of_other_rows_are_refused(ours, other):
    with pytest.raises(ValueError, match="scores of the same rows"):
        paired_interval(ours, other)
