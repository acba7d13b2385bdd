"""Runs tests against a mutant: in a fork of a process that has all the large packages loaded, where the mutant's file
is imported with its mistake."""

from __future__ import annotations

import contextlib
import importlib
import importlib.abc
import importlib.util
import os
import signal
import sys
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import CodeType, ModuleType
from typing import NoReturn

from tests.mutations.mutants import Mutant, tree_of

__all__ = ["DIED", "LIVED", "Judge", "preload"]

LIVED, DIED = "lived", "died"
PACKAGES = (
    "numpy",
    "numba",
    "hypothesis",
    "pytest",
    "_pytest.doctest",
    "autograd.numpy",
    "sklearn.linear_model",
    "scipy",
)
OPTIONS = ("-x", "-q", "-p", "no:cacheprovider", "-o", "addopts=--strict-markers --import-mode=importlib")
SHORTEST = 10.0
"""Seconds that any mutant may take; else five times what the tests take without a mistake."""


def preload() -> None:
    """Load what every test needs, once. Nothing of this project is loaded: each fork imports it anew."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for package in PACKAGES:
            with contextlib.suppress(ModuleNotFoundError):
                importlib.import_module(package)


class Loader(importlib.abc.MetaPathFinder, importlib.abc.InspectLoader):
    """Finds the module of the mutated file first, and loads it with its mistake."""

    def __init__(self, mutant: Mutant) -> None:
        self.mutant = mutant
        self.name = mutant.file.removesuffix(".py").replace("/", ".")

    def find_spec(
        self, name: str, path: object, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if name != self.name:
            return None
        return importlib.util.spec_from_file_location(name, Path(self.mutant.file).resolve(), loader=self)

    def get_code(self, name: str) -> CodeType:
        return compile(tree_of(Path(), self.mutant), str(Path(self.mutant.file).resolve()), "exec")

    def get_source(self, name: str) -> str:
        return Path(self.mutant.file).read_text(encoding="utf-8")


class Judge:
    """Runs the tests of a file against its mutants, several at a time."""

    def __init__(self, tests: Sequence[str], marks: str) -> None:
        self.tests, self.options = tests, [*OPTIONS, "-m", marks]
        started = time.monotonic()
        if wait(fork(lambda: self._run(None))) != 0:
            raise RuntimeError(f"without any mistake these tests fail: pytest {' '.join([*self.options, *tests])}")
        self.limit = max(SHORTEST, 5 * (time.monotonic() - started))

    def verdicts(self, mutants: Sequence[Mutant], jobs: int) -> Iterator[tuple[Mutant, str]]:
        """Each mutant with LIVED or DIED, as they are done."""
        waiting, running = list(reversed(mutants)), dict[int, Mutant]()
        while waiting or running:
            while waiting and len(running) < jobs:
                mutant = waiting.pop()
                running[fork(lambda mutant=mutant: self._run(mutant))] = mutant  # type: ignore[misc]
            pid, status = os.wait()
            yield running.pop(pid), LIVED if status == 0 else DIED

    def _run(self, mutant: Mutant | None) -> int:
        if mutant is not None:
            sys.meta_path.insert(0, Loader(mutant))
            signal.setitimer(signal.ITIMER_REAL, self.limit)  # whose signal ends the process: a loop that never ends
        # plugins wish to be loaded before the packages that they belong to; no test needs them
        os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
        # a file at a time: most mutants are done with before the second is read
        return next((status for status in map(self._status, self.tests) if status), 0)

    def _status(self, file: str) -> int:
        import pytest

        status = int(pytest.main([*self.options, file]))
        return 0 if status == pytest.ExitCode.NO_TESTS_COLLECTED else status


def fork(work: Callable[[], int]) -> int:
    """The number of a process that does the work silently and ends with its status."""
    sys.stdout.flush()
    sys.stderr.flush()
    pid = os.fork()
    return pid or child(work)


def child(work: Callable[[], int]) -> NoReturn:
    status = 70  # a mistake that makes the import itself fail
    try:
        nowhere = os.open(os.devnull, os.O_RDWR)
        for stream in range(3):
            os.dup2(nowhere, stream)
        status = work()
    except BaseException:
        pass
    finally:
        os._exit(status)


def wait(pid: int) -> int:
    return os.waitpid(pid, 0)[1]
