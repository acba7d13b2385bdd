"""Files of networks: exact, versioned, and never run."""

from __future__ import annotations

import copy
import json
import math
import os
import pickle
import random
import stat
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nn import MLP, Layer, Module, Neuron, constant, load, load_prepared, normal, save
from nn.data import Preparation, load_csv, read_table
from nn.data import load as load_data
from nn.init import INITS
from nn.store import FIELDS, KINDS
from tests.nn.helpers import ACTIVATIONS, bits, examples, give, numbers

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
    *[MLP(3, [4, 2], activation, seed=3, output=output) for activation in sorted(ACTIVATIONS) for output in ("linear", activation)],
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
    assert model.config().keys() == FIELDS[type(model)]
    assert KINDS[type(model).__name__] is type(model)


def test_the_file_is_json_that_a_person_can_read(path):
    save(MLP(1, [1], init="constant"), path)
    content = json.loads(path.read_text(encoding="utf-8"))
    assert content == {
        "format": "rantai-model",
        "version": 1,
        "network": {
            "kind": "MLP", "inputs": 1, "sizes": [1], "activation": "tanh", "output": "linear", "init": {"name": "constant", "scale": 1.0},
            "seed": 0, "dropout": 0.0, "elementary": False,
        },
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
    content = json.loads(path.read_text(encoding="utf-8"))
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
    with pytest.raises(ValueError, match=rf"parameter layers\.0\.neurons\.1\.w\.1 is {number}: a network that has diverged is not saved"):
        save(model, path)
    assert path.read_bytes() == before
    assert os.listdir(path.parent) == ["model.json"]


class Mine(Module):
    def __init__(self) -> None:
        self.part = Neuron(2)


class MLPOfMine(MLP):
    pass


@pytest.mark.parametrize("model", [Mine(), MLPOfMine(2, [1])])
def test_a_module_that_could_not_be_built_again_is_refused(path, model):
    with pytest.raises(TypeError, match=f"a {type(model).__name__} cannot be saved; MLP, Layer, Neuron can"):
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
        monkeypatch.setattr(Path, "open", lambda self, mode="r", *a, **k: Full(real(self, mode, *a, **k)) if mode != "r" else real(self, mode))
    else:
        monkeypatch.setattr(*((os, "fsync") if broken == "fsync" else (Path, "replace")), fail)
    with pytest.raises(type(error)):
        save(MLP(2, [1], seed=2), path)
    monkeypatch.undo()
    assert path.read_bytes() == before
    assert os.listdir(path.parent) == ["model.json"]


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


# Hostile and broken files

GOOD: dict[str, Any] = {
    "format": "rantai-model",
    "version": 1,
    "network": {"kind": "MLP", **MLP(2, [2, 1]).config()},
    "parameters": {path: p.data for path, p in MLP(2, [2, 1]).named_parameters().items()},
    "preparation": {
        "columns": [
            {"name": "age", "kind": "number", "unit": "", "mean": 3.0, "scale": 2.0},
            {"name": "sex", "kind": "category", "unit": "", "categories": ["f", "m"], "drop_first": True},
        ],
        "target": {"name": "y", "kind": "number", "unit": "m", "mean": 0.0, "scale": 1.0},
    },
}
FIRST = "layers.0.neurons.0.w.0"


def test_the_good_file_is_good(path):
    path.write_text(json.dumps(GOOD), encoding="utf-8")
    assert numbers(load(path)) == numbers(MLP(2, [2, 1]))


def changed(*route: str | int, to: Any = None, kind: str = "MLP") -> str:
    """The text of the good file with one field set, or removed where `to` is the Ellipsis."""
    content = copy.deepcopy(GOOD)
    if kind != "MLP":
        del content["preparation"]
        content["network"] = {"kind": kind, **KINDS[kind](2, *([3] if kind == "Layer" else [])).config()}
    *parents, last = route
    place = content
    for key in parents:
        place = place[key]
    if to is ...:
        del place[last]
    else:
        place[last] = to
    return json.dumps(content)


def nested(depth: int) -> Any:
    return json.loads("[" * depth + "]" * depth)


BROKEN: dict[str, tuple[str | bytes, str]] = {
    "empty": ("", "is no JSON"),
    "text": ("hello", "is no JSON"),
    "truncated": (json.dumps(GOOD)[:-40], "is no JSON"),
    "pickle": (pickle.dumps(GOOD), "is no JSON"),
    "zeros": (b"\0" * 1000, "is no JSON"),
    "utf-16": (json.dumps(GOOD).encode("utf-16"), "is no JSON"),
    "latin-1": ('{"format": "é"}'.encode("latin-1"), "is no JSON"),
    "deep": ("[" * 100_000, "is no JSON"),
    "a long number": ("1" * 10_000, "is no JSON"),
    "NaN": (json.dumps(GOOD).replace("0.0", "NaN", 1), "NaN is no number"),
    "Infinity": (json.dumps(GOOD).replace("0.0", "-Infinity", 1), "-Infinity is no number"),
    "a list": ("[]", "is no rantai-model file"),
    "a number": ("3", "is no rantai-model file"),
    "null": ("null", "is no rantai-model file"),
    "an empty object": ("{}", "is no rantai-model file"),
    "another format": (changed("format", to="onnx"), "is no rantai-model file"),
    "a format that is a list": (changed("format", to=["rantai-model"]), "is no rantai-model file"),
    "another version": (changed("version", to=2), "has version 2 of the format rantai-model; this program reads version 1"),
    "no version": (changed("version", to=...), "has version None"),
    "a version of nests": (changed("version", to=nested(500)), r"has version \[\["),
    "no network": (changed("network", to=...), "network: expected an object, got 'None'"),
    "network a list": (changed("network", to=[1]), r"network: expected an object, got '\[1\]'"),
    "no parameters": (changed("parameters", to=...), "parameters: expected an object"),
    "parameters a list": (changed("parameters", to=[0.0] * 9), "parameters: expected an object"),
    "no kind": (changed("network", "kind", to=...), "network.kind: expected one of MLP, Layer, Neuron"),
    "an unknown kind": (changed("network", "kind", to="Module"), "network.kind: expected one of"),
    "kind a list": (changed("network", "kind", to=["MLP"]), "network.kind: expected one of"),
    "import as kind": (changed("network", "kind", to="__import__('os').system('true')"), "network.kind: expected one of"),
    "import as activation": (changed("network", "activation", to="__import__('os').system('true')"), "unknown activation"),
    "dunder activation": (changed("network", "activation", to="__class__"), "unknown activation '__class__'"),
    "no activation": (changed("network", "activation", to=...), "network.activation: missing"),
    "activation a list": (changed("network", "activation", to=[]), "network: "),
    "an unknown field": (changed("network", "hidden", to=3), "network.hidden: unknown"),
    "a long unknown field": (changed("network", "x" * 10_000, to=3), "network.x{60}: unknown"),
    "another constructor's argument": (changed("network", "neighbours", to=-2, kind="Neuron"), "network.neighbours: unknown"),
    "a generator": (changed("network", "rng", to=3, kind="Layer"), "network.rng: unknown"),
    "no init": (changed("network", "init", to=...), "network.init: missing"),
    "init a text": (changed("network", "init", to="xavier"), "network.init: expected an object"),
    "an unknown init": (changed("network", "init", "name", to="glorot"), "unknown init 'glorot'"),
    "init without a name": (changed("network", "init", "name", to=...), "network.init.name: missing"),
    "init with more": (changed("network", "init", "code", to="pass"), "network.init.code: unknown"),
    "scale a text": (changed("network", "init", "scale", to="1"), "network: expected a real number, got str"),
    "a huge scale": (changed("network", "init", "scale", to=10**400), "network: int too large"),
    "an infinite scale": (changed("network", "init", "scale", to=0).replace('"scale": 0', '"scale": 1e999'), "must be finite, got inf"),
    "dropout of 1": (changed("network", "dropout", to=1.0), "network: dropout must be from 0 to below 1, got 1.0"),
    "dropout a text": (changed("network", "dropout", to="0.5"), "network: dropout"),
    "a huge dropout": (changed("network", "dropout", to=10**400), "network: dropout"),
    "seed null": (changed("network", "seed", to=None), "network: seed is None"),
    "seed a list": (changed("network", "seed", to=[1]), r"network: seed is \[1\]"),
    "another size": (changed("network", "sizes", to=[3, 1]), "the network has 13 parameters, but the file holds 9"),
    "huge sizes": (changed("network", "sizes", to=[10**9, 10**9]), "the network has 1000000004000000000 parameters, but the file holds 9"),
    "sizes beyond print": (changed("network", "sizes", to=[10**4000, 10**4000]), r"model\.json: "),
    "huge inputs": (changed("network", "inputs", to=10**12), "the network has 2000000000005 parameters, but the file holds 9"),
    "negative sizes": (changed("network", "sizes", to=[-2, 1]), r"whole numbers from 1 up, got \[2, -2, 1\]"),
    "fractional sizes": (changed("network", "sizes", to=[2.0, 1]), "whole numbers from 1 up"),
    "boolean sizes": (changed("network", "sizes", to=[True, 1]), "whole numbers from 1 up"),
    "no sizes": (changed("network", "sizes", to=[]), "the network has 0 parameters, but the file holds 9"),
    "sizes a number": (changed("network", "sizes", to=3), "network.sizes: expected a list"),
    "inputs null": (changed("network", "inputs", to=None), "whole numbers from 1 up"),
    "a parameter less": (changed("parameters", FIRST, to=...), "has 9 parameters, but the file holds 8"),
    "a parameter more": (changed("parameters", "extra", to=1.0), "has 9 parameters, but the file holds 10"),
    "a parameter under another name": (json.dumps(GOOD).replace(FIRST, "layers.0.neurons.9.w.0"), "parameters.layers.0.neurons.0.w.0: missing"),
    "an unknown parameter": (json.dumps(GOOD).replace(FIRST, "a"), "parameters.a: unknown"),
    "a parameter a text": (changed("parameters", FIRST, to="1.0"), f"parameters.{FIRST}: expected a finite number, got '1.0'"),
    "a parameter null": (changed("parameters", FIRST, to=None), f"parameters.{FIRST}: expected a finite number"),
    "a parameter true": (changed("parameters", FIRST, to=True), f"parameters.{FIRST}: expected a finite number, got 'True'"),
    "a parameter a list": (changed("parameters", FIRST, to=[1.0]), f"parameters.{FIRST}: expected a finite number"),
    "a parameter of nests": (changed("parameters", FIRST, to=nested(500)), f"parameters.{FIRST}: expected a finite number"),
    "an infinite parameter": (changed("parameters", FIRST, to=7).replace('0": 7', '0": 1e999'), f"parameters.{FIRST}: .* got 'inf'"),
    "a huge parameter": (changed("parameters", FIRST, to=-(10**400)), f"parameters.{FIRST}: expected a finite number, got '-1000"),
    "preparation a list": (changed("preparation", to=[]), "preparation: "),
    "preparation without columns": (changed("preparation", "columns", to=...), "preparation.columns: missing"),
    "preparation with more": (changed("preparation", "code", to="x"), "preparation.code: unknown"),
    "a scale of 0": (changed("preparation", "target", "scale", to=0), "preparation.target.scale"),
    "a column less": (changed("preparation", "columns", 0, to=...), "the network takes 2 inputs, but the preparation makes 1"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_or_hostile_file_is_a_clear_error(path, name):
    content, message = BROKEN[name]
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(ValueError, match=message) as caught:
        load(path)
    assert str(path) in str(caught.value)
    assert len(str(caught.value)) < 1000


def test_nothing_in_a_file_is_run(path, tmp_path):
    class Bomb:
        def __reduce__(self) -> Any:
            return os.mkdir, (str(tmp_path / "exploded"),)

    code = f"__import__('os').mkdir({str(tmp_path / 'exploded')!r})"
    files = [pickle.dumps(Bomb()), code.encode()]
    files += [changed(*route, to=code).encode() for route in [("network", "activation"), ("network", "kind"), ("parameters", FIRST)]]
    for content in files:
        path.write_bytes(content)
        with pytest.raises(ValueError, match=r"model\.json"):
            load(path)
    assert not (tmp_path / "exploded").exists()


def test_a_file_too_large_to_be_a_network_is_not_read(path):
    with path.open("wb") as file:
        file.truncate(10**12)
    with pytest.raises(ValueError, match="is larger than 200000000 bytes"):
        load(path)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.sampled_from([10**400, -1, 0, 1e308, "MLP", "tanh", 2]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


def routes(content: Any, prefix: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    items = content.items() if isinstance(content, dict) else enumerate(content) if isinstance(content, list) else ()
    return [route for key, part in items for route in ((*prefix, key), *routes(part, (*prefix, key)))]


@given(
    kind=st.sampled_from(sorted(KINDS)),
    edits=st.lists(st.tuples(st.integers(0, 10**6), st.sampled_from(["set", "remove", "add", "copy"]), json_values), min_size=1, max_size=3),
)
@examples(250)
def test_a_damaged_file_is_a_value_error_or_a_network(kind, edits, tmp_path):
    content = json.loads(changed("version", to=1, kind=kind))
    model = KINDS[kind](2, *{"MLP": [[2, 1]], "Layer": [3], "Neuron": []}[kind])
    content["parameters"] = {path: p.data for path, p in model.named_parameters().items()}
    for number, action, new in edits:
        where = routes(content)
        if not where:
            break
        *parents, last = where[number % len(where)]
        place = content
        for key in parents:
            place = place[key]
        if action == "remove":
            del place[last]
        elif action == "add" and isinstance(place, dict):
            place["more"] = new
        elif action == "copy":
            *others, other = where[(number // 7) % len(where)]
            source = content
            for key in others:
                source = source[key]
            place[last] = copy.deepcopy(source[other])
        else:
            place[last] = new
    (tmp_path / "model.json").write_text(json.dumps(content), encoding="utf-8")
    try:
        again, _ = load_prepared(tmp_path / "model.json")
    except ValueError as error:
        assert "model.json" in str(error)
    else:
        assert len(again.parameters()) == len(content["parameters"])
        assert all(math.isfinite(number) for number in numbers(again))
