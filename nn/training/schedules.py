"""Schedules of the learning rate: functions of the epoch, counted from 0, that give the factor of the rate in it."""

from __future__ import annotations

import math
from collections.abc import Callable

from nn.checks import above_0, at_least, shown, usage, whole

__all__ = ["Schedule", "cosine", "exponential", "linear", "step_decay", "warmup"]

Schedule = Callable[[int], float]


@usage("step_decay(10)")
def step_decay(every: int, factor: float = 0.5) -> Schedule:
    """Times `factor` after each `every` epochs."""
    every = whole("every", every, 1)
    factor = above_0("factor", factor)
    return named(f"step_decay({every!r}, {factor!r})", lambda epoch: factor ** (epoch // every))


@usage("exponential(0.99)")
def exponential(factor: float) -> Schedule:
    """Times `factor` after each epoch."""
    factor = above_0("factor", factor)
    return named(f"exponential({factor!r})", lambda epoch: factor**epoch)


@usage("linear(100)")
def linear(epochs: int, end: float = 0.0) -> Schedule:
    """From 1 down to `end` along a line of that many epochs."""
    epochs = whole("epochs", epochs, 1)
    end = at_least(0, "end", end)
    return named(f"linear({epochs!r}, {end!r})", lambda epoch: 1.0 + (end - 1.0) * min(1.0, epoch / epochs))


@usage("cosine(100)")
def cosine(epochs: int, end: float = 0.0) -> Schedule:
    """From 1 down to `end` along half a cosine of that many epochs (Loshchilov and Hutter, 2017)."""
    epochs = whole("epochs", epochs, 1)
    end = at_least(0, "end", end)

    def factor(epoch: int) -> float:
        return end + (1.0 - end) * 0.5 * (1.0 + math.cos(math.pi * min(1.0, epoch / epochs)))

    return named(f"cosine({epochs!r}, {end!r})", factor)


@usage("warmup(5, cosine(95))")
def warmup(epochs: int, then: Schedule | None = None) -> Schedule:
    """From 1 / epochs up to 1 in that many epochs, and then another schedule, which starts at its epoch 0."""
    if then is not None and not callable(then):
        raise TypeError(f"what follows a warmup is a schedule, got {shown(then)}; write warmup(5, cosine(95))")
    epochs = whole("epochs", epochs, 1)

    def factor(epoch: int) -> float:
        if epoch < epochs:
            return (epoch + 1) / epochs
        return then(epoch - epochs) if then else 1.0

    if then:
        factor.__module__ = str(getattr(then, "__module__", ""))  # whose code it calls: a user's may change more
    return named(f"warmup({epochs!r}, {getattr(then, '__name__', None)})", factor)


def named(name: str, schedule: Schedule) -> Schedule:
    schedule.__name__ = schedule.__qualname__ = name  # what a checkpoint compares
    return schedule
