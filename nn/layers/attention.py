"""`Attention`: causal multi-head self-attention (Vaswani et al., 2017): each place of a sequence looks at itself and
those before it."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import Any

from engine import group, weighted_sum
from nn.checks import usage
from nn.data.examples import as_random
from nn.layers.init import Init
from nn.layers.matrix import Matrix
from nn.layers.mlp import check_size, check_width, config_of
from nn.layers.module import Module, savable
from nn.layers.norms import softmax

__all__ = ["Attention"]

Rows = Sequence[Sequence[Any]]


@savable
class Attention(Module):
    """Each place asks by its query; how well the keys of the places so far answer says how much of their values it
    takes.

    A head does this with its own part of the width: weights = softmax(q·k / sqrt(size of the part)), result = Σ weight
    · v. What the heads found goes through one more matrix. There are no biases.

    Args:
        width: how many numbers a place has, before and after.
        heads: how many there are; the width is a multiple of it.
        init: how the weights start.
        rng: draws them (or a seed for it).

    Raises:
        ValueError: for sizes that do not fit, an unknown init, an empty sequence, a place of another width.
    """

    @usage("Attention(16, heads=4)")
    def __init__(self, width: int, heads: int = 1, init: str | Init = "xavier", rng: Random | int = 0) -> None:
        check_heads(width, heads)
        self.width, self.heads, self.init = int(width), int(heads), Init.of(init)
        rng = as_random(rng)
        self.query, self.key, self.value, self.out = (
            Matrix(self.width, self.width, self.init, rng, letter) for letter in "qkvo"
        )

    def outputs(self, x: Sequence[Any], rng: Random | None = None) -> list[list[Any]]:
        """For each place a list of `width` numbers, given such a list for each place."""
        queries, keys, values = self._projected(x, "queries", "keys", "values")
        heads = []
        for number, part in enumerate(self._parts(), 1):
            with group(f"head {number}"):
                heads.append(self._gathered(self._weighed(part, queries, keys), [value[part] for value in values]))
        with group("out", self.out.rows):
            return [self.out.outputs([number for head in heads for number in head[t]]) for t in range(len(x))]

    def shares(self, x: Rows) -> list[list[list[Any]]]:
        """For each head and each place how much it takes of the places 0 to its own: t + 1 numbers for place t, with
        the sum 1."""
        queries, keys = self._projected(x, "queries", "keys")
        found = []
        for number, part in enumerate(self._parts(), 1):
            with group(f"head {number}"):
                found.append(self._weighed(part, queries, keys))
        return found

    def _projected(self, x: Rows, *names: str) -> list[list[list[Any]]]:
        """What the first of the three matrices give for each place, in groups of these names."""
        if not len(x):
            raise ValueError("attention needs at least one place, got an empty sequence")
        for place in x:
            check_width("attention", self.width, place)
        found = []
        for name, matrix in zip(names, (self.query, self.key, self.value), strict=False):
            with group(name, matrix.rows):
                found.append([matrix.outputs(place) for place in x])
        return found

    def _parts(self) -> list[slice]:
        size = self.width // self.heads
        return [slice(start, start + size) for start in range(0, self.width, size)]

    def _weighed(self, part: slice, queries: Rows, keys: Rows) -> list[list[Any]]:
        shrink = (self.width // self.heads) ** -0.5
        return [
            softmax([weighted_sum(query[part], key[part]) * shrink for key in keys[: t + 1]])  # none that is later
            for t, query in enumerate(queries)
        ]

    def _gathered(self, shares: Rows, values: Rows) -> list[list[Any]]:
        """What a head found at each place: the mean of the values so far, weighted by their shares."""
        return [[weighted_sum(mine, column) for column in zip(*values[: len(mine)], strict=True)] for mine in shares]

    def config(self) -> dict[str, Any]:
        return {"width": self.width, "heads": self.heads, "init": config_of(self.init)}

    @staticmethod
    def count(width: Any, heads: Any = 1, **others: Any) -> int:
        check_heads(width, heads)
        return int(4 * width * width)

    def __repr__(self) -> str:
        return f"Attention({self.width}, heads={self.heads})"


def check_heads(width: Any, heads: Any) -> None:
    check_size("numbers of a place", width)
    check_size("heads", heads)
    if width % heads:
        raise ValueError(f"the width must be a multiple of the number of heads, got width {width} and {heads} heads")
