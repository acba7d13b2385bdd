"""The set of instructions is described once: named fields and integers are two spellings of the same."""

import importlib.util
import json
import os

import pytest

from engine.compiler.instruction_set import KINDS, WIDTH, Addition, instructions, name, number, places, written
from tests.engine import plans


def made_up(kind):
    """An instruction of this kind, each of whose fields is another number."""
    return kind(*range(101, 101 + len(kind._fields)))


@pytest.mark.parametrize("kind", KINDS, ids=name)
def test_fields_to_integers_and_back(kind):
    code = written(range(7, 12), made_up(kind))
    assert len(code) == WIDTH
    assert list(instructions(code * 2)) == [(range(7, 12), made_up(kind))] * 2
    assert type(next(instructions(code))[1]) is kind


@pytest.mark.parametrize("kind", KINDS, ids=name)
def test_a_field_is_where_its_place_says(kind):
    code, at = written(range(7, 12), made_up(kind)), places(kind)
    assert list(at)[:3] == ["kind", "rows", "first"]
    assert [code[at[field]] for field in at] == [number(kind), 5, 7, *made_up(kind)]
    assert len(set(at.values())) == len(at) and set(at.values()) <= set(range(WIDTH))
    assert sum(map(bool, code)) == len(at) - (number(kind) == 0)  # all else is 0


def test_active_and_uniform_are_at_one_place_in_all_kinds():
    for field in ("active", "uniform"):
        assert len({places(kind)[field] for kind in KINDS if field in kind._fields}) == 1


@pytest.mark.parametrize("kind", KINDS, ids=name)
def test_a_kind_says_what_it_computes(kind):
    adds = issubclass(kind, Addition)
    assert kind.__doc__.startswith("+= " if adds else "= ")
    formula = kind.__doc__.splitlines()[0]
    used = set(kind._fields) - {"active", "uniform", "runs", "in_place", "terms", "inputs"}
    assert [field for field in used if field not in formula and "the same" not in formula] == []


def test_the_description_can_be_written_as_json():
    """For a reader that is not in Python."""
    described = {name(kind): places(kind) for kind in KINDS}
    assert json.loads(json.dumps(described)) == described
    assert len(described) == len(KINDS)


def test_hand_made_plans_and_their_interpreter_have_the_same_kinds():
    """They number them by themselves."""
    own = [
        kind.lower().replace("_p", "").replace("_v", " among values") for kind in plans.KINDS if kind != "PARAMETERS"
    ]
    assert own == [name(kind) for kind in KINDS if name(kind) != "parameters"]
    assert plans.KINDS.index("PARAMETERS") == [name(kind) for kind in KINDS].index("parameters")


@pytest.mark.skipif(
    importlib.util.find_spec("numba") is None and os.environ.get("CI") != "true", reason="the kernel needs numba"
)
def test_the_kernel_is_written_with_the_same_numbers():
    from engine.compiler.kernel.source import kernel_source

    text = kernel_source()
    for kind in KINDS[:-1]:  # what is none of these is the last one
        assert f"\n{name(kind).upper()} = np.uint64({number(kind)})\n" in text
    assert f"\nWIDTH = np.uint64({WIDTH})\n" in text
