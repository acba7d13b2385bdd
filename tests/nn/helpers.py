"""Tools of the tests: bits of floats, parameters as numbers, the matrix form of a network, Python in a process of
its own."""

from __future__ import annotations

import importlib.util
import json
import os
import struct
import subprocess
import sys
from collections.abc import Iterator, Sequence
from math import erf, sqrt
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, settings

from nn import MLP, History, Module

ROOT = Path(__file__).parents[2]

WITHOUT_NUMBA = importlib.util.find_spec("numba") is None and os.environ.get("CI") != "true"
KERNEL = pytest.param("kernel", marks=pytest.mark.skipif(WITHOUT_NUMBA, reason="the kernel needs the package numba"))
COMPILED = ["numpy", KERNEL]
"""The backends that compile."""


def needs(package: str) -> pytest.MarkDecorator:
    """A test that is skipped where a package of the extra `test` is missing, but not in CI."""
    missing = importlib.util.find_spec(package) is None and os.environ.get("CI") != "true"
    return pytest.mark.skipif(missing, reason=f"needs the package {package}, which is in the extra test")


def examples(count: int) -> settings:
    """So many examples from hypothesis, the same in every run, however slow the machine."""
    suppressed = [HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
    return settings(max_examples=count, deadline=None, derandomize=True, suppress_health_check=suppressed)


def content_of(text: str) -> dict[str, Any]:
    """What a file of ours says, without its digest, so that it can be written with other content."""
    return {key: part for key, part in json.loads(text).items() if key != "digest"}


def bits(numbers: Sequence[float]) -> list[str]:
    """Floats so that equality means equality of every bit: -0.0 is not 0.0."""
    return [struct.pack(">d", x).hex() for x in numbers]


def numbers(model: Module) -> list[float]:
    return [p.data for p in model.parameters()]


def gradients(model: Module) -> list[float | None]:
    return [p.grad for p in model.parameters()]


def figures(history: History) -> list[tuple[Any, ...]]:
    """All figures of a run but the time it took."""
    return [(e.number, e.loss, e.penalty, e.validation, e.rate, e.gradient) for e in history]


def give(model: Module, new: Sequence[float]) -> None:
    """Set all parameters, in their order."""
    for p, number in zip(model.parameters(), new, strict=True):
        p.data = float(number)


def same_run(model: Module, history: History, other: Module, straight: History) -> None:
    """Two runs that gave the same bits: all figures but the time, and all parameters."""
    assert figures(history) == figures(straight)
    assert history.stopped == straight.stopped
    assert bits(numbers(model)) == bits(numbers(other))


ACTIVATIONS = {
    "linear": lambda z: z,
    "tanh": np.tanh,
    "relu": lambda z: np.where(z > 0, z, 0.0),
    "sigmoid": lambda z: 1 / (1 + np.exp(-z)),
    "leaky_relu": lambda z: np.where(z > 0, z, 0.01 * z),
    "gelu": lambda z: z * np.array([0.5 * (1 + erf(x / sqrt(2))) for x in z]),
    "softplus": lambda z: np.logaddexp(0.0, z),
    "sin": np.sin,
    "exp": np.exp,
    "abs": np.abs,
}
"""Each activation as its textbook formula on a vector."""


def matrix_form(model: MLP, x: Sequence[float]) -> Any:
    """What the network must give: f(W x + b), layer by layer, by NumPy."""
    a = np.array(x, dtype=float)
    for layer in model.layers:
        weights = np.array([[w.data for w in neuron.w] for neuron in layer.neurons])
        biases = np.array([neuron.b.data for neuron in layer.neurons])
        a = ACTIVATIONS[layer.neurons[0].activation](weights @ a + biases)
    return a


class Frame:
    """As much of a data frame as is asked for, without the package: iterating gives its names, as of theirs."""

    def __init__(self, columns: dict[str, Sequence[Any]]) -> None:
        self.cells, self.columns = columns, list(columns)
        self.shape = len(next(iter(columns.values()))), len(columns)

    def __len__(self) -> int:
        return self.shape[0]

    def __iter__(self) -> Iterator[str]:
        return iter(self.columns)

    def __getitem__(self, names: Any) -> Any:
        if isinstance(names, str):
            return Series(self.cells[names], names)
        return Frame({name: self.cells[name] for name in names})

    def to_numpy(self) -> Any:
        texts = any(isinstance(cell, str) for column in self.cells.values() for cell in column)
        return np.array(list(self.cells.values()), dtype=object if texts else float).T

    def __repr__(self) -> str:
        return "  ".join(self.columns) + "\n"


class Series:
    """As much of one of its columns."""

    def __init__(self, cells: Sequence[Any], name: str) -> None:
        self.cells, self.name = cells, name

    def __len__(self) -> int:
        return len(self.cells)

    def __iter__(self) -> Iterator[Any]:
        return iter(self.cells)

    def to_numpy(self) -> Any:
        return np.array(self.cells)


class Tensor:
    """As much of a tensor of PyTorch or JAX."""

    def __init__(self, rows: Any) -> None:
        self.shape, self.tolist = np.shape(rows), lambda: rows

    def __len__(self) -> int:
        return self.shape[0]


class OtherTensor:
    """As much of one of TensorFlow."""

    def __init__(self, rows: Any) -> None:
        self.shape, self.numpy = np.shape(rows), lambda: np.array(rows)

    def __len__(self) -> int:
        return self.shape[0]


def python(code: str, *, timeout: float = 60.0, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run code in a Python of its own, warnings being errors, with the project on its path."""
    given = {**os.environ, "PYTHONPATH": str(ROOT), **environment}
    return subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        env=given,
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
    )
