"""Neurons, layers and networks against their matrix form."""

from __future__ import annotations

import copy
import math
import pickle
import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine import Value, gradient, no_grad, rule, topological_order
from engine.rule import RULES
from nn import MLP, Layer, Neuron, mse
from nn.layers.mlp import ACTIVATIONS as NAMED
from tests.nn.helpers import ACTIVATIONS, examples, gradients, matrix_form, numbers

SHAPES = [(1, [1]), (2, [1]), (2, [16, 1, 1]), (3, [4]), (3, [4, 2]), (64, [32, 10]), (5, [1, 1, 1, 7])]


@pytest.mark.parametrize(("inputs", "sizes"), SHAPES)
def test_every_neuron_has_a_weight_for_each_input_and_a_bias(inputs, sizes):
    model = MLP(inputs, sizes)
    widths = [inputs, *sizes]
    assert len(model.parameters()) == sum((a + 1) * b for a, b in zip(widths, sizes, strict=False))
    assert len(model.weights()) == sum(a * b for a, b in zip(widths, sizes, strict=False))
    assert [len(layer.neurons) for layer in model.layers] == sizes
    assert [len(layer.neurons[0].w) for layer in model.layers] == widths[:-1]


def test_micrograds_demo_network_has_337_parameters():
    assert len(MLP(2, [16, 16, 1]).parameters()) == 337


@pytest.mark.parametrize(("inputs", "sizes"), SHAPES)
def test_a_width_of_1_gives_a_value_and_others_a_list(inputs, sizes):
    model = MLP(inputs, sizes)
    y, ys = model([0.5] * inputs), model.outputs([0.5] * inputs)
    assert isinstance(ys, list)
    assert len(ys) == sizes[-1]
    assert all(isinstance(output, Value) for output in ys)
    assert isinstance(y, Value) if sizes[-1] == 1 else [a.data for a in y] == [a.data for a in ys]


def test_a_hidden_layer_of_one_neuron_works_and_learns():
    model = MLP(2, [16, 1, 1])
    mse(model.outputs([0.3, -0.8]), 1.0).backward()
    assert all(g is not None for g in gradients(model))


@pytest.mark.parametrize(
    ("model", "row"),
    [
        (MLP(2, [3, 1]), [1.0]),
        (MLP(2, [3, 1]), [1.0, 2.0, 3.0]),
        (MLP(2, [3, 1]), []),
        (Layer(2, 3), [1.0, 2.0, 3.0]),
        (Neuron(2), [1.0]),
        (Neuron(2, elementary=True), [1.0, 2.0, 3.0]),
    ],
)
def test_a_row_of_another_width_is_refused_with_both_numbers(model, row):
    with pytest.raises(ValueError, match=rf"takes 2 inputs, got {len(row)}"):
        model(row)


@pytest.mark.parametrize("model", [MLP(1, [2, 1]), Layer(1, 2), Neuron(1)])
def test_a_single_number_is_no_row(model):
    with pytest.raises(TypeError, match=r"takes a list of 1 numbers?, got float 3\.0"):
        model(3.0)


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda: MLP(0, [1]), ValueError, "number of inputs .* 1 up, got 0"),
        (lambda: MLP(-1, [1]), ValueError, "number of inputs .* got -1"),
        (lambda: MLP(2.0, [1]), TypeError, "number of inputs .* got 2.0"),
        (lambda: MLP(True, [1]), TypeError, "number of inputs .* got True"),
        (lambda: MLP("2", [1]), TypeError, "number of inputs .* got '2'"),
        (lambda: MLP(2, []), ValueError, r"sizes is a list .* got \[\]"),
        (lambda: MLP(2, 3), TypeError, "sizes is a list .* got 3"),
        (lambda: MLP(2, 3.0), TypeError, r"sizes is a list .* got 3\.0"),
        (lambda: MLP(2, "16"), TypeError, "sizes is a list .* got '16'"),
        (lambda: MLP(2, None), TypeError, "sizes is a list .* got None"),
        (lambda: MLP(2, [3, 0]), ValueError, "number of neurons .* got 0"),
        (lambda: MLP(2, [3, -1]), ValueError, "number of neurons .* got -1"),
        (lambda: MLP(2, [1.5]), TypeError, "number of neurons .* got 1.5"),
        (lambda: MLP(2, [True]), TypeError, "number of neurons .* got True"),
        (lambda: MLP(2, [3, 1], activation="tahn"), ValueError, "unknown activation 'tahn'; known are linear, tanh, "),
        (lambda: MLP(2, [3, 1], activation="mul"), ValueError, "unknown activation 'mul'"),
        (lambda: MLP(2, [3, 1], activation="where"), ValueError, "unknown activation 'where'"),
        (lambda: MLP(2, [3, 1], activation="total"), ValueError, "unknown activation 'total'"),
        (lambda: MLP(2, [3, 1], activation=None), ValueError, "unknown activation None"),
        (lambda: MLP(2, [3, 1], output="softmax"), ValueError, "unknown activation 'softmax'"),
        (lambda: MLP(2, [3, 1], init="glorot"), ValueError, "unknown init 'glorot'; known are zeros, "),
        (lambda: MLP(2, [3, 1], init=None), ValueError, "unknown init None"),
        (lambda: MLP(2, [3, 1], dropout=1.0), ValueError, r"dropout .* below 1, got 1\.0"),
        (lambda: MLP(2, [3, 1], dropout=-0.1), ValueError, "dropout .* got -0.1"),
        (lambda: MLP(2, [3, 1], dropout=math.nan), ValueError, "dropout .* got nan"),
        (lambda: MLP(2, [3, 1], dropout="half"), TypeError, "dropout must be a number, got str 'half'"),
        (lambda: MLP(2, [1], dropout=1.5), ValueError, r"dropout .* got 1\.5"),
        (lambda: Layer(2, 2, dropout=2), ValueError, "dropout .* got 2"),
        (lambda: MLP(2, [1], seed=None), TypeError, "seed must be a whole number, got None"),
        (lambda: MLP(2, [1], seed=1.5), TypeError, r"seed must be a whole number, got 1\.5"),
        (lambda: MLP(2, [1], seed=random.Random(1)), TypeError, "seed must be a whole number, got <random.Random"),
        (lambda: Neuron(2, rng=None), TypeError, "seed must be a whole number or a random.Random, got None"),
        (lambda: Layer(2, 2, rng="one"), TypeError, "seed must be a whole number or a random.Random, got 'one'"),
        (lambda: Layer(0, 2), ValueError, "number of inputs .* got 0"),
        (lambda: Layer(2, 0), ValueError, "number of neurons .* got 0"),
        (lambda: Neuron(0), ValueError, "number of inputs .* got 0"),
    ],
)
def test_what_cannot_be_built_is_refused_with_what_was_given(make, error, message):
    with pytest.raises(error, match=message):
        make()


def test_the_list_of_activations_names_rules_of_the_engine():
    assert set(NAMED) == set(ACTIVATIONS)
    assert set(NAMED) - {"linear"} <= set(RULES)


@pytest.mark.slow
@given(
    activation=st.sampled_from(sorted(ACTIVATIONS)),
    output=st.sampled_from(sorted(ACTIVATIONS)),
    widths=st.lists(st.integers(1, 4), min_size=2, max_size=4),
    seed=st.integers(0, 10**6),
    elementary=st.booleans(),
)
@examples(150)
def test_the_forward_pass_is_the_matrix_computation(activation, output, widths, seed, elementary):
    model = MLP(widths[0], widths[1:], activation, seed=seed, output=output, elementary=elementary)
    rng = random.Random(seed)
    for neuron in (neuron for layer in model.layers for neuron in layer.neurons):
        neuron.b.data = rng.gauss(0, 0.5)
    x = [rng.uniform(-1, 1) for _ in range(widths[0])]
    np.testing.assert_allclose([float(y) for y in model.outputs(x)], matrix_form(model, x), rtol=1e-12, atol=1e-13)


@pytest.mark.parametrize("activation", sorted(ACTIVATIONS))
def test_spelled_out_in_sums_and_products_it_is_the_same_function(activation):
    plain, elementary = (MLP(3, [4, 2], activation, seed=7, elementary=spelled) for spelled in (False, True))
    for model in (plain, elementary):
        mse(model.outputs([0.2, -0.4, 1.1]), [0.5, -0.5]).backward()
    assert numbers(plain) == numbers(elementary)
    assert gradients(plain) == pytest.approx(gradients(elementary), rel=1e-12)
    rules = {node.rule.name for node in topological_order(*elementary.outputs([1.0, 2.0, 3.0])) if node.rule}
    assert rules <= {"add", "mul", activation}


def test_a_neuron_is_two_nodes_z_and_a():
    neuron = Neuron(3, "tanh", place=(2, 1))
    a = neuron([0.1, 0.2, 0.3])
    assert [node.name for node in topological_order(a) if node.rule] == ["z2_1", "a2_1"]
    (z,) = a.inputs
    assert (z.rule.name, a.rule.name) == ("weighted_sum", "tanh")


@pytest.mark.parametrize("init", ["uniform", "normal", "xavier", "he"])
def test_the_seed_decides_the_weights(init):
    assert numbers(MLP(3, [4, 2], init=init, seed=5)) == numbers(MLP(3, [4, 2], init=init, seed=5))
    assert numbers(MLP(3, [4, 2], init=init, seed=5)) != numbers(MLP(3, [4, 2], init=init, seed=6))
    assert len({p.data for p in MLP(3, [4, 2], init=init).weights()}) == 3 * 4 + 4 * 2


def test_a_layer_and_a_neuron_draw_from_a_seed_or_from_a_generator():
    assert numbers(Layer(3, 4, rng=5)) == numbers(Layer(3, 4, rng=random.Random(5))) == numbers(MLP(3, [4], seed=5))
    rng = random.Random(5)
    assert numbers(Neuron(3, rng=rng)) != numbers(Neuron(3, rng=rng))


def test_the_global_generator_is_left_alone():
    random.seed(3)
    before = random.getstate()
    model = MLP(3, [4, 2], seed=1, dropout=0.5)
    model([1.0, 2.0, 3.0], random.Random(0))
    Layer(2, 2), Neuron(2)
    assert random.getstate() == before


def test_parameters_have_names_of_their_own_that_can_be_read():
    model = MLP(2, [3, 1])
    names = [p.name for p in model.parameters()]
    assert len(set(names)) == len(names) == 13
    assert names[:6] == ["w1_1_1", "w1_1_2", "b1_1", "w1_2_1", "w1_2_2", "b1_2"]
    assert names[-4:] == ["w2_1_1", "w2_1_2", "w2_1_3", "b2_1"]
    paths = list(model.named_parameters())
    assert paths[:3] == ["layers.0.neurons.0.w.0", "layers.0.neurons.0.w.1", "layers.0.neurons.0.b"]
    assert len(set(paths)) == 13
    assert model.layers[0].neurons[2]([1.0, 2.0]).name == "a1_3"


def test_nodes_are_in_the_group_of_their_neuron_and_layer():
    nodes = [node for node in topological_order(MLP(2, [3, 1])([1.0, 2.0])) if node.rule]
    assert {node.group.path for node in nodes} == {("layer 1", f"neuron {j}") for j in (1, 2, 3)} | {
        ("layer 2", "neuron 1")
    }
    assert all(node.group.path == (f"layer {node.name[1]}", f"neuron {node.name[3]}") for node in nodes)
    assert Neuron(1)([1.0]).group.path == ("neuron",)
    assert {a.group.path for a in Layer(1, 2)([1.0])} == {("layer", "neuron 1"), ("layer", "neuron 2")}


def test_dropped_activations_stay_in_the_group_of_their_layer():
    (y,) = {a.group.path for a in Layer(1, 3, dropout=0.5)([1.0], random.Random(0))}
    assert y == ("layer",)


def test_frozen_parameters_get_no_gradient_until_they_are_thawed():
    model = MLP(2, [3, 1])
    model.layers[0].freeze()
    mse(model.outputs([1.0, 2.0]), 1.0).backward()
    assert all(g is None for g in gradients(model.layers[0]))
    assert all(g is not None for g in gradients(model.layers[1]))
    model.zero_grad()
    assert gradients(model) == [None] * 13
    model.freeze(False)
    mse(model.outputs([1.0, 2.0]), 1.0).backward()
    assert None not in gradients(model)


def test_without_a_graph_the_numbers_are_the_same():
    model = MLP(2, [3, 2], dropout=0.5)
    with no_grad():
        bare = model([0.5, -0.5])
    assert [y.data for y in bare] == [y.data for y in model([0.5, -0.5])]
    assert all(y.inputs == () for y in bare)


def test_inputs_may_be_values_whose_gradient_is_asked_for():
    model = MLP(2, [3, 1])
    x = [Value(0.3), Value(-0.7)]
    slopes = gradient(model(x), *x)
    h = 1e-6
    for i in range(2):
        above, below = ([0.3 + side * (i == 0), -0.7 + side * (i == 1)] for side in (h, -h))
        assert slopes[i] == pytest.approx((float(model(above)) - float(model(below))) / (2 * h), rel=1e-8)


@pytest.mark.parametrize("row", [(0.5, -1.0), np.array([0.5, -1.0]), [np.float64(0.5), np.float64(-1.0)], [0.5, -1]])
def test_rows_of_several_kinds(row):
    model = MLP(2, [3, 1])
    assert model(row).data == model([0.5, -1.0]).data


def test_a_rule_of_ones_own_is_an_activation():
    before = dict(RULES)
    try:
        rule("cube", "{0}^3", lambda x: x * x * x, lambda x, z: 3.0 * x * x)
        neuron = Neuron(2, "cube")
        a = neuron([1.0, 2.0])
        assert a.data == pytest.approx((neuron.w[0].data + 2 * neuron.w[1].data) ** 3, rel=1e-14)
        assert a.slopes[0] == pytest.approx(3 * (neuron.w[0].data + 2 * neuron.w[1].data) ** 2, rel=1e-14)
    finally:
        RULES.clear()
        RULES.update(before)


def test_networks_can_be_copied_and_pickled():
    model = MLP(2, [3, 1], activation="gelu", dropout=0.5)
    for twin in (copy.deepcopy(model), pickle.loads(pickle.dumps(model))):
        assert twin.config() == model.config()
        assert numbers(twin) == numbers(model)
        assert twin([0.1, 0.2]).data == model([0.1, 0.2]).data
        twin.parameters()[0].data = 5.0
        assert model.parameters()[0].data != 5.0


def test_they_say_what_they_are():
    assert repr(MLP(2, [16, 16, 1])) == "MLP(2, [16, 16, 1], activation='tanh', 337 parameters)"
    assert repr(Layer(2, 3, "relu")) == "Layer(2, 3, 'relu')"
    assert repr(Neuron(4, "sigmoid")) == "Neuron(4, 'sigmoid')"
