"""How weights start: their distribution, and why all alike is no start."""

from __future__ import annotations

import math
import random

import numpy as np
import pytest

from nn import MLP, Init, constant, he, mse, normal, uniform, xavier, zeros
from nn.layers.init import INITS
from tests.nn.helpers import gradients, numbers

N = 20_000


def drawn(init: Init, fan_in: int = 3, fan_out: int = 5) -> np.ndarray:
    rng = random.Random(123)
    return np.array([init.draw(rng, fan_in, fan_out) for _ in range(N)])


@pytest.mark.parametrize(
    ("init", "fans", "variance", "flat"),
    [
        (uniform(), (3, 5), 1 / 3, True),
        (uniform(0.25), (3, 5), 0.25**2 / 3, True),
        (normal(), (3, 5), 1.0, False),
        (normal(0.1), (3, 5), 0.01, False),
        (xavier(), (3, 5), 2 / 8, True),
        (xavier(), (100, 1), 2 / 101, True),
        (xavier(5 / 3), (64, 32), (5 / 3) ** 2 * 2 / 96, True),
        (he(), (3, 5), 2 / 3, False),
        (he(), (200, 7), 2 / 200, False),
        (he(0.5), (8, 8), 0.25 * 2 / 8, False),
    ],
)
def test_the_moments_are_the_published_ones(init, fans, variance, flat):
    weights = drawn(init, *fans)
    fourth = 1.8 if flat else 3.0  # the fourth moment over the squared variance: uniform, normal
    assert abs(weights.mean()) < 4 * math.sqrt(variance / N)
    assert abs((weights**2).mean() / variance - 1) < 4 * math.sqrt((fourth - 1) / N)
    assert (weights**4).mean() / variance**2 == pytest.approx(fourth, rel=0.1)
    if flat:
        limit = math.sqrt(3 * variance)
        assert np.abs(weights).max() <= limit * (1 + 1e-12)
        assert np.abs(weights).max() > 0.999 * limit


@pytest.mark.slow
def test_a_layer_draws_with_its_own_widths():
    (layer,) = MLP(100, [200], init="xavier", seed=1).layers
    weights = np.array([w.data for neuron in layer.neurons for w in neuron.w])
    assert abs((weights**2).mean() / (2 / 300) - 1) < 4 * math.sqrt(0.8 / weights.size)
    (layer,) = MLP(100, [200], init="he", seed=1).layers
    weights = np.array([w.data for neuron in layer.neurons for w in neuron.w])
    assert abs((weights**2).mean() / (2 / 100) - 1) < 4 * math.sqrt(2 / weights.size)


@pytest.mark.parametrize("init", [*INITS, zeros(), constant(0.7), normal(2.0)])
def test_biases_start_at_0(init):
    model = MLP(3, [4, 2], init=init)
    assert [n.b.data for layer in model.layers for n in layer.neurons] == [0.0] * 6


def test_the_flat_starts():
    assert {w.data for w in MLP(3, [4, 2], init="zeros").weights()} == {0.0}
    assert {w.data for w in MLP(3, [4, 2], init=constant(-0.3)).weights()} == {-0.3}


@pytest.mark.parametrize("name", INITS)
def test_a_name_means_the_usual_scale(name):
    assert Init.of(name) == Init(name, 1.0)
    factory = {"zeros": zeros, "uniform": uniform, "normal": normal, "xavier": xavier, "he": he}.get(
        name, lambda: constant(1.0)
    )
    assert factory() == Init(name, 1.0)
    assert numbers(MLP(3, [4, 2], init=name, seed=3)) == numbers(MLP(3, [4, 2], init=Init(name), seed=3))


@pytest.mark.parametrize("init", [zeros(), constant(0.4)])
def test_neurons_that_start_alike_stay_alike(init):
    """The symmetry problem: all hidden neurons get the same gradient, step after step, and do the work of one."""
    model = MLP(2, [5, 1], init=init)
    for step in range(20):
        model.zero_grad()
        mse(model.outputs([0.5, -1.0 + 0.1 * step]), 0.8).backward()
        hidden = [gradients(neuron) for neuron in model.layers[0].neurons]
        assert all(slopes == hidden[0] for slopes in hidden)
        for p in model.parameters():
            p.data -= 0.1 * p.grad
    first = model.layers[0].neurons
    assert all(numbers(neuron) == numbers(first[0]) for neuron in first)
    drawn_apart = MLP(2, [5, 1], init="xavier")
    mse(drawn_apart.outputs([0.5, -1.0]), 0.8).backward()
    assert len({tuple(gradients(neuron)) for neuron in drawn_apart.layers[0].neurons}) == 5


def test_zeros_pass_nothing_back_to_the_hidden_layer():
    model = MLP(2, [5, 1], init="zeros")
    mse(model.outputs([0.5, -1.0]), 0.8).backward()
    assert set(gradients(model.layers[0])) == {0.0}


@pytest.mark.parametrize(
    ("init", "error", "message"),
    [
        ("glorot", ValueError, "unknown init 'glorot'; known are zeros, constant, uniform, normal, xavier, he"),
        (Init("nothing"), ValueError, "unknown init 'nothing'"),
        (5, ValueError, "unknown init 5"),
        (xavier("2"), TypeError, "expected a real number, got str '2'"),
        (constant(None), TypeError, "expected a real number, got NoneType"),
        (xavier(math.nan), ValueError, "the scale of an init must be finite, got nan"),
        (uniform(math.inf), ValueError, "the scale of an init must be finite, got inf"),
    ],
)
def test_no_inits(init, error, message):
    with pytest.raises(error, match=message):
        MLP(2, [2], init=init)
