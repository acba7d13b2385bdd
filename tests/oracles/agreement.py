"""How far two engines, or two readers of our own, are from agreeing on a program: 0 is the same, 1 is the limit."""

from __future__ import annotations

import math
import random
from collections.abc import Iterable, Sequence
from typing import Any

import engine
from engine import RULES, Tape, Value, gradient
from tests.oracles.deep_programs import Program, reach

__all__ = ["LIMIT", "first_order", "machine", "replay", "second_order", "shifted"]

LIMIT = 1e-12
"""What two engines may differ by, relative to the size of what was added up."""


def first_order(program: Program, peer: Any) -> float:
    """The value and the gradient of a program against those of a peer."""
    leaves, y = program.on_values()
    value = abs(y.data - peer.value(program)) / (1.0 + abs(y.data))
    return worst([value / LIMIT, difference(gradient(y, *leaves), peer.gradient(program), y, leaves)])


def second_order(program: Program, peer: Any) -> float:
    """The matrix of second derivatives times a direction."""
    leaves, y = program.on_values()
    draw = random.Random(len(program.steps))
    direction = [round(draw.uniform(-1.0, 1.0), 2) for _ in leaves]
    slopes = gradient(y, *leaves, as_values=True)
    along = engine.weighted_sum(direction, slopes, 0.0)
    return difference(gradient(along, *leaves), peer.directional(program, direction), along, leaves)


def replay(program: Program) -> float:
    """The tape of a program, run again for other numbers, against the graph made for them. The value to the
    last bit; the slopes are added up in another order."""
    leaves, y = program.on_values()
    moved = shifted(program)
    again = moved.on_values()
    tape = Tape(y).replay(dict(zip(leaves, moved.leaves, strict=True)))
    adjoints = [tape.adjoints[tape.leaves.index(leaf)] for leaf in leaves]
    made = again[1]
    value = 0.0 if tape.value == made.data else math.inf
    return worst([value, difference(gradient(made, *again[0]), adjoints, made, again[0])])


def machine(program: Program, backend: str) -> float:
    """The losses and the gradient of a compiled program, on two samples of which the last leaf is the parameter."""
    *_, last = program.leaves
    parameter = Value(last)
    samples = [program.leaves[:-1], shifted(program).leaves[:-1]]
    compiled = engine.compile(lambda s: program.run([*s, parameter], RULES), [parameter], backend=backend)
    result = compiled.run(samples)
    found, sizes = [], 0.0
    for sample, loss in zip(samples, result.losses, strict=True):
        leaves, y = Program((*sample, last), program.steps).on_values()
        found += [abs(y.data - float(loss)) / (1.0 + abs(y.data)) / LIMIT]
        sizes += reach(y)[leaves[-1]] / len(samples)
    return worst([*found, abs(expected(program, samples) - float(result.gradient[0])) / (1.0 + sizes) / LIMIT])


def expected(program: Program, samples: Sequence[Sequence[float]]) -> float:
    """The mean over the samples of the slope in the last leaf, by the eager sweep."""
    slopes = []
    for sample in samples:
        leaves, y = Program((*sample, program.leaves[-1]), program.steps).on_values()
        slopes += gradient(y, leaves[-1])
    return math.fsum(slopes) / len(slopes)


def shifted(program: Program) -> Program:
    """The same steps from numbers close by, where they are defined as well."""
    for step in (1e-3, 1e-5, 1e-7, 1e-9):
        moved = Program(tuple([x + step for x in program.leaves]), program.steps)
        try:
            moved.on_values()
        except (ValueError, ArithmeticError):
            continue
        return moved
    raise AssertionError(f"no numbers close by are in the domain of\n{program.source()}")


def difference(ours: Iterable[float], theirs: Iterable[float], y: Value, leaves: Sequence[Value]) -> float:
    """Of two gradients, relative to what was added up over all paths."""
    sizes = reach(y)
    rows = zip(ours, theirs, leaves, strict=True)
    return worst([abs(a - b) / (1.0 + sizes.get(x, 0.0)) / LIMIT for a, b, x in rows])


def worst(misses: Sequence[float]) -> float:
    """The largest; a nan is larger than all."""
    return max(misses, key=lambda miss: math.inf if math.isnan(miss) else miss)
