"""Dropout: which activations are dropped, and what is kept."""

from __future__ import annotations

import math
import random

import pytest

from nn import MLP, Layer
from nn.layers.dropout import Masks, drawn


def test_without_a_generator_nothing_is_dropped():
    dropping, plain = MLP(2, [8, 3], seed=1, dropout=0.9), MLP(2, [8, 3], seed=1)
    assert [y.data for y in dropping([0.3, 0.4])] == [y.data for y in plain([0.3, 0.4])]


def test_with_a_probability_of_0_a_generator_is_not_asked():
    rng = random.Random(0)
    before = rng.getstate()
    MLP(2, [8, 3])([0.3, 0.4], rng)
    assert rng.getstate() == before


def test_the_mask_depends_on_the_generator_alone():
    model = MLP(2, [8, 8, 1], seed=1, dropout=0.5)
    drawn = [model([0.3, 0.4], random.Random(seed)).data for seed in (1, 1, 2, 3)]
    assert drawn[0] == drawn[1]
    assert len(set(drawn)) == 3


@pytest.mark.parametrize("dropout", [0.1, 0.5, 0.8])
def test_an_activation_is_dropped_with_that_probability_and_its_mean_is_kept(dropout):
    layer = Layer(1, 4000, "linear", "constant", dropout=dropout)  # every activation is 1 · x
    activations = [a.data for a in layer([3.0], random.Random(11))]
    assert set(activations) == {0.0, 3.0 * (1 / (1 - dropout))}
    share = activations.count(0.0) / len(activations)
    assert abs(share - dropout) < 4 * math.sqrt(dropout * (1 - dropout) / 4000)
    assert sum(activations) / 4000 == pytest.approx(3.0 * (1 - share) / (1 - dropout), rel=1e-9)


def test_the_outputs_of_a_network_are_never_dropped():
    model = MLP(1, [4, 50], init="constant", dropout=0.9)
    kept = [float(y) for seed in range(50) for y in [model([1.0], random.Random(seed))[0]]]
    hidden = math.tanh(1.0)
    assert {round(y / (hidden / (1 - 0.9)), 9) for y in kept} <= {0.0, 1.0, 2.0, 3.0, 4.0}
    assert {len({float(y) for y in model([1.0], random.Random(seed))}) for seed in range(20)} == {1}


def test_a_dropped_activation_passes_no_gradient_on():
    layer = Layer(1, 50, "linear", "constant", dropout=0.5)
    ys = layer([3.0], random.Random(0))
    sum(ys).backward()
    for y, neuron in zip(ys, layer.neurons, strict=True):
        assert neuron.w[0].grad == (0.0 if y.data == 0.0 else 3.0 * 2)


# Masks drawn apart from the network

SIZES = [5, 4, 1]


@pytest.mark.parametrize("dropout", [0.1, 0.5, 0.8])
def test_masks_drawn_beforehand_are_those_that_the_network_draws(dropout):
    model = MLP(2, SIZES, seed=1, dropout=dropout)
    noted = Masks()
    model([0.3, 0.4], noted)
    assert noted.shares == [dropout] * 9
    together, apart = random.Random(5), random.Random(5)
    for x in ([0.3, 0.4], [-1.0, 0.2], [0.0, 3.0]):
        factors = drawn(noted.shares, apart)
        assert set(factors) <= {0.0, 1 / (1 - dropout)}
        assert model(x, Masks(factors)).data == model(x, together).data
    assert together.getstate() == apart.getstate()


def test_noting_what_is_asked_for_drops_nothing():
    model = MLP(2, SIZES, seed=1, dropout=0.9)
    assert model([0.3, 0.4], Masks()).data == model([0.3, 0.4]).data
    plain = Masks()
    MLP(2, SIZES)([0.3, 0.4], plain)
    assert plain.shares == []


def test_each_layer_may_have_a_probability_of_its_own():
    noted = Masks()
    Layer(2, 2, dropout=0.25).outputs(Layer(1, 2, dropout=0.5).outputs([1.0], noted), noted)
    assert noted.shares == [0.5, 0.5, 0.25, 0.25]


@pytest.mark.parametrize("name", ["random", "gauss", "shuffle"])
def test_only_dropout_is_drawn_beforehand(name):
    with pytest.raises(TypeError, match=f"draws random numbers of its own, by rng.{name}, cannot be recorded"):
        getattr(Masks(), name)()
