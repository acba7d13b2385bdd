"""Rows of parameters and matrices: one-hot products by NumPy, counts of pairs, and the rows that get a gradient."""

from __future__ import annotations

import math
from collections import Counter
from random import Random

import numpy as np
import pytest

import engine
from engine import Value, gradient, total
from nn import Adam, cross_entropy, fit, load, save
from nn.layers.embedding import Embedding
from nn.layers.matrix import Matrix
from tests.nn.helpers import COMPILED, numbers


def table_of(model: Embedding | Matrix) -> np.ndarray:
    return np.array([[entry.data for entry in row] for row in model.rows])


@pytest.mark.parametrize(
    ("count", "width", "indices"), [(1, 1, [0]), (5, 3, [4, 0, 4]), (27, 16, [0, 26, 1, 1, 3]), (3, 2, [])]
)
def test_an_embedding_is_a_product_with_one_hot_rows(count, width, indices):
    model = Embedding(count, width, rng=3)
    expected = (np.eye(count)[indices] @ table_of(model)).ravel()
    assert [float(y) for y in model.outputs(indices)] == pytest.approx(expected.tolist(), abs=0)


@pytest.mark.parametrize(("inputs", "outputs"), [(1, 1), (3, 2), (16, 27)])
def test_a_matrix_is_numpys(inputs, outputs):
    model, x = Matrix(inputs, outputs, rng=5), np.random.default_rng(0).normal(size=inputs)
    assert [float(y) for y in model.outputs(x.tolist())] == pytest.approx(
        (table_of(model) @ x).tolist(), rel=1e-13, abs=1e-13
    )


def test_only_the_rows_that_are_looked_up_get_a_gradient():
    model = Embedding(4, 2)
    total(model.outputs([2, 0, 2])).backward()
    assert [[entry.grad for entry in row] for row in model.rows] == [[1.0, 1.0], [None, None], [2.0, 2.0], [None, None]]


@pytest.mark.slow
@pytest.mark.parametrize("backend", ["eager", *COMPILED])
def test_trained_on_pairs_of_letters_it_learns_how_often_they_occur(backend):
    """A row of logits for each letter is a bigram model: what it must reach is what counting gives."""
    draw = Random(1)
    pairs = [
        ([a], draw.choices(range(3), weights=[a + 1, 2, 3 - a])[0]) for a in [draw.randrange(3) for _ in range(60)]
    ]
    model = Embedding(3, 3, init="zeros")
    fit(model, pairs, loss="cross_entropy", optimizer=Adam(0.1), epochs=300, backend=backend, progress=False)
    counts = Counter((a, b) for [a], b in pairs)
    for a in range(3):
        seen = [counts[a, b] for b in range(3)]
        logits = np.array([entry.data for entry in model.rows[a]])
        assert np.exp(logits) / np.exp(logits).sum() == pytest.approx(np.array(seen) / sum(seen), abs=2e-4)


@pytest.mark.parametrize("backend", COMPILED)
def test_compiled_they_give_the_same(backend):
    letters, out = Embedding(6, 4, rng=1), Matrix(8, 6, rng=2)
    parameters = letters.parameters() + out.parameters()

    def loss(sample):
        x, target = sample
        return cross_entropy(out.outputs(letters.outputs(x)), target)

    samples = [([i % 6, (i * i) % 6], (i + 1) % 6) for i in range(9)]
    result = engine.compile(loss, parameters, backend=backend).run(samples)
    losses = [loss(sample) for sample in samples]
    assert result.losses == pytest.approx([y.data for y in losses], rel=1e-12)
    eager = np.array(gradient(total(losses) * (1 / 9), *parameters))
    assert np.linalg.norm(result.gradient - eager) <= 1e-12 * np.linalg.norm(eager)


@pytest.mark.parametrize("kind", [Embedding, Matrix])
def test_the_start_depends_on_the_seed_alone(kind):
    assert numbers(kind(5, 3, "normal", 7)) == numbers(kind(5, 3, "normal", Random(7)))
    assert numbers(kind(5, 3, "normal", 7)) != numbers(kind(5, 3, "normal", 8))


@pytest.mark.parametrize("model", [Embedding(5, 3, letter="t"), Matrix(5, 3, "he", letter="q")], ids=repr)
def test_saved_and_loaded(model, tmp_path):
    save(model, tmp_path / "model.json")
    again = load(tmp_path / "model.json")
    assert (repr(again), numbers(again)) == (repr(model), numbers(model))
    assert type(model).count(**model.config()) == len(model.parameters()) == 15
    assert [p.name for p in again.parameters()] == [p.name for p in model.parameters()]


@pytest.mark.parametrize(
    ("index", "error", "says"),
    [
        (5, IndexError, "there are 5 items to look up, and 5 is none of 0 to 4"),
        (-1, IndexError, "-1 is none of 0 to 4"),
        (1.5, TypeError, "expected a whole number to look up, got 1.5"),
        ("a", TypeError, "whole number"),
    ],
)
def test_what_there_is_not_cannot_be_looked_up(index, error, says):
    with pytest.raises(error, match=says):
        Embedding(5, 3).row(index)


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda: Embedding(0, 3), "the number of things must be a whole number from 1 up, got 0"),
        (lambda: Embedding(3, 1.5), "the number of numbers for each must be .*, got 1.5"),
        (lambda: Embedding(3, 3, "nomral"), "unknown init 'nomral'"),
        (lambda: Embedding.count(True, 3), "things must be .*, got True"),
        (lambda: Matrix(0, 3), "the number of inputs must be .*, got 0"),
        (lambda: Matrix(3, -1), "the number of outputs must be .*, got -1"),
        (lambda: Matrix.count(3, math.inf), "the number of outputs must be .*, got inf"),
        (lambda: Matrix(3, 2).outputs([1.0]), "this matrix takes 3 inputs, got 1"),
    ],
)
def test_sizes_that_make_no_sense(make, says):
    with pytest.raises((TypeError, ValueError), match=says):
        make()


def test_the_parameters_have_names():
    assert [p.name for p in Embedding(2, 2).parameters()] == ["e1_1", "e1_2", "e2_1", "e2_2"]
    assert all(isinstance(p, Value) for p in Matrix(2, 2).parameters())
