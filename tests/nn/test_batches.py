"""Which samples make up a step."""

from __future__ import annotations

import math
import random
from collections import Counter
from itertools import chain

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nn.training.batches import Batches, batches, generator
from tests.nn.helpers import examples, python

sizes = st.none() | st.integers(1, 70)


@given(samples=st.integers(1, 60), batch_size=sizes, seed=st.integers(-5, 10**20), epoch=st.integers(0, 10**6))
@examples(150)
def test_every_sample_is_seen_once_an_epoch(samples, batch_size, seed, epoch):
    steps = batches(samples, batch_size, seed, epoch)
    assert Counter(chain.from_iterable(steps)) == Counter(range(samples))
    size = batch_size or samples
    assert len(steps) == math.ceil(samples / size)
    assert all(len(step) == size for step in steps[:-1])
    assert 1 <= len(steps[-1]) <= size
    assert steps == batches(samples, batch_size, seed, epoch)


def test_one_batch_of_all_keeps_the_order_and_every_size_shares_one_shuffle():
    assert batches(7, None, seed=3, epoch=9) == [[0, 1, 2, 3, 4, 5, 6]]
    order = list(chain.from_iterable(batches(30, 1, 3, 9)))
    for batch_size in (4, 30, 100):
        assert list(chain.from_iterable(batches(30, batch_size, 3, 9))) == order


def test_the_order_differs_between_epochs_and_seeds():
    orders = {tuple(batches(30, 30, seed, epoch)[0]) for seed in range(20) for epoch in range(20)}
    assert len(orders) == 400


def test_the_shuffle_favours_no_place():
    """Where sample 0 lands over many epochs: a χ² test with 9 degrees of freedom, whose 99.9 % point is 27.9."""
    places = Counter(batches(10, 10, 5, epoch)[0].index(0) for epoch in range(3000))
    assert sum((places[i] - 300) ** 2 / 300 for i in range(10)) < 27.9


def test_the_generators_of_different_steps_are_different():
    draws = {
        generator(seed, epoch, step).random()
        for seed in range(6)
        for epoch in range(6)
        for step in (*range(6), "order")
    }
    assert len(draws) == 6 * 6 * 7
    assert generator(1, 2, 3).random() == generator(1, 2, 3).random()


@pytest.mark.slow
def test_the_order_is_the_same_in_another_process():
    here = [batches(20, 6, 4, epoch) for epoch in range(3)]
    code = "from nn.training.batches import Batches, batches, generator; "
    code += "print([batches(20, 6, 4, epoch) for epoch in range(3)], generator(1, 2, 3).random())"
    for seed in ("0", "123"):
        assert python(code, PYTHONHASHSEED=seed).stdout == f"{here} {generator(1, 2, 3).random()}\n"


def test_the_global_generator_is_left_alone():
    random.seed(3)
    before = random.getstate()
    batches(20, 6, 4, 1)
    assert random.getstate() == before


@pytest.mark.parametrize(
    ("samples", "batch_size", "error", "message"),
    [
        (0, None, ValueError, "there are no samples to train on"),
        (0, 4, ValueError, "there are no samples to train on"),
        (5, 0, ValueError, "batch_size must be a whole number from 1 up or None for all samples, got 0"),
        (5, -1, ValueError, "batch_size .* got -1"),
        (5, 2.0, TypeError, "batch_size .* got 2.0"),
        (5, "8", TypeError, "batch_size .* got '8'"),
        (5, True, TypeError, "batch_size .* got True"),
    ],
)
def test_no_batches(samples, batch_size, error, message):
    with pytest.raises(error, match=message):
        batches(samples, batch_size)


@given(samples=st.integers(1, 30), size=st.integers(1, 40), start=st.integers(0, 9), end=st.integers(0, 40))
@examples(100)
def test_batches_are_a_sequence_of_lists(samples, size, start, end):
    steps = batches(samples, size, 2, 5)
    lists = [list(steps.order)[i : i + steps.size] for i in range(0, samples, steps.size)]
    assert list(steps) == lists == steps == Batches.of(lists)
    assert list(steps[start:end]) == lists[start:end]
    assert steps[-1] == lists[-1]
    with pytest.raises(IndexError):
        steps[len(lists)]


def test_batches_are_equal_to_sequences_of_the_same_lists_only():
    steps = batches(5, None)
    assert steps == [[0, 1, 2, 3, 4]] and repr(steps) == "[[0, 1, 2, 3, 4]]"
    for other in ([[0, 1, 2, 3]], [[0, 1, 2, 3, 4], [5]], [], 5, None):
        assert steps != other


def test_no_steps_are_an_empty_sequence():
    assert len(Batches.of([])) == 0 and Batches.of([]) == []


def test_a_step_has_no_more_samples_than_there_are():
    assert [batches(30, batch_size).size for batch_size in (None, 1, 29, 30, 100)] == [30, 1, 29, 30, 30]


def test_without_a_seed_and_an_epoch_they_are_0():
    assert batches(30, 4) == batches(30, 4, 0, 0) == batches(30, 4, seed=0) == batches(30, 4, epoch=0)
