"""What a function keeps from one call to the next: a counter, a list that grows, a generator of random numbers. What is
recorded is called once, not for each sample, so such a function cannot be recorded."""

from __future__ import annotations

import sys
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from itertools import count, islice
from random import Random
from types import CodeType, FunctionType, MemberDescriptorType, MethodType, ModuleType
from typing import Any

from engine.rule import Operand

__all__ = ["changed_by"]

MOST = 20_000
"""Objects that are looked at; what lies further away is left to the comparisons during a run."""
PLAIN = (bool, int, float, complex, str, bytes, type(None))
UNNAMED = ("__call__", "__getattr__", "__getitem__", "__iter__", "__len__", "__next__")
"""Methods that a function calls without mentioning them."""
FOREIGN = frozenset(sys.stdlib_module_names) | {"engine", "numpy", "numba"}


def changed_by(call: Callable[[], object], f: Callable[..., Any]) -> str:
    """Where something that a function can name is another after a call than before it; "" if nothing is."""
    names, weights = set(UNNAMED), dict[int, Any]()
    before = kept_by(f, names, weights)
    call()
    after = kept_by(f, names, weights)
    return next((where for where in before if before[where] != after.get(where)), "")


def kept_by(f: Callable[..., Any], names: set[str], weights: dict[int, Any]) -> dict[str, Any]:
    """The plain contents of all that a function can name: variables around it, globals, attributes, what these hold,
    and the same of the functions that it names; by where they are.

    Args:
        f: the function.
        names: an attribute counts if any of the functions mentions it; the names that they mention are added.
        weights: lists of them, by their ids, which are not looked into; those that are found are added, and kept alive
            as what is seen is.
    """
    while True:  # until no further name is met
        before = len(names)
        found: dict[str, Any] = {}
        todo: deque[tuple[str, Any]] = deque([("", f)])
        seen: dict[int, Any] = {}  # kept alive: another thing would get the number of one that is gone
        while todo and len(seen) < MOST:
            where, thing = todo.popleft()
            if isinstance(thing, PLAIN):
                found.setdefault(where, thing)  # of an object before that of its class
            elif id(thing) not in seen and not isinstance(thing, Operand):
                seen[id(thing)] = thing
                if (content := contents(thing)) is not None:
                    found.setdefault(where, content)
                if id(thing) in weights or holds_weights(thing):
                    weights[id(thing)] = thing
                else:
                    todo.extend((f"{where}.{name}", part) for name, part in islice(parts(thing, names), MOST))
        if len(names) == before:
            return found


def contents(thing: Any) -> Any:
    """What tells whether something with contents of its own is as it was; None where its parts tell."""
    if isinstance(thing, list | dict | set | deque):
        return len(thing)
    if isinstance(thing, count):
        return repr(thing)
    if isinstance(thing, Random):
        return thing.getstate()
    if hasattr(thing, "tobytes"):
        return hash(thing.tobytes())  # the bytes of a large table would take its size again
    return None


def parts(thing: Any, names: set[str]) -> Iterator[tuple[str, Any]]:
    """What it holds, or names; the names that a function mentions are added."""
    if isinstance(thing, property):
        yield "get", thing.fget
    elif isinstance(thing, classmethod | staticmethod):
        yield "function", thing.__func__
    elif isinstance(thing, MethodType):
        yield from (("method", thing.__func__), ("self", thing.__self__))
    elif isinstance(thing, partial):
        yield from (("function", thing.func), ("arguments", thing.args), ("keywords", thing.keywords))
    elif isinstance(thing, FunctionType):
        if foreign(thing):
            return
        mentioned = mentions(thing.__code__)
        names |= mentioned
        for name in sorted(mentioned & thing.__globals__.keys()):
            yield name, thing.__globals__[name]
        for name, cell in zip(thing.__code__.co_freevars, thing.__closure__ or (), strict=True):
            with suppress(ValueError):  # it is not there yet
                yield name, cell.cell_contents
        yield "defaults", (thing.__defaults__, thing.__kwdefaults__)
    elif isinstance(thing, dict):
        yield from ((str(key), part) for key, part in thing.items())
    elif isinstance(thing, list | tuple | deque):
        yield from ((str(place), part) for place, part in enumerate(thing))
    else:
        kinds = () if isinstance(thing, ModuleType | type) else type(thing).__mro__
        for place in (thing, *kinds):
            if (place is thing and not isinstance(thing, ModuleType | type)) or not foreign(place):
                there = getattr(place, "__dict__", {})
                yield from ((name, slot_of(thing, there[name])) for name in sorted(names & there.keys()))


def holds_weights(thing: Any) -> bool:
    """Whether it is a list of numbers of the graph, as a wide layer has, which are not looked at one by one."""
    return isinstance(thing, list | tuple | deque) and all(issubclass(kind, Operand) for kind in {*map(type, thing)})


def slot_of(thing: Any, attribute: Any) -> Any:
    return getattr(thing, attribute.__name__, None) if isinstance(attribute, MemberDescriptorType) else attribute


def foreign(thing: Any) -> bool:
    """Whether it is of Python, of this engine or of NumPy."""
    name = thing.__name__ if isinstance(thing, ModuleType) else getattr(thing, "__module__", None)
    return str(name).partition(".")[0] in FOREIGN


def mentions(code: CodeType) -> set[str]:
    """All names in a function and in those inside it."""
    inner = [mentions(constant) for constant in code.co_consts if isinstance(constant, CodeType)]
    return set(code.co_names).union(*inner)
