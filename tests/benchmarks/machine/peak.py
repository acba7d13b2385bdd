"""What a step cannot do without, its multiplications and additions, at two speeds: the processor's own, which nothing
beats, and that of a large matrix product by BLAS.

The first is found by multiplying and adding whole vectors that stay in registers, none of which waits for another. A
program of matrix products, however well it is tuned, has to fetch its numbers besides.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from ctypes import CFUNCTYPE, c_double, c_int64

from tests.benchmarks.computer import lanes

__all__ = ["loop", "operations_per_second", "program"]

CHAINS = {8: 24, 4: 12, 2: 12}
"""Operations that go on side by side: enough to keep two to four units busy for the four ticks that a result takes, and
no more than there are registers (16 before AVX-512)."""
TURNS = 200_000
SIZE = 512
TRIES = 20


def operations_per_second(variant: str) -> dict[str, float]:
    """The best of some tries, a second of "cpu" and of "wall" time.

    Args:
        variant: "vectors" or "blas".
    """
    action, operations = {"vectors": vectors, "blas": blas}[variant]()
    action()
    cpu, wall = [], []
    for _ in range(TRIES):
        cpu_start, wall_start = time.process_time(), time.perf_counter()
        action()
        cpu.append(time.process_time() - cpu_start)
        wall.append(time.perf_counter() - wall_start)
    return {"cpu": operations / min(cpu), "wall": operations / min(wall)}


def vectors() -> tuple[Callable[[], object], float]:
    """Something to be timed, and how many operations it does."""
    from llvmlite import binding

    width = lanes(binding.get_host_cpu_features())
    run = loop(width, CHAINS[width])
    return lambda: run(TURNS, 0.5), 2.0 * TURNS * width * CHAINS[width]


def blas() -> tuple[Callable[[], object], float]:
    import numpy

    a = numpy.ones((SIZE, SIZE))
    return lambda: a @ a, 2.0 * SIZE**3


def loop(width: int, chains: int) -> Callable[[int, float], float]:
    """The program below, compiled for the processor that is here."""
    from llvmlite import binding

    binding.initialize_native_target()
    binding.initialize_native_asmprinter()
    machine = binding.Target.from_default_triple().create_target_machine(
        cpu=binding.get_host_cpu_name(), features=binding.get_host_cpu_features().flatten(), opt=3
    )
    engine = binding.create_mcjit_compiler(binding.parse_assembly(program(width, chains)), machine)
    engine.finalize_object()
    function = CFUNCTYPE(c_double, c_int64, c_double)(engine.get_function_address("peak"))

    def run(turns: int, factor: float) -> float:
        return float(function(turns, factor))

    run.keeps = engine  # type: ignore[attr-defined]  # the machine code lives as long as it
    return run


def program(width: int, chains: int) -> str:
    """In LLVM's language: `chains` vectors of `width` doubles, all of which begin as f; in each turn a becomes a·f + f.
    The first numbers of all of them are added up in the end, so that none is left out as unused."""
    vector = f"<{width} x double>"
    multiply_add = f"@llvm.fmuladd.v{width}f64"
    phis = [f"  %a{i} = phi {vector} [ %f, %entry ], [ %b{i}, %loop ]" for i in range(chains)]
    calls = [f"  %b{i} = call {vector} {multiply_add}({vector} %a{i}, {vector} %f, {vector} %f)" for i in range(chains)]
    sums = [f"  %s{i + 1} = fadd {vector} {f'%s{i}' if i else 'zeroinitializer'}, %b{i}" for i in range(chains)]
    return "\n".join(
        [
            f"declare {vector} {multiply_add}({vector}, {vector}, {vector})",
            "define double @peak(i64 %turns, double %factor) {",
            "entry:",
            f"  %one = insertelement {vector} undef, double %factor, i32 0",
            f"  %f = shufflevector {vector} %one, {vector} undef, <{width} x i32> zeroinitializer",
            "  br label %loop",
            "loop:",
            "  %turn = phi i64 [ %turns, %entry ], [ %left, %loop ]",
            *phis,
            *calls,
            "  %left = sub i64 %turn, 1",
            "  %more = icmp ne i64 %left, 0",
            "  br i1 %more, label %loop, label %done",
            "done:",
            *sums,
            f"  %first = extractelement {vector} %s{chains}, i32 0",
            "  ret double %first",
            "}",
        ]
    )
