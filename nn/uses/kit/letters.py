"""What models of letters have in common: their alphabet, inventing with them, and the counts of pairs that they
stand beside."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import pairwise
from random import Random
from typing import Any

from engine import no_grad
from nn.data.vocabulary import END, Vocabulary
from nn.layers.module import Module
from nn.layers.norms import softmax

__all__ = ["EDGE", "LetterModel", "PairCounts", "alphabet", "invented", "two_directions"]

EDGE = 0
"""The number of the mark that stands before a name and behind it."""
COLDEST, HOTTEST = 0.01, 100.0
"""Between the most probable letter always, and all letters alike."""


def alphabet(names: Iterable[str]) -> list[str]:
    """The mark for begin and end, and the letters of these names."""
    return list(Vocabulary.of(names, "letters", marks=[END]).tokens)


class LetterModel(Module):
    """A network that tells which letter comes next.

    Attributes:
        vocabulary: the mark for begin and end, and the letters that it knows.
        longest: how many letters a name of its own has at most.
    """

    longest: int = 40

    def __init__(self, tokens: Sequence[str]) -> None:
        self.vocabulary = Vocabulary(tokens, "letters")
        if self.vocabulary.tokens[EDGE] != END or len(tokens) < 2:
            raise ValueError(f"the tokens are {END!r} and at least one letter, got {str(tokens)[:60]}")

    def encoded(self, name: str) -> list[int]:
        """The numbers of the letters of a name, with the mark before and behind. ValueError for a letter that is not
        known."""
        return [EDGE, *self.vocabulary.encode(name.lower()), EDGE]

    def following(self, tokens: Sequence[int]) -> list[float]:
        """The logit of each token to come next, after these; the first of them is the mark."""
        raise TypeError(f"{type(self).__name__} does not say how it goes on")


def invented(model: LetterModel, count: int, start: str = "", seed: int = 0, temperature: float = 1.0) -> list[str]:
    """Names drawn letter by letter from what the model holds probable, with capitals.

    Args:
        model: the network.
        count: how many.
        start: letters that all of them start with.
        seed: of the draw.
        temperature: below 1 the probable becomes more probable, above 1 all become alike.

    Raises:
        ValueError: for letters that the model does not know, a start that is too long, a count below 1, a temperature
            out of range.
    """
    if not COLDEST <= temperature <= HOTTEST:  # in this form a NaN is refused too
        raise ValueError(f"the temperature must be from {COLDEST:g} to {HOTTEST:g}, got {temperature:g}")
    if count < 1:
        raise ValueError(f"the count of names must be 1 or more, got {count}")
    first = model.encoded(start)[:-1]
    if len(first) > model.longest:
        raise ValueError(f"a start has fewer than {model.longest} letters, got {len(start)}")
    rng = Random(seed)
    with no_grad():
        return [
            model.vocabulary.decode(drawn(model, first, rng, temperature), marks=False).title() for _ in range(count)
        ]


def drawn(model: LetterModel, first: list[int], rng: Random, temperature: float) -> list[int]:
    tokens = list(first)
    while len(tokens) <= model.longest:
        shares = softmax([logit / temperature for logit in model.following(tokens)])
        if tokens == [EDGE]:
            shares[EDGE] = 0.0  # a name has at least one letter
        [token] = rng.choices(range(len(shares)), weights=shares)
        if token == EDGE:
            break
        tokens.append(token)
    return tokens


class PairCounts:
    """The bigram model: how often each letter follows each other one, half a time more than counted, so that nothing
    is impossible."""

    def __init__(self, names: Iterable[Sequence[int]], tokens: int) -> None:
        pairs = Counter(pair for name in names for pair in pairwise(name))
        counts = [[pairs[a, b] + 0.5 for b in range(tokens)] for a in range(tokens)]
        self.surprises = [[-math.log(count / sum(row)) for count in row] for row in counts]

    def surprise(self, name: Sequence[int]) -> list[float]:
        """-log p of each letter of a name, its end included."""
        return [self.surprises[a][b] for a, b in pairwise(name)]


def two_directions(
    rows: Sequence[Sequence[float]], weights: Sequence[float]
) -> tuple[list[tuple[float, float]], tuple[float, float]]:
    """Rows as points in the plane in which they differ most, and which share of their variance each axis shows.

    The two principal directions, found by power iteration on the covariances.

    Args:
        rows: equally many numbers each.
        weights: how much each row counts, such as how often it occurs.
    """
    width, all_of_them = len(rows[0]), math.fsum(weights)
    means = [dot(weights, column) / all_of_them for column in zip(*rows, strict=True)]
    centred = [[x - m for x, m in zip(row, means, strict=True)] for row in rows]
    columns = list(zip(*centred, strict=True))
    spread = [
        [math.fsum(map(math.prod, zip(weights, one, other, strict=True))) for other in columns] for one in columns
    ]
    whole = math.fsum(spread[i][i] for i in range(width)) or 1.0
    axes, shares = [], []
    for _ in range(2):
        axis, size = principal(spread)
        axes.append(axis)
        shares.append(size / whole)
        spread = [[spread[i][j] - size * axis[i] * axis[j] for j in range(width)] for i in range(width)]
    return [(dot(row, axes[0]), dot(row, axes[1])) for row in centred], (shares[0], shares[1])


def principal(matrix: Sequence[Sequence[float]], turns: int = 500) -> tuple[list[float], float]:
    """The direction that a symmetric matrix stretches most, and how much."""
    axis = [1.0 / (i + 1) for i in range(len(matrix))]
    for _ in range(turns):
        turned = [dot(row, axis) for row in matrix]
        length = math.hypot(*turned)
        if not length:
            return [0.0] * len(axis), 0.0
        axis = [x / length for x in turned]
    return axis, dot([dot(row, axis) for row in matrix], axis)


def dot(x: Sequence[float], y: Sequence[float]) -> Any:
    return math.fsum(a * b for a, b in zip(x, y, strict=True))
