"""What computes: whether work is worth to be compiled at all, and which machine runs a plan, the kernel, the NumPy
program, or none, so that it runs eagerly; and why. No clock is asked, so the answer is steady."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from importlib.util import find_spec
from operator import mul
from typing import Any, NamedTuple

from engine.compiler.instruction_set import WIDTH, Matmul, number, places
from engine.compiler.plan import Plan
from engine.compiler.samples import shape_of
from engine.formulas.reading import Unreadable, built_in
from engine.graph import require_nodes
from engine.value import Value

__all__ = [
    "BACKENDS", "PER_EDGE", "Choice", "Cost", "check_backend", "choose", "eager_seconds", "seconds_of", "why_eager",
    "will_be_eager",
]  # fmt: skip

BACKENDS = ("auto", "kernel", "numpy", "eager")

WORTH_IT = 0.5
"""Seconds of eager work from which compiling pays: loading NumPy and recording take about as long."""
PER_EDGE = 1e-6
"""Seconds that an edge of a graph takes in an eager step, forward and backward: 0.6 to 1.2 µs on networks of several
sizes."""
RECORDED = 20
"""Eager steps on one sample that take as long as recording and planning it."""


class Choice(NamedTuple):
    """What runs a plan."""

    backend: str
    """"kernel", "numpy" or "eager"."""
    reason: str
    """Why, in words that follow the name."""
    machine: Any
    """A `Kernel` or a `Program`; None for eager."""


def check_backend(backend: str) -> str:
    """The backend, if there is one of that name. ValueError for another, ImportError where a package that it needs is
    missing."""
    if backend not in BACKENDS:
        raise ValueError(f"unknown backend {backend!r}; known are {', '.join(BACKENDS)}")
    for package in {"kernel": ("numba", "numpy"), "numpy": ("numpy",)}.get(backend, ()):
        if find_spec(package) is None:
            raise ImportError(f"the backend {backend!r} needs the package {package}: pip install 'rantai[fast]'")
    return backend


def will_be_eager(backend: str) -> bool:
    """Whether even long work is done eagerly: as asked, or for want of a package."""
    return backend == "eager" or (backend == "auto" and find_spec("numpy") is None)


def eager_seconds(result: Value, times: int, enough: float = math.inf) -> float:
    """About how long it takes to make a node and to sweep back from it, so many times. What takes `enough` seconds or
    longer is not counted to the end."""
    require_nodes("eager_seconds", [result])
    seconds = 0.0
    for edges in edges_of(result):
        seconds = PER_EDGE * edges * times
        if seconds >= enough:
            break
    return seconds


def edges_of(result: Value) -> Iterator[int]:
    """How many edges there are below a node, as they are counted. The leaves, which are many in a wide layer, are not
    visited."""
    count, todo, found = 0, [result], {result}
    while todo:
        inputs = todo.pop().inputs
        count += len(inputs)
        further = {x for x in inputs if x.__class__ is not float and x.rule} - found
        found |= further
        todo.extend(further)
        yield count


def why_eager(result: Value, times: int, samples: Sequence[Any]) -> str:
    """Why work is better done eagerly; "" where it is worth to be compiled.

    Args:
        result: the node that one piece of it makes.
        times: how often.
        samples: what it is done for.
    """
    seconds = eager_seconds(result, times, WORTH_IT)
    if seconds < WORTH_IT:
        return f"about {seconds:.1g} s of work is done before anything is compiled"
    try:
        shapes = len({shape_of(sample, []) for sample in samples})
    except TypeError as error:
        return f"it cannot be compiled: {error}"
    if shapes * RECORDED > times:
        return f"the samples have {shapes} shapes, and each of them would be recorded"
    return "" if find_spec("numpy") else "the package numpy is not installed: pip install 'rantai[fast]'"


def choose(plan: Plan, backend: str, work: int | None = None, batch: int = 32) -> Choice:
    """What runs a plan.

    Args:
        plan: the instructions.
        backend: "kernel", "numpy", or "auto": what is done first, the compiling of the kernel included where it is not
            there.
        work: how many samples will be run in all, if that is known.
        batch: about how many at a time.

    Raises:
        ValueError: for "kernel" where the function uses a rule that is not in the table, and for "numpy" where one
            cannot be read.
    """
    if backend == "auto":
        backend, reason = weigh(plan, work, batch)
    else:
        reason = "as asked"
    if backend == "kernel":
        from engine.compiler.kernel import Kernel

        return Choice("kernel", reason, Kernel(plan))
    from engine.compiler.numpy_program.program import Program

    try:
        return Choice("numpy", reason, Program(plan))
    except Unreadable as error:
        if reason == "as asked":
            raise
        return Choice("eager", str(error), None)


def weigh(plan: Plan, work: int | None, batch: int) -> tuple[str, str]:
    """ "kernel" or "numpy", and why."""
    own = [rule.name for rule in plan.rules if not built_in(rule)]
    if own:
        return "numpy", f"the rule {own[0]!r} is not in the kernel"
    if find_spec("numba") is None:
        return "numpy", "the package numba is not installed"
    from engine.compiler.kernel import ready

    by_kernel, by_numpy = seconds_of(plan, batch, "kernel"), seconds_of(plan, batch, "numpy")
    if by_numpy < by_kernel:
        return "numpy", "its layers are wide"
    gain = None if work is None else (by_numpy - by_kernel) * work / batch
    if ready():
        if gain is not None and gain < LOADING:
            return "numpy", "this run is done before the kernel is loaded"
        return "kernel", "it is the fastest here"
    if gain is not None and gain > COMPILING:
        return "kernel", "this run is long enough to compile the kernel first"
    return "numpy", "the kernel is not compiled on this machine yet; `rantai prepare` does that"


class Cost(NamedTuple):
    """Seconds of a machine, forward and backward."""

    instruction: float
    """Each time that it goes through the plan, which it does for some lanes of samples at a time; so is the next."""
    parameter: float
    row: float
    """For a sample."""
    product: float
    """For a sample, in a matrix product."""
    together: int = 1
    """Samples that are filled up to: two take as long as so many; one alone does not."""


def counted(plan: Plan, batch: int, lanes: int, together: int = 1) -> tuple[int, int, int, int]:
    """How often a run meets each of the costs, on a machine that runs so many lanes at a time."""
    kinds, rows, terms = (plan.code[AT[field] :: WIDTH] for field in ("kind", "rows", "terms"))
    products = sum(m * n for kind, m, n in zip(kinds, rows, terms, strict=True) if kind == MATMUL)
    times, samples = -(-batch // lanes), batch if batch == 1 else -(-batch // together) * together
    return times * len(plan), times * plan.parameters, samples * plan.rows, samples * products


def seconds(plan: Plan, batch: int, cost: Cost, lanes: int) -> float:
    """About how long a machine takes that runs so many lanes at a time."""
    return sum(map(mul, cost, counted(plan, batch, lanes, cost.together)))


def seconds_of(plan: Plan, batch: int, backend: str) -> float:
    """About how long a run takes on a backend that has a machine."""
    return seconds(plan, batch, COSTS[backend], lanes_of(plan, backend))


def lanes_of(plan: Plan, backend: str) -> int:
    """How many samples a machine runs at a time."""
    if backend == "kernel":
        from engine.compiler.kernel.kernel import lanes_for

        return lanes_for(plan.rows)
    from engine.compiler.numpy_program.program import lanes_at_a_time

    return lanes_at_a_time(plan.rows)


MATMUL, AT = number(Matmul), places(Matmul)
COMPILING, LOADING = 12.0, 0.05
"""Seconds that the kernel takes to compile, and what a run must gain by it where it is compiled already, which is what
loading it takes. They are the same where it is loaded, so that the same run gives the same bits in every process."""
COSTS = {"kernel": Cost(4.8e-8, 8.1e-10, 3.4e-10, 4.6e-11, together=32), "numpy": Cost(4.1e-6, 2.0e-9, 2.1e-9, 5.3e-11)}
"""Fitted by `python -m tests.benchmarks.costs` on an AMD EPYC with vectors of 512 bits, to steps of MLP(2, [w, w, 1])
with n samples on one core, w from 16 to 512 and n from 1 to 10,000; good enough to choose by."""
