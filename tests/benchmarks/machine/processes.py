"""Workers: which Python a side runs with, and jobs that take turns.

A peer runs with the Python of this process if all that it needs is there, else with that of the peers' environment.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from tests.benchmarks.machine.sides.casadi import compiler
from tests.benchmarks.machine.table import SIDES
from tests.benchmarks.rounds import ROOT, Job, say

__all__ = [
    "ENVIRONMENT",
    "HOW_TO_GET",
    "Team",
    "Worker",
    "in_turns",
    "measured_versions",
    "missing",
    "python_of",
    "run",
]

ENVIRONMENT = Path("build", "peers")
REQUIREMENTS = Path("tests", "benchmarks", "machine", "peers.txt")
FOLDER = ENVIRONMENT.as_posix()
HOW_TO_GET = f"python -m venv {FOLDER} && {FOLDER}/bin/python -m pip install -r {REQUIREMENTS.as_posix()}"
LIMIT = 1_800
"""Seconds of one job. The first of CasADi for the language model compiles C for some minutes."""
ONE_CORE = dict.fromkeys(
    ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS", "RANTAI_THREADS"), "1"
)
TAMED = ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE")
"""Settings that hold NumPy's matrix products to those of an older processor; the results are held against each other
before anything is timed, so they are not needed here."""


def pythons() -> list[str]:
    """This one, and that of the peers' environment where there is one."""
    theirs = [ROOT / ENVIRONMENT / "bin" / "python", ROOT / ENVIRONMENT / "Scripts" / "python.exe"]
    return [sys.executable, *(str(python) for python in theirs if python.exists())]


class Worker:
    """A process that answers one job after another."""

    def __init__(self, python: str) -> None:
        # not a pipe: one that nobody reads would fill up
        self.complaints = tempfile.TemporaryFile("w+", encoding="utf-8")  # noqa: SIM115  (closed by `close`)
        settings = {name: setting for name, setting in os.environ.items() if name not in TAMED} | ONE_CORE
        self.process = subprocess.Popen(
            [python, "-m", "tests.benchmarks.machine.worker"],
            cwd=ROOT, env=settings, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.complaints, text=True,
        )  # fmt: skip

    def ask(self, job: Job) -> dict[str, Any]:
        """What it answers. RuntimeError with its complaint if it fails or takes too long."""
        assert self.process.stdin and self.process.stdout
        alarm = threading.Timer(LIMIT, self.process.kill)
        alarm.start()
        try:
            self.process.stdin.write(json.dumps(job) + "\n")
            self.process.stdin.flush()
            answer = self.process.stdout.readline()
        except BrokenPipeError:
            answer = ""
        finally:
            alarm.cancel()
        if not answer:
            self.process.wait()
            self.complaints.seek(0)
            raise RuntimeError(f"the job {job} failed:\n{self.complaints.read()}")
        return json.loads(answer)

    def close(self) -> None:
        self.process.kill()
        self.process.communicate()
        self.complaints.close()


class Team:
    """For each side a worker, started when it is first asked, that stays: a side is prepared and held against the truth
    once, and timed in every round. While it waits it does nothing."""

    def __init__(self) -> None:
        self.workers: dict[str, Worker] = {}

    def __enter__(self) -> Team:
        return self

    def __exit__(self, *error: object) -> None:
        for worker in self.workers.values():
            worker.close()

    def ask(self, job: Job) -> dict[str, Any]:
        """What the worker of the side that the job names answers."""
        side = job["side"]
        if side not in self.workers:
            python = python_of(side)
            if python is None:
                raise RuntimeError(missing(side))
            self.workers[side] = Worker(python)
        return self.workers[side].ask(job)


def run(job: Job) -> dict[str, Any]:
    """What a worker that is started for this job answers."""
    with Team() as team:
        return team.ask(job | ({"started": time.time()} if job["job"] == "first_step" else {}))


@cache
def versions(python: str) -> dict[str, str]:
    """Of the modules that some side needs and this Python has."""
    worker = Worker(python)
    try:
        names = sorted({name for side in SIDES.values() for name in side.needs})
        return worker.ask({"job": "available", "names": names})["versions"]
    finally:
        worker.close()


def python_of(side: str) -> str | None:
    """The Python that can run it; None if none can."""
    needs = SIDES[side].needs
    return next((python for python in pythons() if versions(python).keys() >= set(needs)), None)


def measured_versions() -> dict[str, str]:
    """Of the packages that the sides are run with, and of the C compiler."""
    found: dict[str, str] = {}
    for python in reversed(pythons()):
        found |= versions(python)
    found = dict(sorted(found.items()))
    if cc := compiler():
        said = subprocess.run([cc, "--version"], capture_output=True, text=True, check=False).stdout
        found["C compiler"] = said.partition("\n")[0]
    return found


def missing(side: str) -> str:
    """Why a side cannot run here, and what to do about it; empty if it can."""
    if SIDES[side].compiler and not compiler():
        return f"{side}: missing, as there is no C compiler (cc, or what CC names)"
    if python_of(side):
        return ""
    ours = 'python -m pip install -e ".[fast]"'
    return f"{side}: missing; to get it: {ours if SIDES[side].module in ('ours', 'peak') else HOW_TO_GET}"


def in_turns(
    jobs: Sequence[Job], rounds: int, title: str, ask: Callable[[Job], dict[str, Any]] | None = None
) -> list[list[dict[str, Any]]]:
    """The answers to each job, one from each round; all jobs have their turn within a round.

    Args:
        ask: who answers; without it each job is done by a process of its own.
    """
    answers: list[list[dict[str, Any]]] = [[] for _ in jobs]
    for number in range(1, rounds + 1):
        start = time.perf_counter()
        for job, found in zip(jobs, answers, strict=True):
            found.append((ask or run)(job))
        say(f"{title}: round {number} of {rounds} took {time.perf_counter() - start:.1f} s")
    return answers
