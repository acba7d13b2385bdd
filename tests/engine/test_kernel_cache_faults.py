"""Whatever is wrong in the kernel's folder: the kernel runs, nothing planted there does, and the folder is mended where
it can be."""

import importlib.util
import os
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
from tests.engine.small_kernel import TEXT, one_more

pytestmark = pytest.mark.slow  # small kernels are compiled

FILE = "*.code"
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
    found = cache.ready()
    assert one_more(cache.load(lines.append)) == 3
    return lines, found


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
def test_a_damaged_file(folder, damage):
    load()
    (path,) = folder.glob(FILE)
    DAMAGES[damage](path)
    readable = damage == "unreadable" and os.access(path, os.R_OK)  # to root all files are
    lines = mended()
    assert len(lines) == (0 if readable else 1)


@on_posix
@pytest.mark.parametrize("damage", ODD)
def test_a_file_of_another_kind(folder, damage):
    load()
    (path,) = folder.glob(FILE)
    ODD[damage](path)
    assert len(mended()) == 1


def planted(folder):
    """A file with machine code that is not ours, and the digest that goes with it."""
    load()
    (path,) = folder.glob(FILE)
    safekeeping.write(path, safekeeping.kept(path) + b"planted")
    return path


def test_what_was_written_with_its_digest_is_what_is_loaded(folder, monkeypatch):
    """So the tests below would see it if it were."""
    path, seen = planted(folder), []
    monkeypatch.setattr(cache, "loaded_from", lambda code: seen.append(code))
    cache.loaded.clear()
    cache.from_folder(cache.module_name(TEXT))
    assert seen == [safekeeping.kept(path)] and seen[0].endswith(b"planted")


def test_planted_machine_code_is_not_loaded(folder, monkeypatch):
    load()
    (path,) = folder.glob(FILE)
    path.write_bytes(path.read_bytes() + b"planted")
    seen, loaded_from = [], cache.loaded_from
    monkeypatch.setattr(cache, "loaded_from", lambda code: seen.append(code) or loaded_from(code))
    assert mended() == [cache.AGAIN]
    assert not any(code.endswith(b"planted") for code in seen)


@on_posix
def test_digests_that_another_user_planted_are_not_believed(folder, monkeypatch):
    """Whoever could write there for a while has planted machine code and the digest that goes with it."""
    path, seen, loaded_from = planted(folder), [], cache.loaded_from
    monkeypatch.setattr(cache, "loaded_from", lambda code: seen.append(code) or loaded_from(code))
    if os.geteuid() == 0:
        os.chown(path, 65534, 65534)
        assert mended()
    else:  # a file of another user's cannot be made; then all are
        monkeypatch.setattr(os, "geteuid", lambda: 65534)
        load()
    assert not any(code.endswith(b"planted") for code in seen)


@on_posix
def test_the_folders_are_made_for_the_user_alone(folder):
    before = os.umask(0)  # which would let others write
    try:
        load()
    finally:
        os.umask(before)
    for made in (folder.parent, folder):
        assert made.stat().st_mode & 0o777 == 0o700
    (path,) = folder.glob(FILE)
    assert path.stat().st_mode & 0o777 == 0o600
    assert load() == ([], True)


@on_posix
@pytest.mark.parametrize("mode", [0o770, 0o702, 0o1777])
def test_a_folder_that_others_may_write_is_refused(folder, mode):
    load()
    folder.chmod(mode)
    for _ in range(2):
        (line,), found = load()
        assert not found
        assert line == cache.IN_MEMORY.format(f"others may write to {folder} (chmod 700 makes it yours alone)")
    assert not cache.kept(cache.module_name(TEXT))
    folder.chmod(0o700)
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
    (path,) = folder.glob(FILE)
    path.chmod(0o666)  # as every file there is
    assert load() == ([], True)
    path.write_bytes(b"")
    assert mended()


def test_a_folder_that_may_be_read_only(folder, monkeypatch):
    load()
    if os.name == "posix" and os.geteuid() != 0:
        folder.chmod(0o500)
    else:  # to root nothing is read-only
        access = os.access
        monkeypatch.setattr(os, "access", lambda path, mode: Path(path) != folder and access(path, mode))
    assert load() == ([cache.IN_MEMORY.format(f"{folder} cannot be written")], False)
    folder.chmod(0o700)


def test_a_file_where_a_folder_is_expected(folder):
    load()
    shutil.rmtree(folder)
    folder.write_text("no folder")
    for _ in range(2):
        assert load() == ([cache.IN_MEMORY.format(f"{folder} is no folder")], False)


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
@pytest.mark.parametrize("size", [10, 100, 2000])
def test_a_disk_that_is_full(folder, size):
    """The digest or the code cannot be written; what was written does no harm later."""
    with full_after(size):
        lines, found = load()
    assert not found
    assert lines == [cache.COMPILING, cache.NOT_KEPT.format(folder, "File too large")]
    assert not list(folder.iterdir())
    assert len(mended()) == 1


PROGRAM = """
from engine.compiler.kernel import cache
from tests.engine.small_kernel import TEXT, one_more
cache.kernel_source = lambda: TEXT
print(one_more(cache.load(lambda line: None)))
"""


@pytest.mark.parametrize("damaged", [False, True])
def test_two_processes_at_once(folder, damaged):
    if damaged:
        load()
        (path,) = folder.glob(FILE)
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
    assert [each.communicate(timeout=120) for each in both] == [("3\n", "")] * 2
    assert load() == ([], True)
