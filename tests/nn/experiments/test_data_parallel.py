"""One training on several workers: the numbers of one process."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from nn import MLP, Adam, clip_norm, l2, train
from nn.data import moons
from nn.experiments import data_parallel, process_pool
from tests.engine.helpers import bits

DATA = [(list(x), [float(target)]) for x, target in moons(n=30, seed=1).train]
OPTIONS = [
    {"loss": "mse", "batch_size": None},
    {"loss": "binary_cross_entropy", "optimizer": Adam(0.05), "batch_size": 7, "regularizer": l2(0.01)},
    {"loss": "mse", "batch_size": 8, "clip": clip_norm(0.1), "validation": 0.2},
    {"loss": "mse", "batch_size": 1, "regularizer": l2(0.01)},
]


def run(options):
    return train(MLP(2, [5, 1], seed=3), DATA, epochs=4, seed=2, backend="eager", **options)


def numbers(training):
    for _ in training:
        pass
    return [p.data for p in training.parameters]


@pytest.mark.parametrize("options", OPTIONS, ids=lambda options: f"{options['loss']} {options['batch_size']}")
@pytest.mark.parametrize("shards", [1, 2, 3, 40])
def test_parameters_and_losses_are_those_of_one_process(options, shards):
    one = run(options)
    expected = numbers(one)
    with ThreadPoolExecutor(2) as executor:
        several = data_parallel(run(options), executor, shards)
        assert numbers(several) == pytest.approx(expected, rel=1e-12, abs=1e-12)
    for name in ("loss", "penalty", "validation", "gradient"):
        found, alone = ([figure or 0.0 for figure in run.history.column(name)] for run in (several, one))
        assert found == pytest.approx(alone, rel=1e-11)
    assert (several.backend, several.reason) == ("eager", f"each mini-batch in {shards} shards")


@pytest.mark.slow
def test_the_bits_do_not_depend_on_the_executor_or_its_workers():
    found = set()
    for executor in (ThreadPoolExecutor(1), ThreadPoolExecutor(3), process_pool(1), process_pool(2)):
        with executor:
            found.add(bits(*numbers(data_parallel(run(OPTIONS[1]), executor, shards=3))))
    assert len(found) == 1


def test_frozen_parameters_stay():
    model = MLP(2, [3, 1], seed=3)
    frozen = model.parameters()[0]
    frozen.frozen = True
    before = frozen.data
    with ThreadPoolExecutor(2) as executor:
        for _ in data_parallel(train(model, DATA, epochs=2), executor, shards=2):
            pass
    assert frozen.data == before and model.parameters()[1].data != MLP(2, [3, 1], seed=3).parameters()[1].data


@pytest.mark.parametrize(
    ("call", "kind", "words"),
    [
        (lambda e: data_parallel(MLP(2, [1]), e, 2), TypeError, "data_parallel takes what nn.train gives, got"),
        (lambda e: data_parallel(run({}), e, 0), ValueError, "shards must be a whole number from 1 up, got 0"),
        (
            lambda e: data_parallel(train(MLP(2, [4, 1], dropout=0.5), DATA), e, 2),
            ValueError,
            "data_parallel takes no network with dropout",
        ),
    ],
)
def test_what_cannot_be_divided_is_named(call, kind, words):
    with ThreadPoolExecutor(1) as executor, pytest.raises(kind, match=words):
        call(executor)


def test_a_training_that_diverges_says_so():
    from nn import SGD, Diverged

    with ThreadPoolExecutor(1) as executor, pytest.raises(Diverged, match="the learning rate 1e"):
        numbers(data_parallel(run({"optimizer": SGD(1e200), "batch_size": 5}), executor, 2))


def test_one_sample_is_enough_and_the_history_says_what_computed():
    with ThreadPoolExecutor(1) as executor:
        training = data_parallel(train(MLP(1, [1]), [[1.0]], [3.0], epochs=200, backend="numpy"), executor, 2)
        numbers(training)
    assert training.history.backend == "eager"
    assert training.model([1.0]).data == pytest.approx(3.0)


def large(outputs, target):
    """Finite for a sample, and not for two of them."""
    return outputs[0] + 1e308


def test_a_loss_that_is_not_finite_says_so_even_where_its_gradient_is():
    from nn import Diverged

    training = train(MLP(1, [1]), [[1.0], [2.0]], [1.0, 1.0], loss=large, epochs=1, backend="eager")
    with ThreadPoolExecutor(1) as executor, pytest.raises(Diverged, match="the loss"):
        numbers(data_parallel(training, executor, 2))


def test_a_loss_and_a_penalty_whose_sum_is_not_finite_say_so():
    from nn import Diverged

    training = train(MLP(1, [1]), [[1.0]], [1.0], loss=large, regularizer=lambda weights: 0.0 * weights[0] + 1e308,
                     epochs=1, backend="eager")  # fmt: skip
    with ThreadPoolExecutor(1) as executor, pytest.raises(Diverged, match="the loss"):
        numbers(data_parallel(training, executor, 1))


class Received:
    """A loss that counts how often a worker makes it from what it was sent."""

    count = 0

    def __call__(self, outputs, target):
        return (outputs[0] - target[0]) ** 2

    def __setstate__(self, state):
        Received.count += 1

    def __getstate__(self):
        return {"sent": True}


def test_a_worker_unpacks_the_network_once(monkeypatch):
    monkeypatch.setattr(Received, "count", 0)
    with ThreadPoolExecutor(1) as executor:
        numbers(data_parallel(run({"loss": Received(), "batch_size": 8}), executor, shards=2))
    assert Received.count == 1
