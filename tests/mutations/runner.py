"""Runs tests against mutants, each in a fork.

A mistake within a function: in a fork of a process that has collected all tests, the function is given its new code,
and the tests that run the mutant's lines are run. A mistake in what is run at the import, such as the table of rules:
in a fork of a process that has the large packages loaded and nothing of this project, the file is imported with its
mistake, and a fixed list of test files is run.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import importlib.abc
import importlib.util
import os
import resource
import shutil
import signal
import sys
import tempfile
import warnings
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import CodeType, ModuleType

import pytest

from tests.mutations.code import Functions, changes
from tests.mutations.lines import OPTIONS, Lines, module_name
from tests.mutations.mutants import Mutant, tree_of
from tests.mutations.processes import fork, wait
from tests.mutations.targets import FOLDERS, TARGETS

__all__ = ["DIED", "HUNG", "LIVED", "preload", "verdicts"]

LIVED, DIED, HUNG = "lived", "died", "ran without end"
PACKAGES = (
    "numpy",
    "numba",
    "hypothesis",
    "_pytest.doctest",
    "autograd.numpy",
    "sklearn.linear_model",
    "scipy",
    "mpmath",
)
MEMORY = 6 << 30
"""Bytes of addresses that a mutant may have beyond those of the process that it is a fork of."""
LONGEST = 300.0
"""Seconds after which a mutant that waits for something is given up."""

Verdicts = Iterator[tuple[Mutant, str]]


def preload() -> None:
    """Load what every test needs, once. Nothing of this project is loaded."""
    # plugins wish to be loaded before the packages that they belong to; no test needs them
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for package in PACKAGES:
            with contextlib.suppress(ModuleNotFoundError):
                importlib.import_module(package)
    from hypothesis import Phase, settings

    # the same examples each time; whether there is one that fails, not which is the smallest
    settings.register_profile(
        "mutants", derandomize=True, database=None, deadline=None, phases=[Phase.explicit, Phase.generate]
    )
    settings.load_profile("mutants")


def verdicts(mutants: Sequence[Mutant], lines: Lines, jobs: int, say: Callable[[Mutant, str], None]) -> None:
    """Says of each mutant whether it LIVED, DIED or was HUNG, as they are done."""
    at_import, in_functions = [], []
    for mutant in mutants:
        changed = changes(*codes(mutant))
        if changed is None or any(
            (old.co_qualname, old.co_firstlineno) in lines.at_import[mutant.file] for old, _ in changed
        ):
            at_import.append(mutant)
        else:
            in_functions.append(mutant)
    for file in TARGETS:
        of_file = [mutant for mutant in at_import if mutant.file == file]
        if of_file:
            for mutant, verdict in Afresh(file).verdicts(of_file, jobs):
                say(mutant, verdict)
    if in_functions:
        pytest.main([*OPTIONS, *FOLDERS], plugins=[InPlace(in_functions, lines, jobs, say)])


def codes(mutant: Mutant) -> tuple[CodeType, CodeType]:
    """What the file of a mutant is compiled to, as it is and with the mistake."""
    path = Path(mutant.file).resolve()
    return compile(path.read_text(encoding="utf-8"), str(path), "exec"), compile(
        tree_of(Path(), mutant), str(path), "exec"
    )


def in_forks(mutants: Sequence[Mutant], work: Callable[[Mutant], int], jobs: int) -> Verdicts:
    """The work done on each mutant, several at a time: each with its verdict as they are done. A status that is not 0
    is death."""
    waiting, running = list(reversed(mutants)), dict[int, tuple[Mutant, str]]()
    while waiting or running:
        while waiting and len(running) < jobs:
            mutant, folder = waiting.pop(), tempfile.mkdtemp()
            running[fork(lambda mutant=mutant, folder=folder: alone(lambda: work(mutant), folder))] = mutant, folder  # type: ignore[misc]
        pid, status = os.wait()
        mutant, folder = running.pop(pid)
        shutil.rmtree(folder, ignore_errors=True)
        hung = os.WIFSIGNALED(status) and os.WTERMSIG(status) in (signal.SIGPROF, signal.SIGALRM)
        yield mutant, LIVED if status == 0 else HUNG if hung else DIED


def alone(work: Callable[[], int], folder: str) -> int:
    """The work, with bounds to its memory and time, and its files in the folder."""
    os.environ["PYTEST_DEBUG_TEMPROOT"] = folder
    here = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (here + MEMORY, resource.RLIM_INFINITY))
    signal.setitimer(signal.ITIMER_REAL, LONGEST)
    return work()


def bounded(seconds: float) -> None:
    """From now on so many seconds of computing, after which the process ends by a signal."""
    signal.setitimer(signal.ITIMER_PROF, seconds)


class InPlace:
    """A plugin that runs tests against mutants instead of running them once."""

    def __init__(self, mutants: Sequence[Mutant], lines: Lines, jobs: int, say: Callable[[Mutant, str], None]) -> None:
        self.mutants, self.lines, self.jobs, self.say = mutants, lines, jobs, say

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        self.session = session
        self.items = {item.nodeid: item for item in session.items}
        self.functions = Functions(list(TARGETS))
        gc.collect()
        gc.freeze()  # so that the forks share it
        for mutant, verdict in in_forks(self.mutants, self.run, self.jobs):
            self.say(mutant, verdict)
        return True

    def run(self, mutant: Mutant) -> int:
        self.functions.change(mutant.file, changes(*codes(mutant)) or [])
        items = [self.items[test] for test in self.lines.tests_of(mutant) if test in self.items]
        for item, following in zip(items, [*items[1:], None], strict=True):
            bounded(5 + 10 * self.lines.seconds[item.nodeid])
            item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
            if self.session.testsfailed:
                return 1
        return 0


class Loader(importlib.abc.MetaPathFinder, importlib.abc.InspectLoader):
    """Finds the module of the mutated file first, and loads it with its mistake."""

    def __init__(self, mutant: Mutant) -> None:
        self.mutant = mutant
        self.name = module_name(mutant.file)

    def find_spec(
        self, name: str, path: object, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if name != self.name:
            return None
        return importlib.util.spec_from_file_location(name, Path(self.mutant.file).resolve(), loader=self)

    def get_code(self, name: str) -> CodeType:
        return codes(self.mutant)[1]

    def get_source(self, name: str) -> str:
        return Path(self.mutant.file).read_text(encoding="utf-8")


class Afresh:
    """Runs the tests of a file against those of its mutants that are at work when it is imported."""

    def __init__(self, file: str) -> None:
        self.tests = TARGETS[file]
        self.seconds = LONGEST
        started = os.times()
        if wait(fork(lambda: self.run(None))) != 0:
            raise RuntimeError(f"without any mistake these tests fail: {' '.join(self.tests)}")
        ended = os.times()
        self.seconds = 10 + 5 * (
            ended.children_user + ended.children_system - started.children_user - started.children_system
        )

    def verdicts(self, mutants: Sequence[Mutant], jobs: int) -> Verdicts:
        return in_forks(mutants, self.run, jobs)

    def run(self, mutant: Mutant | None) -> int:
        if mutant is not None:
            sys.meta_path.insert(0, Loader(mutant))
        bounded(self.seconds)
        # a file at a time: most mutants are done with before the second is read
        return next((status for status in map(self.status, self.tests) if status), 0)

    def status(self, tests: str) -> int:
        marks = ("-m", "not browser") if "::" in tests else ()  # a slow one that is named is meant
        plain = "addopts=--strict-markers --import-mode=importlib"
        status = int(pytest.main([*OPTIONS, *marks, "-x", "-o", plain, tests]))
        return 0 if status == pytest.ExitCode.NO_TESTS_COLLECTED else status
