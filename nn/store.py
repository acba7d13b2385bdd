"""Saving and loading networks as JSON: versioned, exact to the last bit, and read as data only, never run.

What is read is checked before anything is built: a broken, foreign or hostile file is a ValueError that says what is
wrong with it.
"""

from __future__ import annotations

import math
from inspect import signature
from pathlib import Path
from typing import Any

from nn.checks import usage
from nn.data import DATASETS, Preparation
from nn.json_files import expect, finite, read_json, require, write_json
from nn.layers.init import Init
from nn.layers.module import SAVABLE, Module

__all__ = ["load", "load_prepared", "numbers_of", "save", "set_parameters"]

FORMAT, VERSION = "rantai-model", 1
PLACES = {"rng", "neighbours", "place"}  # constructor arguments that say where in a network a module is, not what it is


@usage('save(model, "model.json")')
def save(model: Module, path: str | Path, preparation: Preparation | None = None) -> None:
    """Write a network as JSON: its shape, every weight, and which parameters are frozen; atomically, so a file is whole
    or not there.

    Args:
        model: an MLP, Layer or Neuron, or a module of a class of your own that is marked `savable`.
        path: the file.
        preparation: how a table becomes its inputs, kept with it for `load_prepared`.

    Raises:
        TypeError: for a module of another class.
        ValueError: for a weight that is not finite, or a preparation that makes another number of inputs.
    """
    if preparation:
        check_inputs(model, preparation)
    content = {"format": FORMAT, "version": VERSION, "network": network_of(model), "parameters": numbers_of(model)}
    if frozen := [path for path, parameter in model.named_parameters().items() if parameter.frozen]:
        content["frozen"] = frozen
    write_json(path, content | ({"preparation": preparation.to_dict()} if preparation else {}))


@usage('load("model.json")')
def load(path: str | Path) -> Any:
    """The network that `save` wrote: the same kind, shape and weights, with the same parameters frozen.

    Raises:
        FileNotFoundError: if there is no such file.
        ValueError: if it is broken, of another kind or version, or does not fit together; the message names file and
            field.
    """
    if path in DATASETS and not Path(path).exists():
        raise FileNotFoundError(f"there is no network {path!r} here; for the data set write nn.data.load({path!r})")
    return load_prepared(path)[0]


@usage('load_prepared("model.json")')
def load_prepared(path: str | Path) -> tuple[Any, Preparation | None]:
    """The network and the preparation saved with it, or None. Raises as `load` does."""
    content = read_json(path, FORMAT, VERSION)
    try:
        model = build(content.get("network"), content.get("parameters"))
        freeze(model, content.get("frozen", []))
        kept = content.get("preparation")
        if kept is None:
            return model, None
        preparation = Preparation.from_dict(kept)
        check_inputs(model, preparation)
        return model, preparation
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from None


def check_inputs(model: Any, preparation: Preparation) -> None:
    inputs, made = getattr(model, "inputs", None), len(preparation.features)
    if inputs not in (None, made):
        raise ValueError(f"the network takes {inputs} inputs, but the preparation makes {made}")


def network_of(model: Module) -> dict[str, Any]:
    kind = type(model).__name__
    if SAVABLE.get(kind) is not type(model):
        raise TypeError(
            f"a {kind} cannot be saved; {', '.join(SAVABLE)} can, and a class of your own that is marked @savable"
        )
    return {"kind": kind, **model.config()}


def numbers_of(model: Module) -> dict[str, float]:
    numbers = {path: parameter.data for path, parameter in model.named_parameters().items()}
    for path, number in numbers.items():
        if not math.isfinite(number):
            raise ValueError(f"parameter {path} is {number}: a network that has diverged is not saved")
    return numbers


def build(network: Any, parameters: Any) -> Module:
    """A network from its shape and its numbers. Counts them before it builds anything, however large the shape says
    it is."""
    fields = dict(expect("network", network, dict, "an object"))
    kind = SAVABLE.get(str(fields.pop("kind", None)))
    expect("parameters", parameters, dict, "an object")
    if kind is None:
        raise ValueError(f"network.kind: expected one of {', '.join(SAVABLE)}")
    require("network", fields, signature(kind).parameters.keys() - PLACES)
    if counted(kind, fields) != len(parameters):
        raise ValueError(f"the network has {counted(kind, fields)} parameters, but the file holds {len(parameters)}")
    if "init" in fields:
        init = expect("network.init", fields["init"], dict, "an object")
        require("network.init", init, {"name", "scale"})
    try:
        model: Module = kind(**(fields | {"init": Init(**fields["init"])} if "init" in fields else fields))
    except (TypeError, ValueError, OverflowError) as error:
        raise ValueError(f"network: {error}") from None
    set_parameters(model, parameters)
    return model


def counted(kind: type[Module], fields: dict[str, Any]) -> int:
    try:
        return kind.count(**fields)
    except (TypeError, ValueError) as error:
        raise ValueError(f"network: {error}") from None


def set_parameters(model: Module, numbers: dict[str, Any]) -> None:
    """Give every parameter its number. ValueError for a missing, unknown or non-finite one; then nothing has
    changed."""
    parameters = model.named_parameters()
    require("parameters", expect("parameters", numbers, dict, "an object"), parameters)
    new = {path: finite(f"parameters.{path}", number) for path, number in numbers.items()}
    for path, parameter in parameters.items():
        parameter.data = new[path]


def freeze(model: Module, paths: Any) -> None:
    """Freeze the parameters of those paths. ValueError for what is none."""
    parameters = model.named_parameters()
    for path in expect("frozen", paths, list, "a list"):
        if not isinstance(path, str) or path not in parameters:
            raise ValueError(f"frozen: expected paths of parameters, got {str(path)[:60]!r}")
        parameters[path].frozen = True
