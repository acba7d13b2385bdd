"""The compiled kernel, which is kept: its text is written as a module into the user's cache folder, and Numba keeps its
machine code there.

The module's name is a hash of its text and of everything its machine code depends on, so a changed rule is another
module: Numba itself looks only at the file in which a function stands. That file is for Numba alone: what is run is the
text that this process has. Nothing in the folder is trusted unread (`safekeeping`): where anything is wrong it is
removed and the kernel compiled once more, and where it cannot be kept, compiled in memory.
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
from pathlib import Path
from types import ModuleType
from typing import Any

from engine.compiler.kernel import safekeeping
from engine.compiler.kernel.source import kernel_source

__all__ = ["cache_folder", "load", "module_name", "prepare", "ready"]

PREFIX = "rantai_kernel_"
UNUSED = 60 * 24 * 3600.0
"""Kernels that nobody loaded for so many seconds are removed when another one is compiled."""

COMPILING = "compiling the kernel, once for this machine and version; this takes about 10 seconds"
AGAIN = "compiling the kernel again, since what was kept of it is not as it was written; this takes about 10 seconds"
IN_MEMORY = "compiling the kernel for this process only, about 10 seconds; it is not kept: {}"

loaded: dict[str, ModuleType] = {}  # by name
loading = threading.Lock()  # Numba's settings are those of the process


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
    """The name of the module with this text, for this Python, these packages and this processor."""
    versions = [
        platform.python_implementation(),
        platform.python_version(),
        platform.system(),
        platform.machine(),
        processor(),
    ]
    versions += [metadata.version(package) for package in ("numba", "llvmlite", "numpy")]
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
        return name in loaded or kept(name, text)
    except (metadata.PackageNotFoundError, OSError):
        return False


def kept(name: str, text: str) -> bool:
    """Whether machine code was kept, by this user and as it is now."""
    folder = cache_folder()
    return safekeeping.refusal(folder) is None and safekeeping.intact(folder, name, text)


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


def load(progress: Callable[[str], Any] | None = None) -> ModuleType:
    """The module of the kernel, compiled if need be, which is announced.

    Where it cannot be kept it is compiled in memory, for this process only.

    Raises:
        ImportError: without the package numba.
    """
    text = kernel_source()
    name = module_name(text)
    with loading:
        if name not in loaded:
            import numba  # noqa: F401  its absence is no fault of the folder

            loaded[name] = from_folder(text, name, progress) or in_memory(text, name, progress)
    return loaded[name]


def from_folder(text: str, name: str, progress: Callable[[str], Any] | None) -> ModuleType | None:
    """The module whose machine code is kept; None where it cannot be."""
    folder = cache_folder().absolute()
    with suppress(OSError):  # then it is refused
        safekeeping.make(folder)
    if safekeeping.refusal(folder):
        return None
    if safekeeping.intact(folder, name, text):
        with suppress(Exception):  # written by us and yet nothing that Numba can read: then once more
            return run_in(folder, text, name)
    found = (folder / f"{name}.ready").exists()
    try:
        safekeeping.discard(folder, name)
        if safekeeping.text_of(folder / f"{name}.py") != text:
            safekeeping.write(folder / f"{name}.py", text)
        with announced(AGAIN if found else COMPILING, progress):
            return run_in(folder, text, name)
    except Exception:  # a full disk, another process at the same files: whatever it is, memory will do
        return None


def run_in(folder: Path, text: str, name: str) -> ModuleType:
    """The module, its machine code read from that folder or else written there."""
    with kept_beside():
        module = executed(text, name, str(folder / f"{name}.py"))
    with suppress(OSError):
        safekeeping.record(folder, name)
        prune(folder, keep=name)
    return module


def in_memory(text: str, name: str, progress: Callable[[str], Any] | None) -> ModuleType:
    """The module, of which nothing is kept."""
    why = safekeeping.refusal(cache_folder()) or f"writing to {cache_folder()} failed"
    with announced(IN_MEMORY.format(why), progress):
        return executed(text.replace("cache=True", "cache=False"), name, name)


def executed(text: str, name: str, file: str) -> ModuleType:
    module = ModuleType(name)
    sys.modules[name] = module  # Numba looks the module of a kept function up by its name
    exec(compile(text, file, "exec"), module.__dict__)
    return module


@contextmanager
def kept_beside() -> Iterator[None]:
    """In this block Numba keeps machine code in the folder of its module, which was looked at, and nowhere else."""
    from numba import config

    changed = {"CACHE_DIR": "", "CACHE_LOCATOR_CLASSES": "InTreeCacheLocator"}  # old Numba has the first only
    before = {setting: getattr(config, setting) for setting in changed if hasattr(config, setting)}
    for setting in before:
        setattr(config, setting, changed[setting])
    try:
        yield
    finally:
        for setting, value in before.items():
            setattr(config, setting, value)


def prune(folder: Path, keep: str) -> None:
    """Removes our kernels that have not been loaded for long, with what Python and Numba keep of them."""
    for old in folder.glob(f"{PREFIX}*.ready"):
        with suppress(OSError):  # another process may be doing the same
            if old.stem != keep and time.time() - old.stat().st_mtime > UNUSED:
                for file in [*folder.glob(f"{old.stem}*"), *(folder / "__pycache__").glob(f"{old.stem}*")]:
                    safekeeping.remove(file)


@contextmanager
def announced(line: str, progress: Callable[[str], Any] | None) -> Iterator[None]:
    """A line before, and while it lasts a dot a second on a terminal's stderr."""
    if progress is None:
        print(line, file=sys.stderr, flush=True)
    else:
        progress(line)
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
