"""Norms against NumPy's mean and deviation, what they do not notice, and their gradients."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import engine
from engine import Value, check, gradcheck, gradient, total, weighted_sum
from nn import load, save
from nn.layers.norms import LayerNorm, RMSNorm, layer_norm, rms_norm
from tests.nn.helpers import COMPILED, examples, numbers

rows = st.lists(st.floats(-100, 100), min_size=2, max_size=8).filter(lambda x: np.std(x) > 0.1)


@given(x=rows, epsilon=st.sampled_from([1e-8, 1e-5, 0.1]))
@examples(60)
def test_they_are_numpys(x, epsilon):
    a = np.array(x)
    assert layer_norm(x, epsilon) == pytest.approx(
        ((a - a.mean()) / np.sqrt(a.var() + epsilon)).tolist(), rel=1e-9, abs=1e-9
    )
    assert rms_norm(x, epsilon) == pytest.approx((a / np.sqrt(np.mean(a * a) + epsilon)).tolist(), rel=1e-9, abs=1e-9)


@given(x=rows, shift=st.floats(-50, 50), stretch=st.floats(0.5, 50))
@examples(60)
def test_what_they_do_not_notice(x, shift, stretch):
    tiny = 1e-12
    assert layer_norm([stretch * xi + shift for xi in x], tiny) == pytest.approx(
        layer_norm(x, tiny), rel=1e-6, abs=1e-6
    )
    assert rms_norm([stretch * xi for xi in x], tiny) == pytest.approx(rms_norm(x, tiny), rel=1e-6, abs=1e-6)
    assert rms_norm([-xi for xi in x]) == pytest.approx([-y for y in rms_norm(x)], rel=1e-12)


@given(x=rows)
@examples(40)
def test_mean_0_and_deviation_1(x):
    y = np.array(layer_norm(x, 1e-12))
    assert (y.mean(), y.std(), np.sqrt(np.mean(np.square(rms_norm(x, 1e-12))))) == pytest.approx(
        (0.0, 1.0, 1.0), abs=1e-7
    )


@pytest.mark.parametrize("norm", [layer_norm, rms_norm])
def test_gradients_to_the_second_order(norm):
    assert gradcheck(lambda *x: weighted_sum([0.3, -1.0, 2.0, 0.7], norm(list(x))), 0.5, -1.5, 2.0, 0.1)


def test_the_jacobian_of_the_layer_norm_is_the_published_one():
    """(1 - 1/n - y yᵀ/n) / deviation, without epsilon: as derived in the paper's supplement and everywhere since."""
    x = np.array([0.5, -1.5, 2.0, 0.1])
    y, n = (x - x.mean()) / x.std(), len(x)
    expected = (np.eye(n) - 1 / n - np.outer(y, y) / n) / x.std()
    values = [Value(xi) for xi in x]
    jacobian = [gradient(yi, *values) for yi in layer_norm(values, 1e-12)]
    assert np.array(jacobian) == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize("kind", [LayerNorm, RMSNorm])
def test_gain_and_bias(kind):
    model, x = kind(3), [0.5, -2.0, 1.0]
    plain = (layer_norm if kind is LayerNorm else rms_norm)(x)
    assert [y.data for y in model.outputs(x)] == pytest.approx(plain, rel=1e-14)  # gains start at 1, biases at 0
    for i, parameter in enumerate(model.parameters()):
        parameter.data = 0.5 + i
    gains = [scale.w.data for scale in model.scales]
    biases = [scale.b.data if kind is LayerNorm else 0.0 for scale in model.scales]
    expected = [g * y + b for g, y, b in zip(gains, plain, biases, strict=True)]
    outputs = model.outputs(x)
    assert [y.data for y in outputs] == pytest.approx(expected, rel=1e-13)
    assert check(weighted_sum([1.0, -0.5, 2.0], outputs))
    assert len(model.weights()) == 3  # the gains alone, with or without biases


@pytest.mark.parametrize("backend", COMPILED)
@pytest.mark.parametrize("kind", [LayerNorm, RMSNorm])
def test_compiled_they_give_the_same(kind, backend):
    model, n = kind(4), 7
    samples = np.random.default_rng(2).normal(size=(n, 4)).tolist()

    def loss(x):
        return total([y**3 for y in model.outputs(x)])

    result = engine.compile(loss, model.parameters(), backend=backend).run(samples)
    losses = [loss(x) for x in samples]
    assert result.losses == pytest.approx([y.data for y in losses], rel=1e-12)
    eager = np.array(gradient(total(losses) * (1 / n), *model.parameters()))
    assert np.linalg.norm(result.gradient - eager) <= 1e-12 * np.linalg.norm(eager)


@pytest.mark.parametrize("model", [LayerNorm(3, 1e-3), RMSNorm(3)], ids=repr)
def test_saved_and_loaded(model, tmp_path):
    save(model, tmp_path / "model.json")
    again = load(tmp_path / "model.json")
    assert (repr(again), again.epsilon, numbers(again)) == (repr(model), model.epsilon, numbers(model))
    assert type(model).count(**model.config()) == len(model.parameters())


def test_all_numbers_alike_is_no_division_by_0():
    assert layer_norm([3.0, 3.0]) == [0.0, 0.0]
    assert rms_norm([0.0, 0.0]) == [0.0, 0.0]


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda: layer_norm([]), "no numbers to normalise"),
        (lambda: rms_norm([]), "no numbers to normalise"),
        (lambda: layer_norm([1.0, 2.0], 0.0), "epsilon must be above 0, got 0.0"),
        (lambda: rms_norm([1.0, 2.0], math.nan), "epsilon must be above 0, got nan"),
        (lambda: LayerNorm(0), "the number of inputs must be .*, got 0"),
        (lambda: RMSNorm(2, -1.0), "epsilon must be above 0, got -1.0"),
        (lambda: RMSNorm(2).outputs([1.0, 2.0, 3.0]), "this norm takes 2 inputs, got 3"),
        (lambda: LayerNorm.count("3"), "the number of inputs must be .*, got '3'"),
    ],
)
def test_what_they_refuse(make, says):
    with pytest.raises((TypeError, ValueError), match=says):
        make()
