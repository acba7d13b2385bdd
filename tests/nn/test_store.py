"""Files of networks: exact, versioned, and never run."""

from __future__ import annotations

import json
import math
import os
import random
import stat
from inspect import signature
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine import Value
from nn import MLP, Layer, Module, Neuron, constant, load, load_prepared, normal, savable, save
from nn.data import Preparation, load_csv, read_table
from nn.data import load as load_data
from nn.layers.init import INITS
from nn.layers.module import SAVABLE
from tests.nn.helpers import ACTIVATIONS, bits, content_of, examples, give, numbers

finite = st.floats(allow_nan=False, allow_infinity=False)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "model.json"


@pytest.fixture
def table(tmp_path: Path) -> Any:
    file = tmp_path / "table.csv"
    file.write_text("age,height,sex\n31,1.8,male\n27,1.6,female\n45,1.75,male\n", encoding="utf-8")
    return read_table(file)


@given(new=st.lists(finite, min_size=9, max_size=9))
@examples(60)
def test_every_float_comes_back_to_the_last_bit(new, tmp_path):
    model = MLP(2, [2, 1])
    give(model, new)
    save(model, tmp_path / "model.json")
    assert bits(numbers(load(tmp_path / "model.json"))) == bits(new)


def test_the_odd_floats_come_back_to_the_last_bit(path):
    odd = [-0.0, 5e-324, -2.2250738585072014e-308, 1.7976931348623157e308, 0.1, 1 / 3, 2.0**53 + 2, 1e16, -1e-5]
    model = MLP(2, [2, 1])
    give(model, odd)
    save(model, str(path))
    assert bits(numbers(load(str(path)))) == bits(odd)


MODELS: list[Module] = [
    *[
        MLP(3, [4, 2], activation, seed=3, output=output)
        for activation in sorted(ACTIVATIONS)
        for output in ("linear", activation)
    ],
    *[MLP(3, [4, 2], init=init, seed=3) for init in (*INITS, constant(0.25), normal(1e-3))],
    MLP(3, [4, 2], dropout=0.5, elementary=True, seed=-(10**30)),
    MLP(3, [2]),
    MLP(3, [4, 4, 1, 2]),
    Layer(3, 2, "relu", normal(0.3), 5, dropout=0.25),
    Layer(3, 2, elementary=True),
    Neuron(3, "gelu", "he", 5),
    Neuron(3, elementary=True),
    MLP(3, [4, 2]).layers[0],
]


@pytest.mark.parametrize("model", MODELS, ids=lambda model: f"{model!r}")
def test_every_kind_of_network_answers_as_before(model, path):
    rng = random.Random(0)
    give(model, [rng.gauss(0, 0.5) for _ in model.parameters()])
    save(model, path)
    again = load(path)
    assert type(again) is type(model)
    assert again.config() == model.config()
    assert list(again.named_parameters()) == list(model.named_parameters())
    for _ in range(5):
        x = [rng.gauss(0, 1) for _ in range(3)]
        assert bits(map(float, again.outputs(x))) == bits(map(float, model.outputs(x)))
        masked = [bits(map(float, each.outputs(x, random.Random(7)))) for each in (again, model)]
        assert masked[0] == masked[1]


@pytest.mark.parametrize("model", [MLP(1, [1]), Layer(1, 1), Neuron(1)])
def test_the_fields_of_a_file_are_the_config(model):
    assert model.config().keys() == signature(type(model)).parameters.keys() - {"rng", "neighbours", "place"}
    assert SAVABLE[type(model).__name__] is type(model)
    assert model.count(**model.config()) == len(model.parameters())


class Scaled(Module):
    """A network of a user's own: an MLP, and one more number."""

    def __init__(self, width: int, scale: float) -> None:
        self.width, self.scale = width, scale
        self.factor, self.mlp = Value(scale, "factor"), MLP(width, [2, 1])

    def outputs(self, x, rng=None):
        return [self.factor * y for y in self.mlp.outputs(x, rng)]

    def config(self):
        return {"width": self.width, "scale": self.scale}

    @staticmethod
    def count(width, scale):
        return 1 + MLP.count(width, [2, 1])


@pytest.fixture
def scaled(monkeypatch):
    monkeypatch.delitem(SAVABLE, "Scaled", raising=False)
    yield savable(Scaled)
    del SAVABLE["Scaled"]


def test_a_network_of_ones_own_is_saved_when_it_is_marked(path, scaled):
    model = scaled(3, 0.5)
    model.factor.data = 7.25
    save(model, path)
    again = load(path)
    assert type(again) is Scaled
    assert again.config() == {"width": 3, "scale": 0.5}
    assert bits(p.data for p in again.parameters()) == bits(p.data for p in model.parameters())


def test_a_file_whose_count_is_another_is_not_built(path, scaled):
    save(scaled(3, 0.5), path)
    content = content_of(path.read_text(encoding="utf-8"))
    content["network"]["width"] = 10**9
    path.write_text(json.dumps(content), encoding="utf-8")
    with pytest.raises(ValueError, match="the network has 2000000006 parameters, but the file holds 12"):
        load(path)


def test_two_classes_of_one_name_are_told_apart(scaled):
    other = type("Scaled", (Module,), {"__module__": "elsewhere"})
    with pytest.raises(ValueError, match=f"a Scaled is savable already, that of {__name__}"):
        savable(other)
    assert SAVABLE["Scaled"] is Scaled


def test_the_file_is_json_that_a_person_can_read(path):
    save(MLP(1, [1], init="constant"), path)
    content = content_of(path.read_text(encoding="utf-8"))
    assert content == {
        "format": "rantai-model", "version": 1,
        "network": { "kind": "MLP", "inputs": 1, "sizes": [1], "activation": "tanh", "output": "linear",
                    "init": {"name": "constant", "scale": 1.0}, "seed": 0, "dropout": 0.0, "elementary": False, },
        "parameters": {"layers.0.neurons.0.w.0": 1.0, "layers.0.neurons.0.b": 0.0},
    }  # fmt: skip


def test_the_preparation_of_a_table_is_kept(path, table):
    preparation = Preparation.fit(table, "sex")
    preparation = preparation.standardised(preparation.encode(table))
    model = MLP(len(preparation.features), [3, 2])
    save(model, path, preparation)
    again, kept = load_prepared(path)
    assert kept == preparation
    assert numbers(again) == numbers(model)
    row = {"age": "31", "height": "1.7"}
    assert kept.decode_output([float(y) for y in again.outputs(kept.encode_row(row))]) in ("male", "female")
    assert numbers(load(path)) == numbers(model)
    save(model, path)
    assert load_prepared(path)[1] is None


def test_a_preparation_for_another_network_is_refused(path, table):
    preparation = Preparation.fit(table, "sex")
    with pytest.raises(ValueError, match="the network takes 3 inputs, but the preparation makes 2"):
        save(MLP(3, [2]), path, preparation)
    assert not path.exists()
    save(MLP(2, [2]), path, preparation)
    content = content_of(path.read_text(encoding="utf-8"))
    del content["preparation"]["columns"][0]
    path.write_text(json.dumps(content), encoding="utf-8")
    with pytest.raises(ValueError, match=r"model\.json: the network takes 2 inputs, but the preparation makes 1"):
        load(path)


def test_shipped_and_own_data_are_kept_alike(path, tmp_path):
    data = load_data("penguins", target="body_mass_g").standardised()
    save(MLP(len(data.features), [1]), path, data.preparation)
    assert load_prepared(path)[1] == data.preparation
    file = tmp_path / "mine.csv"
    file.write_text("x,y\n" + "".join(f"{i},{2 * i + 1}\n" for i in range(20)), encoding="utf-8")
    mine = load_csv(file, target="y")
    save(MLP(1, [1]), path, mine.preparation)
    assert load_prepared(path)[1] == mine.preparation


# What is not saved


@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf])
def test_a_network_that_has_diverged_is_refused_and_the_old_file_stays(path, number):
    model = MLP(2, [2, 1])
    save(model, path)
    before = path.read_bytes()
    model.parameters()[4].data = number
    with pytest.raises(
        ValueError,
        match=rf"parameter layers\.0\.neurons\.1\.w\.1 is {number}: a network that has diverged is not saved",
    ):
        save(model, path)
    assert path.read_bytes() == before
    assert list(path.parent.iterdir()) == [path]


class Mine(Module):
    def __init__(self) -> None:
        self.part = Neuron(2)


class MLPOfMine(MLP):
    pass


@pytest.mark.parametrize("model", [Mine(), MLPOfMine(2, [1])])
def test_a_module_that_could_not_be_built_again_is_refused(path, model):
    with pytest.raises(TypeError, match=f"a {type(model).__name__} cannot be saved; Neuron, Layer, MLP.* can"):
        save(model, path)
    assert not path.exists()


# Writing is whole or not at all


@pytest.mark.parametrize("broken", ["replace", "fsync", "write"])
@pytest.mark.parametrize("error", [OSError("disk full"), KeyboardInterrupt()])
def test_a_failure_while_writing_leaves_the_old_file_and_nothing_else(path, monkeypatch, broken, error):
    save(MLP(2, [1], seed=1), path)
    before = path.read_bytes()

    def fail(*_: Any, **__: Any) -> None:
        raise error

    if broken == "write":

        class Full:
            def __init__(self, file: Any) -> None:
                self.file = file
                self.write = fail

            def __enter__(self) -> Any:
                return self

            def __exit__(self, *_: Any) -> None:
                self.file.close()

        real = Path.open
        monkeypatch.setattr(Path, "open", lambda self, *a, **k: Full(real(self, *a, **k)))
    else:
        monkeypatch.setattr(*((os, "fsync") if broken == "fsync" else (Path, "replace")), fail)
    with pytest.raises(type(error)):
        save(MLP(2, [1], seed=2), path)
    monkeypatch.undo()
    assert path.read_bytes() == before
    assert list(path.parent.iterdir()) == [path]


@pytest.mark.skipif(os.name != "posix", reason="permission bits are POSIX's")
@pytest.mark.parametrize(("mask", "expected"), [(0o022, 0o644), (0o077, 0o600)])
def test_the_file_has_the_permissions_of_any_new_file(path, mask, expected):
    before = os.umask(mask)
    try:
        save(MLP(2, [1]), path)
    finally:
        assert os.umask(before) == mask
    assert stat.S_IMODE(path.stat().st_mode) == expected


def test_a_folder_that_is_not_there(tmp_path):
    with pytest.raises(FileNotFoundError):
        save(MLP(2, [1]), tmp_path / "nowhere" / "model.json")
    with pytest.raises(FileNotFoundError):
        load(tmp_path / "model.json")


def test_frozen_parameters_stay_frozen(path):
    model = MLP(2, [3, 1])
    model.layers[0].freeze()
    model.layers[1].neurons[0].b.frozen = True
    save(model, path)
    loaded = load(path)
    assert {name for name, p in loaded.named_parameters().items() if p.frozen} == {
        *[f"layers.0.neurons.{j}.{p}" for j in range(3) for p in ("w.0", "w.1", "b")],
        "layers.1.neurons.0.b",
    }
    model.freeze(False)
    save(model, path)
    assert not any(p.frozen for p in load(path).parameters())


@pytest.mark.parametrize(
    "frozen", ["b", None, {"b": True}, ["c"], [0], [["b"]], ["b", "x" * 5000]], ids=lambda x: str(x)[:20]
)
def test_only_parameters_can_be_frozen(frozen, path):
    save(Neuron(1), path)
    content = content_of(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps({**content, "frozen": frozen}), encoding="utf-8")
    with pytest.raises(ValueError, match=r"model\.json: frozen: expected (a list|paths of parameters), got .{1,62}$"):
        load(path)
