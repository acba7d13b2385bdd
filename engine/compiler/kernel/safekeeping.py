"""What keeps the kernel's file trustworthy: a folder that only its owner can write, and a digest of what was written.

Machine code can do anything. So a file is loaded only if it is the one that a process of this user wrote: the folder
and the file belong to the user, nobody else may write them, and the file begins with the digest of what follows.
Windows has neither such owners nor such permissions: there the folder lies in the user's profile, which Windows itself
keeps from others, and digests alone are compared.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import stat
from contextlib import suppress
from pathlib import Path

__all__ = ["kept", "make", "refusal", "remove", "write"]

BY_OTHERS = stat.S_IWGRP | stat.S_IWOTH
LARGEST = 50_000_000
"""Bytes of a file that is read at all; the kernel's machine code is a tenth of a million."""


def refusal(folder: Path) -> str | None:
    """Why nothing may be kept in that folder; None where something may."""
    try:
        status = folder.stat()
        if not stat.S_ISDIR(status.st_mode):
            return f"{folder} is no folder"
        if not mine(status):
            return f"{folder} belongs to another user"
        if others_write(status):
            return f"others may write to {folder} (chmod 700 makes it yours alone)"
        if not os.access(folder, os.W_OK | os.X_OK):
            return f"{folder} cannot be written"
    except OSError as error:
        return f"{folder} cannot be written: {error.strerror}"
    return None


def make(folder: Path) -> None:
    """Makes the folder and all above it that are missing, for the user alone. OSError where that fails."""
    for place in [*reversed(folder.parents), folder]:
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


def digest(code: bytes) -> bytes:
    return hashlib.sha256(code).hexdigest().encode()


def kept(path: Path) -> bytes | None:
    """What was written to that file, if it is there as it was written."""
    try:
        found, _, code = content(path).partition(b"\n")
    except OSError:
        return None
    return code if found == digest(code) else None


def write(path: Path, code: bytes) -> None:
    """The file with its digest before it, whole or not at all. OSError where that fails."""
    draft = path.with_suffix(f".{os.getpid()}")
    remove(draft)
    try:
        draft.touch(mode=0o600)
        draft.write_bytes(digest(code) + b"\n" + code)
        if path.is_dir():  # which no file can replace
            remove(path)
        draft.replace(path)
    except OSError:
        with suppress(OSError):
            remove(draft)
        raise


def remove(path: Path) -> None:
    """Removes whatever is there: a file, a link, a folder."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
