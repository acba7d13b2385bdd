"""The kernel's machine code is kept, found by other processes, and made anew where a rule or a version is another."""

import contextlib
import gc
import importlib.util
import os

import numpy as np
import pytest

from tests.engine.helpers import python

if importlib.util.find_spec("numba") is None and os.environ.get("CI") != "true":
    pytest.skip("the tests of the kernel need the package numba", allow_module_level=True)

from engine.compiler.kernel import cache, machine_code, source
from engine.compiler.kernel.call import Call
from tests.engine.small_kernel import TEXT, arguments

pytestmark = pytest.mark.slow  # kernels are compiled, in processes of their own

USE = """
import sys
from engine.compiler import kernel
from engine.compiler.kernel import cache
from tests.engine.small_kernel import TEXT, one_more
cache.kernel_source = lambda: TEXT
print(kernel.ready(), "numba" in sys.modules)
print(kernel.prepare(print))
print(one_more(cache.load()), "numba" in sys.modules, kernel.ready())
"""


def test_a_second_process_finds_the_machine_code(monkeypatch, tmp_path):
    monkeypatch.setenv("RANTAI_CACHE", str(tmp_path / "kept"))
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path / "elsewhere"))  # Numba keeps nothing
    first, second = python(USE), python(USE)
    assert first.stdout.splitlines()[0] == "False False"
    assert "compiling" in first.stdout.splitlines()[1]
    assert first.stdout.splitlines()[2:] == ["True", "3 True True"]
    assert second.stdout.splitlines() == ["True False", "False", "3 False True"]  # and imports no Numba
    assert not (tmp_path / "elsewhere").exists()


def test_a_folder_that_cannot_be_written(monkeypatch, tmp_path):
    (tmp_path / "file").write_text("no folder")
    monkeypatch.setenv("RANTAI_CACHE", str(tmp_path / "file" / "cache"))
    lines = python(USE).stdout.splitlines()
    assert lines[0] == "False False"
    assert lines[2] == "True"
    assert lines[3] == "3 True True"  # compiled in memory, and ready for the rest of the process


def test_another_text_or_version_is_another_module(monkeypatch):
    names = {cache.module_name(source.kernel_source()), cache.module_name(TEXT)}
    monkeypatch.setattr("importlib.metadata.version", lambda package: "0.0")
    assert len(names | {cache.module_name(TEXT)}) == 3


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
        for file in (f"{name}.code", f"__pycache__/{name}.run-1.py311.nbi"):  # versions before kept the latter
            path = tmp_path / file.replace(name, cache.PREFIX + name)
            path.touch()
            os.utime(path, (path.stat().st_mtime - age,) * 2)
    (tmp_path / "of_someone_else.code").touch()
    os.utime(tmp_path / "of_someone_else.code", (1, 1))
    cache.prune(tmp_path, keep=cache.PREFIX + "mine")
    left = sorted(path.name.removeprefix(cache.PREFIX) for path in tmp_path.rglob("*.*"))
    assert left == ["mine.code", "new.code", "new.run-1.py311.nbi", "of_someone_else.code"]


def test_machine_code_for_another_processor_is_compiled_anew(monkeypatch, tmp_path):
    """As in a home that several machines share."""
    monkeypatch.setenv("RANTAI_CACHE", str(tmp_path))
    assert python(USE).stdout.splitlines()[0] == "False False"
    other = "from engine.compiler.kernel import machine_code\nmachine_code.processor = lambda: 'another'\n"
    for _ in range(2):  # the second time it is that processor's own
        lines = python(other + USE).stdout.splitlines()
        assert lines[-1].startswith("3 ")
    assert lines == ["True False", "False", "3 False True"]


@pytest.mark.parametrize(
    ("place", "wrong", "message"),
    [
        (2, np.zeros(3, np.float32), "float64 here, got one of float32"),
        (2, np.zeros((3, 1)), "with 1 axes here, got one with 2"),
        (9, np.zeros(3), "with 2 axes here, got one with 1"),
        (2, np.zeros(6)[::2], "contiguous"),
        (6, [0, 1], "dtype"),
    ],
)
def test_the_kernel_takes_no_array_of_another_type(place, wrong, message):
    """It would read other memory."""
    given = arguments()
    given[place] = wrong
    call, right = Call(lambda place: 0), arguments()
    call(*right)
    before = bytes(call._words)
    with pytest.raises((TypeError, AttributeError), match=message):
        call(*given)
    call(*right)  # and what is right is written whole again
    assert bytes(call._words) == before


@pytest.mark.parametrize("batch", [0, 1, -5, 2**62])
def test_a_call_passes_numbers_on_and_what_it_is_called_with_next(batch, monkeypatch, tmp_path):
    monkeypatch.setenv("RANTAI_CACHE", str(tmp_path))
    monkeypatch.setattr(cache, "kernel_source", lambda: TEXT)
    call = Call(cache.load(lambda line: None))
    assert [call(*arguments(each)) for each in (batch, 7, batch)] == [batch + 1, 8, batch + 1]


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


@pytest.mark.parametrize("collects", [True, False])
@pytest.mark.parametrize("text", [TEXT, "no Python"])
def test_the_collector_is_as_it_was(collects, text):
    before = gc.isenabled()
    (gc.enable if collects else gc.disable)()
    try:
        with contextlib.suppress(SyntaxError):
            machine_code.compiled(text, "rantai_kernel_of_a_test")
        assert gc.isenabled() == collects
    finally:
        (gc.enable if before else gc.disable)()
