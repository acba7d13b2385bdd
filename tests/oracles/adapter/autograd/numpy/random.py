"""Single random numbers, the same in every run."""

from __future__ import annotations

import random

_draw = random.Random(1)
seed = _draw.seed


def rand() -> float:
    return _draw.random()


def randn() -> float:
    return _draw.gauss(0.0, 1.0)
