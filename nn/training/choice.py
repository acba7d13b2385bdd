"""Which backend: their names, and whether a piece of work is long enough to be compiled. No clock is asked, so the
answer is steady."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.util import find_spec
from typing import Any

from engine import topological_order

__all__ = ["BACKENDS", "check_backend", "eager_seconds", "shape_of", "why_eager", "will_be_eager"]

BACKENDS = ("auto", "kernel", "numpy", "eager")

WORTH_IT = 0.5
"""Seconds of eager work from which compiling pays: loading NumPy and recording take about as long."""
PER_EDGE = 1e-6
"""Seconds that an edge of a graph takes in an eager step, forward and backward: 0.6 to 1.2 µs on networks of several
sizes."""
RECORDED = 20
"""Eager steps on one sample that take as long as recording and planning it."""


def check_backend(backend: str) -> str:
    """The backend, if there is one of that name, and the packages that it needs. ValueError or ImportError
    otherwise."""
    if backend not in BACKENDS:
        raise ValueError(f"unknown backend {backend!r}; known are {', '.join(BACKENDS)}")
    for package in {"kernel": ("numba", "numpy"), "numpy": ("numpy",)}.get(backend, ()):
        if find_spec(package) is None:
            raise ImportError(f"the backend {backend!r} needs the package {package}: pip install 'rantai[fast]'")
    return backend


def will_be_eager(backend: str) -> bool:
    """Whether even long work is done eagerly: as asked, or for want of a package."""
    return backend == "eager" or (backend == "auto" and find_spec("numpy") is None)


def eager_seconds(result: Any, times: int) -> float:
    """About how long it takes to make a node and to sweep back from it, so many times."""
    return PER_EDGE * sum(len(node.inputs) for node in topological_order(result)) * times


def why_eager(result: Any, times: int, samples: Sequence[Any]) -> str:
    """Why work is better done eagerly; "" where it is worth to be compiled.

    Args:
        result: the node that one piece of it makes.
        times: how often.
        samples: what it is done for.
    """
    seconds = eager_seconds(result, times)
    if seconds < WORTH_IT:
        return f"about {seconds:.1g} s of work is done before anything is compiled"
    shapes = len({shape_of(sample) for sample in samples})
    if shapes * RECORDED > times:
        return f"the samples have {shapes} shapes, and each of them would be recorded"
    return "" if find_spec("numpy") else "the package numpy is not installed: pip install 'rantai[fast]'"


def shape_of(x: Any) -> Any:
    """The lengths of lists in lists, as a key; a string is part of the shape."""
    if isinstance(x, list | tuple):
        return len(x) if {float, int}.issuperset(map(type, x)) else tuple([shape_of(part) for part in x])
    if isinstance(x, dict):
        return tuple([(key, shape_of(part)) for key, part in x.items()])
    return x if isinstance(x, str | bool) else getattr(x, "shape", None)
