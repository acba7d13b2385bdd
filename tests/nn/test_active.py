"""Networks on places of ones: what an MLP makes of the same rows in zeros and ones."""

from __future__ import annotations

import re
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine import check, gradient
from nn import MLP, fit, load, predict, save
from nn.layers.active_mlp import ActiveMLP, padded
from nn.training.losses import cross_entropy
from tests.nn.helpers import COMPILED, examples, give, numbers

SHAPES = [(6, [3], "tanh"), (6, [4, 3], "tanh"), (5, [4, 3, 2], "relu"), (1, [1], "tanh")]


def twin(model: ActiveMLP) -> MLP:
    """The MLP with the same weights: neuron j of its first layer has the weight [i][j] of each input i."""
    mlp = MLP(model.places, model.sizes, model.activation)
    first = [[*(row[j].data for row in model.rows), model.sums[j].b.data] for j in range(model.sizes[0])]
    give(mlp, [x for neuron in first for x in neuron] + [p.data for layer in model.layers for p in layer.parameters()])
    return mlp


def written_out(places, inputs):
    row = [0.0] * inputs
    for place in places:
        if place < inputs:
            row[place] += 1.0
    return row


@pytest.mark.parametrize(("inputs", "sizes", "activation"), SHAPES)
def test_it_is_an_mlp_on_zeros_and_ones(inputs, sizes, activation):
    rng = Random(0)
    model = ActiveMLP(inputs, sizes, activation, seed=3)
    give(model, [rng.gauss(0, 1) for _ in model.parameters()])
    mlp = twin(model)
    assert len(model.parameters()) == len(mlp.parameters()) == ActiveMLP.count(inputs, sizes)
    assert sorted(p.data for p in model.weights()) == sorted(p.data for p in mlp.weights())
    for _ in range(20):
        places = rng.sample(range(inputs), rng.randint(0, inputs))
        row = written_out(places, inputs)
        assert [float(y) for y in model.outputs(places)] == pytest.approx(
            [float(y) for y in mlp.outputs(row)], abs=1e-12
        )
        ours = gradient(cross_entropy(model.outputs(places), 0), *model.parameters())
        theirs = gradient(cross_entropy(mlp.outputs(row), 0), *mlp.parameters())
        assert sorted(ours) == pytest.approx(sorted(theirs), abs=1e-12)


def test_slopes_are_finite_differences():
    model = ActiveMLP(5, [3, 2], seed=1)
    assert check(cross_entropy(model.outputs([0, 3]), 1))


@examples(50)
@given(places=st.lists(st.integers(0, 6), max_size=10), step=st.integers(1, 5))
def test_the_place_of_no_input_adds_nothing(places, step):
    row = padded(places, none=7, step=step)
    assert len(row) % step == 0 and 0 < len(row) <= max(len(places), 1) + step - 1
    assert row[: len(places)] == places
    model = ActiveMLP(7, [3, 2], seed=2)
    assert [float(y) for y in model.outputs(row)] == [float(y) for y in model.outputs(places)]


def samples(count: int, inputs: int) -> list[tuple[list[int], int]]:
    """Class 1 where place 0 or place 1 is active, but not both."""
    rng, found = Random(5), []
    for _ in range(count):
        places = [i for i in range(inputs) if rng.random() < 0.5]
        found.append((padded(places, inputs, 4), int((0 in places) != (1 in places))))
    return found


@pytest.mark.parametrize("backend", COMPILED)
def test_backends_agree(backend):
    data = samples(40, 6)  # of rows with 4 and with 8 places
    assert {len(x) for x, _ in data} == {4, 8}
    eager, other = ActiveMLP(6, [4, 2]), ActiveMLP(6, [4, 2])
    for model, path in (eager, "eager"), (other, backend):
        fit(model, data, loss="cross_entropy", optimizer="adam", epochs=5, batch_size=8, backend=path, progress=False)
    assert numbers(other) == pytest.approx(numbers(eager), abs=1e-9)
    inputs = [x for x, _ in data]
    ours, theirs = (predict(eager, inputs, path) for path in (backend, "eager"))
    assert [y for row in ours for y in row] == pytest.approx([y for row in theirs for y in row], abs=1e-12)


@pytest.mark.slow
def test_a_hidden_layer_learns_what_a_linear_model_cannot():
    data = samples(300, 5)
    shares = {}
    for sizes in ([2], [8, 2]):
        model = ActiveMLP(5, sizes)
        fit(model, data, loss="cross_entropy", optimizer="adam", epochs=60, batch_size=16, progress=False)
        shares[len(sizes)] = (
            sum((ys[1] > ys[0]) == t for ys, (_, t) in zip(predict(model, [x for x, _ in data]), data, strict=True))
            / 300
        )
    assert shares[2] == 1.0
    assert shares[1] < 0.8  # a line gets at most three of the four corners


def test_saved_and_loaded(tmp_path):
    model = ActiveMLP(4, [3, 2], "relu", "he", seed=9)
    save(model, tmp_path / "model.json")
    again = load(tmp_path / "model.json")
    assert again.config() == model.config() and numbers(again) == numbers(model)
    assert repr(again) == repr(model) == "ActiveMLP(4, [3, 2], activation='relu', 23 parameters)"


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda: ActiveMLP(0, [2]), ValueError, "from 1 up, got"),
        (lambda: ActiveMLP(3, []), ValueError, "such as [16, 1], got []"),
        (lambda: ActiveMLP(3, [2, 0]), ValueError, "from 1 up, got"),
        (lambda: ActiveMLP(3, [2, 2], "tin"), ValueError, "unknown activation 'tin'"),
        (lambda: ActiveMLP(3, [2], "tin"), ValueError, "unknown activation 'tin'"),
        (lambda: ActiveMLP(3, [2], init="ones"), ValueError, "unknown init 'ones'"),
        (lambda: ActiveMLP(3, [2], seed=None), TypeError, "seed"),
        (lambda: ActiveMLP(3, [2]).outputs([4]), IndexError, "there are 4 items to look up, and 4 is none of 0 to 3"),
        (lambda: ActiveMLP(3, [2]).outputs([-1]), IndexError, "-1 is none of 0 to 3"),
        (lambda: ActiveMLP(3, [2]).outputs([0.5]), TypeError, "expected a whole number to look up, got 0.5"),
        (lambda: ActiveMLP.count("x", [2]), ValueError, "from 1 up, got"),
        (lambda: ActiveMLP.count(3, 2), ValueError, "sizes is a list of at least one number, got '2'"),
        (lambda: padded([1], 2, 0), ValueError, "the number of places must be a whole number from 1 up, got 0"),
    ],
)
def test_errors(make, error, message):
    with pytest.raises(error, match=re.escape(message)):
        make()
