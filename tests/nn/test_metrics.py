"""Using a network and scoring it, against scikit-learn."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import accuracy_score, confusion_matrix, root_mean_squared_error

from engine import Value
from nn import LOSSES, MLP, Module, accuracy, confusion, mse, predict, rmse
from nn.data import Examples, moons, one_hot
from nn.scoring.metrics import class_of
from nn.training.losses import mean_loss
from tests.nn.helpers import examples, matrix_form


class Echo(Module):
    """Answers with its input."""

    def outputs(self, x: Any, rng: Any = None) -> list[Value]:
        return [Value(y) for y in x]


def test_predict_gives_the_outputs_as_plain_numbers():
    model = MLP(2, [5, 3], seed=1, dropout=0.5)
    rows = [[0.1, -0.5], [2.0, 1.0]]
    outputs = predict(model, rows)
    assert all(type(y) is float for row in outputs for y in row)
    np.testing.assert_allclose(outputs, [matrix_form(model, x) for x in rows], rtol=1e-12)
    assert predict(model, iter(rows)) == outputs
    assert predict(model, []) == []
    assert [p.grad for p in model.parameters()] == [None] * len(model.parameters())


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ([0.1, 3.0, -2.0], 1),
        ([5.0, 5.0], 0),  # a tie means the first
        ([-0.1], 0),
        ([0.0], 0),
        ([0.1], 1),
        (one_hot(2, 4), 2),
        (3, 3),
        (0, 0),
        (1.0, 1),
        (-1, 0),
        (-1.0, 0),
        ([-1.0], 0),
        ([1.0], 1),
    ],
)
def test_the_class_that_outputs_or_a_target_mean(answer, expected):
    assert class_of(answer) == expected


pair = st.lists(st.floats(-9, 9), min_size=2, max_size=2)
logits = st.lists(
    st.tuples(st.lists(st.floats(-5, 5), min_size=3, max_size=3), st.integers(0, 2)), min_size=1, max_size=20
)


@given(data=logits)
@examples(50)
def test_accuracy_and_confusion_are_scikit_learns(data):
    told, right = [int(np.argmax(z)) for z, _ in data], [t for _, t in data]
    assert accuracy(Echo(), data) == pytest.approx(accuracy_score(right, told), rel=1e-12)
    assert confusion(Echo(), data, 3) == confusion_matrix(right, told, labels=[0, 1, 2]).tolist()
    hot = [(z, one_hot(t, 3)) for z, t in data]
    assert accuracy(Echo(), hot) == accuracy(Echo(), data)
    assert confusion(Echo(), hot, 3) == confusion(Echo(), data, 3)


@pytest.mark.parametrize(
    "targets", [[0, 1, 1, 0], [-1, 1, 1, -1], [[0.0], [1.0], [1.0], [0.0]], [[-1.0], [1.0], [1.0], [-1.0]]]
)
def test_a_single_logit_with_each_kind_of_target(targets):
    data = list(zip([[-2.0], [3.0], [-0.5], [0.5]], targets, strict=True))
    assert accuracy(Echo(), data) == 0.5
    assert confusion(Echo(), data, 2) == [[1, 1], [1, 1]]


@given(data=st.lists(st.tuples(pair, pair), min_size=1))
@examples(50)
def test_rmse_is_scikit_learns_over_all_outputs(data):
    flat = [[y for ys in side for y in ys] for side in zip(*data, strict=True)]
    theirs = root_mean_squared_error(flat[1], flat[0])
    assert rmse(Echo(), data) == pytest.approx(theirs, rel=1e-12, abs=1e-150)
    assert rmse(Echo(), data, scale=800.0) == pytest.approx(800 * theirs, rel=1e-12, abs=1e-150)


def test_rmse_takes_single_numbers():
    assert rmse(Echo(), [([1.0], 4.0), ([2.0], [-2.0])]) == pytest.approx(math.sqrt(12.5))


@pytest.mark.parametrize("name", LOSSES)
def test_the_mean_loss_is_the_mean_of_the_losses(name):
    targets = {"hinge": [1, -1], "binary_cross_entropy": [1, 0], "cross_entropy": [0, 0]}.get(name, [0.5, -3.0])
    data = list(zip([[2.0], [-0.3]], targets, strict=True))
    expected = sum(float(LOSSES[name](x, t)) for x, t in data) / 2
    assert mean_loss(Echo(), data, LOSSES[name]) == pytest.approx(expected, rel=1e-14)


def test_the_mean_loss_knows_no_dropout():
    data = moons(n=20).train
    with_dropout, without = (MLP(2, [8, 2], seed=1, dropout=dropout) for dropout in (0.8, 0.0))
    assert mean_loss(with_dropout, data, LOSSES["cross_entropy"]) == mean_loss(without, data, LOSSES["cross_entropy"])


@pytest.mark.parametrize("score", [accuracy, rmse, lambda m, e: confusion(m, e, 2), lambda m, e: mean_loss(m, e, mse)])
def test_no_examples_have_no_score(score):
    for none in ([], Examples([], [])):
        with pytest.raises(ValueError, match="there are no examples to score"):
            score(Echo(), none)


@pytest.mark.parametrize("score", [accuracy, rmse, lambda m, e: confusion(m, e, 2), lambda m, e: mean_loss(m, e, mse)])
def test_a_data_set_is_not_one_of_its_parts(score):
    with pytest.raises(
        TypeError, match=r"examples are a sequence .* got Dataset; did you mean its \.train or \.test part\?"
    ):
        score(MLP(2, [2]), moons(n=20))


@pytest.mark.parametrize(("target", "classes"), [(2, 2), ([0.0, 0.0, 1.0], 2), (0, 1)])
def test_a_class_beyond_the_table_is_named(target, classes):
    with pytest.raises(ValueError, match=rf"class {2 if classes == 2 else 1} .* {classes}"):
        confusion(Echo(), [([0.0, 1.0, 0.0], target)], classes)


def test_targets_that_do_not_fit_the_outputs():
    with pytest.raises(ValueError, match="3 outputs and 2 targets do not fit"):
        rmse(Echo(), [([0.0, 1.0, 0.0], [1.0, 2.0])])
