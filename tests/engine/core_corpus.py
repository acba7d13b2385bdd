"""What the core computes, written down to the last bit: run by a process that has loaded the core alone and by one that
has loaded the engine, whose lines are then compared. It imports the core's modules only.
"""

from __future__ import annotations

import itertools
import math
import operator
import random
from collections.abc import Callable, Iterator
from fractions import Fraction
from functools import partial
from typing import Any

from engine import rules
from engine.graph import adjoints_of
from engine.rule import RULES, Rule
from engine.scope import no_grad
from engine.value import Value
from tests.engine.helpers import bits, raised
from tests.engine.points import points
from tests.engine.programs import OPERATIONS, Program, arity

EDGES = [0.0, -0.0, 1.0, -1.0, 0.5, -2.5, 5e-324, -1e-310, math.pi / 2, 36.7, -745.2, 709.8, 1e16, 1e200, -1e308]
EDGES += [math.inf, -math.inf, math.nan]
CONSTANTS = [2, -1, 0, True, 2.5, 0.0, -0.0, math.inf, Fraction(1, 3), 10**400]
STRANGERS = [None, "3", 1j, [1.0]]
OPERATORS = [operator.add, operator.sub, operator.mul, operator.truediv, operator.pow]
COMPARISONS = [operator.lt, operator.le, operator.gt, operator.ge]


def lines() -> Iterator[str]:
    """What every rule, operator, method and many a program give, each as one line of text."""
    for row in list(RULES.values()):
        yield from of_rule(row)
    draw = random.Random(0)
    for number in EDGES + [draw.gauss(0, 1) for _ in range(30)]:
        yield from of_operators(number)
    for _ in range(300):
        yield from of_program(random_program(draw))


def of_rule(row: Rule) -> Iterator[str]:
    length, draw = 3, random.Random(row.name)
    count = row.lists * length + len(row.parameters) - row.lists
    spots = points(row, length) + [tuple(draw.choice(EDGES) for _ in range(count)) for _ in range(60)]
    if count <= 2:
        spots += list(itertools.product(EDGES, repeat=count))
    for spot in spots:
        for constant in (None, *range(count)) if count > 1 else (None,):  # one of the inputs a float
            inputs = [x if i == constant else Value(x, "abc"[i % 3]) for i, x in enumerate(spot)]
            yield line(row.name, partial(row, *row.nest(tuple(inputs))))
    for wrong in ((), (1.0,) * 9, (None,) * len(row.parameters), ([],) * len(row.parameters)):
        yield line(row.name, partial(row, *wrong))
    if row.lists:
        yield line(row.name, partial(row, *[[Value(1.0)] * (i + 1) for i in range(row.lists)]))


def of_operators(number: float) -> Iterator[str]:
    for operation in OPERATORS:
        for other in [*map(Value, EDGES), *CONSTANTS, *STRANGERS]:
            yield line(operation.__name__, lambda: operation(Value(number, "x"), other))  # noqa: B023
            yield line(operation.__name__, lambda: operation(other, Value(number, "x")))  # noqa: B023
    for method in (name for name, row in RULES.items() if len(row.parameters) == 1 and not row.lists):
        yield line(method, getattr(Value(number), method))
    for operation in (operator.neg, operator.pos, operator.abs, Value.leaky_relu):
        yield line("unary", partial(operation, Value(number, "x")))
    for compare, other in itertools.product(COMPARISONS, [Value(0.5), 1, *STRANGERS]):
        yield f"{compare.__name__} {raised(partial(compare, Value(number), other))}"


def of_program(program: Program) -> Iterator[str]:
    leaves = [Value(x, f"x{i}", frozen=i == 3) for i, x in enumerate(program.leaves)]
    y = program.run(leaves, rules)
    yield f"program {program.steps}"
    yield from (shown(node) for node in adjoints_of(y))
    for _ in range(2):  # leaves add up
        y.backward()
        yield f"grads {[node.grad is not None and bits(node.grad) for node in adjoints_of(y)]}"
    yield f"steps {[bits(step.contribution, step.after) for step in y.backward_steps()]}"
    with no_grad():
        yield shown(program.run(leaves, rules))


def line(what: str, compute: Callable[[], Any]) -> str:
    """One result with its slopes and the gradients of its inputs, or the error."""
    found = raised(compute)
    return f"{what} {shown(found) if isinstance(found, Value) else found}"


def shown(y: Value) -> str:
    slopes = [slope if slope is None else bits(slope) for slope in y.slopes]
    inputs = [x.name if isinstance(x, Value) else bits(x) for x in y.inputs]
    return f"{y!r} {bits(y.data)} {y.rule} {inputs} {slopes} {y.frozen}"


def random_program(draw: random.Random) -> Program:
    leaves = tuple([draw.randrange(-20, 21) / 10 + 0.013 for _ in range(draw.randint(1, 4))])
    steps: list[tuple[str, tuple[int, ...]]] = []
    for made in range(len(leaves), len(leaves) + draw.randint(1, 12)):
        name = draw.choice(sorted(OPERATIONS))
        places = [draw.randrange(draw.choice([0, max(0, made - 3)]), made) for _ in range(arity(name))]
        steps.append((name, tuple(places)))
    return Program(leaves, tuple(steps))
