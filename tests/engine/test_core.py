"""The core by itself: seven modules, nothing else of the engine, and the same bits as with the methods written out."""

import pytest

from tests.engine.helpers import ROOT, python

CORE = {"advice", "primitives", "scope", "rule", "graph", "rules", "value"}
ALONE = f"""
import importlib, sys, types
package = types.ModuleType("engine")
package.__path__ = [{str(ROOT / "engine")!r}]
sys.modules["engine"] = package  # a stub: the face is left out
for module in {sorted(CORE)!r}:
    importlib.import_module("engine." + module)
"""
WHOLE = "import engine\n"
RUN = """
from tests.engine.core_corpus import lines
print(*lines(), sep="\\n")
"""
LOADED = "print(*sorted(name for name in sys.modules if name.startswith('engine.')))\n"
WRITTEN_OUT = """
from engine.rule import Operand
from engine.rules import logsumexp, tanh
from engine.value import Value
print(Value.__mul__ is not Operand.__mul__, Value.tanh is not Operand.tanh, bool(tanh.written), bool(logsumexp.written))
"""
DIFFERENTIATE = """
from engine.value import Value
a, b = Value(2.0, "a"), Value(-3.0, "b")
(a * b + 6.0).exp().backward()
assert (a.grad, b.grad) == (-3.0, 2.0)
"""


@pytest.fixture(scope="module")
def alone():
    return python(ALONE + RUN).stdout.splitlines()


def test_the_core_loads_and_differentiates_without_the_rest_of_the_engine():
    assert python(ALONE + DIFFERENTIATE + LOADED).stdout.split() == sorted(f"engine.{name}" for name in CORE)


@pytest.mark.parametrize(("program", "expected"), [(ALONE, "False"), (WHOLE, "True")], ids=["alone", "whole"])
def test_the_face_installs_the_written_out_methods(program, expected):
    assert python(program + WRITTEN_OUT).stdout.split() == [expected] * 4


@pytest.mark.slow
def test_every_bit_and_every_message_is_that_of_the_written_out_methods(alone):
    whole = python(WHOLE + RUN).stdout.splitlines()
    assert len(alone) == len(whole) > 10_000
    assert [pair for pair in zip(alone, whole, strict=True) if pair[0] != pair[1]] == []


@pytest.mark.slow
def test_the_corpus_meets_every_rule_edges_and_errors(alone):
    """Else the comparison would say little."""
    text = "\n".join(alone)
    for words in ("is not defined", "is too large for a float", "got an empty list", "of equal length", "unsupported",
                  "; its input is node", "'nan'", "grads", "steps", "7ff0000000000000"):  # fmt: skip
        assert words in text
