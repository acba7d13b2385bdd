"""The folder of a run, which one program at a time writes into."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from nn.json_files import whole_file
from nn.user_files import lock

__all__ = ["LOCK", "Taken", "claimed", "cleared", "recorded", "written_in"]

LOCK = ".lock"
LIST = ".files"
"""The names of what a run wrote, so that the next one in its place leaves nothing of it."""


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


def cleared(folder: Path) -> None:
    """Take away what an earlier run wrote there, and nothing else."""
    for name in recorded(folder):
        (folder / name).unlink(missing_ok=True)


def recorded(folder: Path) -> list[str]:
    """The names of what runs wrote there."""
    record = folder / LIST
    names = record.read_text(encoding="utf-8").splitlines() if record.exists() else []
    return [name for name in names if Path(name).name == name]


@contextmanager
def written_in(folder: Path) -> Iterator[list[str]]:
    """After this block the list holds the names of the files that were written in it, and the folder remembers them."""
    before, names = stamps(folder), list[str]()
    try:
        yield names
    finally:
        names += sorted(name for name, stamp in stamps(folder).items() if before.get(name) != stamp)
        known = "\n".join(dict.fromkeys([*recorded(folder), *names]))
        with whole_file(folder / LIST) as beside:
            beside.write_text(known, encoding="utf-8")


def stamps(folder: Path) -> dict[str, tuple[int, int]]:
    """When each file of a run was written, and how large it is."""
    files = [file for file in folder.iterdir() if file.is_file() and not file.name.startswith(".")]
    return {file.name: (file.stat().st_mtime_ns, file.stat().st_ino) for file in files}
