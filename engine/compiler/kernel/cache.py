"""The compiled kernel, which is kept: one file of machine code in the user's cache folder.

Its name is a hash of the kernel's text and of everything that the machine code depends on, so a changed rule is another
file. Nothing in the folder is trusted unread (`safekeeping`): where anything is wrong the kernel is compiled once more,
and where it cannot be kept, for this process only. Numba is imported to compile, and not to load (`machine_code`).
"""

from __future__ import annotations

import hashlib
import os
import platform
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from importlib import metadata
from importlib.util import find_spec
from inspect import getsource
from pathlib import Path
from typing import Any

from engine.compiler.kernel import machine_code, safekeeping
from engine.compiler.kernel.machine_code import Enter, compiled, loaded_from
from engine.compiler.kernel.source import kernel_source

__all__ = ["cache_folder", "load", "module_name", "prepare", "ready"]

PREFIX, SUFFIX = "rantai_kernel_", ".code"
UNUSED = 60 * 24 * 3600.0
"""Kernels that nobody loaded for so many seconds are removed when another one is compiled."""

COMPILING = "compiling the kernel, once for this machine and version; this takes about 12 seconds"
AGAIN = "compiling the kernel again, since what was kept of it is not as it was written; this takes about 12 seconds"
IN_MEMORY = "compiling the kernel for this process only, about 12 seconds; it is not kept: {}"
NOT_KEPT = "the kernel is not kept, and compiled again by the next process: writing to {} failed: {}"

loaded: dict[str, Enter] = {}  # by name
loading = threading.Lock()  # one thread compiles, others wait


def cache_folder() -> Path:
    """Where the platform keeps what can be made again; the environment variable RANTAI_CACHE names another folder."""
    if os.environ.get("RANTAI_CACHE"):
        return Path(os.environ["RANTAI_CACHE"])
    home = Path.home()
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or home / "AppData" / "Local") / "rantai" / "Cache"
    if sys.platform == "darwin":
        return home / "Library" / "Caches" / "rantai"
    return Path(os.environ.get("XDG_CACHE_HOME") or home / ".cache") / "rantai"


def module_name(text: str) -> str:
    """The name of the kernel with this text, for this Python, these packages and this processor."""
    versions = [
        platform.python_implementation(),
        platform.python_version(),
        platform.system(),
        platform.machine(),
        processor(),
    ]
    versions += [metadata.version(package) for package in ("numba", "llvmlite", "numpy")]
    versions += [getsource(machine_code)]
    return PREFIX + hashlib.sha256("\n".join([*versions, text]).encode()).hexdigest()[:20]


def processor() -> str:
    """What tells processors apart as far as can be asked without a package: on Linux the first one's name and
    features."""
    with suppress(OSError):
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").partition("\n\n")[0].splitlines()
        return "\n".join(line for line in lines if line.startswith(("model name", "flags", "Features", "CPU part")))
    return platform.processor()


def ready() -> bool:
    """Whether the kernel's machine code is there already, so that its first use takes no compiling. Does not import
    Numba."""
    try:
        text = kernel_source()
        name = module_name(text)
        return name in loaded or kept(name) is not None
    except (metadata.PackageNotFoundError, OSError):
        return False


def file_of(name: str) -> Path:
    return cache_folder().absolute() / f"{name}{SUFFIX}"


def kept(name: str) -> bytes | None:
    """The machine code that a process of this user kept; None where it is not there, or not as it was written."""
    file = file_of(name)
    return None if safekeeping.refusal(file.parent) else safekeeping.kept(file)


def prepare(progress: Callable[[str], Any] | None = None) -> bool:
    """Compiles the kernel unless its machine code is there; whether it had to.

    Args:
        progress: is given one line that says what is compiled and how long it takes; by default it goes to stderr.

    Raises:
        ModuleNotFoundError: without the package numba; the message says how to install it.
    """
    was_ready = ready()
    try:
        load(progress)
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError(
            f"the kernel needs the package {error.name}: pip install 'rantai[fast]'", name=error.name
        ) from None
    return not was_ready


def load(progress: Callable[[str], Any] | None = None) -> Enter:
    """The kernel's machine code, compiled if need be, which is announced.

    Where it cannot be kept it is compiled for this process only.

    Raises:
        ModuleNotFoundError: without the package numba, also where it would not be imported.
    """
    if find_spec("numba") is None:
        raise ModuleNotFoundError("No module named 'numba'", name="numba")
    text = kernel_source()
    name = module_name(text)
    with loading:
        if name not in loaded:
            loaded[name] = from_folder(name) or anew(text, name, progress)
    return loaded[name]


def from_folder(name: str) -> Enter | None:
    """The machine code that is kept; None where there is none."""
    code = kept(name)
    if code is None:
        return None
    with suppress(OSError):
        os.utime(file_of(name))  # it was used now
    try:
        return loaded_from(code)
    except Exception:  # written by us and yet nothing that can be loaded: then once more
        return None


def anew(text: str, name: str, progress: Callable[[str], Any] | None) -> Enter:
    """The machine code, compiled, and kept where that can be."""
    file = file_of(name)
    found = os.path.lexists(file)
    with suppress(OSError):  # then it is refused
        safekeeping.make(file.parent)
    why = safekeeping.refusal(file.parent)
    with announced(IN_MEMORY.format(why) if why else AGAIN if found else COMPILING, progress):
        code = compiled(text, name)
    if not why:
        try:
            safekeeping.write(file, code)
        except OSError as error:  # a full disk, for one: the next process compiles again
            say(NOT_KEPT.format(file.parent, error.strerror), progress)
        prune(file.parent, keep=name)
    return loaded_from(code)


def prune(folder: Path, keep: str) -> None:
    """Removes our kernels that have not been loaded for long, and what earlier versions kept of theirs."""
    for old in [*folder.glob(f"{PREFIX}*"), *(folder / "__pycache__").glob(f"{PREFIX}*")]:
        with suppress(OSError):  # another process may be doing the same
            if old.stem != keep and time.time() - old.lstat().st_mtime > UNUSED:
                safekeeping.remove(old)


def say(line: str, progress: Callable[[str], Any] | None) -> None:
    if progress is None:
        print(line, file=sys.stderr, flush=True)
    else:
        progress(line)


@contextmanager
def announced(line: str, progress: Callable[[str], Any] | None) -> Iterator[None]:
    """A line before, and while it lasts a dot a second on a terminal's stderr."""
    say(line, progress)
    done = threading.Event()

    def dots() -> None:
        while not done.wait(1.0):
            print(".", end="", file=sys.stderr, flush=True)

    ticking = threading.Thread(target=dots, daemon=True)
    terminal = sys.stderr is not None and sys.stderr.isatty()
    if terminal:
        ticking.start()
    try:
        yield
    finally:
        done.set()
        if terminal:
            ticking.join()
            print(file=sys.stderr, flush=True)
