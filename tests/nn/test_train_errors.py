"""Training that diverges, and what is refused before it starts."""

from __future__ import annotations

import math
import random
from typing import Any

import numpy as np
import pytest

from nn import MLP, SGD, Diverged, clip_norm, fit, l2, train
from nn.data import moons
from tests.nn.helpers import COMPILED, bits, numbers

LINE = [([x], 2.0 * x + 1.0) for x in (0.0, 0.5, 1.0, 2.0)]


@pytest.mark.parametrize(
    ("model", "settings"),
    [
        (MLP(1, [1], seed=1), {"optimizer": SGD(100.0)}),  # squares too large for a float
        (MLP(1, [4, 1], "relu", seed=1), {"optimizer": SGD(1e200), "loss": "mae"}),  # sums that become inf
        # a step too large
        (MLP(1, [1], init="constant"), {"optimizer": SGD(1e160), "loss": lambda o, t: o[0] * 1e150}),
        # a slope too large
        (MLP(1, [1], init="constant"), {"loss": lambda o, t: (o[0] * 1e10) ** 0.5 * 1e-300 * 1e10 ** (o[0] * 31)}),
        (MLP(1, [2, 1], "exp", seed=1), {"optimizer": SGD(50.0)}),
    ],
)
def test_divergence_is_an_error_that_keeps_the_last_good_parameters(model, settings):
    kept = numbers(model)
    settings = {"regularizer": l2(1e-3), **settings}
    run = train(model, LINE, epochs=500, batch_size=2, **settings)
    steps = []
    move = run.optimizer.step

    def step(*arguments: Any) -> None:
        move(*arguments)
        steps.append(numbers(model))

    run.optimizer.step = step
    with pytest.raises(Diverged, match=r"the learning rate .* may be too large") as caught:
        list(run)
    assert bits(numbers(model)) == bits(steps[-1] if steps else kept)
    assert all(map(math.isfinite, numbers(model)))
    (note,) = caught.value.__notes__
    assert note == f"in epoch {len(steps) // 2 + 1}, step {len(steps) % 2 + 1}; the parameters are those before it"
    assert len(run.history) == len(steps) // 2


@pytest.mark.parametrize("backend", ["eager", *COMPILED])
def test_a_loss_and_a_price_whose_sum_is_too_large_are_divergence_too(backend):
    settings = {"loss": lambda o, t: o[0] * 0.0 + 8e307, "regularizer": lambda w: w[0] * 0.0 + 1.2e308}
    with pytest.raises(Diverged, match=r"the loss became inf: the learning rate 0\.1 may be too large"):
        fit(MLP(1, [1], seed=1), LINE[:2], clip=clip_norm(1.0), backend=backend, progress=False, **settings)


def test_a_validation_loss_that_is_not_finite_is_divergence_too():
    for loss in ("mse", "mae"):
        with pytest.raises(Diverged, match=r"the validation loss.*the learning rate 0\.1 may be too large"):
            fit(MLP(1, [1], seed=1), LINE, loss=loss, validation=[([1e308], -1.7e308)] * 3, progress=False)


def test_a_class_that_is_not_there_is_an_error_with_its_place():
    with pytest.raises(ValueError, match="2 logits takes a class from 0 to 1, got 2") as caught:
        fit(MLP(1, [2]), [([1.0], 0), ([2.0], 2)], loss="cross_entropy", progress=False)
    assert caught.value.__notes__ == ["in epoch 1, step 1; the parameters are those before it"]


# Bad input


@pytest.mark.parametrize(
    ("data", "error", "message"),
    [
        ([], ValueError, "there are no samples to train on"),
        (moons(n=20), TypeError, r"data is a sequence of \(input row, target\), got Dataset; did you mean its \.train "
                                 r"part\?"),
        (None, TypeError, "data is a sequence .* got NoneType"),
        (np.zeros((3, 2)), TypeError, "data is a sequence .* got ndarray"),
        (zip([[1.0, 2.0]], [1.0], strict=True), TypeError, "data is a sequence .* got zip"),
        ([[1.0, 2.0], [3.0, 4.0]], TypeError, "sample 0: the input is a row, a list of numbers, got float 1.0"),
        ([([1.0, 2.0], 1.0), ([3.0, 4.0],)], TypeError, r"sample 1 is no pair \(input row, target\): \(\[3.0, "
                                                        r"4.0\],\)"),
        ([([1.0, 2.0], 1.0), 5.0], TypeError, "sample 1 is no pair .*: 5.0"),
        ([([1.0, 2.0], 1.0), ([3.0], 1.0)], ValueError, "sample 1 has 1 inputs, the network takes 2"),
        ([([1.0, 2.0, 3.0], 1.0)], ValueError, "sample 0 has 3 inputs, the network takes 2"),
        ([([1.0, math.nan], 1.0)], ValueError, "sample 0: input 1 is nan"),
        ([([1.0, 2.0], 1.0), ([-math.inf, 2.0], 1.0)], ValueError, "sample 1: input 0 is -inf"),
        ([([1.0, 2.0], math.nan)], ValueError, "sample 0: target 0 is nan"),
        ([([1.0, 2.0], [1.0, math.inf])], ValueError, "sample 0: target 1 is inf"),
        ([(np.array([1.0, math.nan], dtype=np.float32), 1.0)], ValueError, "sample 0: input 1 is nan"),
        ([([1.0, 2.0], np.array([math.nan]))], ValueError, "sample 0: target 0 is nan"),
        ([(["1.0", 2.0], 1.0)], TypeError, "sample 0: input 0 must be a number, got str '1.0'"),
        ([([1.0, 2.0], "yes")], ValueError, "a target is a number, .* got 'yes'"),
    ],
)  # fmt: skip
def test_bad_samples_are_named(data, error, message):
    with pytest.raises(error, match=message):
        fit(MLP(2, [1]), data, progress=False)


def test_bad_validation_samples_are_named():
    with pytest.raises(ValueError, match="validation sample 0 has 1 inputs, the network takes 2"):
        train(MLP(2, [1]), [([1.0, 2.0], 1.0)], validation=[([1.0], 1.0)])
    with pytest.raises(TypeError, match=r"data is a sequence .* got Dataset"):
        train(MLP(2, [2]), moons(n=20).train, validation=moons(n=20))
    with pytest.raises(TypeError, match=r"validation is samples or a share such as 0\.2, got 3"):
        train(MLP(2, [2]), moons(n=20).train, validation=3)


@pytest.mark.parametrize(
    ("settings", "error", "message"),
    [
        ({"loss": "rmse"}, ValueError, "unknown loss 'rmse'"),
        ({"optimizer": "adamax"}, ValueError, "unknown optimizer 'adamax'"),
        ({"epochs": -1}, ValueError, "epochs must be a whole number from 0 up, got -1"),
        ({"epochs": 2.5}, TypeError, "epochs must be a whole number from 0 up, got 2.5"),
        ({"batch_size": 0}, ValueError, "batch_size must be a whole number from 1 up or None for all samples, got 0"),
        ({"validation": 1.0}, ValueError, "fraction is 1.0"),
        ({"validation": -0.5}, ValueError, "fraction is -0.5"),
        (
            {"validation": 0.2, "early_stopping": 0},
            ValueError,
            "early_stopping must be a whole number from 1 up, an EarlyStopping or True, got 0",
        ),
        ({"seed": None}, TypeError, "seed must be a whole number, got None"),
        ({"seed": random.Random(1)}, TypeError, "seed must be a whole number, got <random.Random object"),
        ({"seed": 0.5}, TypeError, "seed must be a whole number, got 0.5"),
        (
            {"loss": lambda outputs, target: 3.0},
            TypeError,
            "the loss of a sample must be a Value made of its outputs, got float 3.0",
        ),
        ({"loss": lambda outputs, target: None}, TypeError, "NoneType"),
        ({"learning_rate": 0.1}, TypeError, "learning_rate"),
    ],
)
def test_bad_settings_are_named(settings, error, message):
    with pytest.raises(error, match=message):
        fit(MLP(1, [1]), LINE, **{"epochs": 1, "progress": False, **settings})
