"""`python -m tests.mutations`: which small mistakes in the source the tests would not notice.

python -m tests.mutations                              every mutant of every file: hours
python -m tests.mutations engine/graph.py nn/training  of these files and folders
python -m tests.mutations --sample 60                  so many, drawn at random over all files
"""

from __future__ import annotations

import argparse
import json
import os
import random
import sys
from collections.abc import Iterable
from pathlib import Path

from tests.mutations.mutants import Mutant, mutants_of
from tests.mutations.runner import DIED, LIVED, Judge, preload
from tests.mutations.targets import TARGETS

ROOT = Path(__file__).parents[2]
HARMLESS = Path(__file__).with_name("harmless.json")
STAGES = ("not slow and not browser", "slow and not browser")
"""The quick tests first; what has lived through them meets the slow ones."""


def harmless() -> dict[tuple[str, ...], str]:
    """The mutants that nobody could notice, each with the reason."""
    rows = json.loads(HARMLESS.read_text(encoding="utf-8"))
    return {(row["file"], row["place"], row["before"], row["after"]): row["reason"] for row in rows}


def survivors(file: str, mutants: list[Mutant], jobs: int) -> list[Mutant]:
    """Those mutants of a file that every one of its tests lets pass."""
    from tqdm import tqdm

    left = mutants
    for stage in STAGES:
        judge = Judge(TARGETS[file], stage)
        progress = tqdm(judge.verdicts(left, jobs), total=len(left), desc=f"{file}, {stage}", leave=False, disable=None)
        left = [mutant for mutant, verdict in progress if verdict == LIVED]
        if not left:
            break
    return sorted(left, key=lambda mutant: mutant.line)


def chosen(paths: Iterable[str]) -> list[str]:
    """The files to be mutated that are, or lie in, one of the paths; all without any."""
    paths = [path.rstrip("/") for path in paths]
    files = [file for file in TARGETS if not paths or any(file == p or file.startswith(f"{p}/") for p in paths)]
    if not files:
        raise SystemExit(f"no file that is mutated is among {paths}; there are {', '.join(TARGETS)}")
    return files


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.mutations", description="Would the tests notice a mistake?")
    parser.add_argument("paths", nargs="*", help="files or folders; all that tests/mutations/targets.py names")
    parser.add_argument("--sample", type=int, help="so many mutants, drawn at random")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="processes at a time")
    given = parser.parse_args()
    os.chdir(ROOT)
    mutants = [mutant for file in chosen(given.paths) for mutant in mutants_of(ROOT, file)]
    if given.sample is not None:
        mutants = random.Random(given.seed).sample(mutants, min(given.sample, len(mutants)))
    known = harmless()
    mutants = [mutant for mutant in mutants if mutant.key not in known]
    preload()
    lived = []
    for file in TARGETS:
        of_file = [mutant for mutant in mutants if mutant.file == file]
        if of_file:
            left = survivors(file, of_file, given.jobs)
            print(f"{file}: {len(of_file) - len(left)} of {len(of_file)} {DIED}", flush=True)
            print("".join([f"  {LIVED}: {mutant}\n" for mutant in left]), end="", flush=True)
            lived += left
    share = 1 - len(lived) / max(1, len(mutants))
    print(f"{len(mutants)} mutants, {len(lived)} {LIVED}: {share:.1%} {DIED}; {len(known)} are known to be harmless")
    return 1 if lived else 0


if __name__ == "__main__":
    sys.exit(main())
