"""Tools of the tests: derivatives by difference quotients, bits of floats, Python in a process of its own."""

from __future__ import annotations

import os
import struct
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from hypothesis import settings

ROOT = Path(__file__).parents[2]


def examples(count: int) -> settings:
    """So many examples from hypothesis, the same in every run, however slow the machine."""
    return settings(max_examples=count, deadline=None, derandomize=True)


def bits(*numbers: float) -> tuple[str, ...]:
    """Floats so that equality means equality of every bit: -0.0 is not 0.0, and a NaN equals itself."""
    return tuple("nan" if x != x else struct.pack(">d", x).hex() for x in numbers)


def derivative(f: Callable[[float], float], x: float, h: float = 0.02) -> tuple[float, float]:
    """f'(x) and an estimate of its error: central differences extrapolated to h = 0 (Ridders, 1982)."""
    h *= max(1.0, abs(x))
    best, error = float("nan"), float("inf")
    previous: list[float] = []
    for row in range(10):
        step = h / 1.6**row
        current = [(f(x + step) - f(x - step)) / ((x + step) - (x - step))]
        for column, coarser in enumerate(previous):
            factor = 1.6 ** (2 * (column + 1))
            current.append(current[column] + (current[column] - coarser) / (factor - 1))
            miss = max(abs(current[-1] - current[-2]), abs(current[-1] - coarser))
            if miss <= error:
                best, error = current[-1], miss
        previous = current
    return best, error


def partial(f: Callable[..., float], point: Sequence[float], index: int) -> tuple[float, float]:
    """The partial derivative of f in one of its arguments, and an estimate of its error."""
    return derivative(lambda x: f(*point[:index], x, *point[index + 1 :]), point[index])


def python(
    code: str, *, check: bool = True, timeout: float = 120, **environment: str
) -> subprocess.CompletedProcess[str]:
    """Run code in a new Python, where warnings are errors; its output as text."""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        cwd=ROOT,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=timeout,
    )
    if check:
        assert done.returncode == 0, done.stderr
    return done


def loaded_by(statement: str, packages: Sequence[str]) -> list[str]:
    """Which of the packages a new Python has loaded after that statement."""
    code = f"import sys\n{statement}\nprint(*[name for name in {list(packages)!r} if name in sys.modules])"
    return python(code).stdout.split()


def raised(f: Callable[[], Any]) -> Any:
    """What f gives, or else the type and the text of its error, to compare two ways of doing the same."""
    try:
        return f()
    except Exception as error:
        return type(error), str(error)
