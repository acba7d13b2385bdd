"""The kernel leaves memory as it found it: no allocation, no reference that is counted, however often it is called."""

import gc
import importlib.util
import os
import sys
from pathlib import Path

import numpy as np
import pytest

from tests.engine.plans import PLANS, numbers_for

if importlib.util.find_spec("numba") is None and os.environ.get("CI") != "true":
    pytest.skip("the tests of the kernel need the package numba", allow_module_level=True)

from engine.compiler import kernel
from engine.compiler.kernel import cache, source

CALLS = 100_000
PAGES = Path("/proc/self/statm")


def test_its_machine_code_asks_for_no_memory():
    """Numba's runtime counts references and allocates by functions whose names begin with NRT_; C's are malloc and so
    on. What the code calls stands in it by name, as tanh does."""
    kernel.prepare()
    name = cache.module_name(source.kernel_source())
    kept = [file.read_bytes() for file in cache.cache_folder().rglob(f"{name}*") if file.suffix not in (".py", ".pyc")]
    assert any(b"\0tanh\0" in code for code in kept)
    for called in (b"NRT_", b"\0malloc\0", b"\0calloc\0", b"\0realloc\0", b"\0aligned_alloc\0"):
        assert not any(called in code for code in kept), called


@pytest.mark.parametrize("name", ["lists", "gathered", "classes"])
def test_references_and_memory_stay_flat(name):
    """Over 100,000 calls a leak of 16 bytes a call, the least that malloc gives, is 1.6 MB."""
    plan = PLANS[name]()
    P, X = numbers_for(plan, 3)
    arrays = P, X, np.arange(3), np.zeros(plan.parameters), np.zeros(3), np.zeros((3, len(plan.outputs)))
    machine = kernel.Kernel(plan)
    P, X, index, gradient, losses, outputs = arrays

    def call(times: int) -> None:
        for _ in range(times):
            machine.run(P, X, index, 1.0, gradient, losses, outputs)

    call(CALLS // 10)
    held = [*arrays, machine._J, machine._W]
    gc.collect()
    counted, blocks, pages = [sys.getrefcount(each) for each in held], sys.getallocatedblocks(), resident()
    call(CALLS)
    gc.collect()
    assert [sys.getrefcount(each) for each in held] == counted
    assert sys.getallocatedblocks() - blocks < CALLS / 100
    assert resident() - pages < 1_000_000


def resident() -> int:
    """Bytes of memory that this process takes; 0 where that is not told."""
    return int(PAGES.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") if PAGES.exists() else 0
