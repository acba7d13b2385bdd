"""Whatever is wrong in the kernel's folder: the kernel runs, nothing planted there does, and the folder is mended where
it can be."""

import importlib.util
import os
import pickle
import py_compile
import shutil
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.engine.helpers import ROOT

if importlib.util.find_spec("numba") is None and os.environ.get("CI") != "true":
    pytest.skip("the tests of the kernel need the package numba", allow_module_level=True)

from engine.compiler.kernel import cache, safekeeping

pytestmark = pytest.mark.slow  # small kernels are compiled

TEXT = """\
from numba import njit

@njit("float64(float64)", cache=True)
def run(x):
    return x + 1.0
"""
FILES = {"text": "*.py", "digests": "*.ready", "index": "__pycache__/*.nbi", "code": "__pycache__/*.nbc"}
on_posix = pytest.mark.skipif(os.name != "posix", reason="Windows has no owners and permissions of this kind")


@pytest.fixture
def folder(monkeypatch, tmp_path):
    """The folder of a kernel, and other folders above it that are not there yet."""
    monkeypatch.setenv("RANTAI_CACHE", str(tmp_path / "new" / "kept"))
    monkeypatch.setattr(cache, "kernel_source", lambda: TEXT)
    monkeypatch.setattr(cache, "loaded", {})
    return tmp_path / "new" / "kept"


def load():
    """What is announced when the kernel is loaded as by a new process, and whether its machine code was found."""
    lines = []
    cache.loaded.clear()
    run = cache.load(lines.append).run
    assert run(2.0) == 3.0
    return lines, sum(run.stats.cache_hits.values()) == 1


def mended():
    """Loads what something is wrong with, and then what has to be right again."""
    lines, found = load()
    assert (lines, found) in [([cache.AGAIN], False), ([cache.COMPILING], False), ([], True)]
    assert load() == ([], True)
    return lines


def cut(length):
    return lambda path: path.write_bytes(path.read_bytes()[: int(length * path.stat().st_size)])


def flipped(place):
    def damage(path):
        content = bytearray(path.read_bytes())
        content[int(place * (len(content) - 1))] ^= 0x10
        path.write_bytes(content)

    return damage


def another(make):
    """Something else in the place of the file."""

    def damage(path):
        path.unlink()
        make(path)

    return damage


def a_folder(path):
    path.mkdir()
    (path / "inside").write_text("something")


DAMAGES = {
    "emptied": cut(0),
    "cut near its start": cut(0.1),
    "cut in the middle": cut(0.5),
    "cut near its end": cut(0.99),
    "first byte": flipped(0),
    "a byte in the middle": flipped(0.5),
    "last byte": flipped(1),
    "longer": lambda path: path.write_bytes(path.read_bytes() + b"0"),
    "removed": Path.unlink,
    "a folder": another(a_folder),
    "unreadable": lambda path: path.chmod(0),
}
ODD = {
    "a link to nothing": another(lambda path: path.symlink_to("nowhere")),
    "a link to itself": another(lambda path: path.symlink_to(path.name)),
    "a link that never ends": another(lambda path: path.symlink_to("/dev/zero")),
    "a pipe": another(lambda path: os.mkfifo(path)),
    "others may write": lambda path: path.chmod(0o666),
}


@pytest.mark.parametrize("damage", DAMAGES)
@pytest.mark.parametrize("file", FILES)
def test_a_damaged_file(folder, file, damage):
    load()
    (path,) = folder.glob(FILES[file])
    DAMAGES[damage](path)
    readable = damage == "unreadable" and os.access(path, os.R_OK)  # to root all files are
    lines = mended()
    assert len(lines) == (0 if readable else 1)


@on_posix
@pytest.mark.parametrize("damage", ODD)
@pytest.mark.parametrize("file", FILES)
def test_a_file_of_another_kind(folder, file, damage):
    load()
    (path,) = folder.glob(FILES[file])
    ODD[damage](path)
    assert len(mended()) == 1


class Planted:
    """A pickle that runs something."""

    def __init__(self, marker):
        self.marker = marker

    def __reduce__(self):
        return Path.touch, (self.marker,)


@pytest.mark.parametrize("file", ["index", "code"])
def test_a_planted_pickle_is_not_loaded(folder, tmp_path, file):
    load()
    (path,) = folder.glob(FILES[file])
    path.write_bytes(pickle.dumps(Planted(tmp_path / "ran")))
    assert mended()
    assert not (tmp_path / "ran").exists()


def test_a_planted_module_is_not_run(folder, tmp_path):
    """Neither as text, nor as bytecode that claims to be of the right text."""
    load()
    (path,) = folder.glob(FILES["text"])
    text, time = path.read_text(), path.stat().st_mtime
    planted = f"open({str(tmp_path / 'ran')!r}, 'w'); {TEXT}"
    path.write_text(planted)
    os.utime(path, (time, time))
    py_compile.compile(str(path), importlib.util.cache_from_source(str(path)))
    bytecode = Path(importlib.util.cache_from_source(str(path)))
    assert mended()
    content = bytearray(bytecode.read_bytes())
    content[12:16] = len(text).to_bytes(4, "little")
    bytecode.write_bytes(content)
    load()
    assert not (tmp_path / "ran").exists()
    assert path.read_text() == text


@on_posix
def test_digests_that_another_user_planted_are_not_believed(folder, tmp_path, monkeypatch):
    """Whoever could write there for a while has planted a pickle and the digest that goes with it."""
    load()
    name = cache.module_name(TEXT)
    (path,) = folder.glob(FILES["code"])
    path.write_bytes(pickle.dumps(Planted(tmp_path / "ran")))
    (folder / f"{name}.ready").write_text(safekeeping.digests(folder, name))
    if os.geteuid() == 0:
        for file in (path, folder / f"{name}.ready"):
            os.chown(file, 65534, 65534)
        assert mended()
    else:  # a file of another user's cannot be made; then all are
        monkeypatch.setattr(os, "geteuid", lambda: 65534)
        load()
    assert not (tmp_path / "ran").exists()


@on_posix
def test_the_folders_are_made_for_the_user_alone(folder):
    before = os.umask(0)  # which would let others write
    try:
        load()
    finally:
        os.umask(before)
    for made in (folder.parent, folder, folder / "__pycache__"):
        assert made.stat().st_mode & 0o777 == 0o700
    assert load() == ([], True)


@on_posix
@pytest.mark.parametrize("inside", ["", "__pycache__"])
@pytest.mark.parametrize("mode", [0o770, 0o702, 0o1777])
def test_a_folder_that_others_may_write_is_refused(folder, inside, mode):
    load()
    (folder / inside).chmod(mode)
    for _ in range(2):
        (line,), found = load()
        assert not found
        assert line == cache.IN_MEMORY.format(f"others may write to {folder / inside} (chmod 700 makes it yours alone)")
    assert not cache.kept(cache.module_name(TEXT), TEXT)
    (folder / inside).chmod(0o700)
    assert load() == ([], True)


@on_posix
def test_a_folder_of_another_user_is_refused(folder, monkeypatch):
    load()
    with monkeypatch.context() as patch:
        patch.setattr(os, "geteuid", lambda: 65534 if folder.stat().st_uid != 65534 else 65533)
        assert load() == ([cache.IN_MEMORY.format(f"{folder} belongs to another user")], False)
    if os.geteuid() == 0:
        os.chown(folder, 65534, 65534)
        assert load() == ([cache.IN_MEMORY.format(f"{folder} belongs to another user")], False)


def test_where_there_are_no_owners_digests_are_compared(folder, monkeypatch):
    """As on Windows."""
    monkeypatch.delattr(os, "geteuid", raising=False)
    load()
    assert load() == ([], True)
    (path,) = folder.glob(FILES["code"])
    path.chmod(0o666)  # as every file there is
    assert load() == ([], True)
    path.write_bytes(b"")
    assert mended()


def test_a_folder_that_may_be_read_only(folder, monkeypatch):
    """Numba would keep its files elsewhere then, where nobody looks at them."""
    load()
    if os.name == "posix" and os.geteuid() != 0:
        (folder / "__pycache__").chmod(0o500)
    else:  # to root nothing is read-only
        access = os.access
        monkeypatch.setattr(os, "access", lambda path, mode: Path(path).name != "__pycache__" and access(path, mode))
    assert load() == ([cache.IN_MEMORY.format(f"{folder / '__pycache__'} cannot be written")], False)
    (folder / "__pycache__").chmod(0o700)


@pytest.mark.parametrize("inside", ["", "__pycache__"])
def test_a_file_where_a_folder_is_expected(folder, inside):
    load()
    shutil.rmtree(folder / inside)
    (folder / inside).write_text("no folder")
    lines, found = load()
    assert (len(lines), found) == (1, False)
    if inside:
        assert load() == ([], True)


@contextmanager
def full_after(size):
    """No file can become longer than so many bytes."""
    import resource

    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@on_posix
@pytest.mark.parametrize("size", [10, len(TEXT) + 10, 3000])
def test_a_disk_that_is_full(folder, size):
    """The text, the index or the code cannot be written; what was written does no harm later."""
    with full_after(size):
        lines, found = load()
    assert not found
    assert lines[-1] == cache.IN_MEMORY.format(f"writing to {folder} failed")
    assert len(mended()) == 1


PROGRAM = f"""
from engine.compiler.kernel import cache
cache.kernel_source = lambda: {TEXT!r}
print(cache.load(lambda line: None).run(2.0))
"""


@pytest.mark.parametrize("damaged", [False, True])
def test_two_processes_at_once(folder, damaged):
    if damaged:
        load()
        (path,) = folder.glob(FILES["code"])
        path.write_bytes(b"")
    both = [
        subprocess.Popen(
            [sys.executable, "-W", "error", "-c", PROGRAM],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]
    assert [each.communicate(timeout=120) for each in both] == [("3.0\n", "")] * 2
    load()  # where one has taken away what the other wrote, it is there now
    assert load() == ([], True)
