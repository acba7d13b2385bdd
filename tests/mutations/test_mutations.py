"""The mutants themselves: which mistakes are made, and that the list of harmless ones speaks of the source as it is."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from tests.mutations.__main__ import ROOT, harmless
from tests.mutations.code import Functions, can_be_given, changes
from tests.mutations.mutants import mutants_of, trees_of
from tests.mutations.targets import TARGETS

SOURCES = {
    "return x < 1": {"return None", "x <= 1", "x >= 1", "x < 2"},
    "return -x if x else 3.5": {
        "return None",
        "x if x else 3.5",
        "-x if True else 3.5",
        "-x if False else 3.5",
        "-x if x else 4.5",
    },
    "return x and not x * x": {"return None", "x or not x * x", "x and x * x", "x / x"},
    "x.y += max(x)": {"pass", "x.y -= max(x)", "min(x)"},
    "while True: break": {"pass", "False"},
    "raise ValueError(f'{x + 1}')": {"pass"},
    "'a docstring'; return None": set(),
    "assert x; zip(x, strict=True)": {"pass"},
    "@overload\n    def g(x: int = 1) -> int: ...": set(),
}


@pytest.mark.parametrize("source", SOURCES)
def test_the_mistakes_that_are_made(source, tmp_path):
    (tmp_path / "f.py").write_text(f"__all__ = ['f']\n\n\ndef f(x: int = None) -> int:\n    {source}\n")
    found = mutants_of(tmp_path, "f.py")
    assert {mutant.after for mutant in found} - {"False"} == SOURCES[source] - {"False"}
    assert {mutant.place for mutant in found} <= {"f"}
    trees = dict(trees_of(tmp_path, found[::2])) if found else {}
    assert list(trees) == sorted(found[::2], key=lambda mutant: mutant.number)
    for _, tree in trees_of(tmp_path, found) if found else ():  # each has its mistake and no other
        assert ast.unparse(tree) != ast.unparse(ast.parse((tmp_path / "f.py").read_text()))
        compile(tree, "f.py", "exec")


def test_every_file_and_test_is_there():
    named = [path for file, tests in TARGETS.items() for path in (file, *[test.split("::")[0] for test in tests])]
    assert [path for path in named if not (ROOT / path).is_file()] == []


def test_the_harmless_ones_are_mutants_of_the_source_as_it_is():
    keys = {mutant.key for file in {key[0] for key in harmless()} for mutant in mutants_of(Path(ROOT), file)}
    assert [key for key in harmless() if key not in keys] == []
    assert all(harmless().values())


TWO_WAYS = {
    "x = 1\ndef f(): return 1": ("x = 1\ndef f(): return 2", ["f"]),
    "class C:\n    def f(self): return lambda: 1": ("class C:\n    def f(self): return lambda: 2", ["C.f"]),
    "x = 3\ndef f(): return 1": ("x = 4\ndef f(): return 1", None),
    "class C:\n    x = 0.0": ("class C:\n    x = -0.0", None),
    "def f(x=1): return x": ("def f(x=2): return x", None),
    "row = lambda x: x + 1": ("row = lambda x: x - 1", ["<lambda>"]),
}


@pytest.mark.parametrize("before", TWO_WAYS)
def test_what_a_mistake_changes(before):
    after, names = TWO_WAYS[before]
    changed = changes(compile(before, "f.py", "exec"), compile(after, "f.py", "exec"))
    assert (None if changed is None else [old.co_qualname for old, _ in changed]) == names


@pytest.mark.parametrize(
    ("before", "after", "can"),
    [
        ("def f(x):\n    def g(y): return x + y", "def f(x):\n    def g(y): return x - y", True),
        ("def f(x):\n    def g(y): return x + y", "def f(x):\n    def g(y): return None", False),
        ("def f(x):\n    return [lambda: x]", "def f(x):\n    return None", True),
    ],
)
def test_a_function_keeps_the_variables_that_it_is_tied_to(before, after, can):
    ((old, new),) = changes(compile(before, "f.py", "exec"), compile(after, "f.py", "exec"))
    assert can_be_given(old, new) is can


def test_a_function_is_given_its_new_code(tmp_path):
    path = tmp_path / "f.py"
    before, after = (f"def f(x):\n    def g(y): return x {sign} y\n    return g\ng = f(2)\n" for sign in "+-")
    path.write_text(before)
    old = compile(before, str(path), "exec")
    exec(old, module := {})
    functions = Functions([str(path)])
    functions.change(str(path), changes(old, compile(after, str(path), "exec")))
    assert module["g"](5) == module["f"](2)(5) == -3
