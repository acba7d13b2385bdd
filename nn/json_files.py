"""JSON files of ours: written atomically and with a digest of what is in them, read as data only, every field checked
with words that name it."""

from __future__ import annotations

import hashlib
import json
import os
import re
import signal
import sys
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from uuid import uuid4

from nn.user_files import read_whole

__all__ = ["expect", "finite", "read_json", "require", "whole_file", "write_json", "write_whole"]

LARGEST_FILE = 200_000_000  # bytes
MOST_PARTS, MOST_NUMBERS = 2_000_000, 10_000_000
"""How many lists and objects are read, and how many numbers: half a gigabyte each at most. A file that a run writes has
a list for each row of a matrix, an object for each epoch, and at least 20 bytes for a number."""
LEFT_BEHIND = 3600.0
"""Seconds after which a file that is being written is one that nobody writes any more."""


def write_json(path: str | Path, content: dict[str, Any]) -> None:
    """Write atomically, as `whole_file` does. Content that says its "format" gets the field "digest", by which
    `read_json` knows that it is whole.
    """
    try:
        if "format" in content:
            content = content | {"digest": digest(content)}
        text = json.dumps(content, indent=1, ensure_ascii=False, allow_nan=False)
    except ValueError as error:
        raise ValueError(f"{path} is not written: {error}") from None
    write_whole(path, text + "\n")


def write_whole(path: str | Path, text: str) -> None:
    """Write a text atomically, as `whole_file` does."""
    with whole_file(path) as beside, beside.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())


@contextmanager
def whole_file(path: str | Path) -> Iterator[Path]:
    """A path beside that one, for the block to write to; then that file takes its place. An error leaves the old file
    as it was; a crash also the one beside it, which a later write sweeps away."""
    path = Path(path)
    if path.exists() and not path.is_file():  # a device or a pipe: nothing can take its place
        yield path
        return
    sweep(path)
    beside = path.with_name(f".{uuid4().hex}.{path.name}")  # some writers go by the end of a name
    with ctrl_c_afterwards():
        try:
            yield beside
            beside.replace(path)
        except BaseException:
            beside.unlink(missing_ok=True)
            raise


@contextmanager
def ctrl_c_afterwards() -> Iterator[None]:
    """Where Ctrl-C ends a process at once, as it does the workers of a pool, it comes after this block."""
    if (
        signal.getsignal(signal.SIGINT) is not signal.SIG_DFL
        or threading.current_thread() is not threading.main_thread()
    ):
        yield
        return
    came: list[int] = []
    signal.signal(signal.SIGINT, lambda number, frame: came.append(number))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        if came:
            signal.raise_signal(signal.SIGINT)


def sweep(path: Path) -> None:
    """Delete what writes of this file left beside it that were killed."""
    ours = re.compile(rf"\.[0-9a-f]{{32}}\.{re.escape(path.name)}")
    with suppress(OSError):
        for file in path.parent.iterdir():
            if ours.fullmatch(file.name) and file.stat().st_mtime < time.time() - LEFT_BEHIND:
                file.unlink()


def digest(content: dict[str, Any]) -> str:
    """A hash of what JSON gives back of this content, in this order."""
    text = json.dumps(content, separators=(",", ":"), allow_nan=False)
    return f"sha256 {hashlib.sha256(text.encode()).hexdigest()}"


def read_json(path: str | Path, kind: str, version: int) -> dict[str, Any]:
    """The object in a JSON file of that format and version, without its digest. ValueError for all that is not one, and
    where the digest is that of other content. Files of earlier versions have none."""
    path = Path(path)
    text = read_whole(path, f"a {kind} file", LARGEST_FILE)
    if text.count(b"[") + text.count(b"{") > MOST_PARTS or text.count(b",") > MOST_NUMBERS:
        raise ValueError(f"{path} is no {kind} file: it has more than {MOST_PARTS:,} lists or {MOST_NUMBERS:,} numbers")
    try:
        content = json.loads(text.decode(), parse_constant=refuse)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"{path} is no JSON that can be read: {str(error)[:200]}") from None
    if not isinstance(content, dict) or content.get("format") != kind:
        raise ValueError(f"{path} is no {kind} file")
    if content.get("version") != version:
        raise ValueError(
            f"{path} has version {str(content.get('version'))[:20]} of the format {kind}; this program reads version "
            f"{version}"
        )
    if (said := content.pop("digest", None)) is not None and said != digest(content):
        raise ValueError(
            f"{path} is damaged: its content is not what its digest was taken of; if you changed it on purpose, delete "
            'the field "digest"'
        )
    return content


def refuse(constant: str) -> None:
    raise ValueError(f"{constant} is no number")


def expect(field: str, content: Any, kind: type, called: str) -> Any:
    if not isinstance(content, kind):
        raise ValueError(f"{field}: expected {called}, got {str(content)[:60]!r}")
    return content


def require(field: str, content: dict[str, Any], keys: Iterable[str]) -> None:
    odd = sorted(content.keys() ^ set(keys))
    if odd:
        raise ValueError(f"{field}.{odd[0][:60]}: {'unknown' if odd[0] in content else 'missing'}")


def finite(field: str, number: Any) -> float:
    """A number from a file as a float. ValueError for what is none, or not finite."""
    if type(number) not in (int, float) or not abs(number) <= sys.float_info.max:
        raise ValueError(f"{field}: expected a finite number, got {str(number)[:60]!r}")
    return float(number)
