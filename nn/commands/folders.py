"""The folder of a run, which one program at a time writes into."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

__all__ = ["LOCK", "Taken", "claimed"]

LOCK = ".lock"


class Taken(ValueError):
    """Another program is writing into the folder."""


@contextmanager
def claimed(folder: Path) -> Iterator[Path]:
    """The folder, made, in which no other program that claims it may write in this block.

    The system lets go of it when the program ends, however it does: nothing is left that must be cleared away.

    Raises:
        Taken: if another program has it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / LOCK
    while True:
        file = path.open("a")
        try:
            lock(file)
        except OSError:
            file.close()
            raise Taken(f"another run is writing into {folder}: wait for it, or name another folder") from None
        if path.exists() and os.path.samestat(os.fstat(file.fileno()), path.stat()):
            break
        file.close()  # the one before us has just deleted it
    try:
        yield folder
    finally:
        if os.name == "posix":
            path.unlink(missing_ok=True)  # while it is still ours
        file.close()


def lock(file: IO[str]) -> None:
    """OSError if it is locked already, by whatever opened it before."""
    try:
        import fcntl
    except ImportError:  # Windows
        import msvcrt

        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined, unused-ignore]
    else:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
