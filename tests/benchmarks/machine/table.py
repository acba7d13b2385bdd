"""The sides of the comparison, the workloads, and what the kernel is to reach."""

from __future__ import annotations

from dataclasses import dataclass, field

from tests.benchmarks.report import Target

__all__ = [
    "AUTO", "BLAS", "BY_HAND", "COMPARED", "FLOOR", "FLOORS", "FLOOR_TARGETS", "OURS", "SIDES",
    "TARGETS", "WORKLOADS", "Side", "Workload",
]  # fmt: skip


@dataclass(frozen=True)
class Side:
    """An engine in one way of using it."""

    name: str
    module: str
    """In `tests.benchmarks.machine`, with a function `prepare(work, variant)`."""
    needs: tuple[str, ...] = ()
    """The modules it cannot do without."""
    variant: str = ""
    collector: str = "on"
    compared: bool = True
    """Whether it is timed in every workload."""
    compiler: bool = False
    """Whether it needs a C compiler."""
    slow: bool = False
    """Whether it is left out where work grows: an object for each scalar operation of each sample."""


BY_HAND = "NumPy by hand"
AUTO = "ours, auto"
FLOOR, BLAS = "floor: the products at the processor's peak", "the products at BLAS's best"
OURS = ("ours, eager", "ours, NumPy program", "ours, kernel")

SIDES = {
    side.name: side
    for side in (
        Side(BY_HAND, "sides.by_hand", ("numpy",)),
        Side("micrograd", "sides.micrograd", ("micrograd",), slow=True),
        Side("micrograd, collector off", "sides.micrograd", ("micrograd",), collector="off", slow=True),
        Side("microgpt's Value", "sides.microgpt", slow=True),
        Side("XAD", "sides.xad", ("xad",), slow=True),
        Side("PyTorch", "sides.torch", ("torch",)),
        Side("JAX jit", "sides.jax", ("jax",)),
        Side("CasADi SX", "sides.casadi", ("casadi", "numpy")),
        Side("CasADi SX, compiled", "sides.casadi", ("casadi", "numpy"), "compiled", compiler=True),
        Side(OURS[0], "ours", variant="eager", slow=True),
        Side(OURS[1], "ours", ("numpy",), variant="numpy"),
        Side(OURS[2], "ours", ("numpy", "numba"), variant="kernel"),
        Side(AUTO, "ours", ("numpy",), variant="auto", compared=False),
        Side(FLOOR, "peak", ("llvmlite",), "vectors", compared=False),
        Side(BLAS, "peak", ("numpy",), "blas", compared=False),
    )
}
COMPARED = [side.name for side in SIDES.values() if side.compared]


@dataclass(frozen=True)
class Workload:
    title: str
    recipe: dict[str, int | str]
    quick: dict[str, int] = field(default_factory=dict)
    """What is smaller in a trial."""


WORKLOADS = {
    "W1": Workload(
        "micrograd's demo: MLP(2, [16, 16, 1]), 100 moons, full batch, SGD",
        {"maker": "demo"},
        {"points": 10, "batch": 10},
    ),
    "W2": Workload("the same network, one sample a step", {"maker": "demo", "batch": 1}),
    "W4": Workload("MLP(64, [32, 10]) on digits, mini-batch 32, SGD", {"maker": "digits"}, {"batch": 4}),
    "W5": Workload(
        "a character GPT, 4,192 parameters, one name a step, Adam", {"maker": "names"}, {"count": 4, "letters": 3}
    ),
}

TARGETS: dict[tuple[str, str], tuple[str, Target]] = {
    ("W1", "micrograd"): ("cpu", Target(">=", 40_000)),
    ("W1", "PyTorch"): ("cpu", Target(">=", 30)),
    ("W1", "JAX jit"): ("wall", Target(">=", 5)),
    ("W1", BY_HAND): ("cpu", Target(">=", 4)),
    ("W1", "CasADi SX, compiled"): ("cpu", Target(">=", 4)),
    ("W2", "PyTorch"): ("cpu", Target(">=", 100)),
    ("W2", "JAX jit"): ("wall", Target(">=", 10)),
    ("W2", "CasADi SX"): ("cpu", Target(">=", 1.5)),
    ("W2", "CasADi SX, compiled"): ("cpu", Target(">=", 1.5)),
    ("W4", "PyTorch"): ("cpu", Target(">=", 12)),
    ("W4", "JAX jit"): ("wall", Target(">=", 3)),
    ("W4", "CasADi SX, compiled"): ("cpu", Target(">=", 5)),
    ("W5", "microgpt's Value"): ("cpu", Target(">=", 2_000)),
    ("W5", "PyTorch"): ("cpu", Target(">=", 25)),
}
"""How many times as long as the kernel a side is to take, and by which clock: JAX uses threads, so its CPU time says
little."""

FLOORS = (FLOOR, BLAS)
FLOOR_TARGETS = {"W1": Target("<=", 1.7), "W4": Target("<=", 1.7)}
"""How many times as long as the floor the kernel is to take, where a step is mostly matrix products."""
