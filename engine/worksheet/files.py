"""Files that are written whole or not at all, and never over what is something else."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from uuid import uuid4

__all__ = ["write_all"]


def write_all(files: Mapping[Path, str]) -> list[Path]:
    """Write texts to files, in folders that are made where they are missing; returns the paths.

    Raises:
        FileExistsError: if one of the files is there with other content; none is written then.
        OSError: if one cannot be written; of each file all is there or nothing.
    """
    for path, text in files.items():
        if path.exists() and path.read_bytes() != text.encode():
            raise FileExistsError(f"{path} is there already and is something else; it is not written over")
    for path, text in files.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        beside = path.with_name(f".{path.name}.{uuid4().hex}")
        try:
            beside.write_bytes(text.encode())
            beside.replace(path)
        except BaseException:
            beside.unlink(missing_ok=True)
            raise
    return list(files)
