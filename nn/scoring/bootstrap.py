"""The paired bootstrap: how much a difference between two models would vary with other test rows of the same kind."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from random import Random
from statistics import fmean

__all__ = ["paired_interval"]


def paired_interval(ours: Sequence[Sequence[float]], other: Sequence[float],
                    figure: Callable[[Sequence[float]], float] = fmean, draws: int = 1000,
                    seed: int = 0) -> tuple[float, float]:  # fmt: skip
    """The middle 95 % of the difference, ours less the other, when rows are drawn with replacement, the same ones for
    both (Efron and Tibshirani, 1993, chapter 13).

    Args:
        ours: a score for each test row, for each of several models, whose figures are averaged.
        other: the scores of another model on the same rows.
        figure: what is made of the scores of rows, such as their mean.
        draws: how often rows are drawn.
        seed: of the draws.

    Raises:
        ValueError: for models that were not scored on the same number of rows.
    """
    rows = len(other)
    if not rows or any(len(one) != rows for one in ours):
        raise ValueError(f"expected scores of the same rows, got {rows} and {', '.join(str(len(one)) for one in ours)}")
    rng = Random(seed)
    found = []
    for _ in range(draws):
        drawn = rng.choices(range(rows), k=rows)
        found.append(fmean(figure([one[i] for i in drawn]) for one in ours) - figure([other[i] for i in drawn]))
    found.sort()
    edge = round(0.025 * (draws - 1))
    return found[edge], found[-1 - edge]
