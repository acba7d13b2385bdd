"""The instructions of a step of the demo, counted by valgrind: where nothing was ever traced, behind a block of
`trace_source()`, and in one.

`python -m tests.benchmarks.instructions`, about two minutes. No clock is asked, so other work on the machine does not
matter.
"""

import gc
import os
import re
import subprocess
import sys
from contextlib import nullcontext
from pathlib import Path
from shutil import which

from engine import Value, trace_source
from tests.benchmarks import demo
from tests.benchmarks.peers import OURS
from tests.benchmarks.problem import make_problem

__all__ = ["WAYS", "instructions_of_a_step", "main"]

ROOT = Path(__file__).parents[2]
WAYS = ("never traced", "behind a block", "in a block")
POINTS = 10
WARM, STEPS = 3, 20
"""Steps before those that are counted: Python specialises its instructions in the first ones."""


def main() -> int:
    if which("valgrind") is None:
        print("the program valgrind is not on the PATH, so that nothing is counted (Debian: apt install valgrind)")
        return 1
    found = {way: instructions_of_a_step(way) for way in WAYS}
    for way, count in found.items():
        print(f"{way:<16}{count:>14,} instructions a step, {count / found[WAYS[0]]:.4f} times as many as never traced")
    return 0


def instructions_of_a_step(way: str) -> int:
    """What more steps add to the instructions of a process. RuntimeError where valgrind fails."""
    return (instructions(way, WARM + STEPS) - instructions(way, WARM)) // STEPS


def instructions(way: str, steps: int) -> int:
    """Those of a process that takes so many steps."""
    counter = ["valgrind", "--tool=cachegrind", "--cache-sim=no", "--cachegrind-out-file=/dev/null"]
    process = subprocess.run(
        [*counter, sys.executable, "-m", "tests.benchmarks.instructions", way, str(steps)],
        cwd=ROOT, capture_output=True, text=True, env={**os.environ, "PYTHONHASHSEED": "0"},
    )  # fmt: skip
    counted = re.search(r"I\s+refs:\s+([\d,]+)", process.stderr)
    if process.returncode or not counted:
        raise RuntimeError(f"valgrind failed:\n{process.stderr}")
    return int(counted[1].replace(",", ""))


def take_steps(way: str, steps: int) -> None:
    """What is counted."""
    if way == "behind a block":
        with trace_source():
            Value(2.0) * 3.0
    gc.disable()  # it comes at moments of its own
    step = demo.prepare(OURS, make_problem(POINTS))
    with trace_source() if way == "in a block" else nullcontext():
        for _ in range(steps):
            step()


if __name__ == "__main__":
    if sys.argv[1:]:
        take_steps(sys.argv[1], int(sys.argv[2]))
    else:
        sys.exit(main())
