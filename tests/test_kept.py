"""Files that were written before the packages were arranged anew still load, and go on where they were (see kept/)."""

from __future__ import annotations

import json
import math
import pickle
import shutil
import warnings
from pathlib import Path
from typing import Any

import pytest

from engine import Tape, Value, group, logsumexp, weighted_sum
from nn import MLP, Adam, EarlyStopping, History, l2, load_prepared, train
from nn.data import load, moons
from tests.engine.helpers import bits

KEPT = Path(__file__).with_name("kept")


def graph() -> Value:
    """L, with groups, constants, operations on lists and a node that is used twice."""
    w, x, b = [Value(0.5, "w1"), Value(-1.0, "w2")], [Value(2.0, "x1"), Value(1.0, "x2")], Value(0.25, "b")
    with group("neuron 1", w, b):
        z = weighted_sum(w, x, b)
        a = z.tanh()
    L = (a - 1.0) ** 2 + logsumexp([a, z, 0.5]) * b.relu() / 3
    z.name, a.name, L.name = "z", "a", "L"
    return L


def test_a_pickled_tape():
    tape, made = pickle.loads((KEPT / "tape.pickle").read_bytes()), Tape(graph())
    assert str(tape) == str(made)
    assert bits(*tape.values, *tape.adjoints) == bits(*made.values, *made.adjoints)
    assert bits(*tape.replay({"b": -0.5}).adjoints) == bits(*made.replay({"b": -0.5}).adjoints)
    assert str(pickle.loads(pickle.dumps(tape))) == str(made)


def test_a_pickled_graph():
    kept, made = pickle.loads((KEPT / "graph.pickle").read_bytes()), graph()
    for y in (kept, made):
        y.backward()
    tables = [[(row.name, row.rule, bits(row.value, row.adjoint)) for row in Tape(y).rows] for y in (kept, made)]
    assert tables[0] == tables[1]
    assert [node.group and node.group.path for node in Tape(kept).leaves] == [None] * 5
    assert bits(*kept.slopes) == bits(*made.slopes)


def test_a_saved_model():
    """What it says is computed here by hand, from the numbers in the file."""
    model, preparation = load_prepared(KEPT / "model.json")
    numbers = json.loads((KEPT / "model.json").read_text(encoding="utf-8"))["parameters"]

    def layer(place: int, x: list[float]) -> list[float]:
        width = len({key.split(".")[3] for key in numbers if key.startswith(f"layers.{place}.")})
        rows = [f"layers.{place}.neurons.{j}." for j in range(width)]
        return [sum(numbers[f"{row}w.{i}"] * x[i] for i in range(len(x))) + numbers[f"{row}b"] for row in rows]

    for x in load("penguins").standardised().test.inputs[:5]:
        expected = layer(1, [math.tanh(z) for z in layer(0, x)])
        assert [float(y) for y in model.outputs(x)] == pytest.approx(expected, rel=1e-12)
    assert [p.frozen for p in model.parameters()] == [True] + [False] * (len(numbers) - 1)
    assert preparation is not None
    assert preparation.classes == load("penguins").classes


@pytest.mark.parametrize("backend", ["eager", "numpy", "kernel"])
def test_a_checkpoint(backend: str, tmp_path: Path):
    """The second half of the run ends where the whole run ends: bit for bit where the versions are the same, and the
    processor, which the last bits of compiled sums depend on."""
    path = tmp_path / "checkpoint.json"
    shutil.copy(KEPT / f"checkpoint_{backend}.json", path)

    def run(**settings: Any) -> tuple[list[float], History]:
        model = MLP(2, [4, 1], seed=1)
        training = train(model, list(moons(n=40, test_fraction=0).train), loss="mse", optimizer=Adam(0.02), epochs=6,
                         batch_size=8, regularizer=l2(0.001), validation=0.25, early_stopping=EarlyStopping(5), seed=2,
                         backend=backend, **settings)  # fmt: skip
        first = training.epoch
        for _ in training:
            pass
        return [first, *[p.data for p in model.parameters()]], training.history

    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        (first, *resumed), history = run(checkpoint=path)
    (_, *whole), expected = run()
    assert first == 3
    assert [epoch.loss for epoch in history] == pytest.approx([epoch.loss for epoch in expected], rel=1e-9)
    assert resumed == pytest.approx(whole, rel=1e-9)
    if not said and backend == "eager":  # the same versions as then; the compiled files may be another processor's
        assert bits(*resumed) == bits(*whole)


def test_a_history(tmp_path: Path):
    history = History.load(KEPT / "history.csv")
    history.save(tmp_path / "again.csv")
    assert (tmp_path / "again.csv").read_bytes() == (KEPT / "history.csv").read_bytes()
