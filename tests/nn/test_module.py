"""Modules of one's own: their parameters are found in their attributes."""

from __future__ import annotations

import random
from typing import Any

import pytest

from engine import Value
from nn import SGD, Layer, Module, Neuron, fit, mse
from tests.nn.helpers import gradients


class Sum(Module):
    """A network of one's own: modules in nested lists, and a parameter of its own."""

    def __init__(self) -> None:
        self.parts = [[Neuron(2, rng=1), Neuron(2, rng=2)], (Layer(2, 3, rng=3),)]
        self.gain = Value(2.0, "gain")
        self.b = Value(1.0, "offset")
        self.remark = "no parameter"

    def outputs(self, x: Any, rng: random.Random | None = None) -> list[Any]:
        first = [neuron(x) for neuron in self.parts[0]]
        return [self.gain * sum(self.parts[1][0].outputs(first, rng)) + self.b]


def test_a_module_of_ones_own_lists_the_parameters_in_its_attributes():
    model = Sum()
    paths = list(model.named_parameters())
    assert len(paths) == 2 * 3 + 3 * 3 + 2
    assert paths[:4] == ["parts.0.0.w.0", "parts.0.0.w.1", "parts.0.0.b", "parts.0.1.w.0"]
    assert {"parts.1.0.neurons.2.b", "gain", "b"} <= set(paths)
    assert len(model.weights()) == 2 * 2 + 3 * 2 + 1
    mse(model.outputs([1.0, 2.0]), 0.0).backward()
    assert None not in gradients(model)
    assert isinstance(model([1.0, 2.0]), Value)


class Tied(Module):
    """An encoder whose weight is the decoder's too, and that knows where it is used."""

    def __init__(self, user: Any = None) -> None:
        self.w = Value(0.5, "w")
        self.also = [self.w, self.w]
        self.encoder = Neuron(1)
        self.decoder = self.encoder
        self.user = self if user is None else user

    def outputs(self, x: Any, rng: random.Random | None = None) -> list[Any]:
        return [self.also[0] * self.w * x[0]]


def test_a_shared_parameter_is_listed_once_and_modules_may_know_each_other():
    assert list(Tied().named_parameters()) == ["w", "encoder.w.0", "encoder.b"]


def test_a_module_that_does_not_say_what_it_computes_or_how_to_make_it():
    with pytest.raises(TypeError, match="Module does not say how to compute its outputs"):
        Module()([1.0])
    with pytest.raises(TypeError, match=r"Module cannot be saved: it does not say its config\(\)"):
        Module().config()


def test_a_shared_parameter_moves_once():
    class Slope(Module):
        def __init__(self) -> None:
            self.w = Value(1.0, "w")
            self.again = [self.w]

        def outputs(self, x: Any, rng: Any = None) -> list[Any]:
            return [self.w * x[0]]

    model = Slope()
    fit(model, [([1.0], 0.0)], optimizer=SGD(0.1), epochs=1, progress=False)
    assert model.w.data == pytest.approx(1.0 - 0.1 * 2.0)
