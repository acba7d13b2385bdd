"""The folder of a run, which one program at a time writes into."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from nn.json_files import write_whole
from nn.user_files import lock

__all__ = ["LOCK", "Taken", "claimed", "cleared", "left_by_killed", "recorded", "written_in"]

LOCK = ".lock"
LIST = ".files"
"""The names of what a run wrote, so that the next one in its place leaves nothing of it."""
BEGUN = ".begun"
"""The names of the files that were there before a run, as long as it writes; one that was killed leaves it behind."""


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
    """The names of what runs wrote there to the end."""
    return [name for name in lines(folder / LIST) if Path(name).name == name]


def left_by_killed(folder: Path) -> set[str]:
    """The names of what came into the folder since a run began there that was killed. Not all need be the run's:
    nothing is taken away by them.
    """
    return stamps(folder).keys() - lines(folder / BEGUN) if (folder / BEGUN).exists() else set()


def lines(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8", errors="replace").splitlines() if path.exists() else []


@contextmanager
def written_in(folder: Path) -> Iterator[list[str]]:
    """After this block the list holds the names of the files that were written in it, and the folder remembers them."""
    before, names = stamps(folder), list[str]()
    if not (folder / BEGUN).exists():
        write_whole(folder / BEGUN, "\n".join(before))
    try:
        yield names
    finally:
        names += changed(folder, before)
        write_whole(folder / LIST, "\n".join(dict.fromkeys([*recorded(folder), *names])))
        if left_by_killed(folder) <= {*recorded(folder)}:  # else the next run has to know of the rest, as this one did
            (folder / BEGUN).unlink(missing_ok=True)


def changed(folder: Path, before: dict[str, tuple[int, int]]) -> list[str]:
    """The names of the files that are new or other than before."""
    return sorted(name for name, stamp in stamps(folder).items() if before.get(name) != stamp)


def stamps(folder: Path) -> dict[str, tuple[int, int]]:
    """When each file of a run was written, and which it is."""
    files = [file for file in folder.iterdir() if file.is_file() and not file.name.startswith(".")]
    return {file.name: (file.stat().st_mtime_ns, file.stat().st_ino) for file in files}
