"""A sweep killed at random moments, again and again: its table must be that of one that was left alone.

`python -m tests.nn.experiments.crash --moments 50`
"""

from __future__ import annotations

import argparse
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from nn.experiments import sweep
from tests.engine.helpers import ROOT
from tests.nn.experiments.runs import drawn

__all__ = ["killed_at_random"]

COUNT, WAIT = 60, 0.02
PROGRAM = "from tests.nn.experiments.runs import whole; whole({file!r}, {count}, wait={wait})"


def killed_at_random(moments: int, seed: int) -> tuple[int, int]:
    """Kill the sweep as many times, beginning anew when it is done; returns how often it was killed between its first
    result and its last, and how many lines were cut off. AssertionError where a table is not what it must be."""
    rng = random.Random(seed)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "sweep.jsonl")
        inside = torn = 0
        for moment in range(moments):
            before = size(file)
            process = subprocess.Popen([sys.executable, "-c", PROGRAM.format(file=str(file), count=COUNT, wait=WAIT)],
                                       cwd=ROOT)  # fmt: skip
            while process.poll() is None and size(file) <= before:  # starting Python is not what is to be killed
                time.sleep(0.001)
            time.sleep(rng.uniform(0.0, WAIT * COUNT / 4))
            process.kill()
            process.wait()
            if rng.random() < 0.5:  # as if the machine had died while it wrote
                torn += cut(file, rng)
            lines = file.read_bytes().count(b"\n")
            inside += 1 < lines <= COUNT
            print(f"moment {moment + 1}: {max(0, lines - 1)} of {COUNT} results", file=sys.stderr)
            if lines > COUNT:
                compare(file)
                file.unlink()
        compare(file)
        return inside, torn


def size(file: Path) -> int:
    return file.stat().st_size if file.exists() else 0


def cut(file: Path, rng: random.Random) -> int:
    """Cut the last line somewhere; the first, which says what the file is, also."""
    content = file.read_bytes()
    if not content:
        return 0
    start = content.rstrip(b"\n").rfind(b"\n") + 1
    file.write_bytes(content[: rng.randrange(start, len(content))])
    return 1


def compare(file: Path) -> None:
    """The table that the file leads to is that of a sweep that was left alone."""
    settings = {"rate": range(COUNT // 2), "wait": [WAIT]}
    resumed = sweep(drawn, settings, seeds=2, file=file, progress=False)
    assert [(row.setting["rate"], row.seed) for row in resumed] == [(r, s) for r in range(COUNT // 2) for s in (0, 1)]
    for row in resumed:
        if row.setting["rate"] == 3:
            assert (row.figures, row.reason) == ({}, "ValueError: rate 3 is odd")
        else:
            assert row.figures == drawn(row.setting["rate"], row.seed)


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--moments", type=int, default=50, help="how often the sweep is killed")
    parser.add_argument("--seed", type=int, default=0, help="of the moments")
    options = parser.parse_args()
    inside, torn = killed_at_random(options.moments, options.seed)
    print(f"killed {options.moments} times, {inside} in mid-sweep, {torn} lines cut off: every table as it must be")
    return 0


if __name__ == "__main__":
    sys.exit(main())
