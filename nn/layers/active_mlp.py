"""`ActiveMLP`: a network on inputs that are 0 or 1, told by the places of the ones. Zeros cost nothing: only active
weights are summed."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import Any

from engine import Value, lookup, total
from nn.checks import check_seed, usage
from nn.layers.init import Init
from nn.layers.matrix import rows_of
from nn.layers.mlp import Layer, activation_of, check_size, check_sizes, config_of, count_of, numbered
from nn.layers.module import Module, savable

__all__ = ["ActiveMLP", "padded"]


class Sum(Module):
    """A bias and an activation: what is left of a neuron whose weights are kept with its inputs."""

    def __init__(self, activation: str, place: tuple[int, ...]) -> None:
        self.b = Value(0.0, numbered("b", *place))
        self._f = activation_of(activation)

    def __call__(self, active: Sequence[Any], rng: Random | None = None) -> Any:
        z = total([self.b, *active])
        return z if self._f is None else self._f(z)


@savable
class ActiveMLP(Module):
    """An MLP whose input row is a list of places: those of its inputs that are 1, while all others are 0.

    The first layer looks up the weights of these inputs and adds them up: z = b + Σ w_i over the active i. That is what
    an `MLP` makes of the same row written out in zeros and ones, at the price of the ones: of the words of a language a
    sentence has a dozen. The place `inputs`, one behind the last, is that of no input: it adds 0, so that rows can be
    made equally long (`padded`).

    Args:
        inputs: how many places there are.
        sizes: the number of neurons in each layer, the outputs last; `[3]` alone is a linear model.
        activation: of the hidden layers; the last one is linear.
        init: how weights start; biases start at 0.
        seed: of the generator that draws them.

    Raises:
        ValueError: for sizes below 1, an unknown activation or init.
        TypeError: for a seed that is no int.
        IndexError, TypeError: at an input that is no whole number from 0 to `inputs`.

    >>> model = ActiveMLP(1000, [4, 2])
    >>> model
    ActiveMLP(1000, [4, 2], activation='tanh', 4014 parameters)
    >>> len(model([7, 912]))
    2
    """

    @usage("ActiveMLP(1000, [16, 2])")
    def __init__(
        self, inputs: int, sizes: Sequence[int], activation: str = "tanh", init: str | Init = "xavier", seed: int = 0
    ) -> None:
        self.places, self.sizes = inputs, sizes = check_size("inputs", inputs), check_sizes(sizes)
        self.activation, self.init, self.seed = activation, Init.of(init), check_seed(seed)
        activation_of(activation)  # an unknown one is refused where there is no hidden layer, too
        rng, kinds = Random(self.seed), [activation] * (len(sizes) - 1) + ["linear"]
        self.rows = rows_of(inputs, sizes[0], self.init, rng, "w")
        self.sums = [Sum(kinds[0], (1, j + 1)) for j in range(sizes[0])]
        self.layers = [
            Layer(fan_in, size, kind, self.init, rng, place=(i + 2,))
            for i, (fan_in, size, kind) in enumerate(zip(sizes, sizes[1:], kinds[1:], strict=False))
        ]

    def outputs(self, x: Sequence[Any], rng: Random | None = None) -> list[Any]:
        table = [*self.rows, [0.0] * len(self.sums)]
        active = [lookup(table, place) for place in x]
        values: list[Any] = [add([row[j] for row in active]) for j, add in enumerate(self.sums)]
        for layer in self.layers:
            values = layer.outputs(values, rng)
        return values

    def config(self) -> dict[str, Any]:
        return {
            "inputs": self.places,
            "sizes": self.sizes,
            "activation": self.activation,
            "init": config_of(self.init),
            "seed": self.seed,
        }

    @staticmethod
    def count(inputs: Any, sizes: Any, **others: Any) -> int:
        if not isinstance(sizes, list | tuple) or not sizes:
            raise ValueError(f"sizes is a list of at least one number, got {str(sizes)[:60]!r}")
        return count_of([inputs, *sizes])

    def __repr__(self) -> str:
        count = len(self.parameters())
        return f"ActiveMLP({self.places}, {self.sizes}, activation={self.activation!r}, {count} parameters)"


def padded(places: Sequence[int], none: int, step: int = 64) -> list[int]:
    """The places of a row with as many times `none` behind them as make its length the next multiple of `step`.

    A network is recorded once for each length of its input, and steps go fastest where all rows have one: of sentences
    of 1 to 56 places, steps of 64 train as fast as steps of 16 without a hidden layer, and three times as fast with
    one.

    Raises:
        ValueError: for a step that is no whole number from 1 up.

    >>> padded([5, 2], none=9, step=4)
    [5, 2, 9, 9]
    """
    check_size("places", step)
    missing = -len(places) % step if places else step
    return [*places, *[none] * missing]
