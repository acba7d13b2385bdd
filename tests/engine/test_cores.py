"""How many cores this process may use, as the system says."""

import os

import pytest

from engine import cores
from tests.engine.helpers import python


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="a system on which a process keeps to some cores")
def test_of_the_cores_of_the_machine_those_that_it_keeps_to():
    first = min(os.sched_getaffinity(0))
    code = f"import os, engine; os.sched_setaffinity(0, [{first}]); print(engine.cores())"
    assert python(code).stdout == "1\n"


@pytest.mark.parametrize(("counted", "expected"), [(6, 6), (None, 1)])
def test_where_the_system_knows_no_such_limit_all_of_the_machine(monkeypatch, counted, expected):
    monkeypatch.delattr(os, "sched_getaffinity", raising=False)
    monkeypatch.setattr(os, "cpu_count", lambda: counted)
    assert cores() == expected
