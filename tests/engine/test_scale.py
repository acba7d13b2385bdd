"""Deep graphs, small stacks, no garbage, little memory."""

import copy
import gc
import sys
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import pytest

from engine import (
    Tape,
    Value,
    check,
    gradient,
    group,
    hessian,
    logsumexp,
    names,
    no_grad,
    topological_order,
    weighted_sum,
)
from tests.engine.helpers import python

pytestmark = pytest.mark.slow  # graphs of a million nodes

DEEP = """
import copy
import threading
from engine import Tape, Value, count_paths, depth, gradient, names, topological_order, users

def chain(length):
    x = Value(1.0)
    y = x
    for _ in range(length):
        y = y + 1e-6
    return x, y
"""


# From 3.13 on CPython itself frees nested objects on the stack until they are ten thousand deep, whatever their type.
STACK = 256 * 1024 if sys.version_info < (3, 13) else 1024 * 1024


def on_a_small_stack(work: str) -> str:
    """Run the lines in a thread with a small stack, in a process of its own: a crash would take the process along."""
    body = "".join(f"    {line}\n" for line in work.strip().splitlines())
    run = f"threading.stack_size({STACK})\nthread = threading.Thread(target=work)\n"
    run += "thread.start()\nthread.join()\nprint(*done)"
    return python(f"{DEEP}\ndone = []\ndef work():\n{body}    done.append('freed')\n{run}").stdout


def test_a_chain_of_a_million_nodes():
    found = on_a_small_stack("""
x, y = chain(1_000_000)
y.backward()
done.append(x.grad)
del y
""")
    assert found == "1.0 freed\n"


def test_deep_graphs_of_operations_on_lists():
    found = on_a_small_stack("""
from engine import total
x = y = Value(1.0)
for _ in range(30_000):
    y = total([y, 1.0, 2.0])
y.backward()
done.append(x.grad)
del y
""")
    assert found == "1.0 freed\n"


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("depth(y)", "30000"),
        ("count_paths(y, x)", "1"),
        ("len(topological_order(y))", "30001"),
        ("len(names(y))", "30001"),
        ("len(users(y))", "30001"),
        ("gradient(y, x)[0]", "1.0"),
        ("gradient(y * y, x, as_values=True)[0].data == 2 * y.data", "True"),
        ("Tape(y).replay({x: 2.0}).adjoints[0]", "1.0"),
        ("sum(1 for _ in y.backward_steps())", "30000"),
        ("y.zero_grad()", "None"),
        ("copy.deepcopy(y) is y", "False"),
        ("len(repr(y)) < 100", "True"),
    ],
)
def test_deep_graphs_for_every_reader(question, answer):
    assert on_a_small_stack(f"x, y = chain(30_000)\ndone.append({question})\ndel x, y") == f"{answer} freed\n"


@contextmanager
def no_collector() -> Iterator[None]:
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def small_graph() -> Value:
    x, w = Value(0.5, "x"), Value(-0.3, "w")
    with group("neuron"):
        z = weighted_sum([w, x], [x, 2.0], 1.0)
        a = z.tanh() ** 2 / (1 + x.exp()) - 3 * w
    return logsumexp([a, x, a * a]).relu()


def with_no_grad() -> None:
    with no_grad():
        small_graph()


def stepped() -> None:
    steps = small_graph().backward_steps()
    next(steps)


def refused() -> None:
    with suppress(ValueError):
        Value(-1.0).log()


WORK: dict[str, Callable[[], object]] = {
    "forward": small_graph,
    "backward": lambda: small_graph().backward(),
    "half of the steps": stepped,
    "second order": lambda: hessian(*[small_graph()] * 2),
    "gradient as values": lambda: gradient(*[small_graph()] * 2, as_values=True),
    "tape": lambda: Tape(small_graph()).replay({"x": 0.1}),
    "check": lambda: check(small_graph()),
    "names": lambda: names(small_graph()),
    "no_grad": with_no_grad,
    "error": refused,
    "copy": lambda: copy.deepcopy(small_graph()),
}


@pytest.mark.parametrize("work", WORK.values(), ids=WORK)
def test_nothing_is_left_for_the_cycle_collector(work):
    work()  # whatever is made only once
    with no_collector():
        for _ in range(5):
            work()
        assert gc.collect() == 0


def test_a_dropped_graph_is_freed_at_once():
    with no_collector():  # type, as isinstance asks the object, and a weak proxy may have lost its own
        before = sum(issubclass(type(thing), Value) for thing in gc.get_objects())
        y = small_graph()
        y.backward()
        during = sum(issubclass(type(thing), Value) for thing in gc.get_objects())
        del y
        after = sum(issubclass(type(thing), Value) for thing in gc.get_objects())
    assert (during > before, after) == (True, before)


def test_memory_of_a_node_and_its_gradient():
    """At most 350 bytes for an operation of two inputs: the node itself, its number, slopes, and after a pass its
    gradient."""
    count = 20_000
    x = Value(1.000001)
    with no_collector():
        tracemalloc.start()
        try:
            y = x
            for _ in range(count):
                y = y * x
            y.backward()
            used = tracemalloc.get_traced_memory()[0]
        finally:
            tracemalloc.stop()
    assert len(topological_order(y)) == count + 1
    assert used / count <= 350
