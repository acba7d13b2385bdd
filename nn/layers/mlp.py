"""Neuron, layer and network: a thin coat on Values."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from operator import methodcaller
from random import Random
from typing import Any

from engine import RULES, Sketch, Value, draw, group, weighted_sum
from nn.checks import check_seed, did_you_mean, plain, share, shown, usage, whole
from nn.data.examples import as_random
from nn.layers.dropout import mask
from nn.layers.init import Init
from nn.layers.module import Module, Number, savable

__all__ = ["MLP", "Layer", "Neuron", "activation_of", "check_size", "check_sizes", "count_of"]

ACTIVATIONS = ("linear", "tanh", "relu", "sigmoid", "leaky_relu", "gelu", "softplus", "sin", "exp", "abs")


def activation_of(name: str) -> Callable[[Any], Any] | None:
    """The rule of that name, one of your own too; None for "linear". ValueError for a name that is no operation on
    one input."""
    if name == "linear":
        return None
    row = RULES.get(name) if isinstance(name, str) else None
    if row is None or row.lists or len(row.parameters) - len(row.defaults) != 1:
        near = did_you_mean(name, ACTIVATIONS) if isinstance(name, str) else "; write its name, as in 'tanh'"
        names = ", ".join(ACTIVATIONS)
        raise ValueError(f"unknown activation {shown(name)}; known are {names} and rules of one input{near}")
    return methodcaller(name) if hasattr(Value, name) else row


def numbered(letter: str, *indices: int) -> str:
    """The name of a parameter or node: numbered("w", 1, 2) is w1_2, in formulas w with the subscript 1,2."""
    return letter + "_".join(map(str, indices))


@savable
class Neuron(Module):
    """One neuron: z = w·x + b, a = f(z). Two nodes of the graph, in a group of their own.

    Args:
        inputs: how many numbers it takes.
        activation: "linear" or the name of a rule.
        init: how its weights start; the bias starts at 0.
        rng: draws the weights (or a seed for it).
        neighbours: how many neurons its layer has, which some inits take into account.
        elementary: build z from single × and + nodes instead, for lessons about those.
        place: numbers that its names carry: (2, 1) makes w2_1_1, ..., b2_1.
    """

    @usage("Neuron(2)")
    def __init__(self, inputs: int, activation: str = "tanh", init: str | Init = "xavier", rng: Random | int = 0, *,
                 neighbours: int = 1, elementary: bool = False, place: tuple[int, ...] = ()) -> None:  # fmt: skip
        inputs = check_size("inputs", inputs)
        self.activation, self.init, self.elementary = activation, Init.of(init), elementary
        self.place = place
        self._f = activation_of(activation)
        rng = as_random(rng)
        draws = [self.init.draw(rng, inputs, neighbours) for _ in range(inputs)]
        self.w = [Value(weight, numbered("w", *place, i + 1)) for i, weight in enumerate(draws)]
        self.b = Value(0.0, numbered("b", *place))
        self._group = f"neuron {place[-1]}" if place else "neuron"
        self._z, self._a = numbered("z", *place), numbered("a", *place)

    def __call__(self, x: Sequence[Number], rng: Random | None = None) -> Value:
        """The activation a = f(w·x + b). ValueError if x has another length than the weights."""
        check_width("neuron", len(self.w), x)
        with group(self._group, self.w, self.b):
            z: Value = self._sum(x)
            z.name = self._z
            if self._f is None:
                return z
            a: Value = self._f(z)
            a.name = self._a
            return a

    def _sum(self, x: Sequence[Number]) -> Any:
        if not self.elementary:
            return weighted_sum(self.w, x, self.b)
        return sum([w * x for w, x in zip(self.w, x, strict=True)]) + self.b

    def outputs(self, x: Sequence[Number], rng: Random | None = None) -> list[Value]:
        return [self(x)]

    def _about(self) -> str:
        """The neuron in words, with its bias."""
        return f"{self._group}: {self.activation}(w·x + b), {self.b.name} = {self.b.data!r}"

    def config(self) -> dict[str, Any]:
        return {
            "inputs": len(self.w),
            "activation": self.activation,
            "init": config_of(self.init),
            "elementary": self.elementary,
        }

    @staticmethod
    def count(inputs: Any, **others: Any) -> int:
        return count_of([inputs, 1])

    def __repr__(self) -> str:
        return f"Neuron({len(self.w)}, {self.activation!r})"


@savable
class Layer(Module):
    """Neurons side by side on the same inputs.

    Args:
        inputs, neurons: how many.
        dropout: the probability with which an activation is set to 0 in training; the others are divided by 1 -
            dropout.
        others: as in `Neuron`.
    """

    @usage("Layer(2, 16)")
    def __init__(self, inputs: int, neurons: int, activation: str = "tanh", init: str | Init = "xavier",
                 rng: Random | int = 0, *, dropout: float = 0.0, elementary: bool = False,
                 place: tuple[int, ...] = ()) -> None:  # fmt: skip
        neurons = check_size("neurons", neurons)
        self.dropout = share("dropout", dropout)
        rng = as_random(rng)
        self.neurons = [
            Neuron(inputs, activation, init, rng, neighbours=neurons, elementary=elementary, place=(*place, j + 1))
            for j in range(neurons)
        ]
        self._group = f"layer {place[-1]}" if place else "layer"

    def outputs(self, x: Sequence[Number], rng: Random | None = None) -> list[Value]:
        with group(self._group):
            activations = [neuron(x) for neuron in self.neurons]
            if rng is None or not self.dropout:
                return activations
            return [a * mask(self.dropout, rng) for a in activations]

    def config(self) -> dict[str, Any]:
        config = self.neurons[0].config()
        return {"inputs": config.pop("inputs"), "neurons": len(self.neurons), **config, "dropout": self.dropout}

    @staticmethod
    def count(inputs: Any, neurons: Any, **others: Any) -> int:
        return count_of([inputs, neurons])

    def __repr__(self) -> str:
        return f"Layer({len(self.neurons[0].w)}, {len(self.neurons)}, {self.neurons[0].activation!r})"


@savable
class MLP(Module):
    """A multi-layer perceptron: layers one after another, the last one linear unless you say otherwise.

    Args:
        inputs: how many numbers a row has.
        sizes: the number of neurons in each layer, the outputs last; `[3]` alone is a linear model.
        activation: of the hidden layers.
        output: the activation of the last layer.
        init: how weights start, a name or an `Init`; biases start at 0.
        seed: of the generator that draws them.
        dropout: the probability with which a hidden activation is dropped in training.
        elementary: build neurons from single × and + nodes.

    Raises:
        ValueError: for sizes below 1, unknown activations or inits, a dropout outside [0, 1).
        TypeError: for sizes and a seed that are no whole numbers: None would mean a seed that nobody knows.

    >>> model = MLP(2, [16, 16, 1], activation="tanh", init="xavier", seed=0)
    >>> model
    MLP(2, [16, 16, 1], activation='tanh', 337 parameters)
    >>> len(model.parameters())
    337
    """

    @usage("MLP(2, [16, 1])")
    def __init__(self, inputs: int, sizes: Sequence[int], activation: str = "tanh", init: str | Init = "xavier",
                 seed: int = 0, *, output: str = "linear", dropout: float = 0.0,
                 elementary: bool = False) -> None:  # fmt: skip
        self.inputs, self.sizes = check_size("inputs", inputs), check_sizes(sizes)
        self.activation, self.output = activation, output
        self.init, self.seed, self.elementary = Init.of(init), check_seed(seed), elementary
        self.dropout = share("dropout", dropout)
        activation_of(activation)  # an unknown one is refused where there is no hidden layer, too
        rng, last = Random(self.seed), len(self.sizes) - 1
        self.layers = [
            Layer(fan_in, size, output if i == last else activation, self.init, rng,
                  dropout=0.0 if i == last else dropout, elementary=elementary, place=(i + 1,))
            for i, (fan_in, size) in enumerate(zip([self.inputs, *self.sizes], self.sizes, strict=False))
        ]  # fmt: skip

    def outputs(self, x: Sequence[Number], rng: Random | None = None) -> list[Any]:
        check_width("network", self.inputs, x)
        values: Sequence[Any] = x
        for layer in self.layers:
            values = layer.outputs(values, rng)
        return list(values)

    def sketch(self, inputs: Sequence[str] = (), outputs: Sequence[str] = ()) -> Sketch:
        """The network as `engine.draw` draws it, with names for its inputs and outputs:
        `draw(model.sketch(data.features, data.classes))`.

        Raises:
            ValueError: for more or fewer names than inputs or outputs.
        """
        headings = ["inputs", *[f"hidden {i}" for i in range(1, len(self.layers))], "outputs"]
        units = [
            [f"input {i + 1}" for i in range(self.inputs)],
            *([neuron._about() for neuron in layer.neurons] for layer in self.layers),
        ]
        weights = [
            (w, column, start, end)
            for column, layer in enumerate(self.layers)
            for end, neuron in enumerate(layer.neurons)
            for start, w in enumerate(neuron.w)
        ]
        return Sketch(repr(self), list(zip(headings, units, strict=True)), weights, inputs=inputs, outputs=outputs)

    def _sketch_(self) -> Sketch:
        return self.sketch()

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        """In a notebook a picture; where none can be drawn, text."""
        try:
            drawn = draw(self)._repr_mimebundle_(include, exclude)
        except ImportError:
            drawn = {}
        return {**drawn, "text/plain": repr(self)}

    def config(self) -> dict[str, Any]:
        return {"inputs": self.inputs, "sizes": self.sizes, "activation": self.activation, "output": self.output,
                "init": config_of(self.init), "seed": self.seed, "dropout": self.dropout,
                "elementary": self.elementary}  # fmt: skip

    @staticmethod
    def count(inputs: Any, sizes: Any, **others: Any) -> int:
        if not isinstance(sizes, list | tuple):
            raise ValueError(f"sizes: expected a list, got {str(sizes)[:60]!r}")
        return count_of([inputs, *sizes])

    def __repr__(self) -> str:
        return f"MLP({self.inputs}, {self.sizes}, activation={self.activation!r}, {len(self.parameters())} parameters)"


def check_size(what: str, size: Any) -> int:
    """The number of something, as an int. TypeError for what is no whole number, ValueError for one below 1."""
    return whole(f"the number of {what}", size, 1)


def check_sizes(sizes: Any) -> list[int]:
    """The numbers of neurons in layers. TypeError and ValueError for what is no list of these, or an empty one."""
    sizes = plain(sizes)
    if not isinstance(sizes, list | tuple) or not sizes:
        expected = "sizes is a list with the number of neurons in each layer, such as [16, 1]"
        raise (TypeError if sizes != [] else ValueError)(f"{expected}, got {shown(sizes)}")
    return [check_size("neurons", size) for size in sizes]


def check_width(what: str, inputs: int, x: Any) -> None:
    try:
        width = len(x)
    except TypeError:
        raise TypeError(
            f"this {what} takes a list of {inputs} number{'s' * (inputs > 1)}, got {type(x).__name__} {x!r}"
        ) from None
    if width != inputs:
        many = len(getattr(x, "shape", ())) > 1 or any(isinstance(xi, list | tuple) for xi in x)
        advice = "; it takes one row: for many write predict(model, rows)" if many else ""
        raise ValueError(f"this {what} takes {inputs} inputs, got {width}{advice}")


def count_of(widths: Sequence[Any]) -> int:
    """How many weights and biases layers of these widths have. ValueError for one that is no whole number from 1 up."""
    if not all(type(width) is int and width >= 1 for width in widths):
        raise ValueError(f"inputs and sizes are whole numbers from 1 up, got {str(list(widths))[:60]}")
    return sum((fan_in + 1) * size for fan_in, size in pairwise(widths))


def config_of(init: Init) -> dict[str, Any]:
    return {"name": init.name, "scale": init.scale}
