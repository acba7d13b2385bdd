"""Predictions by every backend."""

from __future__ import annotations

import sys
from typing import Any

import numpy as np
import pytest

import nn.scoring.predict
from engine import RecordingError, Value
from nn import MLP, Module, accuracy, predict, rmse
from tests.nn.helpers import COMPILED, matrix_form
from tests.nn.test_backends import NETWORKS, Words

rng = np.random.default_rng(3)
BACKENDS = ["eager", *COMPILED]


def outputs(model: Module, inputs: Any) -> list[list[float]]:
    """One by one, by Values."""
    return [[float(y) for y in model.outputs(x)] for x in inputs]


@pytest.mark.parametrize("backend", [*BACKENDS, "auto"])
@pytest.mark.parametrize("network", NETWORKS)
def test_they_are_the_outputs_of_the_network(network, backend):
    make, _, data = NETWORKS[network]
    model, inputs = make(), [x for x, _ in data]
    found = predict(model, iter(inputs), backend)
    assert all(type(y) is float for row in found for y in row)
    for mine, theirs in zip(found, outputs(model, inputs), strict=True):
        assert mine == pytest.approx(theirs, rel=1e-12, abs=1e-14)


@pytest.mark.parametrize("backend", BACKENDS)
def test_no_inputs_no_outputs(backend):
    assert predict(MLP(2, [1]), [], backend) == []


def test_few_inputs_are_computed_node_by_node():
    model, inputs = MLP(2, [8, 3], seed=1), rng.normal(size=(20, 2)).tolist()
    assert predict(model, inputs) == outputs(model, inputs)


@pytest.mark.parametrize("compiled", [True, False])
def test_many_are_compiled_where_that_pays(compiled, monkeypatch):
    taken = []
    by_machine = nn.scoring.predict.by_machine
    monkeypatch.setattr(nn.scoring.predict, "by_machine", lambda *args: taken.append(args[2]) or by_machine(*args))
    model, inputs = MLP(10, [20, 3], seed=1), rng.normal(size=(4000 if compiled else 400, 10)).tolist()
    found = predict(model, inputs)
    assert taken == ["auto"] * compiled
    assert np.allclose(found[:50], outputs(model, inputs[:50]), rtol=1e-12)


class Branch(Module):
    """Asks which side an input is on, which cannot be recorded."""

    def __init__(self) -> None:
        self.w = [Value(float(i)) for i in range(300)]

    def outputs(self, x: Any, rng: Any = None) -> list[Any]:
        return [sum(self.w) * x[0] if x[0] > 0 else self.w[1] * x[0]]


@pytest.mark.parametrize("backend", COMPILED)
def test_what_cannot_be_recorded(backend):
    inputs = rng.normal(size=(1500, 1)).tolist()
    with pytest.raises(RecordingError, match=r"a comparison .* while the function is recorded"):
        predict(Branch(), inputs[:2], backend)
    assert predict(Branch(), inputs) == outputs(Branch(), inputs)


@pytest.mark.parametrize("backend", BACKENDS)
def test_an_index_out_of_range_is_an_error(backend):
    with pytest.raises(IndexError, match="there are 6 items to look up, and 9 is none of 0 to 5"):
        predict(Words(6, 2, 2), [[1, 9]], backend)


@pytest.mark.parametrize("backend", ["gpu", None])
def test_an_unknown_backend_is_refused(backend):
    with pytest.raises(ValueError, match=f"unknown backend {backend!r}; known are auto, kernel, numpy, eager"):
        predict(MLP(1, [1]), [[1.0]], backend)


@pytest.mark.parametrize(("backend", "package"), [("numpy", "numpy"), ("kernel", "numba")])
def test_a_package_that_is_missing_is_named(backend, package, monkeypatch):
    monkeypatch.setitem(sys.modules, package, None)
    monkeypatch.setattr("engine.compiler.choice.find_spec", lambda name: None if name == package else object())
    with pytest.raises(
        ImportError, match=rf"the backend '{backend}' needs the package {package}: pip install 'rantai\[fast\]'"
    ):
        predict(MLP(1, [1]), [[1.0]], backend)


@pytest.mark.parametrize("row", [[1.0], [1.0, 2.0, 3.0]])
@pytest.mark.parametrize("backend", BACKENDS)
def test_a_row_of_another_width_is_refused(backend, row):
    with pytest.raises(ValueError, match=f"this network takes 2 inputs, got {len(row)}"):
        predict(MLP(2, [1]), [[1.0, 2.0], row], backend)


def test_scores_of_many_rows_are_those_of_the_matrices():
    data = [(x, [sum(x)]) for x in rng.normal(size=(3000, 20)).tolist()]
    model = MLP(20, [10, 1], seed=1)
    errors = [matrix_form(model, x)[0] - t for x, (t,) in data]
    assert rmse(model, data) == pytest.approx(float(np.sqrt(np.mean(np.square(errors)))), rel=1e-12)
    classes = [(x, int(t > 0)) for x, (t,) in data]
    model = MLP(20, [10, 2], seed=1)
    right = [int(np.argmax(matrix_form(model, x))) == t for x, t in classes]
    assert accuracy(model, classes) == sum(right) / 3000
