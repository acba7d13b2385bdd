"""`Record`: the finished runs of a sweep, a line of JSON for each: added as they finish, found again after a crash."""

from __future__ import annotations

import io
import json
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from time import monotonic
from typing import IO, Any

from nn.checks import shown
from nn.json_files import expect, refuse
from nn.user_files import lock

__all__ = ["Job", "OtherRun", "Record", "Recorded", "Row"]

KIND, VERSION = "rantai sweep", 1


@dataclass(frozen=True)
class Job:
    """A run that is to be done: its setting and its seed."""

    setting: dict[str, Any]
    seed: int

    @property
    def key(self) -> bytes:
        """The same for the same setting and seed, in every process; short, since all are kept in memory."""
        return sha256(json.dumps([self.setting, self.seed], sort_keys=True).encode()).digest()[:16]


@dataclass(frozen=True)
class Row:
    """A run that is done."""

    setting: dict[str, Any]
    """Its hyperparameters by name."""
    seed: int
    """Of its randomness."""
    figures: dict[str, Any]
    """What it came to: numbers, and curves as lists of numbers. Empty where it failed."""
    reason: str = ""
    """Why it failed; "" where it did not."""
    seconds: float = field(default=0.0, compare=False)
    """How long it took, which is no part of the result: it differs from time to time."""


class OtherRun(ValueError):
    """A file holds the results of another run."""


class Record:
    """The finished runs: in a file, which a sweep that was interrupted goes on with, or in memory.

    In memory is only where each line is; rows are read when they are asked for.

    Args:
        path: of the file; None keeps the lines in memory.
        run: what is run, in words, so that the figures of another run are not taken for those of this one.

    Raises:
        ValueError: for a file of something else or of another run, and for a line that is no result, by its number.
        BlockingIOError: where another sweep is writing into the file.
    """

    def __init__(self, path: str | Path | None, run: str) -> None:
        self.path = None if path is None else Path(path)
        self.lines = io.BytesIO()
        self.places: dict[bytes, int] = {}
        if self.path is not None:
            self.path.parent.mkdir(parents=True, exist_ok=True)
        with self.opened("ab") as file:
            hold(self.path, file)
            self._resume(run)

    @contextmanager
    def opened(self, mode: str) -> Iterator[IO[bytes]]:
        """The lines as a file, to read ("rb") or to add to ("ab")."""
        if self.path is None:
            yield self.lines
        else:
            with self.path.open(mode) as file:
                yield file

    def _resume(self, run: str) -> None:
        """Find the results that are there, and take away the beginning of a line that a crash cut off."""
        head = {"format": KIND, "version": VERSION, "run": run}
        end = 0
        with self.opened("rb") as file:
            for number, line in enumerate(file, 1):
                if not line.endswith(b"\n") or b"\0" in line:  # a file system may leave zeros for what was not written
                    break
                if number == 1:
                    check_head(self.path, line, head)
                else:
                    row = row_of(f"{self.path}, line {number}", line)
                    self.places[Job(row.setting, row.seed).key] = end
                end += len(line)
        if self.path is not None:
            with self.path.open("r+b") as file:
                file.truncate(end)
        if end == 0:
            with self.opened("ab") as file:
                write(file, head)

    @contextmanager
    def adding(self) -> Iterator[Recorder]:
        """What adds rows in this block, in which no other sweep may."""
        with self.opened("ab") as file:
            hold(self.path, file)
            yield Recorder(self, file)

    def __contains__(self, job: Job) -> bool:
        return job.key in self.places

    def read(self, file: IO[bytes], job: Job) -> Row:
        """The row of a job that is done."""
        place = self.places[job.key]
        file.seek(place)
        return row_of(f"{self.path}, byte {place}", file.readline())


class Recorder:
    """Adds rows to a record. Each is out of our hands at once, so that the end of this program costs none; the end of
    the machine costs those of the last second, which are run again."""

    def __init__(self, record: Record, file: IO[bytes]) -> None:
        self.record, self.file, self.synced = record, file, monotonic()

    def add(self, row: Row) -> None:
        place = self.file.tell()
        write(self.file, {"setting": row.setting, "seed": row.seed, "figures": row.figures, "reason": row.reason,
                          "seconds": row.seconds})  # fmt: skip
        self.record.places[Job(row.setting, row.seed).key] = place
        if self.record.path is not None and monotonic() > self.synced + 1.0:  # on some disks it takes milliseconds
            os.fsync(self.file.fileno())
            self.synced = monotonic()


class Recorded(Sequence[Row]):
    """The rows of some jobs in their order, read from a record when they are asked for."""

    def __init__(self, record: Record, jobs: Sequence[Job]) -> None:
        self.record, self.jobs = record, jobs

    def __len__(self) -> int:
        return len(self.jobs)

    def __getitem__(self, place: Any) -> Any:
        if isinstance(place, slice):
            return Recorded(self.record, self.jobs[place])
        with self.record.opened("rb") as file:
            return self.record.read(file, self.jobs[place])

    def __iter__(self) -> Iterator[Row]:
        with self.record.opened("rb") as file:
            for job in self.jobs:
                yield self.record.read(file, job)


def hold(path: Path | None, file: IO[bytes]) -> None:
    """Nobody else may write into the file as long as it is open."""
    if path is not None:
        try:
            lock(file)
        except OSError:
            raise BlockingIOError(f"another sweep is writing into {path}: wait for it, or name another file") from None


def write(file: IO[bytes], content: dict[str, Any]) -> None:
    """Add a line, and give it to the system."""
    file.write(json.dumps(content, ensure_ascii=False, allow_nan=False).encode() + b"\n")
    file.flush()


def check_head(path: Path | None, line: bytes, head: dict[str, Any]) -> None:
    """ValueError for the first line of another file than one of this run."""
    try:
        found = json.loads(line)
    except ValueError:
        found = None
    if not isinstance(found, dict) or found.get("format") != KIND:
        raise ValueError(f"{path} is no {KIND} file")
    for name, expected in head.items():
        if (given := found.get(name)) != expected:
            one, other = apart(given, expected) if isinstance(given, str) else (given, expected)
            raise OtherRun(f"{path} is a {KIND} file of the {name} {shown(one)}, not of {shown(other)}: name another "
                           "file")  # fmt: skip


def apart(one: str, other: str) -> tuple[str, str]:
    """Two long texts from shortly before the place where they differ."""
    same = next((i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), 0) - 20
    return (one, other) if same < 20 else (f"...{one[same:]}", f"...{other[same:]}")


def row_of(where: str, line: bytes) -> Row:
    """The row in a line. ValueError for what is none."""
    try:
        content = json.loads(line, parse_constant=refuse)
        expect("the line", content, dict, "an object")
        row = Row(**content)
        for name, kind, called in (("setting", dict, "an object"), ("seed", int, "a whole number"),
                                   ("figures", dict, "an object"), ("reason", str, "a text")):  # fmt: skip
            expect(name, getattr(row, name), kind, called)
    except (ValueError, TypeError) as error:
        raise ValueError(f"{where} is no result of a sweep: {str(error)[:200]}") from None
    return row
