"""Which machine runs a plan: the kernel, the NumPy program, or none, so that it runs eagerly; and why."""

from __future__ import annotations

from importlib.util import find_spec
from typing import Any, NamedTuple

from engine.plan import Plan
from engine.reading import Unreadable, built_in

__all__ = ["BACKENDS", "Choice", "check_backend", "choose"]

BACKENDS = ("auto", "kernel", "numpy", "eager")


class Choice(NamedTuple):
    """What runs a plan."""

    backend: str
    """"kernel", "numpy" or "eager"."""
    reason: str
    """Why, in words that follow the name."""
    machine: Any
    """A `Kernel` or a `Program`; None for eager."""


def check_backend(backend: str) -> str:
    """ValueError for a name that is no backend, ImportError for one that needs a package that is not there."""
    if backend not in BACKENDS:
        raise ValueError(f"backend is one of {', '.join(map(repr, BACKENDS))}, got {backend!r}")
    if backend == "kernel" and find_spec("numba") is None:
        raise ImportError("the kernel needs the package numba: pip install 'rantai[fast]'")
    return backend


def choose(plan: Plan, backend: str, work: int | None = None) -> Choice:
    """What runs a plan.

    Args:
        plan: the instructions.
        backend: "kernel", "numpy", "eager", or "auto".
        work: how many samples will be run in all, if that is known.

    Raises:
        ValueError: for "kernel" where the function uses a rule that is not in the table.
    """
    if backend == "eager":
        return Choice("eager", "as asked", None)
    own = [rule.name for rule in plan.rules if not built_in(rule)]
    if backend == "kernel" or (backend == "auto" and not own and find_spec("numba")):
        from engine.kernel import Kernel

        return Choice("kernel", "as asked" if backend == "kernel" else "it is the fastest here", Kernel(plan))
    from engine.program import Program

    try:
        program = Program(plan)
    except Unreadable as error:
        if backend == "numpy":
            raise
        return Choice("eager", str(error), None)
    why = f"the rule {own[0]!r} is not in the kernel" if own else "the package numba is not installed"
    return Choice("numpy", "as asked" if backend == "numpy" else why, program)
