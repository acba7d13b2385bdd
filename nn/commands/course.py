"""The notebooks of the course: where they are, and a copy of them for whoever has no clone of the project."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from pathlib import Path

from nn.json_files import read_json, write_json

__all__ = ["FOLDER", "course", "first_of"]

FOLDER = Path("rantai-course")
"""Where the copy goes unless another folder is named."""

PACKAGE = Path(__file__).parents[1]
SHIPPED = PACKAGE / "course"
"""In an installed package; there is none in a clone."""
CLONED = PACKAGE.parent / "notebooks"
"""In a clone, where the course is written."""

RECORD = ".shipped.json"
"""In the folder of a copy: a hash of each file as it was shipped, which tells what was changed since."""
FORMAT, VERSION = "rantai-course", 1


def course(folder: Path | None = None) -> tuple[Path, list[str]]:
    """The folder of the course, ready to be worked in, and the files in it that differ from those of this version
    and were left as they are.

    Args:
        folder: where a copy goes. Unless it is given, the notebooks of a clone are worked in as they are, and where
            there is no clone the copy goes to `FOLDER`.

    Raises:
        OSError: if the copy cannot be written.
        ValueError: if there is no course in this installation, or for a broken record of a copy.
    """
    if folder is None and not SHIPPED.is_dir() and CLONED.is_dir():
        return CLONED, []
    source = SHIPPED if SHIPPED.is_dir() else CLONED
    if not source.is_dir():
        raise ValueError(f"there are no notebooks in this installation: neither {SHIPPED} nor {CLONED}")
    folder = folder or FOLDER
    return folder, copied(source, folder)


def copied(source: Path, folder: Path) -> list[str]:
    """Copy what is not there; replace what nobody has changed since it was copied; list what is left as it is."""
    folder.mkdir(parents=True, exist_ok=True)
    record = folder / RECORD
    shipped: dict[str, str] = read_json(record, FORMAT, VERSION).get("files", {}) if record.exists() else {}
    kept = []
    for name, content in files_of(source):
        file = folder / name
        there = digest(file.read_bytes()) if file.exists() else None
        if there == digest(content):
            shipped[name] = there
        elif there is None or there == shipped.get(name):
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content)
            shipped[name] = digest(content)
        else:
            kept.append(name)
    write_json(record, {"format": FORMAT, "version": VERSION, "files": shipped})
    return kept


def files_of(source: Path) -> Iterator[tuple[str, bytes]]:
    """The files of the course by their paths, without what an editor or a notebook left beside them."""
    for file in sorted(source.rglob("*")):
        name = file.relative_to(source)
        if file.is_file() and not any(part.startswith((".", "__")) for part in name.parts):
            yield name.as_posix(), file.read_bytes()


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def first_of(folder: Path) -> str:
    """The name of the notebook that comes first by its number. ValueError if there is none."""
    numbered = {int(found[1]): file.name for file in folder.glob("*.ipynb") if (found := re.match(r"(\d+)", file.name))}
    if not numbered:
        raise ValueError(f"there is no notebook with a number in {folder}")
    return numbered[min(numbered)]
