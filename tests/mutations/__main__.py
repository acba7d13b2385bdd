"""`python -m tests.mutations`: which small mistakes in the source the tests would not notice.

python -m tests.mutations                              every mutant of every file: about an hour
python -m tests.mutations engine/graph.py nn/training  of these files and folders
python -m tests.mutations --sample 60                  so many, drawn at random over all files

What died is kept in `build/` until its file changes, so that a run that was stopped goes on where it was, and one after
new tests were written tries only what had lived. `--afresh` forgets it.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import random
import sys
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from tests.mutations.lines import learned
from tests.mutations.mutants import Mutant, mutants_of
from tests.mutations.runner import DIED, HUNG, LIVED, preload, verdicts
from tests.mutations.targets import TARGETS

ROOT = Path(__file__).parents[2]
HARMLESS = Path(__file__).with_name("harmless.json")
DEAD = ROOT / "build" / "mutations" / "dead.jsonl"
LISTED = "listed as harmless"

Key = tuple[str, str, str, str, int]


def harmless() -> dict[Key, str]:
    """The mutants that nobody could notice, each with the reason."""
    rows = json.loads(HARMLESS.read_text(encoding="utf-8"))
    return {(row["file"], row["place"], row["before"], row["after"], row.get("nth", 1)): row["reason"] for row in rows}


class Dead:
    """What became of the mutants that did not live, in earlier runs too."""

    def __init__(self, files: Iterable[str]) -> None:
        self.digests = {file: hashlib.sha256((ROOT / file).read_bytes()).hexdigest() for file in files}
        rows = [json.loads(line) for line in DEAD.read_text(encoding="utf-8").splitlines()] if DEAD.is_file() else []
        self.verdicts: dict[Key, str] = {
            tuple(key): verdict for digest, key, verdict in rows if self.digests.get(key[0]) == digest
        }

    def add(self, mutant: Mutant, verdict: str) -> None:
        DEAD.parent.mkdir(parents=True, exist_ok=True)
        with DEAD.open("a", encoding="utf-8") as file:
            file.write(json.dumps([self.digests[mutant.file], mutant.key, verdict]) + "\n")


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
    parser.add_argument("--afresh", action="store_true", help="also those that died in an earlier run")
    parser.add_argument("--listed", action="store_true", help="those that are listed as harmless too: do they live?")
    given = parser.parse_args()
    os.chdir(ROOT)
    preload()
    mutants = [mutant for file in chosen(given.paths) for mutant in mutants_of(ROOT, file)]
    if given.sample is not None:
        mutants = random.Random(given.seed).sample(mutants, min(given.sample, len(mutants)))
    if given.afresh:
        DEAD.unlink(missing_ok=True)
    counts: dict[str, Counter[str]] = {file: Counter() for file in TARGETS}
    known, dead = harmless(), Dead(chosen(given.paths))
    tried = []
    for mutant in mutants:
        verdict = dead.verdicts.get(mutant.key)
        if verdict is not None:
            counts[mutant.file][verdict] += 1
        elif mutant.key in known and not given.listed:
            counts[mutant.file][LISTED] += 1
        else:
            tried.append(mutant)
    lived = judged(tried, counts, dead, given.jobs)
    print("\n".join(table(counts)))
    return 1 if lived else 0


def judged(mutants: list[Mutant], counts: dict[str, Counter[str]], dead: Dead, jobs: int) -> list[Mutant]:
    """Counts what becomes of the mutants, and prints those that lived as they are found."""
    from tqdm import tqdm

    lived: list[Mutant] = []
    if not mutants:
        return lived
    with tqdm(total=len(mutants), disable=None) as progress:

        def say(mutant: Mutant, verdict: str) -> None:
            counts[mutant.file][verdict] += 1
            progress.update()
            if verdict == LIVED:
                lived.append(mutant)
                print(f"{LIVED}: {mutant}", flush=True)
            else:
                dead.add(mutant, verdict)

        verdicts(mutants, learned({mutant.file for mutant in mutants}), jobs, say)
    return lived


def table(counts: dict[str, Counter[str]]) -> list[str]:
    """What became of the mutants of each file, as a table in Markdown."""
    columns = (DIED, HUNG, LISTED, LIVED)
    lines = [f"| file | mutants | {' | '.join(columns)} |", "|---|" + "---|" * (1 + len(columns))]
    sums = Counter[str]()
    for file, count in counts.items():
        if count.total():
            lines.append(f"| `{file}` | {count.total()} | {' | '.join([str(count[column]) for column in columns])} |")
            sums += count
    lines.append(f"| all | {sums.total()} | {' | '.join([str(sums[column]) for column in columns])} |")
    share = (sums[DIED] + sums[HUNG]) / max(1, sums.total())
    return [*lines, "", f"{share:.1%} died or ran without end"]


if __name__ == "__main__":
    sys.exit(main())
