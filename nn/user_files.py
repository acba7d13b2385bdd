"""Files that somebody names: read whole, but never more of them than was decided; written by one program at a time."""

from __future__ import annotations

import hashlib
import os
import stat
from pathlib import Path
from typing import IO, Any

__all__ = ["digest_of", "lock", "read_whole"]


def read_whole(path: str | os.PathLike[str], expected: str, most: int) -> bytes:
    """All bytes of a file, or of what a pipe brings.

    Args:
        path: of the file.
        expected: what it should be, for messages: "a CSV file".
        most: how many bytes are read at most.

    Raises:
        FileNotFoundError: if there is no such file.
        ValueError: for a folder, a device, which may never end, or more bytes.
    """
    shown = os.fspath(path)
    status = Path(path).stat()
    mode = status.st_mode
    if stat.S_ISDIR(mode):
        raise ValueError(f"{shown} is a folder; {expected} is expected")
    if not (stat.S_ISREG(mode) or stat.S_ISFIFO(mode)):
        raise ValueError(f"{shown} is a device or a socket; {expected} is expected")
    too_large = f"{shown} is larger than {most:,} bytes, the most that is read of {expected}"
    if status.st_size > most:
        raise ValueError(too_large)
    parts, left = [], most + 1
    with Path(path).open("rb") as file:
        while left > 0 and (part := file.read1(min(left, 2**20))):  # no more room than there are bytes
            parts.append(part)
            left -= len(part)
    if left <= 0:
        raise ValueError(too_large)
    return b"".join(parts)


def digest_of(path: str | os.PathLike[str]) -> str:
    """What tells the content of a file from another, for those who read it again, in other processes or on another day.

    Raises:
        FileNotFoundError: if there is no such file.
        ValueError: for a pipe and whatever else gives its content once.
    """
    if not stat.S_ISREG(Path(path).stat().st_mode):
        raise ValueError(f"{os.fspath(path)} is no file that several processes can read: write it into one first")
    with Path(path).open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()[:16]


def lock(file: IO[Any]) -> None:
    """Nobody else locks the file as long as it is open. OSError if it is locked already, by whatever opened it
    before."""
    try:
        import fcntl
    except ImportError:  # Windows
        import msvcrt

        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined, unused-ignore]
    else:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
