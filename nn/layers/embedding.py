"""`Embedding`: numbers for things that have none, letters or words: a row of parameters for each, learned like any
other weight."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import Any

from engine import lookup
from nn.checks import usage
from nn.data.examples import as_random
from nn.layers.init import Init
from nn.layers.matrix import rows_of
from nn.layers.mlp import check_size, config_of
from nn.layers.module import Module, savable

__all__ = ["Embedding"]


@savable
class Embedding(Module):
    """A table with a row of parameters for each of `count` things, which are numbered from 0.

    Its outputs for some of them are their rows, one after another. That is a matrix times one-hot vectors, without the
    zeros: only the rows that are looked up get a gradient from a sample.

    Args:
        count: how many things there are.
        width: how many numbers stand for each.
        init: how these start.
        rng: draws them (or a seed for it).
        letter: what they are called: "e" makes e1_1, e1_2, ...

    Raises:
        ValueError: for sizes below 1 and an unknown init.
        IndexError, TypeError: at a look-up, for what is no whole number from 0 to count - 1.

    >>> letters = Embedding(27, 2)
    >>> [node.name for node in letters.outputs([0, 3])]
    ['e1_1', 'e1_2', 'e4_1', 'e4_2']
    """

    @usage("Embedding(27, 8)")
    def __init__(
        self, count: int, width: int, init: str | Init = "normal", rng: Random | int = 0, letter: str = "e"
    ) -> None:
        count, width = check_size("things", count), check_size("numbers for each", width)
        self.init, self.letter = Init.of(init), letter
        self.rows = rows_of(count, width, self.init, as_random(rng), letter)

    def row(self, index: Any) -> list[Any]:
        """The numbers of one thing; the index may be a number of the sample of a compiled function."""
        return list(lookup(self.rows, index))

    def outputs(self, x: Sequence[Any], rng: Random | None = None) -> list[Any]:
        return [number for index in x for number in self.row(index)]

    def config(self) -> dict[str, Any]:
        return {
            "count": len(self.rows),
            "width": len(self.rows[0]),
            "init": config_of(self.init),
            "letter": self.letter,
        }

    @staticmethod
    def count(count: Any, width: Any, **others: Any) -> int:
        check_size("things", count)
        check_size("numbers for each", width)
        return int(count * width)

    def __repr__(self) -> str:
        return f"Embedding({len(self.rows)}, {len(self.rows[0])})"
