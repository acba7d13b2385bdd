"""What holds inside a `with` block: `no_grad()` and `group(...)`."""

import asyncio
import math
import threading

import pytest

from engine import RULES, Group, Value, group, no_grad


def recorded() -> bool:
    return (Value(2.0) * 3).rule is not None


def test_no_grad_records_nothing():
    x = Value(2.0)
    with no_grad():
        results = [x * 3, 3 - x, x**2, x.tanh(), RULES["total"]([x, x]), RULES["where"](x, x, 1.0)]
    for y in results:
        assert (y.rule, y.inputs, y.frozen) == (None, (), True)
    assert [y.data for y in results] == [6.0, 1.0, 4.0, math.tanh(2), 4.0, 2.0]
    assert recorded()


def test_no_grad_nests_and_ends_with_an_exception():
    with no_grad():
        with no_grad():
            assert not recorded()
        assert not recorded()
        with pytest.raises(ValueError, match="mine"), no_grad():
            raise ValueError("mine")
        assert not recorded()
    assert recorded()


def test_no_grad_holds_for_its_own_thread():
    found = []
    with no_grad():
        thread = threading.Thread(target=lambda: found.append(recorded()))
        thread.start()
        thread.join()
        assert not recorded()
    assert found == [True]


def test_no_grad_holds_for_its_own_task():
    async def quiet(inside: asyncio.Event, done: asyncio.Event) -> bool:
        with no_grad():
            inside.set()
            await done.wait()
            return recorded()

    async def loud(inside: asyncio.Event, done: asyncio.Event) -> bool:
        await inside.wait()
        found = recorded()
        done.set()
        return found

    async def both() -> list[bool]:
        events = asyncio.Event(), asyncio.Event()
        return await asyncio.gather(quiet(*events), loud(*events))

    assert asyncio.run(both()) == [False, True]


# Groups


def test_groups_are_nested_and_every_entry_is_one_of_its_own():
    x = Value(2.0)
    with group("layer") as layer:
        a = x * 2
        with group("neuron") as first:
            b = a.tanh()
        with group("neuron") as second:
            c = RULES["total"]([a, b])
        d = c + b
    e = d * 3
    assert [node.group for node in (x, a, b, c, d, e)] == [None, layer, first, second, layer, None]
    assert first is not second
    assert isinstance(first, Group)
    assert (first.name, first.parent, first.path) == ("neuron", layer, ("layer", "neuron"))
    assert (layer.parent, layer.path) == (None, ("layer",))
    assert "layer" in repr(first)


def test_a_group_can_be_entered_again_inside_itself():
    block = group("block")
    with block as outer:
        with block as inner:
            a = Value(2.0) * 2
        b = a * 2
    assert (a.group, b.group, (a * b).group) == (inner, outer, None)
    assert inner.path == ("block", "block")


def test_a_node_can_be_put_into_another_group():
    x = Value(2.0)
    with group("first") as first:
        y = x * 3
    x.group = first
    y.group = None
    assert (x.group, y.group) == (first, None)


def test_a_group_ends_with_an_exception():
    with pytest.raises(ValueError, match="mine"), group("broken"):
        raise ValueError("mine")
    assert (Value(2.0) * 2).group is None


def test_one_block_can_be_entered_by_two_threads_at_a_time():
    """They leave in the order in which they came, as blocks of one thread never do."""
    block, steps, found = group("block"), threading.Barrier(2, timeout=30), {}

    def first() -> None:
        with block as entered:
            steps.wait()  # both are inside
            steps.wait()
            found["first"] = (Value(2.0) * 2).group is entered
        found["first left"] = (Value(2.0) * 2).group
        steps.wait()

    def second() -> None:
        steps.wait()
        with block as entered:
            steps.wait()
            steps.wait()  # the other one has left
            found["second"] = (Value(2.0) * 2).group is entered
        found["second left"] = (Value(2.0) * 2).group

    threads = [threading.Thread(target=target) for target in (first, second)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == {"first": True, "first left": None, "second": True, "second left": None}


def test_a_group_holds_for_its_own_task():
    async def inside(name: str, others: asyncio.Barrier) -> bool:
        with group(name) as entered:
            await others.wait()
            right = (Value(2.0) * 2).group is entered
            await others.wait()
        return right and (Value(2.0) * 2).group is None

    async def both() -> list[bool]:
        others = asyncio.Barrier(2)
        return await asyncio.gather(inside("a", others), inside("b", others))

    assert asyncio.run(both()) == [True, True]


@pytest.mark.parametrize("make", [lambda name: group(name).__enter__(), Group])
def test_a_group_has_a_name(make):
    with pytest.raises(ValueError, match="a group needs a name, got ''"):
        make("")
    for odd in (None, 3, b"neuron", Value(1.0)):
        with pytest.raises(TypeError, match=f"name.*, got {type(odd).__name__} "):
            make(odd)
    assert (Value(1.0) + 1.0).group is None
