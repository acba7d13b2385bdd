"""The kernel: one compiled program that runs the instructions of any plan over lanes of samples. No plan is compiled.

`Kernel(plan)` runs a plan, `Descender` takes many steps of gradient descent in one call; `ready()` tells whether the
machine code is there and `prepare()` makes it. The loops are plain Python (`products`, `lists`, `instructions`,
`feeding`, `steps`; `tiles` has words of its own, from `vectors`), rules and their slopes are written from the table
(`source`), and Numba compiles the whole once for a machine (`machine_code`), where it is kept (`cache`, `safekeeping`)
and called (`call`). Threads share a large batch (`blocks`, by words from `sharing`). This package is the only place
that needs Numba, which is imported to compile.
"""

from engine.compiler.kernel.cache import prepare, ready
from engine.compiler.kernel.kernel import Descender, Kernel

__all__ = ["Descender", "Kernel", "prepare", "ready"]
