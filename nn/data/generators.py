"""Small problems made by a rule: seeded, in the plane, for pictures and first experiments."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Sequence
from typing import Any

from nn.checks import a_number, usage, whole
from nn.data.column import Column
from nn.data.dataset import Dataset, number_dataset
from nn.data.examples import Examples, Seed, as_random

__all__ = ["blobs", "circles", "moons", "parabola", "sine", "spirals", "stairs", "xor"]

Points = list[tuple[float, float]]


@usage("xor(n=100)")
def xor(*, n: int = 200, noise: float = 0.2, seed: Seed = 0, test_fraction: float = 0.2) -> Dataset:
    """Exclusive or: the corners of the square from -1 to 1, the class being whether x and y
    differ in sign. `noise` is the standard deviation around a corner.

    `xor(n=4, noise=0, test_fraction=0)` is the table itself. No straight line separates it.
    """
    n, _ = _check(n, noise)
    same = _cycle([(-1.0, -1.0), (1.0, 1.0)], n - n // 2)
    differ = _cycle([(-1.0, 1.0), (1.0, -1.0)], n // 2)
    return _classified("xor", {"same": same, "different": differ}, noise, seed, test_fraction)


@usage("moons(n=100)")
def moons(*, n: int = 200, noise: float = 0.1, seed: Seed = 0, test_fraction: float = 0.2) -> Dataset:
    """Two half circles of radius 1 that reach into each other."""
    n, _ = _check(n, noise)
    upper = [(math.cos(t), math.sin(t)) for t in _spread(0.0, math.pi, n - n // 2)]
    lower = [(1 - math.cos(t), 0.5 - math.sin(t)) for t in _spread(0.0, math.pi, n // 2)]
    return _classified("moons", {"upper": upper, "lower": lower}, noise, seed, test_fraction)


@usage("circles(n=100)")
def circles(
    *,
    n: int = 200,
    noise: float = 0.1,
    factor: float = 0.5,
    seed: Seed = 0,
    test_fraction: float = 0.2,
) -> Dataset:
    """A circle of radius 1 around one of radius `factor`, which is between 0 and 1."""
    n, _ = _check(n, noise)
    if not 0 < factor < 1:
        raise ValueError(f"factor is {factor!r}; a number between 0 and 1 is expected")
    outer, inner = _circle(1.0, n - n // 2), _circle(factor, n // 2)
    return _classified("circles", {"outer": outer, "inner": inner}, noise, seed, test_fraction)


@usage("spirals(n=100)")
def spirals(
    *,
    n: int = 200,
    noise: float = 0.02,
    turns: float = 1.0,
    classes: int = 2,
    seed: Seed = 0,
    test_fraction: float = 0.2,
) -> Dataset:
    """Arms that wind out from the origin to radius 1, one per class, each `turns` times round."""
    n, classes = _check(n, noise, classes)
    if not (math.isfinite(turns) and turns > 0):
        raise ValueError(f"turns is {turns!r}; a finite number above 0 is expected")
    arms = {}
    for arm, size in enumerate(_sizes(n, classes)):
        start = 2 * math.pi * arm / classes
        # From 1/size, so that the arms do not share the origin.
        arms[f"arm {arm + 1}"] = [
            (
                r * math.cos(start + turns * 2 * math.pi * r),
                r * math.sin(start + turns * 2 * math.pi * r),
            )
            for r in _spread(1 / size, 1.0, size)
        ]
    return _classified("spirals", arms, noise, seed, test_fraction)


@usage("blobs(n=100)")
def blobs(
    *,
    n: int = 200,
    noise: float = 0.5,
    classes: int = 3,
    seed: Seed = 0,
    test_fraction: float = 0.2,
) -> Dataset:
    """Round clouds with their centres evenly on a circle of radius 2; `noise` is their standard
    deviation.
    """
    n, classes = _check(n, noise, classes)
    sizes = _sizes(n, classes)
    centres = _circle(2.0, classes)
    clouds = {f"blob {i + 1}": [centres[i]] * size for i, size in enumerate(sizes)}
    return _classified("blobs", clouds, noise, seed, test_fraction)


@usage("sine(n=100)")
def sine(*, n: int = 200, noise: float = 0.1, seed: Seed = 0, test_fraction: float = 0.2) -> Dataset:
    """A curve to follow: y = sin x for x evenly from -π to π; `noise` is added to y only."""
    return _followed("sine", math.sin, math.pi, n, noise, seed, test_fraction)


@usage("parabola(n=100)")
def parabola(*, n: int = 200, noise: float = 0.1, seed: Seed = 0, test_fraction: float = 0.2) -> Dataset:
    """A curve to follow: y = x² - 1 for x evenly from -1.5 to 1.5; `noise` is added to y only."""
    return _followed("parabola", lambda x: x * x - 1.0, 1.5, n, noise, seed, test_fraction)


@usage("stairs(n=100)")
def stairs(*, n: int = 200, noise: float = 0.1, seed: Seed = 0, test_fraction: float = 0.2) -> Dataset:
    """A curve that jumps, from -1 to 0 at x = -1 and from 0 to 1 at x = 1, for x evenly from -3 to 3; `noise` is added
    to y only. No sum of smooth units follows it exactly."""
    return _followed("stairs", lambda x: float((x > 1.0) - (x < -1.0)), 3.0, n, noise, seed, test_fraction)


def _check(n: Any, noise: Any, classes: Any = 2) -> tuple[int, int]:
    n, classes = whole("n", n, 2), whole("classes", classes, 2)
    if n < classes:
        raise ValueError(f"n is {n}; at least one point for each of the {classes} classes")
    if not 0 <= a_number("noise", noise) < math.inf:
        raise ValueError(f"noise is {noise!r}; a finite number of at least 0 is expected")
    return n, classes


def _sizes(n: int, classes: int) -> list[int]:
    """`n` shared out as evenly as whole numbers allow."""
    return [n // classes + (i < n % classes) for i in range(classes)]


def _spread(first: float, last: float, count: int) -> list[float]:
    """`count` numbers evenly from `first` to `last`, both included."""
    if count == 1:
        return [first]
    return [first + (last - first) * i / (count - 1) for i in range(count)]


def _circle(radius: float, count: int) -> Points:
    angles = [2 * math.pi * i / count for i in range(count)]
    return [(radius * math.cos(a), radius * math.sin(a)) for a in angles]


def _cycle(corners: Points, count: int) -> Points:
    return [corners[i % len(corners)] for i in range(count)]


def _classified(name: str, groups: dict[str, Points], noise: float, seed: Seed, test_fraction: float) -> Dataset:
    """One class per group of points, each point moved by normal noise; in random order."""
    rng = as_random(seed)
    inputs, targets = [], []
    for label, points in enumerate(groups.values()):
        for x, y in points:
            inputs.append([x + rng.gauss(0.0, noise), y + rng.gauss(0.0, noise)])
            targets.append(label)
    shuffled = Examples(inputs, targets).shuffled(rng)
    target = Column("class", "category", categories=tuple(groups))
    return _finished(name, shuffled, ["x", "y"], target, rng, test_fraction)


def _followed(name: str, f: Callable[[float], float], end: float, n: int, noise: float, seed: Seed,
              test_fraction: float) -> Dataset:  # fmt: skip
    """Points of the curve of `f` for x evenly from -end to end, moved up and down by normal noise."""
    n, _ = _check(n, noise)
    rng = as_random(seed)
    xs = _spread(-end, end, n)
    examples = Examples([[x] for x in xs], [[f(x) + rng.gauss(0.0, noise)] for x in xs])
    return _finished(name, examples, ["x"], Column("y", "number"), rng, test_fraction)


def _finished(
    name: str,
    examples: Examples,
    features: Sequence[str],
    target: Column,
    rng: random.Random,
    test_fraction: float,
) -> Dataset:
    train, test = examples.split(test_fraction, rng)
    return number_dataset(name, train, test, features, target, "made by nn.data.generators")


GENERATORS: dict[str, Callable[..., Dataset]] = {
    "xor": xor,
    "moons": moons,
    "circles": circles,
    "spirals": spirals,
    "blobs": blobs,
    "sine": sine,
    "parabola": parabola,
    "stairs": stairs,
}
