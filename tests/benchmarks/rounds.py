"""Jobs run in processes of their own, taking turns."""

import json
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

__all__ = ["Job", "run", "run_in_turns", "say"]

Job = dict[str, Any]
ROOT = Path(__file__).parents[2]


def run(job: Job) -> dict[str, Any]:
    """What a worker answers to a job. RuntimeError with its complaint if it fails."""
    command = [sys.executable, "-m", "tests.benchmarks.worker", json.dumps(job)]
    worker = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    if worker.returncode != 0:
        raise RuntimeError(f"the job {job} failed:\n{worker.stderr}")
    found: dict[str, Any] = json.loads(worker.stdout)
    return found


def run_in_turns(jobs: Sequence[Job], rounds: int, title: str) -> list[list[dict[str, Any]]]:
    """Every job once in each round, A B C A B C ...; for each job its answers, one per round. Says how it goes on, a
    line a round."""
    answers: list[list[dict[str, Any]]] = [[] for _ in jobs]
    for number in range(1, rounds + 1):
        start = time.perf_counter()
        for job, found in zip(jobs, answers, strict=True):
            found.append(run(job))
        say(f"{title}: round {number} of {rounds} took {time.perf_counter() - start:.1f} s")
    return answers


def say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)
