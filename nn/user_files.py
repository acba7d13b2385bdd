"""Files that somebody names: read whole, but never more of them than was decided."""

from __future__ import annotations

import os
import stat
from pathlib import Path

__all__ = ["read_whole"]


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
