"""The compiled kernel, which is kept: its text is written as a module into the user's cache folder, and Numba keeps its
machine code there.

The module's name is a hash of its text and of everything its machine code depends on, so a changed rule is another
module: Numba itself looks only at the file in which a function stands.
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
from importlib import metadata, util
from pathlib import Path
from types import ModuleType
from typing import Any

from engine.compiler.kernel.source import kernel_source

__all__ = ["cache_folder", "load", "module_name", "prepare", "ready"]

PREFIX = "rantai_kernel_"
UNUSED = 60 * 24 * 3600.0
"""Kernels that nobody loaded for so many seconds are removed when another one is compiled."""

loaded: dict[str, ModuleType] = {}  # by name


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
        name = module_name(kernel_source())
        return name in loaded or kept(name)
    except (metadata.PackageNotFoundError, OSError):
        return False


def marker(name: str) -> Path:
    """An empty file beside the module: its machine code was kept. Its time is when the kernel was loaded last."""
    return cache_folder() / f"{name}.ready"


def kept(name: str) -> bool:
    """Whether machine code was kept, and is still where Numba looks for it (unless the environment sends Numba
    elsewhere)."""
    elsewhere = bool(os.environ.get("NUMBA_CACHE_DIR"))
    return marker(name).exists() and (elsewhere or any((cache_folder() / "__pycache__").glob(f"{name}.*.nbi")))


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

    Where the cache folder cannot be written it is compiled in memory, for this process only.

    Raises:
        ImportError: without the package numba.
    """
    text = kernel_source()
    name = module_name(text)
    if name not in loaded:
        if kept(name):
            loaded[name] = imported(text, name)
        else:
            with announced(progress):
                loaded[name] = imported(text, name)
    return loaded[name]


def imported(text: str, name: str) -> ModuleType:
    """The module from the cache folder, or where that fails, made in memory."""
    path = cache_folder() / f"{name}.py"
    try:
        write(path, text)
        specification = util.spec_from_file_location(name, path)
        assert specification is not None and specification.loader is not None
        module = util.module_from_spec(specification)
        sys.modules[name] = module  # Numba looks the module of a kept function up by its name
        specification.loader.exec_module(module)
        with suppress(OSError):  # somebody else's folder, where the module was already
            prune(path.parent, keep=name)
            marker(name).touch()
    except (OSError, RuntimeError):  # Numba's error where it cannot keep anything is a RuntimeError
        module = sys.modules[name] = ModuleType(name)
        exec(compile(text.replace("cache=True", "cache=False"), name, "exec"), module.__dict__)
    return module


def write(path: Path, text: str) -> None:
    """The file, if it is not there, whole or not at all; always with the same time, by which Numba and Python know a
    file."""
    if path.exists():
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(f".{os.getpid()}")
    draft.write_text(text, encoding="utf-8")
    os.utime(draft, (1e9, 1e9))
    draft.replace(path)


def prune(folder: Path, keep: str) -> None:
    """Removes our kernels that have not been loaded for long, with what Python and Numba keep of them."""
    for old in folder.glob(f"{PREFIX}*.ready"):
        with suppress(OSError):  # another process may be doing the same
            if old.stem != keep and time.time() - old.stat().st_mtime > UNUSED:
                for file in [*folder.glob(f"{old.stem}*"), *(folder / "__pycache__").glob(f"{old.stem}*")]:
                    file.unlink(missing_ok=True)


@contextmanager
def announced(progress: Callable[[str], Any] | None) -> Iterator[None]:
    """A line before, and while it lasts a dot a second on a terminal's stderr."""
    line = "compiling the kernel, once for this machine and version; this takes about 10 seconds"
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
