"""The kernel's machine code is kept, found by other processes, and made anew where a rule or a version is another."""

import importlib.util
import os

import pytest

from tests.engine.helpers import python

if importlib.util.find_spec("numba") is None and os.environ.get("CI") != "true":
    pytest.skip("the tests of the kernel need the package numba", allow_module_level=True)

from engine.compiler.kernel import cache, source

pytestmark = pytest.mark.slow  # kernels are compiled, in processes of their own

# The compiled kernel, kept. A small text stands in for the kernel's, which takes seconds to compile.

SMALL = """\
from numba import njit

@njit("float64(float64)", cache=True)
def run(x):
    return x + 1.0
"""
USE = f"""
import os, sys
from engine.compiler import kernel
from engine.compiler.kernel import cache
cache.kernel_source = lambda: {SMALL!r}
print(kernel.ready(), "numba" in sys.modules)
print(kernel.prepare(print))
run = cache.load().run
print(run(2.0), sum(run.stats.cache_hits.values()), sum(run.stats.cache_misses.values()), kernel.ready())
"""


def test_a_second_process_finds_the_machine_code(monkeypatch, tmp_path):
    monkeypatch.setenv("RANTAI_CACHE", str(tmp_path / "kept"))
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path / "elsewhere"))  # where nobody looks at what stands there
    first, second = python(USE), python(USE)
    assert first.stdout.splitlines()[0] == "False False"
    assert "compiling" in first.stdout.splitlines()[1]
    assert first.stdout.splitlines()[2:] == ["True", "3.0 0 1 True"]
    assert second.stdout.splitlines() == ["True False", "False", "3.0 1 0 True"]
    assert not (tmp_path / "elsewhere").exists()


def test_a_folder_that_cannot_be_written(monkeypatch, tmp_path):
    (tmp_path / "file").write_text("no folder")
    monkeypatch.setenv("RANTAI_CACHE", str(tmp_path / "file" / "cache"))
    lines = python(USE).stdout.splitlines()
    assert lines[0] == "False False"
    assert lines[2] == "True"
    # compiled in memory, and ready for the rest of the process
    assert lines[3].startswith("3.0 0 ") and lines[3].endswith(" True")


def test_another_text_or_version_is_another_module(monkeypatch):
    names = {cache.module_name(source.kernel_source()), cache.module_name(SMALL)}
    monkeypatch.setattr("importlib.metadata.version", lambda package: "0.0")
    assert len(names | {cache.module_name(SMALL)}) == 3


def test_a_changed_rule_changes_the_text():
    text = source.kernel_source()
    tanh = next(row for row in source.NUMBERS if row.name == "tanh")
    slopes = tanh.slopes
    try:
        tanh.slopes = (lambda x, z: 2 - z * z,)
        source.kernel_source.cache_clear()  # as another process would
        assert source.kernel_source() != text
    finally:
        tanh.slopes = slopes
        source.kernel_source.cache_clear()
    assert source.kernel_source() == text


def test_kernels_that_nobody_used_for_long_are_removed(tmp_path):
    (tmp_path / "__pycache__").mkdir()
    for name, age in ("old", 1e9), ("new", 0.0), ("mine", 1e9):
        for file in (f"{name}.py", f"{name}.ready", f"__pycache__/{name}.run-1.py311.nbi"):
            (tmp_path / file.replace(name, cache.PREFIX + name)).touch()
        marker = tmp_path / f"{cache.PREFIX}{name}.ready"
        os.utime(marker, (marker.stat().st_mtime - age,) * 2)
    (tmp_path / "of_someone_else.ready").touch()
    os.utime(tmp_path / "of_someone_else.ready", (1, 1))
    cache.prune(tmp_path, keep=cache.PREFIX + "mine")
    assert sorted(path.name.removeprefix(cache.PREFIX) for path in tmp_path.glob("*.*")) == [
        "mine.py", "mine.ready", "new.py", "new.ready", "of_someone_else.ready",
    ]  # fmt: skip
    assert len(list((tmp_path / "__pycache__").iterdir())) == 2


@pytest.mark.parametrize(
    ("system", "variables", "expected"),
    [
        ("linux", {"HOME": "/ada"}, "/ada/.cache/rantai"),
        ("linux", {"HOME": "/ada", "XDG_CACHE_HOME": "/var/ada"}, "/var/ada/rantai"),
        ("darwin", {"HOME": "/Users/ada"}, "/Users/ada/Library/Caches/rantai"),
        ("win32", {"HOME": "/u", "LOCALAPPDATA": "/local"}, "/local/rantai/Cache"),
        ("linux", {"HOME": "/ada", "RANTAI_CACHE": "/elsewhere"}, "/elsewhere"),
    ],
)
def test_the_folder_is_where_the_platform_keeps_such_things(monkeypatch, system, variables, expected):
    for name in ("XDG_CACHE_HOME", "RANTAI_CACHE"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr("sys.platform", system)
    assert cache.cache_folder().as_posix() == expected
