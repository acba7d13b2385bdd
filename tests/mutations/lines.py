"""Which tests run which line, and how long each takes: learned once by a run under the package coverage, and kept in
`build/` until a file of the source or the tests changes."""

from __future__ import annotations

import hashlib
import importlib
import json
import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

from tests.mutations.mutants import Mutant
from tests.mutations.processes import fork, wait
from tests.mutations.targets import SLOW_TOO, TABLE, TARGETS

__all__ = ["OPTIONS", "Lines", "Quick", "learned", "module_name"]

OPTIONS = ("-q", "-s", "-p", "no:cacheprovider", "--tb=no")
KEPT = Path("build/mutations/lines.json")
PATIENCE = 4.0
"""Seconds of tests that a mutant meets at most."""

Code = tuple[str, int]
"""What tells a function's code apart in its file: its qualified name and first line."""


@dataclass
class Lines:
    """What was learned."""

    tests: dict[str, dict[int, list[str]]]
    """The tests that run a line, by file and line."""
    seconds: dict[str, float]
    """How long each test computed; those that failed are not there."""
    at_import: dict[str, set[Code]]
    """The functions of a file that run when the project is imported."""

    def tests_of(self, mutant: Mutant) -> list[str]:
        """The tests that run the mutant's statement, as many as there is patience for; for the table as many others,
        which may run a method that is written from it."""
        known = {test for test in self.seconds if test.startswith(TARGETS[mutant.file])}
        run_by = {test for line in mutant.lines for test in self.tests[mutant.file].get(line, ())} & known
        return self.in_turn(run_by) + (self.in_turn(known - run_by) if mutant.file == TABLE else [])

    def in_turn(self, tests: Iterable[str]) -> list[str]:
        """Of each test function a first case, of which the quickest come first, then of each a second; as many as
        there is patience for."""
        cases: dict[str, list[str]] = {}
        for test in sorted(tests, key=lambda test: (self.seconds[test], test)):
            cases.setdefault(test.split("[")[0], []).append(test)
        in_turn = sorted(
            [(turn, self.seconds[test], test) for tests in cases.values() for turn, test in enumerate(tests)]
        )
        chosen, left = [], PATIENCE
        for _, seconds, test in in_turn:
            if seconds <= left:
                chosen.append(test)
                left -= seconds
        return chosen


def learned(files: Iterable[str]) -> Lines:
    """What the tests of these files run: from what is kept, and by a run of the tests that changed since, or of all
    where the source did."""
    wanted = sorted({test.split("::")[0] for file in files for test in TARGETS[file]})
    source, tests = digest_of_sources(), {test: digest([Path(test)]) for test in wanted}
    kept = json.loads(KEPT.read_text(encoding="utf-8")) if KEPT.is_file() else {}
    if kept.get("source") != source:
        kept = {"source": source, "files": {}, "tests": {}, "seconds": {}}
    changed = [test for test in wanted if kept["files"].get(test) != tests[test]]
    if changed:
        KEPT.parent.mkdir(parents=True, exist_ok=True)
        KEPT.unlink(missing_ok=True)
        files_now = kept["files"] | tests
        wait(fork(lambda: learn(without(kept, changed) | {"source": source, "files": files_now}, changed)))
        if not KEPT.is_file():
            raise RuntimeError("the tests could not be run under coverage")
        kept = json.loads(KEPT.read_text(encoding="utf-8"))
    return Lines(
        {file: {int(line): tests for line, tests in lines.items()} for file, lines in kept["tests"].items()},
        kept["seconds"],
        {file: {(name, line) for name, line in codes} for file, codes in kept["at_import"].items()},
    )


def digest_of_sources() -> str:
    """Of what is tested, and of what the tests share."""
    paths = [path for folder in ("engine", "nn", "tests") for path in sorted(Path(folder).rglob("*.py"))]
    return digest([path for path in paths if "mutations" not in path.parts and not path.name.startswith("test_")])


def digest(paths: Iterable[Path]) -> str:
    found = hashlib.sha256()
    for path in paths:
        found.update(f"{path}\0".encode() + path.read_bytes())
    return found.hexdigest()


def without(kept: dict[str, Any], files: Sequence[str]) -> dict[str, Any]:
    """What is kept, without the tests of some files."""

    def stays(test: str) -> bool:
        return test.split("::")[0] not in files

    return {
        "tests": {
            file: {line: [test for test in run_by if stays(test)] for line, run_by in lines.items()}
            for file, lines in kept.get("tests", {}).items()
        },
        "seconds": {test: seconds for test, seconds in kept.get("seconds", {}).items() if stays(test)},
    }


def learn(known: dict[str, Any], files: Sequence[str]) -> int:
    """Runs the tests of some files, and keeps what they run together with what is known of others."""
    os.environ["COVERAGE_CORE"] = "ctrace"  # the others know no contexts, or are slower
    import coverage

    names = {str(Path(file).resolve()): file for file in TARGETS}
    with codes_run(names) as at_import:
        for file in TARGETS:
            importlib.import_module(module_name(file))
    tracer = coverage.Coverage(data_file=None, include=list(names), config_file=False)
    recorder = Recorder(tracer)
    tracer.start()
    pytest.main([*OPTIONS, *files], plugins=[recorder, Quick()])
    tracer.stop()
    data = tracer.get_data()
    tests = known["tests"]
    for path in data.measured_files():
        lines = tests.setdefault(names[path], {})
        for line, run_by in data.contexts_by_lineno(path).items():
            lines.setdefault(str(line), []).extend([test for test in run_by if test])
    found = {"tests": tests, "seconds": known["seconds"] | recorder.seconds, "at_import": at_import}
    KEPT.write_text(json.dumps(known | found), encoding="utf-8")
    return 0


def module_name(file: str) -> str:
    return file.removesuffix(".py").replace("/", ".")


@contextmanager
def codes_run(names: dict[str, str]) -> Iterator[dict[str, Sequence[Code]]]:
    """The functions of the files that are called within the block, by file."""
    found: dict[str, set[Code]] = {file: set() for file in names.values()}
    listed: dict[str, Sequence[Code]] = {}

    def look(frame: FrameType, event: str, _: Any) -> None:
        code = frame.f_code
        if event == "call" and code.co_filename in names:
            found[names[code.co_filename]].add((code.co_qualname, code.co_firstlineno))

    sys.setprofile(look)
    try:
        yield listed
    finally:
        sys.setprofile(None)
        listed.update({file: sorted(codes) for file, codes in found.items()})


def computed() -> float:
    """Seconds that this process and those that it started have computed."""
    return sum(os.times()[:4])


class Quick:
    """A plugin that leaves out the slow tests, but for those of the files in SLOW_TOO, and those in a browser."""

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        items[:] = [item for item in items if item.nodeid.startswith(SLOW_TOO) or not item.get_closest_marker("slow")]
        items[:] = [item for item in items if not item.get_closest_marker("browser")]


class Recorder:
    """Tells the tracer which test is running, and counts the seconds."""

    def __init__(self, tracer: Any) -> None:
        self.tracer = tracer
        self.seconds: dict[str, float] = {}
        self.failed: set[str] = set()

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[None]:
        self.tracer.switch_context(item.nodeid)
        started = computed()
        try:
            return (yield)
        finally:
            self.seconds[item.nodeid] = computed() - started
            self.tracer.switch_context("")

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed:
            self.failed.add(report.nodeid)

    def pytest_sessionfinish(self) -> None:
        for test in self.failed:
            self.seconds.pop(test, None)
