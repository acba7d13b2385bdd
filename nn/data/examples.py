"""Pairs of input and target, in order: what a training loop goes through."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from numbers import Real
from typing import Any, overload

from nn.checks import plain, shown, whole
from nn.data.rows import taken

__all__ = ["Examples", "Seed", "as_random", "one_hot"]

Seed = int | random.Random


def as_random(seed: Seed) -> random.Random:
    """The generator itself, or a new one started from an integer.

    Raises TypeError for anything else: None would mean a seed that nobody knows.
    """
    if isinstance(seed, random.Random):
        return seed
    return random.Random(whole("seed", seed, otherwise=" or a random.Random"))


@dataclass(frozen=True, repr=False)
class Examples(Sequence[tuple[Any, Any]]):
    """Inputs and their targets; a sequence of `(input, target)` pairs.

    `inputs[i]` belongs to `targets[i]`. Raises ValueError if the two differ in length.

    >>> Examples([[0.0], [1.0]], [0, 1])[1]
    ([1.0], 1)
    """

    inputs: Any
    targets: Any
    """Lists; those of a table are `Rows`, which are lists made when they are asked for."""

    def __post_init__(self) -> None:
        for name, given in (("inputs", self.inputs), ("targets", self.targets)):
            if not hasattr(given, "__len__"):
                raise TypeError(f"{name} are a list, got {type(given).__name__}; write list(...) of it")
            object.__setattr__(self, name, plain(given))  # `Rows` stay what they are
        if len(self.inputs) != len(self.targets):
            raise ValueError(
                f"{len(self.inputs)} inputs and {len(self.targets)} targets; each input needs exactly one target"
            )

    def __len__(self) -> int:
        return len(self.inputs)

    @overload
    def __getitem__(self, index: int) -> tuple[Any, Any]: ...
    @overload
    def __getitem__(self, index: slice) -> Examples: ...
    def __getitem__(self, index: int | slice) -> tuple[Any, Any] | Examples:
        """The pair at `index`, or the Examples of a slice."""
        if isinstance(index, slice):
            return Examples(self.inputs[index], self.targets[index])
        return self.inputs[index], self.targets[index]

    def __iter__(self) -> Iterator[tuple[Any, Any]]:
        return zip(self.inputs, self.targets, strict=True)

    def __repr__(self) -> str:
        if not self.inputs:
            return "Examples(none)"
        first, target = _short(self.inputs[0]), _short(self.targets[0])
        return f"Examples({len(self)}; the first: {first} -> {target})"

    def take(self, indices: Sequence[int]) -> Examples:
        """The examples at these indices, in the order of the indices."""
        return Examples(taken(self.inputs, indices), taken(self.targets, indices))

    def shuffled(self, seed: Seed) -> Examples:
        """The same examples in a random order."""
        order = list(range(len(self)))
        as_random(seed).shuffle(order)
        return self.take(order)

    def split(self, fraction: float, seed: Seed) -> tuple[Examples, Examples]:
        """`(rest, part)`: a part of about `fraction` of the examples, drawn at random.

        Both keep the order the examples had. With a fraction above 0 neither is empty; 0 gives
        an empty part. Raises TypeError or ValueError if the fraction is not a number in [0, 1),
        ValueError if there are too few examples.
        """
        if isinstance(fraction, bool) or not isinstance(fraction, Real):
            raise TypeError(f"fraction is {fraction!r}; a number is expected")
        if not 0 <= fraction < 1:
            raise ValueError(f"fraction is {fraction!r}; a number from 0 up to, not including, 1")
        size = _part_size(len(self), fraction)
        drawn = set(as_random(seed).sample(range(len(self)), size))
        rest = [i for i in range(len(self)) if i not in drawn]
        return self.take(rest), self.take(sorted(drawn))


def _part_size(count: int, fraction: float) -> int:
    if fraction == 0:
        return 0
    if count < 2:
        raise ValueError(f"{count} examples cannot be split in two parts; at least 2 are needed")
    return min(max(round(count * fraction), 1), count - 1)


def _short(value: Any) -> str:
    """`value` printed, a long list by its first numbers and its length."""
    if isinstance(value, list) and len(value) > 4 and isinstance(value[0], float):
        return f"[{', '.join(f'{x:.4g}' for x in value[:3])}, ... {len(value)} numbers]"
    return shown(value)


def one_hot(index: int, classes: int | Sequence[str]) -> list[float]:
    """1.0 at `index` and 0.0 elsewhere; `classes` is how many there are, or their names.

    >>> one_hot(2, 4)
    [0.0, 0.0, 1.0, 0.0]

    Raises TypeError if `index` is not an int, ValueError if it is outside the classes.
    """
    count = len(classes) if hasattr(classes, "__len__") else whole("the number of classes", classes, 1)
    index = whole("the class", index, otherwise=f" from 0 to {count - 1}")
    if not 0 <= index < count:
        raise ValueError(f"class {index} does not exist; the {count} classes are 0 to {count - 1}")
    row = [0.0] * count
    row[index] = 1.0
    return row
