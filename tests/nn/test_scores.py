"""Scores and their standard errors."""

from __future__ import annotations

import math

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score, root_mean_squared_error

from engine import gradient, hessian, total
from nn import MLP, accuracy
from nn.data import Examples, load, moons, sine
from nn.scoring.metrics import classes_told
from nn.scoring.scores import Score, linear_model, score, trivial_outputs
from nn.training.losses import cross_entropy
from nn.training.softmax_regression import Problem, softmax_regression


def test_accuracy_with_the_error_of_a_share():
    data = moons(n=50, noise=0.3, test_fraction=0.4)
    outputs = [[x, y] for (x, y), _ in data.test]
    found = score(data, outputs, data.test)
    theirs = accuracy_score(data.test.targets, np.argmax(outputs, axis=1))
    assert found.figure == pytest.approx(theirs)
    assert found.error == pytest.approx(math.sqrt(theirs * (1 - theirs) / 20))
    assert str(found) == f"{theirs:.3f} ± {found.error:.3f}"


def test_the_error_of_a_number_is_in_the_unit_of_the_data():
    raw = load("penguins", target="body_mass_g")
    data = raw.standardised()
    scale, mean = data.preparation.target.scale, data.preparation.target.mean
    outputs = [[0.1 * i] for i in range(len(data.test))]
    found = score(data, outputs, data.test)
    grams = [[y * scale + mean] for (y,) in outputs]
    assert found.figure == pytest.approx(root_mean_squared_error(raw.test.targets, grams), rel=1e-12)
    assert score(raw, grams, raw.test).figure == pytest.approx(found.figure, rel=1e-12)
    assert score(raw, grams, raw.test).error == pytest.approx(found.error, rel=1e-12)


def test_the_standard_error_is_how_much_the_figure_varies_with_the_rows():
    data = sine(n=10)
    rng = np.random.default_rng(0)
    figures, errors = [], []
    for _ in range(400):
        examples = Examples([[0.0]] * 200, [[float(t)] for t in rng.normal(scale=3.0, size=200)])
        found = Score.of(data.preparation, [[0.0]] * 200, examples)
        figures.append(found.figure)
        errors.append(found.error)
    assert np.mean(errors) == pytest.approx(np.std(figures), rel=0.15)
    assert np.mean(figures) == pytest.approx(3.0, rel=0.01)


def test_no_error_at_all():
    data = sine(n=10)
    assert Score.of(data.preparation, data.test.targets, data.test) == Score(0.0, 0.0, 3)


def test_an_array_of_outputs_has_the_score_of_its_rows():
    rng = np.random.default_rng(1)
    for data in (load("penguins"), load("penguins", target="body_mass_g").standardised()):
        outputs = rng.normal(size=(len(data.test), len(data.classes or [0])))
        assert score(data, outputs, data.test) == score(data, outputs.tolist(), data.test)


@pytest.mark.parametrize("wrong", [3, -1])
def test_a_class_that_an_array_of_outputs_cannot_tell_is_refused(wrong):
    with pytest.raises(ValueError, match=f"the classes of 3 outputs are 0 to 2, got {wrong}"):
        classes_told(np.zeros((2, 3)), [0, wrong])


@pytest.mark.parametrize("name", ["penguins", "digits"])
def test_the_linear_model_of_classes_is_logistic_regression(name):
    data = load(name).standardised()
    theirs = LogisticRegression(max_iter=5000, tol=1e-9).fit(np.asarray(data.train.inputs), data.train.targets)
    ours = linear_model(data)
    for neuron, weights in zip(ours.layers[0].neurons, theirs.coef_, strict=True):
        assert [w.data for w in neuron.w] == pytest.approx(weights.tolist(), abs=1e-4)
    assert accuracy(ours, data.test) == theirs.score(np.asarray(data.test.inputs), data.test.targets)


def test_without_numpy_descent_finds_one_that_is_as_good():
    data = load("penguins").standardised()
    exact, found = linear_model(data), linear_model(data, backend="eager")
    assert accuracy(found, data.train) == pytest.approx(accuracy(exact, data.train), abs=2.5 / len(data.train))


@pytest.mark.parametrize("columns", [0, 1])
def test_columns_that_say_nothing_or_the_same_do_no_harm(columns):
    """Of two that say the same each has half the say, as the L2 penalty wants it."""
    rows = [[x, x * columns] for x in (-2.0, -1.0, 0.5, 1.0, 2.0)]
    weights = softmax_regression(MLP(2, [2], seed=0), Examples(rows, [0, 0, 1, 0, 1]))
    assert weights[:2] == pytest.approx([weights[0], weights[0] * columns], abs=1e-7)
    assert weights[3:5] == pytest.approx([-w for w in weights[:2]], abs=1e-7)


def test_the_trivial_model_gives_the_most_frequent_class_or_the_mean():
    data = load("penguins")
    outputs = trivial_outputs(data)
    labels, counts = np.unique(data.train.targets, return_counts=True)
    assert int(np.argmax(outputs)) == labels[np.argmax(counts)]
    numbers = sine(n=30)
    assert trivial_outputs(numbers) == [pytest.approx(np.mean(numbers.train.targets))]
    assert trivial_outputs(numbers.standardised()) == [pytest.approx(0.0, abs=1e-12)]


def test_texts_have_no_score():
    with pytest.raises(ValueError, match="sentiment has no score: it is text"):
        score(load("sentiment"), [], load("sentiment").test)


@pytest.mark.parametrize("backend", ["numpy", "kernel"])
def test_the_curvature_of_softmax_regression_is_the_hessian(backend):
    rng = np.random.default_rng(0)
    inputs, targets = rng.normal(size=(6, 2)).tolist(), [0, 2, 1, 1, 0, 2]
    model = MLP(2, [3], init="normal", seed=0)
    losses = [cross_entropy(model.outputs(row), target) for row, target in zip(inputs, targets, strict=True)]
    loss = total(losses) + 0.5 * total([w * w for w in model.weights()])

    problem = Problem(model, Examples(inputs, targets), backend)
    at = np.array([p.data for p in model.parameters()])
    found, slope = problem.look(at)
    assert found == pytest.approx(loss.data, rel=1e-12)
    assert slope == pytest.approx(list(gradient(loss, *model.parameters())), rel=1e-11, abs=1e-12)
    times = problem.curvature(at, slope)
    columns = [times(direction) for direction in 3 * np.eye(9)]
    assert np.allclose(columns, 3 * np.array(hessian(loss, *model.parameters())), rtol=1e-6, atol=1e-6)
