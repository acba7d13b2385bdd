"""Workers: which Python a side runs with, and jobs that take turns.

A peer runs with the Python of this process if all that it needs is there, else with that of the peers' environment.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

from tests.benchmarks.machine.sides.casadi import compiler
from tests.benchmarks.machine.table import SIDES
from tests.benchmarks.rounds import ROOT, Job, say

__all__ = ["ENVIRONMENT", "HOW_TO_GET", "in_turns", "missing", "python_of", "run"]

ENVIRONMENT = Path("build", "peers")
REQUIREMENTS = Path("tests", "benchmarks", "machine", "peers.txt")
FOLDER = ENVIRONMENT.as_posix()
HOW_TO_GET = f"python -m venv {FOLDER} && {FOLDER}/bin/python -m pip install -r {REQUIREMENTS.as_posix()}"
LIMIT = 1_800
"""Seconds of one job. The first of CasADi for the language model compiles C for some minutes."""
ONE_CORE = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS"), "1")


def pythons() -> list[str]:
    """This one, and that of the peers' environment where there is one."""
    theirs = [ROOT / ENVIRONMENT / "bin" / "python", ROOT / ENVIRONMENT / "Scripts" / "python.exe"]
    return [sys.executable, *(str(python) for python in theirs if python.exists())]


def ask(python: str, job: Job) -> dict[str, Any]:
    """What a worker answers to a job. RuntimeError with its complaint if it fails."""
    command = [python, "-m", "tests.benchmarks.machine.worker", json.dumps(job)]
    worker = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, env=os.environ | ONE_CORE, timeout=LIMIT)
    if worker.returncode != 0:
        raise RuntimeError(f"the job {job} failed:\n{worker.stderr}")
    return json.loads(worker.stdout.splitlines()[-1])


@cache
def modules(python: str) -> frozenset[str]:
    """Those that some side needs and this Python has."""
    names = sorted({name for side in SIDES.values() for name in side.needs})
    return frozenset(ask(python, {"job": "available", "names": names})["modules"])


def python_of(side: str) -> str | None:
    """The Python that can run it; None if none can."""
    needs = SIDES[side].needs
    return next((python for python in pythons() if modules(python).issuperset(needs)), None)


def missing(side: str) -> str:
    """Why a side cannot run here, and what to do about it; empty if it can."""
    if SIDES[side].compiler and not compiler():
        return f"{side}: missing, as there is no C compiler (cc, or what CC names)"
    if python_of(side):
        return ""
    ours = 'python -m pip install -e ".[fast]"'
    return f"{side}: missing; to get it: {ours if SIDES[side].module == 'ours' else HOW_TO_GET}"


def run(job: Job) -> dict[str, Any]:
    """What a worker answers to a job about the side that it names."""
    python = python_of(job["side"])
    if python is None:
        raise RuntimeError(missing(job["side"]))
    return ask(python, job | ({"started": time.time()} if job["job"] == "first_step" else {}))


def in_turns(jobs: Sequence[Job], rounds: int, title: str) -> list[list[dict[str, Any]]]:
    """The answers to each job, one from each round; all jobs have their turn within a round."""
    answers: list[list[dict[str, Any]]] = [[] for _ in jobs]
    for number in range(1, rounds + 1):
        start = time.perf_counter()
        for job, found in zip(jobs, answers, strict=True):
            found.append(run(job))
        say(f"{title}: round {number} of {rounds} took {time.perf_counter() - start:.1f} s")
    return answers
