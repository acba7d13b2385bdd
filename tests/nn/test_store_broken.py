"""Broken and hostile files of networks: each a ValueError that says what is wrong, and nothing in them is run."""

from __future__ import annotations

import copy
import json
import math
import os
import pickle
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nn import MLP, load, load_prepared
from nn.layers.module import SAVABLE
from tests.nn.helpers import examples, numbers


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "model.json"


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
        content["network"] = {"kind": kind, **SAVABLE[kind](2, *([3] if kind == "Layer" else [])).config()}
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
    "another version": (
        changed("version", to=2),
        "has version 2 of the format rantai-model; this program reads version 1",
    ),
    "no version": (changed("version", to=...), "has version None"),
    "a version of nests": (changed("version", to=nested(500)), r"has version \[\["),
    "no network": (changed("network", to=...), "network: expected an object, got 'None'"),
    "network a list": (changed("network", to=[1]), r"network: expected an object, got '\[1\]'"),
    "no parameters": (changed("parameters", to=...), "parameters: expected an object"),
    "parameters a list": (changed("parameters", to=[0.0] * 9), "parameters: expected an object"),
    "no kind": (changed("network", "kind", to=...), "network.kind: expected one of Neuron, Layer, MLP"),
    "an unknown kind": (changed("network", "kind", to="Module"), "network.kind: expected one of"),
    "kind a list": (changed("network", "kind", to=["MLP"]), "network.kind: expected one of"),
    "import as kind": (
        changed("network", "kind", to="__import__('os').system('true')"),
        "network.kind: expected one of",
    ),
    "import as activation": (
        changed("network", "activation", to="__import__('os').system('true')"),
        "unknown activation",
    ),
    "dunder activation": (changed("network", "activation", to="__class__"), "unknown activation '__class__'"),
    "no activation": (changed("network", "activation", to=...), "network.activation: missing"),
    "activation a list": (changed("network", "activation", to=[]), "network: "),
    "an unknown field": (changed("network", "hidden", to=3), "network.hidden: unknown"),
    "a long unknown field": (changed("network", "x" * 10_000, to=3), "network.x{60}: unknown"),
    "another constructor's argument": (
        changed("network", "neighbours", to=-2, kind="Neuron"),
        "network.neighbours: unknown",
    ),
    "a generator": (changed("network", "rng", to=3, kind="Layer"), "network.rng: unknown"),
    "no init": (changed("network", "init", to=...), "network.init: missing"),
    "init a text": (changed("network", "init", to="xavier"), "network.init: expected an object"),
    "an unknown init": (changed("network", "init", "name", to="glorot"), "unknown init 'glorot'"),
    "init without a name": (changed("network", "init", "name", to=...), "network.init.name: missing"),
    "init with more": (changed("network", "init", "code", to="pass"), "network.init.code: unknown"),
    "scale a text": (changed("network", "init", "scale", to="1"), "network: expected a real number, got str"),
    "a huge scale": (changed("network", "init", "scale", to=10**400), "network: int too large"),
    "an infinite scale": (
        changed("network", "init", "scale", to=0).replace('"scale": 0', '"scale": 1e999'),
        "must be finite, got inf",
    ),
    "dropout of 1": (changed("network", "dropout", to=1.0), "network: dropout must be from 0 to below 1, got 1.0"),
    "dropout a text": (changed("network", "dropout", to="0.5"), "network: dropout"),
    "a huge dropout": (changed("network", "dropout", to=10**400), "network: dropout"),
    "seed null": (changed("network", "seed", to=None), "network: seed must be a whole number, got None"),
    "seed a list": (changed("network", "seed", to=[1]), r"network: seed must be a whole number, got \[1\]"),
    "another size": (changed("network", "sizes", to=[3, 1]), "the network has 13 parameters, but the file holds 9"),
    "huge sizes": (
        changed("network", "sizes", to=[10**9, 10**9]),
        "the network has 1000000004000000000 parameters, but the file holds 9",
    ),
    "sizes beyond print": (changed("network", "sizes", to=[10**4000, 10**4000]), r"model\.json: "),
    "huge inputs": (
        changed("network", "inputs", to=10**12),
        "the network has 2000000000005 parameters, but the file holds 9",
    ),
    "negative sizes": (changed("network", "sizes", to=[-2, 1]), r"whole numbers from 1 up, got \[2, -2, 1\]"),
    "fractional sizes": (changed("network", "sizes", to=[2.0, 1]), "whole numbers from 1 up"),
    "boolean sizes": (changed("network", "sizes", to=[True, 1]), "whole numbers from 1 up"),
    "no sizes": (changed("network", "sizes", to=[]), "the network has 0 parameters, but the file holds 9"),
    "sizes a number": (changed("network", "sizes", to=3), "sizes: expected a list"),
    "inputs null": (changed("network", "inputs", to=None), "whole numbers from 1 up"),
    "a parameter less": (changed("parameters", FIRST, to=...), "has 9 parameters, but the file holds 8"),
    "a parameter more": (changed("parameters", "extra", to=1.0), "has 9 parameters, but the file holds 10"),
    "a renamed parameter": (
        json.dumps(GOOD).replace(FIRST, "layers.0.neurons.9.w.0"),
        "parameters.layers.0.neurons.0.w.0: missing",
    ),
    "an unknown parameter": (json.dumps(GOOD).replace(FIRST, "a"), "parameters.a: unknown"),
    "a parameter a text": (
        changed("parameters", FIRST, to="1.0"),
        f"parameters.{FIRST}: expected a finite number, got '1.0'",
    ),
    "a parameter null": (changed("parameters", FIRST, to=None), f"parameters.{FIRST}: expected a finite number"),
    "a parameter true": (
        changed("parameters", FIRST, to=True),
        f"parameters.{FIRST}: expected a finite number, got 'True'",
    ),
    "a parameter a list": (changed("parameters", FIRST, to=[1.0]), f"parameters.{FIRST}: expected a finite number"),
    "a parameter of nests": (
        changed("parameters", FIRST, to=nested(500)),
        f"parameters.{FIRST}: expected a finite number",
    ),
    "an infinite parameter": (
        changed("parameters", FIRST, to=7).replace('0": 7', '0": 1e999'),
        f"parameters.{FIRST}: .* got 'inf'",
    ),
    "a huge parameter": (
        changed("parameters", FIRST, to=-(10**400)),
        f"parameters.{FIRST}: expected a finite number, got '-1000",
    ),
    "preparation a list": (changed("preparation", to=[]), "preparation: "),
    "preparation without columns": (changed("preparation", "columns", to=...), "preparation.columns: missing"),
    "preparation with more": (changed("preparation", "code", to="x"), "preparation.code: unknown"),
    "a scale of 0": (changed("preparation", "target", "scale", to=0), "preparation.target.scale"),
    "a column less": (
        changed("preparation", "columns", 0, to=...),
        "the network takes 2 inputs, but the preparation makes 1",
    ),
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
    files += [
        changed(*route, to=code).encode()
        for route in [("network", "activation"), ("network", "kind"), ("parameters", FIRST)]
    ]
    for content in files:
        path.write_bytes(content)
        with pytest.raises(ValueError, match=r"model\.json"):
            load(path)
    assert not (tmp_path / "exploded").exists()


def test_a_file_too_large_to_be_a_network_is_not_read(path):
    with path.open("wb") as file:
        file.truncate(10**12)
    with pytest.raises(ValueError, match="is larger than 200,000,000 bytes"):
        load(path)


@pytest.mark.slow  # half a second each
@pytest.mark.parametrize(
    "content",
    ["[[]" + ",[]" * 2_000_000 + "]", '{"a":' * 2_000_001, "[0" + ",0" * 10_000_001 + "]"],
    ids=["lists", "objects", "numbers"],
)
def test_a_file_of_more_parts_than_a_network_has_is_not_parsed(path, monkeypatch, content):
    """Two bytes of it may take a hundred in memory."""
    path.write_text(content)
    monkeypatch.setattr(json, "loads", None)
    with pytest.raises(ValueError, match="it has more than 2,000,000 lists or 10,000,000 numbers"):
        load(path)


plain = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8)
json_values = st.recursive(
    plain | st.sampled_from([10**400, -1, 0, 2, 1e308, "MLP", "tanh"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


def routes(content: Any, prefix: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    items = content.items() if isinstance(content, dict) else enumerate(content) if isinstance(content, list) else ()
    return [route for key, part in items for route in ((*prefix, key), *routes(part, (*prefix, key)))]


edit = st.tuples(st.integers(0, 10**6), st.sampled_from(["set", "remove", "add", "copy"]), json_values)


@pytest.mark.slow
@given(kind=st.sampled_from(["Layer", "MLP", "Neuron"]), edits=st.lists(edit, min_size=1, max_size=3))
@examples(250)
def test_a_damaged_file_is_a_value_error_or_a_network(kind, edits, tmp_path):
    content = json.loads(changed("version", to=1, kind=kind))
    model = SAVABLE[kind](2, *{"MLP": [[2, 1]], "Layer": [3], "Neuron": []}[kind])
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
