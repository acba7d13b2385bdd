"""The shapes and the ends of the learning-rate schedules."""

from __future__ import annotations

import math
from itertools import pairwise

import pytest

from nn import cosine, exponential, linear, step_decay, warmup


@pytest.mark.parametrize(
    ("schedule", "expected"),
    [
        (step_decay(3), {0: 1, 2: 1, 3: 0.5, 5: 0.5, 6: 0.25, 30: 0.5**10}),
        (step_decay(1, 0.1), {0: 1, 1: 0.1, 2: 0.01}),
        (exponential(0.9), {0: 1, 1: 0.9, 2: 0.81, 10: 0.3486784401}),
        (exponential(1.0), {0: 1, 100: 1}),
        (linear(10), {0: 1, 1: 0.9, 5: 0.5, 10: 0, 11: 0, 1000: 0}),
        (linear(4, 0.2), {0: 1, 1: 0.8, 4: 0.2, 5: 0.2}),
        (cosine(10), {0: 1, 5: 0.5, 10: 0, 12: 0}),
        (cosine(4, 0.1), {0: 1, 2: 0.55, 4: 0.1, 9: 0.1}),
        (cosine(6), {1: (1 + math.sqrt(3) / 2) / 2, 2: 0.75, 3: 0.5, 4: 0.25}),
        (warmup(4), {0: 0.25, 1: 0.5, 2: 0.75, 3: 1, 4: 1, 100: 1}),
        (warmup(1), {0: 1, 1: 1}),
        (warmup(2, linear(4)), {0: 0.5, 1: 1, 2: 1, 3: 0.75, 6: 0, 7: 0}),
        (warmup(2, step_decay(2)), {1: 1, 2: 1, 3: 1, 4: 0.5, 6: 0.25}),
    ],
)
def test_factors_in_closed_form(schedule, expected):
    assert {epoch: schedule(epoch) for epoch in expected} == pytest.approx(expected, abs=1e-15)


@pytest.mark.parametrize(
    "schedule", [step_decay(3), exponential(0.9), linear(20), cosine(20), cosine(20, 0.3), linear(20, 0.3)]
)
def test_they_never_rise_and_start_at_1(schedule):
    factors = [schedule(epoch) for epoch in range(40)]
    assert factors[0] == 1.0
    assert all(a >= b >= 0 for a, b in pairwise(factors))


def test_half_a_cosine_is_steepest_in_the_middle():
    falls = [cosine(20)(epoch) - cosine(20)(epoch + 1) for epoch in range(20)]
    assert max(falls) in (falls[9], falls[10])
    assert falls[0] == min(falls) or falls[-1] == min(falls)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: step_decay(0), "every must be a whole number from 1 up, got 0"),
        (lambda: step_decay(-1), "every must be a whole number from 1 up, got -1"),
        (lambda: linear(0), "epochs must be a whole number from 1 up, got 0"),
        (lambda: cosine(-5), "epochs must be a whole number from 1 up, got -5"),
        (lambda: warmup(0), "epochs must be a whole number from 1 up, got 0"),
        (lambda: step_decay(2, 0.0), "factor must be above 0, got 0.0"),
        (lambda: step_decay(2, -0.5), "factor must be above 0, got -0.5"),
        (lambda: exponential(-1), "factor must be above 0, got -1"),
        (lambda: exponential(math.nan), "factor must be above 0, got nan"),
        (lambda: linear(2, -0.1), "end must be 0 or more, got -0.1"),
        (lambda: cosine(2, math.nan), "end must be 0 or more, got nan"),
    ],
)
def test_no_schedules(make, message):
    with pytest.raises(ValueError, match=message):
        make()


def test_they_say_what_they_are():
    made = [step_decay(3), exponential(0.9), linear(10), cosine(10, 0.1), warmup(4), warmup(2, cosine(8))]
    assert [schedule.__name__ for schedule in made] == [
        "step_decay(3, 0.5)", "exponential(0.9)", "linear(10, 0.0)", "cosine(10, 0.1)", "warmup(4, None)",
        "warmup(2, cosine(8, 0.0))",
    ]  # fmt: skip
