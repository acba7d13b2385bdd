"""Attention beside NumPy's, written with whole matrices and a mask, and what must hold whatever the weights are."""

from __future__ import annotations

from itertools import permutations
from typing import Any

import numpy as np
import pytest

import engine
from engine import Value, check, gradient, total, weighted_sum
from nn import load, save
from nn.layers.attention import Attention
from nn.layers.matrix import Matrix
from tests.nn.helpers import COMPILED, numbers

SHAPES = [(1, 1, 1), (4, 1, 3), (4, 2, 5), (6, 3, 2), (16, 4, 8)]


def matrix(part: Matrix) -> Any:
    return np.array([[w.data for w in row] for row in part.rows])


def places(count: int, width: int, seed: int = 0) -> Any:
    return np.random.default_rng(seed).normal(size=(count, width))


def with_a_mask(model: Attention, x: Any) -> tuple[Any, Any]:
    """Shares (heads, places, places) and outputs (places, width), by softmax over whole rows in which the future is
    -inf."""
    T, size = len(x), model.width // model.heads
    q, k, v = (
        (x @ matrix(part).T).reshape(T, model.heads, size).transpose(1, 0, 2)
        for part in (model.query, model.key, model.value)
    )
    scores = q @ k.transpose(0, 2, 1) / np.sqrt(size)
    scores = np.where(np.tril(np.ones((T, T), dtype=bool)), scores, -np.inf)
    shares = np.exp(scores - scores.max(axis=2, keepdims=True))
    shares /= shares.sum(axis=2, keepdims=True)
    return shares, (shares @ v).transpose(1, 0, 2).reshape(T, model.width) @ matrix(model.out).T


def floats(rows: Any) -> Any:
    return np.array([[float(y) for y in row] for row in rows])


@pytest.mark.parametrize(("width", "heads", "count"), SHAPES)
def test_it_is_numpys(width, heads, count):
    model, x = Attention(width, heads, rng=3), places(count, width)
    shares, expected = with_a_mask(model, x)
    assert floats(model.outputs(x.tolist())) == pytest.approx(expected, rel=1e-12, abs=1e-12)
    for head, rows in enumerate(model.shares(x.tolist())):
        for t, row in enumerate(rows):
            assert [float(s) for s in row] == pytest.approx(shares[head, t, : t + 1].tolist(), rel=1e-12)
            assert float(sum(row)) == pytest.approx(1.0, abs=1e-14)


def test_nothing_comes_from_the_future():
    model, x = Attention(4, 2, rng=1), places(6, 4)
    for t in range(1, 6):
        other = x.copy()
        other[t:] = places(6 - t, 4, seed=9)
        assert (floats(model.outputs(x.tolist()))[:t] == floats(model.outputs(other.tolist()))[:t]).all()
        assert (floats(model.outputs(x.tolist()))[t:] != floats(model.outputs(other.tolist()))[t:]).any(axis=1).all()


def test_no_gradient_flows_into_the_future():
    model = Attention(2, 1, rng=4)
    x = [[Value(number) for number in row] for row in places(4, 2)]
    for t, row in enumerate(model.outputs(x)):
        slopes = [gradient(total(row), *place) for place in x]
        assert all(any(slope) for slope in slopes[: t + 1])
        assert not any(map(any, slopes[t + 1 :]))


def test_the_last_place_does_not_care_for_the_order_of_the_others():
    """Attention by itself knows no places: that is what the embedding of places is for."""
    model, x = Attention(6, 3, rng=2), places(4, 6).tolist()
    last = [floats(model.outputs([*first, x[3]]))[3] for first in permutations(x[:3])]
    assert np.ptp(np.array(last), axis=0) == pytest.approx(np.zeros(6), abs=1e-13)


def test_one_place_takes_all_of_itself():
    model, x = Attention(4, 2, rng=5), places(1, 4)
    assert floats(model.outputs(x.tolist()))[0] == pytest.approx(
        matrix(model.out) @ matrix(model.value) @ x[0], rel=1e-12
    )


def test_queries_of_0_take_the_mean_of_what_was():
    model, x = Attention(4, 2, rng=6), places(5, 4)
    for row in model.query.rows:
        for w in row:
            w.data = 0.0
    means = np.cumsum(x @ matrix(model.value).T, axis=0) / np.arange(1, 6)[:, None]
    assert floats(model.outputs(x.tolist())) == pytest.approx(means @ matrix(model.out).T, rel=1e-12, abs=1e-12)


def test_scores_that_are_huge_do_not_overflow():
    model = Attention(2, 1, rng=0)
    assert np.isfinite(floats(model.outputs((1e6 * places(3, 2)).tolist()))).all()


def test_every_node_agrees_with_finite_differences():
    model, x = Attention(4, 2, rng=7), places(3, 4).tolist()
    loss = total([weighted_sum(row, [1.0, -0.5, 0.25, 2.0]) ** 2 for row in model.outputs(x)])
    report = check(loss, most=10_000)
    assert report, str(report)
    assert all(p.grad is None for p in model.parameters())  # check changes nothing


@pytest.mark.parametrize("backend", COMPILED)
def test_compiled_it_gives_the_same_for_sequences_of_any_length(backend):
    model = Attention(4, 2, rng=8)
    samples = [places(count, 4, seed=count).tolist() for count in (1, 3, 2, 3, 5)]

    def loss(x):
        return total([weighted_sum(row, row) for row in model.outputs(x)])

    result = engine.compile(loss, model.parameters(), backend=backend).run(samples)
    losses = [loss(x) for x in samples]
    assert result.losses == pytest.approx([y.data for y in losses], rel=1e-12)
    eager = np.array(gradient(total(losses) * (1 / 5), *model.parameters()))
    assert np.linalg.norm(result.gradient - eager) <= 1e-12 * np.linalg.norm(eager)


def test_saved_and_loaded(tmp_path):
    model = Attention(4, 2, "he", rng=1)
    save(model, tmp_path / "model.json")
    again = load(tmp_path / "model.json")
    assert (repr(again), numbers(again)) == ("Attention(4, heads=2)", numbers(model))
    assert Attention.count(**model.config()) == len(model.parameters()) == 64


def test_its_parameters_are_named_by_what_they_do():
    names = [p.name or "" for p in Attention(2, 1).parameters()]
    assert [name[0] for name in names] == [letter for letter in "qkvo" for _ in range(4)]
    assert {name[1:] for name in names} == {"1_1", "1_2", "2_1", "2_2"}


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda: Attention(4, 3), "the width must be a multiple of the number of heads, got width 4 and 3 heads"),
        (lambda: Attention(0, 1), "numbers of a place must be .*, got 0"),
        (lambda: Attention(4, 0), "the number of heads must be .*, got 0"),
        (lambda: Attention.count("4", 1), "numbers of a place must be .*, got '4'"),
        (lambda: Attention(4).outputs([]), "at least one place"),
        (lambda: Attention(4).outputs([[1.0, 2.0]]), "this attention takes 4 inputs, got 2"),
    ],
)
def test_what_it_refuses(make, says):
    with pytest.raises((TypeError, ValueError), match=says):
        make()
