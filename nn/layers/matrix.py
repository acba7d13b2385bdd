"""`Matrix`: weights alone, y = W·x, where neurons would add a bias and an activation: the projections of attention,
an output layer."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import Any

from engine import Value, weighted_sum
from nn.checks import usage
from nn.data.examples import as_random
from nn.layers.init import Init
from nn.layers.mlp import check_size, check_width, config_of, numbered
from nn.layers.module import Module, Number, savable

__all__ = ["Matrix", "rows_of"]


@savable
class Matrix(Module):
    """A linear map without bias: output i is the weighted sum of the inputs with the weights of row i, one node each.

    Args:
        inputs, outputs: how many numbers it takes and gives.
        init: how its weights start.
        rng: draws them (or a seed for it).
        letter: what the weights are called: "w" makes w1_1, w1_2, ...

    Raises:
        ValueError: for sizes below 1, an unknown init, and an input of another width.

    >>> Matrix(3, 2).outputs([1.0, 0.0, 0.0])[1].inputs[0].name
    'w2_1'
    """

    @usage("Matrix(3, 2)")
    def __init__(
        self, inputs: int, outputs: int, init: str | Init = "xavier", rng: Random | int = 0, letter: str = "w"
    ) -> None:
        inputs, outputs = check_size("inputs", inputs), check_size("outputs", outputs)
        self.inputs, self.init, self.letter = inputs, Init.of(init), letter
        self.rows = rows_of(outputs, inputs, self.init, as_random(rng), letter)

    def outputs(self, x: Sequence[Number], rng: Random | None = None) -> list[Any]:
        check_width("matrix", self.inputs, x)
        return [weighted_sum(row, x) for row in self.rows]

    def config(self) -> dict[str, Any]:
        return {"inputs": self.inputs, "outputs": len(self.rows), "init": config_of(self.init), "letter": self.letter}

    @staticmethod
    def count(inputs: Any, outputs: Any, **others: Any) -> int:
        check_size("inputs", inputs)
        check_size("outputs", outputs)
        return int(inputs * outputs)

    def __repr__(self) -> str:
        return f"Matrix({self.inputs}, {len(self.rows)})"


def rows_of(count: int, width: int, init: Init, rng: Random, letter: str) -> list[list[Value]]:
    """Rows of parameters, named by row and column from 1: each row is what one output sees of `width` inputs."""
    return [
        [Value(init.draw(rng, width, count), numbered(letter, i + 1, j + 1)) for j in range(width)]
        for i in range(count)
    ]
