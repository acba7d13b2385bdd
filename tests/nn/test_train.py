"""The gradient-descent loop against closed forms and other programs' answers."""

from __future__ import annotations

import gc
import math
import random
from typing import Any

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression, Ridge

from engine import Value, total
from nn import (
    MLP,
    OPTIMIZERS,
    SGD,
    Adam,
    Module,
    clip_norm,
    clip_value,
    cosine,
    cross_entropy,
    fit,
    huber,
    l2,
    mse,
    train,
)  # fmt: skip
from nn.data import moons, xor
from nn.training.batches import batches
from tests.nn.helpers import bits, figures, give, gradients, numbers

LINE = [([x], 2.0 * x + 1.0) for x in (0.0, 0.5, 1.0, 2.0)]


# Known answers


def mazur() -> MLP:
    """The 2-2-2 network of Mazur's step by step example, all sigmoid."""
    model = MLP(2, [2, 2], "sigmoid", output="sigmoid")
    give(model, [0.15, 0.20, 0.35, 0.25, 0.30, 0.35, 0.40, 0.45, 0.60, 0.50, 0.55, 0.60])
    return model


MAZUR = [([0.05, 0.10], [0.01, 0.99])]


def half_squares(outputs: Any, target: Any) -> Any:
    return total([0.5 * (y - t) ** 2 for y, t in zip(outputs, target, strict=True)])


def test_mazurs_example():
    model = mazur()
    (x, t), *_ = MAZUR
    error = half_squares(model.outputs(x), t)
    assert error.data == pytest.approx(0.2983711087600027, rel=1e-14)
    error.backward()
    known = {
        "w1_1_1": 0.0004385677344743465, "w1_1_2": 0.000877135468948693, "w1_2_1": 0.0004977127352608599,
        "w1_2_2": 0.0009954254705217198, "w2_1_1": 0.08216704056423077, "w2_1_2": 0.08266762784753325,
        "w2_2_1": -0.02260254047747507, "w2_2_2": -0.022740242215978222,
    }  # fmt: skip
    assert {p.name: p.grad for p in model.weights()} == pytest.approx(known, rel=1e-12)


@pytest.mark.parametrize("batch_size", [None, 1])
def test_one_step_on_mazurs_weights_alone(batch_size):
    model = mazur()
    for layer in model.layers:
        for neuron in layer.neurons:
            neuron.b.frozen = True
    (epoch,) = fit(model, MAZUR, loss=half_squares, optimizer=SGD(0.5), epochs=1, batch_size=batch_size, progress=False)
    assert epoch.loss == pytest.approx(0.2983711087600027, rel=1e-14)
    assert float(half_squares(model.outputs(MAZUR[0][0]), MAZUR[0][1])) == pytest.approx(0.29102777369359933, rel=1e-13)


def test_linear_regression_is_least_squares():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(30, 3))
    y = x @ [1.0, -2.0, 0.5] + 3.0 + rng.normal(scale=0.3, size=30)
    model = MLP(3, [1], seed=1)
    history = fit(model, list(zip(x.tolist(), y.tolist(), strict=True)), optimizer=SGD(0.3), epochs=150, progress=False)
    (*w, b), (residual,), *_ = np.linalg.lstsq(np.column_stack([x, np.ones(30)]), y, rcond=None)
    assert numbers(model) == pytest.approx([*w, b], abs=1e-9)
    assert history[-1].loss == pytest.approx(residual / 30, rel=1e-9)


def test_with_l2_it_is_ridge_regression():
    rng = np.random.default_rng(1)
    x = rng.normal(size=(20, 2))
    y = x @ [1.0, -2.0] + 3.0
    model = MLP(2, [1], seed=1)
    fit(
        model,
        list(zip(x.tolist(), y.tolist(), strict=True)),
        optimizer=SGD(0.2),
        epochs=200,
        regularizer=l2(0.1),
        progress=False,
    )
    theirs = Ridge(alpha=0.1 * 20, tol=1e-12).fit(x, y)
    assert numbers(model) == pytest.approx([*theirs.coef_, theirs.intercept_], abs=1e-9)


@pytest.mark.slow
def test_logistic_regression_is_scikit_learns():
    rng = np.random.default_rng(2)
    x = rng.normal(size=(40, 2))
    y = (x @ [1.5, -1.0] + 0.4 + rng.normal(scale=0.8, size=40) > 0).astype(int)
    data = list(zip(x.tolist(), y.tolist(), strict=True))
    model = MLP(2, [1], seed=1)
    settings = {"loss": "binary_cross_entropy", "regularizer": l2(0.05), "progress": False}
    fit(model, data, optimizer=SGD(1.0, momentum=0.5), epochs=200, **settings)
    theirs = LogisticRegression(C=1 / (2 * 0.05 * 40), tol=1e-12).fit(x, y)  # they price ½ w² + C Σ loss
    assert numbers(model) == pytest.approx([*theirs.coef_[0], theirs.intercept_[0]], abs=1e-5)


@pytest.mark.slow
@pytest.mark.parametrize("activation", ["tanh", "relu", "sigmoid", "gelu"])
def test_exclusive_or_is_learned(activation):
    data = xor(n=4, noise=0.0, test_fraction=0.0).train
    model = MLP(2, [8, 1], activation, seed=2)
    settings = {"optimizer": Adam(0.05), "epochs": 250, "progress": False, "loss": "binary_cross_entropy"}
    history = fit(model, data, **settings)
    assert history[-1].loss < 0.05 < 0.6 < history[0].loss
    assert [float(model(x)) > 0 for x, _ in data] == [t == 1 for _, t in data]


def test_no_linear_model_learns_exclusive_or():
    data = xor(n=4, noise=0.0, test_fraction=0.0).train
    history = fit(
        MLP(2, [1], seed=2), data, optimizer=SGD(0.5), epochs=100, progress=False, loss="binary_cross_entropy"
    )
    assert history[-1].loss == pytest.approx(math.log(2), abs=1e-6)


# One thing said in two ways


def test_a_mini_batch_of_all_samples_is_a_batch_up_to_order():
    runs = []
    for batch_size in (None, 40, 1000):
        model = MLP(2, [4, 2], seed=1)
        history = fit(model, moons(n=50).train, loss="cross_entropy", epochs=5, batch_size=batch_size, progress=False)
        runs.append((numbers(model), history.column("loss")))
    for run in runs[1:]:
        assert run[0] == pytest.approx(runs[0][0], rel=1e-11)
        assert run[1] == pytest.approx(runs[0][1], rel=1e-11)


def test_for_plain_gradient_descent_l2_is_weight_decay():
    """p ← (1 - 2 · rate · strength) p - rate · g for the weights, and no decay of the biases."""
    data = [([0.5, -1.0], 0.3), ([1.5, 0.2], -0.7)]
    model, by_hand = MLP(2, [3, 1], seed=4), MLP(2, [3, 1], seed=4)
    fit(model, data, optimizer=SGD(0.1), regularizer=l2(0.2), epochs=8, progress=False)
    weights = {id(p) for p in by_hand.weights()}
    for _ in range(8):
        by_hand.zero_grad()
        (total([mse(by_hand.outputs(x), t) for x, t in data]) * 0.5).backward()
        for p in by_hand.parameters():
            p.data = p.data * (1 - 2 * 0.1 * 0.2 if id(p) in weights else 1.0) - 0.1 * p.grad
    assert numbers(model) == pytest.approx(numbers(by_hand), rel=1e-12)


@pytest.mark.parametrize("batch_size", [None, 3, 1])
def test_the_loop_is_the_one_that_a_student_writes(batch_size):
    data = moons(n=12, test_fraction=0).train
    model, by_hand = MLP(2, [4, 2], seed=1), MLP(2, [4, 2], seed=1)
    run = train(
        model, data, loss="cross_entropy", optimizer=SGD(0.2, momentum=0.5), epochs=3, batch_size=batch_size, seed=7
    )
    velocity = dict.fromkeys(range(len(by_hand.parameters())), 0.0)
    for epoch in run:
        seen = []
        for batch in batches(len(data), batch_size, 7, epoch.number - 1):
            losses = [cross_entropy(by_hand.outputs(data[i][0]), data[i][1]) for i in batch]
            by_hand.zero_grad()
            (total(losses) / len(losses)).backward()
            for i, p in enumerate(by_hand.parameters()):
                velocity[i] = 0.5 * velocity[i] + p.grad
                p.data -= 0.2 * velocity[i]
            seen += [loss.data for loss in losses]
        assert epoch.loss == pytest.approx(sum(seen) / len(data), rel=1e-12)
    assert numbers(model) == pytest.approx(numbers(by_hand), rel=1e-11)


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_train_and_fit_give_the_same_bits(name):
    settings = {"loss": "cross_entropy", "epochs": 4, "batch_size": 8, "validation": 0.2, "early_stopping": 50,
                "seed": 3, "regularizer": l2(0.01), "schedule": cosine(4), "clip": clip_norm(1.0),
                "optimizer": OPTIMIZERS[name]()}  # fmt: skip
    models = [MLP(2, [4, 2], seed=1, dropout=0.25) for _ in range(3)]
    run = train(models[0], moons(n=40).train, **settings)
    epochs = list(run)
    histories = [run.history, *[fit(model, moons(n=40).train, progress=False, **settings) for model in models[1:]]]
    assert epochs == run.history
    # the very same optimizer, used three times
    assert figures(histories[0]) == figures(histories[1]) == figures(histories[2])
    assert bits(numbers(models[0])) == bits(numbers(models[1])) == bits(numbers(models[2]))


def test_the_seed_decides_the_order_and_the_masks():
    def run(seed: int, dropout: float, batch_size: int | None) -> list[float]:
        model = MLP(2, [4, 2], seed=1, dropout=dropout)
        fit(model, moons(n=20).train, loss="cross_entropy", epochs=2, batch_size=batch_size, seed=seed, progress=False)
        return numbers(model)

    assert run(1, 0.0, 4) == run(1, 0.0, 4) != run(2, 0.0, 4)
    assert run(1, 0.5, None) == run(1, 0.5, None) != run(2, 0.5, None)
    assert run(1, 0.0, None) == run(2, 0.0, None)


def test_the_global_generator_and_the_collector_are_left_alone():
    random.seed(3)
    before = random.getstate()
    assert gc.isenabled()
    fit(
        MLP(2, [4, 2], dropout=0.5),
        moons(n=20).train,
        loss="cross_entropy",
        epochs=1,
        batch_size=4,
        validation=0.2,
        progress=False,
    )
    assert random.getstate() == before
    assert gc.isenabled()


# Parts of a run


def test_a_schedule_sets_the_rate_of_each_epoch():
    model, by_hand = MLP(1, [1], init="constant"), MLP(1, [1], init="constant")
    history = fit(model, LINE, optimizer=SGD(0.1), epochs=4, schedule=lambda epoch: 1 / (epoch + 1), progress=False)
    assert history.column("rate") == pytest.approx([0.1, 0.05, 0.1 / 3, 0.025])
    for epoch in range(4):
        fit(by_hand, LINE, optimizer=SGD(0.1 / (epoch + 1)), epochs=1, progress=False)
    assert numbers(model) == pytest.approx(numbers(by_hand), rel=1e-12)


@pytest.mark.parametrize("strength", [0.0, 0.1])
def test_the_penalty_of_an_epoch_is_the_price_of_its_weights(strength):
    model, prices = MLP(1, [2, 1], seed=1), []
    for epoch in train(model, LINE, epochs=3, regularizer=l2(strength) if strength else None):
        assert epoch.penalty == pytest.approx(prices[-1] if prices else strength * squares(MLP(1, [2, 1], seed=1)))
        prices.append(strength * squares(model))


def squares(model: MLP) -> float:
    return sum(w.data**2 for w in model.weights())


def test_what_is_not_said_is_as_in_the_documentation():
    """A hundred epochs of all samples at once, by gradient descent on the squared error, with the masks of seed 0."""
    said, unsaid = (MLP(1, [2, 1], seed=1, dropout=0.5) for _ in range(2))
    history = fit(unsaid, LINE, progress=False)
    straight = fit(said, LINE, loss="mse", optimizer=SGD(0.1), epochs=100, batch_size=None, seed=0, progress=False)
    assert figures(history) == figures(straight)
    assert bits(numbers(unsaid)) == bits(numbers(said))


def test_gradients_are_clipped():
    model = MLP(1, [1], init="constant")
    fit(model, [([1000.0], 0.0)], optimizer=SGD(1.0), clip=clip_value(0.25), epochs=1, progress=False)
    assert numbers(model) == [0.75, -0.25]


def test_frozen_parameters_stay():
    model = MLP(2, [4, 2], seed=1)
    model.layers[0].freeze()
    before = numbers(model.layers[0]), numbers(model.layers[1])
    fit(model, moons(n=20).train, loss="cross_entropy", epochs=2, regularizer=l2(0.1), progress=False)
    assert numbers(model.layers[0]) == before[0]
    assert all(a != b for a, b in zip(numbers(model.layers[1]), before[1], strict=True))


class Table(Module):
    """A row of numbers for each word, and no other parameters; `spare` is not used."""

    def __init__(self) -> None:
        self.rows = [[Value(0.5), Value(-1.0)] for _ in range(3)]
        self.spare = Value(2.0)

    def outputs(self, x: Any, rng: random.Random | None = None) -> list[Any]:
        return self.rows[x]


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_a_parameter_that_a_batch_does_not_reach_has_gradient_0(name):
    """What the optimiser remembers of it goes on: a word that is gone for a while still moves by its momentum."""
    make = (lambda: SGD(0.1, momentum=0.9)) if name == "sgd" else OPTIMIZERS[name]
    model, words = Table(), [0, 1, 1, 0]
    target, path = [1.0, 1.0], []
    run = train(model, [(word, target) for word in words], optimizer=make(), epochs=1, batch_size=1, seed=3)
    for batch in batches(4, 1, 3, 0):
        run.descend([run.data[i] for i in batch])
        path.append([words[batch[0]], *numbers(model)])
    assert gradients(model)[4:] == [0.0, 0.0, 0.0]
    optimizer = make()
    for index in (0, 2):  # the first number of word 0, and of word 1, as if each were alone
        p, state = 0.5, {}
        for t, (word, *now) in enumerate(path, 1):
            p = optimizer.move(p, p - 1.0 if word == index / 2 else 0.0, state, optimizer.rate, t)
            assert now[index] == pytest.approx(p, rel=1e-14)
    kept = 2.0 * (1 - 0.01 * 0.01) ** 4 if name == "adamw" else 2.0
    assert model.spare.data == pytest.approx(kept, rel=1e-14)


class Seen(Module):
    """Notes whether it was given a generator for dropout masks."""

    def __init__(self) -> None:
        self.w = Value(0.5, "w")
        self.masked: list[Any] = []

    def outputs(self, x: Any, rng: random.Random | None = None) -> list[Any]:
        self.masked.append(None if rng is None else rng.random())
        return [self.w * x[0]]


def test_dropout_is_for_training_only():
    model = Seen()
    fit(model, LINE, epochs=2, batch_size=2, validation=[([1.0], 3.0)], progress=False, backend="eager")
    drawn = model.masked
    assert [m is None for m in drawn] == [False] * 4 + [True] + [False] * 4 + [True]
    kept = [m for m in drawn if m is not None]
    assert len(set(kept)) == 8  # a mask of its own for every sample of every step


def test_the_model_may_be_of_ones_own_and_the_loss_too():
    model = Seen()
    fit(
        model,
        LINE,
        loss=lambda outputs, target: (outputs[0] - target) ** 4,
        epochs=50,
        optimizer=SGD(0.001),
        progress=False,
    )
    found = model.w.data
    slope = sum(4 * (found * x - t) ** 3 * x for (x,), t in LINE)
    assert found > 0.5
    assert abs(slope) < abs(sum(4 * (0.5 * x - t) ** 3 * x for (x,), t in LINE))
    by_name, by_function = (MLP(1, [1], seed=1) for _ in range(2))
    for each, loss in ((by_name, "huber"), (by_function, huber)):
        fit(each, LINE, loss=loss, epochs=5, progress=False)
    assert numbers(by_name) == numbers(by_function)


def test_no_epochs_change_nothing():
    model = MLP(1, [1], seed=1)
    before = numbers(model)
    history = fit(model, LINE, epochs=0, progress=False)
    assert (history, history.stopped, numbers(model)) == ([], "", before)


def test_the_gradients_of_the_last_step_can_be_looked_at():
    model = MLP(1, [1], init="constant")
    (epoch,) = fit(model, LINE, epochs=1, progress=False)
    assert math.hypot(*gradients(model)) == epoch.gradient
