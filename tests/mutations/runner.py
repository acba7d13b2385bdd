"""Runs tests against mutants, each in a fork.

A mistake within a function: in a fork of a process that has collected the tests, the function is given its new code,
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
import json
import os
import resource
import shutil
import signal
import sys
import tempfile
import warnings
from collections.abc import Callable, Iterator, Sequence
from itertools import zip_longest
from pathlib import Path
from types import CodeType, ModuleType

import pytest

from tests.mutations.code import Functions, can_be_given, changes
from tests.mutations.lines import OPTIONS, Lines, Quick, module_name
from tests.mutations.mutants import Mutant, trees_of
from tests.mutations.processes import fork, wait
from tests.mutations.targets import TABLE, TARGETS

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
LONGEST = 1800.0
"""Seconds after which a mutant that waits for something is given up."""

Changes = list[tuple[CodeType, CodeType]]
Say = Callable[[Mutant, str], None]
Verdicts = Iterator[tuple[Mutant, str, str]]

SAID = Path("build/mutations/said.txt")
LAST, IMPORT = "the last test", "the import"
BROKEN = 71
"""The status of a process that could not make the mistake."""


def preload() -> None:
    """Load what every test needs, once. Nothing of this project is loaded."""
    # plugins wish to be loaded before the packages that they belong to; no test needs them
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for package in PACKAGES:
            with contextlib.suppress(ModuleNotFoundError):
                importlib.import_module(package)
    from hypothesis import Phase, given, settings, strategies

    # the same examples each time; whether there is one that fails, not which is the smallest
    settings.register_profile(
        "mutants", derandomize=True, database=None, deadline=None, phases=[Phase.explicit, Phase.generate]
    )
    settings.load_profile("mutants")
    given(strategies.integers())(lambda _: None)()  # the first time loads much


def verdicts(mutants: Sequence[Mutant], lines: Lines, jobs: int, say: Say) -> None:
    """Says of each mutant whether it LIVED, DIED or was HUNG, as they are done."""
    in_functions: dict[Mutant, Changes] = {}
    at_import: dict[str, dict[Mutant, CodeType]] = {}
    for file in dict.fromkeys([mutant.file for mutant in mutants]):
        run = lines.at_import[file] if file != TABLE else ()
        original, path = Path(file).read_text(encoding="utf-8"), str(Path(file).resolve())
        before = compile(original, path, "exec")
        for mutant, tree in trees_of(Path(), [mutant for mutant in mutants if mutant.file == file]):
            after = compile(tree, path, "exec")
            changed = changes(before, after)
            if changed is None or not all(
                (old.co_qualname, old.co_firstlineno) not in run and can_be_given(old, new) for old, new in changed
            ):
                at_import.setdefault(file, {})[mutant] = after
            else:
                in_functions[mutant] = changed
    if in_functions:
        in_a_session(in_functions, lines, jobs, say)
    for file, codes in at_import.items():
        Afresh(file, codes, lines).judge(jobs, say)


def in_a_session(mutants: dict[Mutant, Changes], lines: Lines, jobs: int, say: Say) -> None:
    """The verdicts on mutants in functions, from a process that imports the project: this one must not."""
    numbered = list(mutants)
    reading, writing = os.pipe()

    def serve() -> int:
        def tell(mutant: Mutant, verdict: str) -> None:
            os.write(writing, f"{json.dumps([numbered.index(mutant), verdict])}\n".encode())

        met = sorted({test.split("::")[0] for mutant in mutants for test in lines.tests_of(mutant)})
        tests = met or TARGETS[numbered[0].file]
        with SAID.open("w", encoding="utf-8") as said:  # for whoever has to find out why it failed
            os.dup2(said.fileno(), sys.stderr.fileno())
            os.dup2(said.fileno(), sys.stdout.fileno())
        return int(pytest.main([*OPTIONS, *tests], plugins=[Quick(), InPlace(mutants, lines, jobs, tell)]))

    server = fork(serve)
    os.close(writing)
    with os.fdopen(reading, encoding="utf-8") as verdicts:
        for line in verdicts:
            number, verdict = json.loads(line)
            say(numbered[number], verdict)
    if wait(server) != 0:
        raise RuntimeError(f"the tests could not be collected, or a mutant could not be made: {SAID} says more")


def in_forks(mutants: Sequence[Mutant], work: Callable[[Mutant, Path], int], jobs: int) -> Verdicts:
    """The work done on each mutant, several at a time, with a folder of its own; each with its verdict and what is
    written in the folder's file LAST. A status that is not 0 is death."""
    waiting, running = list(reversed(mutants)), dict[int, tuple[Mutant, Path]]()
    while waiting or running:
        while waiting and len(running) < jobs:
            mutant, folder = waiting.pop(), Path(tempfile.mkdtemp())
            running[fork(lambda: alone(lambda: work(mutant, folder), folder))] = mutant, folder  # noqa: B023
        pid, status = os.wait()
        mutant, folder = running.pop(pid)
        last = (folder / LAST).read_text(encoding="utf-8") if (folder / LAST).is_file() else ""
        shutil.rmtree(folder, ignore_errors=True)
        if status and (not last or (os.WIFEXITED(status) and os.WEXITSTATUS(status) == BROKEN)):
            raise RuntimeError(f"this mutant could not be made: {mutant}")
        hung = os.WIFSIGNALED(status) and os.WTERMSIG(status) in (signal.SIGPROF, signal.SIGALRM)
        yield mutant, LIVED if status == 0 else HUNG if hung else DIED, last


def alone(work: Callable[[], int], folder: Path) -> int:
    """The work, with bounds to its memory and time, and its files in the folder."""
    os.environ["PYTEST_DEBUG_TEMPROOT"] = str(folder)
    here = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (here + MEMORY, resource.RLIM_INFINITY))
    signal.setitimer(signal.ITIMER_REAL, LONGEST)
    return work()


def bounded(seconds: float) -> None:
    """From now on so many seconds of computing, and many more of waiting, after which the process ends by a signal."""
    signal.setitimer(signal.ITIMER_PROF, seconds)
    signal.setitimer(signal.ITIMER_REAL, 60 + 20 * seconds)


class InPlace:
    """A plugin that runs tests against mutants instead of running them once."""

    def __init__(self, mutants: dict[Mutant, Changes], lines: Lines, jobs: int, say: Say) -> None:
        self.mutants, self.lines, self.jobs, self.say = mutants, lines, jobs, say
        self.sound = {IMPORT}

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        self.session = session
        self.items = {item.nodeid: item for item in session.items}
        for file in TARGETS:
            importlib.import_module(module_name(file))
        self.functions = Functions(list(TARGETS))
        gc.collect()
        gc.freeze()  # so that the forks share it
        self.judge(list(self.mutants))
        return True

    def judge(self, mutants: list[Mutant]) -> None:
        while mutants:
            again = []
            for mutant, verdict, test in in_forks(mutants, self.run, self.jobs):
                if verdict == LIVED or self.is_sound(test):
                    self.say(mutant, verdict)
                else:
                    again.append(mutant)
            mutants = again

    def is_sound(self, test: str) -> bool:
        """Whether a test that found a mistake passes where there is none; if not it is not used any more."""
        if test not in self.sound:
            folder = Path(tempfile.mkdtemp())
            passed = wait(fork(lambda: alone(lambda: self.run_tests([test], folder), folder))) == 0
            shutil.rmtree(folder, ignore_errors=True)
            if not passed:
                self.items.pop(test, None)
                return False
            self.sound.add(test)
        return True

    def run(self, mutant: Mutant, folder: Path) -> int:
        try:
            self.functions.change(mutant.file, self.mutants[mutant])
        except Exception:
            return BROKEN
        if mutant.file == TABLE:
            (folder / LAST).write_text(IMPORT, encoding="utf-8")
            bounded(5)
            importlib.import_module("engine.formulas.specialise").install()
        return self.run_tests([test for test in self.lines.tests_of(mutant) if test in self.items], folder)

    def run_tests(self, tests: list[str], folder: Path) -> int:
        items = [self.items[test] for test in tests]
        for item, following in zip_longest(items, items[1:]):
            (folder / LAST).write_text(item.nodeid, encoding="utf-8")
            bounded(2 + 10 * self.lines.seconds[item.nodeid])
            item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
            if self.session.testsfailed:
                return 1
        return 0


class Loader(importlib.abc.MetaPathFinder, importlib.abc.InspectLoader):
    """Finds the module of the mutated file first, and loads it with its mistake."""

    def __init__(self, file: str, code: CodeType) -> None:
        self.path, self.code = Path(file).resolve(), code
        self.name = module_name(file)

    def find_spec(
        self, name: str, path: object, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if name != self.name:
            return None
        return importlib.util.spec_from_file_location(name, self.path, loader=self)

    def get_code(self, name: str) -> CodeType:
        return self.code

    def get_source(self, name: str) -> str:
        return self.path.read_text(encoding="utf-8")


class Afresh:
    """Runs the tests of a file against those of its mutants that are at work when it is imported."""

    def __init__(self, file: str, codes: dict[Mutant, CodeType], lines: Lines) -> None:
        self.file, self.codes, self.seconds = file, codes, lines.seconds
        self.sound = {IMPORT}

    def judge(self, jobs: int, say: Say) -> None:
        for mutant, verdict, tests in in_forks(list(self.codes), self.run, jobs):
            if verdict != LIVED and tests not in self.sound:
                if wait(fork(lambda: self.run_tests(tests))) != 0:  # noqa: B023
                    raise RuntimeError(f"{tests} fails without any mistake")
                self.sound.add(tests)
            say(mutant, verdict)

    def run(self, mutant: Mutant, folder: Path) -> int:
        (folder / LAST).write_text(IMPORT, encoding="utf-8")
        sys.meta_path.insert(0, Loader(mutant.file, self.codes[mutant]))
        bounded(20)
        importlib.import_module(module_name(mutant.file))
        for tests in TARGETS[self.file]:  # a file at a time: most mutants are done with before the second is read
            (folder / LAST).write_text(tests, encoding="utf-8")
            if status := self.run_tests(tests):
                return status
        return 0

    def run_tests(self, tests: str) -> int:
        known = [seconds for test, seconds in self.seconds.items() if test.startswith(f"{tests}::")]
        bounded(60 + 5 * sum(known))
        # a slow one that is named is meant
        marks = ("-m", "not browser" if "::" in tests else "not slow and not browser")
        plain = "addopts=--strict-markers --import-mode=importlib"
        status = int(pytest.main([*OPTIONS, *marks, "-x", "-o", plain, tests]))
        return 0 if status == pytest.ExitCode.NO_TESTS_COLLECTED else status
