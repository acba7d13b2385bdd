"""What keeps the kernel's files trustworthy: a folder that only its owner can write, and digests of what Numba wrote.

Numba unpickles its files, and a pickle can run anything. So they are read only if they are the ones that a process of
this user wrote: the folder and each file belong to the user, nobody else may write them, and they have the digests that
stand in a file beside them. Windows has neither such owners nor such permissions: there the folder lies in the user's
profile, which Windows itself keeps from others, and digests alone are compared.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import stat
from contextlib import suppress
from pathlib import Path

__all__ = ["digests", "discard", "intact", "make", "record", "refusal", "remove", "text_of", "write"]

BY_OTHERS = stat.S_IWGRP | stat.S_IWOTH
LARGEST = 50_000_000
"""Bytes of a file that is read at all; the kernel's machine code is half a million."""


def refusal(folder: Path) -> str | None:
    """Why nothing may be kept in that folder; None where something may."""
    try:
        for place in (folder, folder / "__pycache__"):  # the latter is where Numba keeps what belongs to a file
            status = place.stat()
            if not stat.S_ISDIR(status.st_mode):
                return f"{place} is no folder"
            if not mine(status):
                return f"{place} belongs to another user"
            if others_write(status):
                return f"others may write to {place} (chmod 700 makes it yours alone)"
            if not os.access(place, os.W_OK | os.X_OK):
                return f"{place} cannot be written"
    except OSError as error:
        return f"{folder} cannot be written: {error.strerror}"
    return None


def make(folder: Path) -> None:
    """Makes the folder, that in which Numba keeps its files, and all above them that are missing, for the user alone.
    OSError where that fails."""
    inner = folder / "__pycache__"
    if (inner.exists() or inner.is_symlink()) and not inner.is_dir():
        inner.unlink()
    for place in [*reversed(folder.parents), folder, inner]:
        if not place.is_dir():
            with suppress(FileExistsError):  # another process made it
                place.mkdir(mode=0o700)


def mine(status: os.stat_result) -> bool:
    """Whether a file belongs to this user."""
    return not hasattr(os, "geteuid") or status.st_uid == os.geteuid()


def others_write(status: os.stat_result) -> bool:
    return hasattr(os, "geteuid") and bool(status.st_mode & BY_OTHERS)


def content(path: Path) -> bytes:
    """What stands in a file of this user's own. OSError for all else: no pipe is waited for, no link is followed."""
    status = path.lstat()
    if not stat.S_ISREG(status.st_mode) or status.st_size > LARGEST or not mine(status) or others_write(status):
        raise OSError(f"{path} is no file of ours")
    return path.read_bytes()


def text_of(path: Path) -> str | None:
    """The text of a file of ours; None where there is none."""
    try:
        return content(path).decode()
    except (OSError, UnicodeDecodeError):
        return None


def machine_code(folder: Path, name: str) -> list[Path]:
    """The files in which Numba keeps a module's machine code."""
    places = folder / "__pycache__"
    return sorted([*places.glob(f"{name}.*.nbi"), *places.glob(f"{name}.*.nbc")])


def digests(folder: Path, name: str) -> str:
    """A line for each of these files: its digest and its name. OSError where one cannot be read."""
    lines = [f"{hashlib.sha256(content(file)).hexdigest()} {file.name}\n" for file in machine_code(folder, name)]
    return "".join(lines)


def intact(folder: Path, name: str, text: str) -> bool:
    """Whether all that was kept of the module with this text is there, and is as it was written."""
    try:
        found = digests(folder, name)
    except OSError:
        return False
    return found != "" and text_of(folder / f"{name}.ready") == found and text_of(folder / f"{name}.py") == text


def record(folder: Path, name: str) -> None:
    """Writes the digests of what Numba kept, if they are not the ones that stand there, and that it was used now."""
    for file in machine_code(folder, name):
        file.chmod(0o600)
    found, marker = digests(folder, name), folder / f"{name}.ready"
    if not found:
        return
    if text_of(marker) != found:
        write(marker, found)
    os.utime(marker)


def discard(folder: Path, name: str) -> None:
    """Removes what cannot be trusted: Numba's files, and the digests. Raises OSError where something stays."""
    for path in [*machine_code(folder, name), folder / f"{name}.ready"]:
        remove(path)


def remove(path: Path) -> None:
    """Removes whatever is there: a file, a link, a folder."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def write(path: Path, text: str) -> None:
    """The file with this text, whole or not at all; always with the same time, by which Numba knows a file."""
    draft = path.with_suffix(f".{os.getpid()}")
    remove(draft)
    try:
        draft.write_text(text, encoding="utf-8", newline="\n")
        draft.chmod(0o600)
        os.utime(draft, (1e9, 1e9))
        if path.is_dir():
            remove(path)
        draft.replace(path)
    except OSError:
        with suppress(OSError):
            remove(draft)
        raise
