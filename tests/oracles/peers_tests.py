"""The tests that other engines wrote for themselves, run with ours in their place.

They are fetched from the packages' own source archives into `build/oracles` and run there; nothing of them is kept
here. A thin adapter, `tests/oracles/adapter`, gives our engine the names that they import.
"""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
import tarfile
from dataclasses import dataclass, field
from pathlib import Path

__all__ = ["SUITES", "Suite", "run"]

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
WHERE = ROOT / "build" / "oracles"


@dataclass(frozen=True)
class Suite:
    """Tests in the source archive of a package."""

    requirement: str
    digest: str
    """SHA-256 of the archive."""
    files: tuple[str, ...]
    left_out: dict[str, str] = field(default_factory=dict)
    """Tests that ask for what a scalar engine in reverse mode does not have, and what that is."""
    needs: str = ""
    """A package that the tests import beside the engine."""

    @property
    def name(self) -> str:
        return self.requirement.replace("==", "-")


SUITES = (
    Suite(
        "autograd==1.9.1",
        "7818c5c69ddf9efb7da74097bd741a4c7920133f41966f68537223a15ef798bc",
        ("tests/test_core.py", "tests/test_scalar_ops.py", "tests/test_graphs.py"),
        {
            "test_core.py and test_mod": "x % y on the engine's numbers: it has no remainder",
            "test_hess_vector_prod": "arrays",
            "test_mutating_outgrad": "arrays",
            "test_complex": "arrays of complex numbers",
            "test_singleton_array_output": "arrays",
            "test_assignment_raises_error": "arrays",
        },
    ),
    Suite(
        "micrograd==0.1.0",
        "81797b796bef809fb1ac3fd83a7e01e007aecb8d056fba07c0e24931e043845d",
        ("test/test_engine.py",),
        needs="torch",
    ),
)


def run() -> int:
    """Fetch and run every suite; the exit status."""
    statuses = [run_suite(suite) for suite in SUITES]
    return max(statuses)


def run_suite(suite: Suite) -> int:
    missing = suite.needs and importlib.util.find_spec(suite.needs) is None
    if missing:
        print(f"{suite.name}: left out, as its tests import {suite.needs}: python -m pip install {suite.needs}")
        return 0
    print(f"{suite.name}: {', '.join(suite.files)}", flush=True)
    for test, reason in suite.left_out.items():
        print(f"  without {test}: {reason}", flush=True)
    fetch(suite)
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *suite.files]
    if suite.left_out:
        command += ["-k", " and ".join(f"not ({test})" for test in suite.left_out)]
    paths = {"PYTHONPATH": os.pathsep.join([str(HERE / "adapter"), str(ROOT)])}
    return subprocess.run(command, cwd=WHERE / suite.name, env={**os.environ, **paths}, check=False).returncode


def fetch(suite: Suite) -> None:
    """The archive's tests, in a folder of their own. CalledProcessError where it cannot be had."""
    WHERE.mkdir(parents=True, exist_ok=True)
    archive = WHERE / f"{suite.name}.tar.gz"
    if not archive.exists():
        wanted = WHERE / "wanted.txt"
        wanted.write_text(f"{suite.requirement} --hash=sha256:{suite.digest}\n", encoding="utf-8")
        pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--no-binary", ":all:"]
        subprocess.run([*pip, "--require-hashes", "-r", str(wanted), "-d", str(WHERE)], check=True)
    with tarfile.open(archive) as opened:
        members = [opened.getmember(f"{suite.name}/{file}") for file in suite.files]
        opened.extractall(WHERE, members=members, filter="data")
    (WHERE / suite.name / "pytest.ini").write_text("[pytest]\n", encoding="utf-8")  # not this project's own settings
