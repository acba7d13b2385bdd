"""Settings to try: all of a grid, or some drawn at random, the same for the same seed."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from itertools import product
from random import Random
from typing import Any

from nn.checks import a_number, above_0, check_seed, plain, shown, whole

__all__ = ["Draw", "choice", "grid", "log_uniform", "sample", "uniform"]

Draw = Callable[[Random], Any]
"""What draws one hyperparameter."""


def grid(values: Mapping[str, Iterable[Any]]) -> list[dict[str, Any]]:
    """Every combination, the last hyperparameter changing fastest.

    Raises:
        TypeError: for values that are no list.
        ValueError: for a hyperparameter without values.

    >>> grid({"rate": [0.1, 0.01], "hidden": [4, 8]})[:2]
    [{'rate': 0.1, 'hidden': 4}, {'rate': 0.1, 'hidden': 8}]
    """
    lists = [values_of(name, given) for name, given in values.items()]
    return [dict(zip(values, combination, strict=True)) for combination in product(*lists)]


def values_of(name: str, given: Any) -> list[Any]:
    given = plain(given)
    if isinstance(given, str | Mapping) or not isinstance(given, Iterable):
        raise TypeError(f"{name} takes a list of values, such as [0.1, 0.01], got {shown(given)}")
    values = list(given)
    if not values:
        raise ValueError(f"{name} has no value to try")
    return values


def sample(space: Mapping[str, Draw | Iterable[Any]], count: int, seed: int = 0) -> list[dict[str, Any]]:
    """Settings drawn at random. The first ten of twenty are those of ten.

    Args:
        space: of each hyperparameter how it is drawn (`uniform`, `log_uniform`, `choice`, or a function of a
            `random.Random`), or a list to choose from.
        count: how many.
        seed: of the draws.

    Raises:
        TypeError, ValueError: as `choice` does, and for a count below 1.

    >>> sample({"rate": log_uniform(0.001, 1.0), "hidden": [4, 8]}, 2) == sample(
    ...     {"rate": log_uniform(0.001, 1.0), "hidden": [4, 8]}, 3)[:2]
    True
    """
    whole("count", count, 1)
    draws = {name: given if callable(given) else choice(values_of(name, given)) for name, given in space.items()}
    # a generator for each hyperparameter: another one beside it changes none of its draws
    generators = {name: Random(f"{check_seed(seed)} {name}") for name in draws}
    return [{name: draw(generators[name]) for name, draw in draws.items()} for _ in range(count)]


def uniform(low: float, high: float) -> Draw:
    """Any number from low to high. ValueError where high is not above low."""
    low, high = ordered(a_number("low", low), a_number("high", high))
    return lambda rng: rng.uniform(low, high)


def log_uniform(low: float, high: float) -> Draw:
    """Any number from low to high, each factor of ten as often as the next: for rates. ValueError unless 0 < low <
    high."""
    low, high = ordered(above_0("low", low), above_0("high", high))
    return lambda rng: min(high, max(low, math.exp(rng.uniform(math.log(low), math.log(high)))))


def choice(values: Iterable[Any]) -> Draw:
    """One of a list, each as often as the next. TypeError for what is no list, ValueError for an empty one."""
    listed = values_of("choice", values)
    return lambda rng: rng.choice(listed)


def ordered(low: float, high: float) -> tuple[float, float]:
    if not low < high < math.inf:
        raise ValueError(f"high must be above low and finite, got {low!r} to {high!r}")
    return low, high
