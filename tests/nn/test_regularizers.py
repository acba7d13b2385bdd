"""The price of weights."""

from __future__ import annotations

import math
import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine import Value, gradcheck, gradient
from nn import MLP, elastic, l1, l2
from tests.nn.helpers import examples, numbers

weights = st.lists(st.floats(-10, 10), min_size=1, max_size=6)
strengths = st.floats(0, 10)


@given(numbers=weights, a=strengths, b=strengths)
@examples(80)
def test_the_prices_are_their_formulas(numbers, a, b):
    w = np.array(numbers)
    ws = [Value(x) for x in numbers]
    assert float(l1(a)(ws)) == pytest.approx(a * np.abs(w).sum(), rel=1e-12, abs=1e-300)
    assert float(l2(b)(ws)) == pytest.approx(b * (w**2).sum(), rel=1e-12, abs=1e-300)
    assert float(elastic(a, b)(ws)) == pytest.approx(a * np.abs(w).sum() + b * (w**2).sum(), rel=1e-12, abs=1e-300)


@given(numbers=weights, a=strengths, b=strengths)
@examples(80)
def test_the_pull_of_l1_is_the_sign_and_of_l2_twice_the_weight(numbers, a, b):
    w = np.array(numbers)
    ws = [Value(x) for x in numbers]
    np.testing.assert_allclose(gradient(l1(a)(ws), *ws), a * np.sign(w), rtol=1e-12)  # 0 at 0: the kink's convention
    np.testing.assert_allclose(gradient(l2(b)(ws), *ws), 2 * b * w, rtol=1e-12, atol=1e-300)
    np.testing.assert_allclose(gradient(elastic(a, b)(ws), *ws), a * np.sign(w) + 2 * b * w, rtol=1e-12, atol=1e-300)


@pytest.mark.parametrize("regularizer", [l1(0.3), l2(0.3), elastic(0.1, 0.2)])
def test_gradients_agree_with_central_differences(regularizer):
    assert gradcheck(lambda *ws: regularizer(ws), 0.5, -1.5, 2.0)


@pytest.mark.parametrize("regularizer", [l1(0.3), l2(0.3), elastic(0.1, 0.2)])
def test_no_weights_cost_nothing(regularizer):
    assert float(regularizer([])) == 0.0


def test_l1_sets_weights_to_zero_where_l2_only_shrinks_them():
    """On ½(w - t)² the minimum is sign(t)·max(|t| - λ, 0) under λ|w|, and t / (1 + 2λ) under λw²: closed forms."""
    for target in (0.05, -0.3, 2.0):
        found = {}
        for name, regularizer in (("l1", l1(0.1)), ("l2", l2(0.1))):
            w = Value(1.0)
            for step in range(1000):
                objective = 0.5 * (w - target) ** 2 + regularizer([w])
                w.data -= 0.2 / (1 + step / 20) * gradient(objective, w)[0]
            found[name] = w.data
        assert found["l1"] == pytest.approx(math.copysign(max(abs(target) - 0.1, 0), target), abs=2e-3)
        assert found["l2"] == pytest.approx(target / 1.2, abs=1e-5)


def test_biases_are_free():
    model = MLP(3, [4, 2], seed=2)
    before = float(l2(1.0)(model.weights()))
    for layer in model.layers:
        for neuron in layer.neurons:
            neuron.b.data = random.Random(0).gauss(0, 5)
    assert float(l2(1.0)(model.weights())) == before
    biases = sum([n.b.data**2 for layer in model.layers for n in layer.neurons])
    assert before == pytest.approx(sum([x * x for x in numbers(model)]) - biases, rel=1e-9)


@pytest.mark.parametrize("make", [l1, l2, lambda s: elastic(s, 0.1), lambda s: elastic(0.1, s)])
@pytest.mark.parametrize("strength", [-1e-9, -1.0, math.nan, math.inf])
def test_a_strength_is_a_finite_number_from_0_up(make, strength):
    with pytest.raises(ValueError, match=f"strength of a regulariser .* got {strength!r}"):
        make(strength)


def test_they_say_what_they_are():
    assert [f.__name__ for f in (l1(0.1), l2(2), elastic(0.1, 0.2))] == ["l1(0.1)", "l2(2)", "elastic(0.1, 0.2)"]
