"""What compiled steps record and compare, and how seldom."""

from __future__ import annotations

import pytest

from nn import MLP, train
from nn.training.batches import batches
from tests.nn.helpers import COMPILED

DATA = [([x / 8 - 1.0], [0.2 - 0.7 * (x / 8 - 1.0)]) for x in range(16)]

pytestmark = pytest.mark.parametrize("backend", COMPILED)


def test_a_validation_of_samples_like_the_others_is_not_recorded_again(backend):
    steps = train(MLP(1, [2, 1], seed=3), DATA, validation=DATA[:4], epochs=1, backend=backend).steps
    assert steps.recorded.validation.shapes[0] is steps.recorded.samples.shapes[0]


def test_nor_are_samples_that_change(backend):
    run = train(MLP(1, [2, 1], seed=3), [(list(x), list(y)) for x, y in DATA], epochs=3, backend=backend)
    next(run)
    before = run.steps.recorded.samples
    run.data[4][0][0] = 0.75
    next(run)
    assert run.steps.recorded.samples is not before and run.steps.recorded.samples.shapes == before.shapes


def test_what_is_compared_before_a_step_is_one_of_its_samples(backend, monkeypatch):
    run = train(MLP(1, [2, 1], seed=3), 3 * DATA, seed=5, batch_size=4, epochs=8, backend=backend)
    found, plain = [], run.steps.recorded.samples.record_anew

    def record_anew(sample):
        found.append((run.task.position.epoch, run.task.position.step, sample))
        plain(sample)

    monkeypatch.setattr(run.steps.recorded.samples, "record_anew", record_anew)
    for _ in run:
        pass
    assert len({epoch for epoch, _, _ in found}) == 8
    for epoch, step, sample in found:
        assert sample in batches(48, 4, 5, epoch)[step]
