"""Random programs of up to 200 operations: every row of the table, numbers used again, constants on either side.

Unlike `tests.engine.programs`, whose operations keep their arguments tame by other operations, an operation here takes
what there is, and is drawn anew where it is not smooth or would lose digits that no other engine could agree on.
"""

from __future__ import annotations

import math
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from engine import RULES, Value, topological_order
from engine.rule import Rule

__all__ = ["NAMES", "Program", "Step", "random_program", "reach"]

NAMES = tuple(RULES)
"""The rows that programs are made of: all that the engine has, before anybody adds one."""
LONGEST = 200
STEEPEST, LARGEST, NEAREST_KINK, ROUNDED = 8.0, 30.0, 0.01, 1e-13


@dataclass(frozen=True)
class Step:
    """One operation: the name of a rule, and its arguments as the rule takes them. An int is the place of a number made
    before, a float a constant."""

    name: str
    args: tuple[Any, ...]

    @property
    def places(self) -> set[int]:
        return {x for x in RULES[self.name].flatten(self.args) if isinstance(x, int)}

    def of(self, made: Sequence[Any]) -> tuple[Any, ...]:
        """The arguments, as numbers of some kind."""
        return RULES[self.name].each(lambda x: made[x] if isinstance(x, int) else x, self.args)


@dataclass(frozen=True)
class Program:
    """Operations on the numbers made so far; the result is the last number."""

    leaves: tuple[float, ...]
    steps: tuple[Step, ...]

    def run(self, leaves: Sequence[Any], functions: Mapping[str, Any]) -> Any:
        """The result for these numbers in the leaves, by functions that take numbers of that kind."""
        made = list(leaves)
        for step in self.steps:
            made.append(functions[step.name](*step.of(made)))
        return made[-1]

    def on_values(self) -> tuple[list[Value], Value]:
        leaves = [Value(x, f"x{i}") for i, x in enumerate(self.leaves)]
        return leaves, self.run(leaves, RULES)

    def source(self) -> str:
        """The program as Python, for whoever wants to see one that failed."""
        lines = [f"v{i} = {x!r}" for i, x in enumerate(self.leaves)]
        for i, step in enumerate(self.steps, len(self.leaves)):
            args = RULES[step.name].each(lambda x: Place(x) if isinstance(x, int) else x, step.args)
            lines.append(f"v{i} = {step.name}({', '.join(map(repr, args))})")
        return "\n".join(lines)


class Place(int):
    def __repr__(self) -> str:
        return f"v{int(self)}"


def random_program(seed: int, longest: int = LONGEST) -> Program:
    """The program of that number. Its length is drawn evenly on a logarithmic scale."""
    draw = random.Random(f"program {seed}")
    leaves = tuple([round(draw.uniform(-2.0, 2.0), 3) for _ in range(draw.randint(1, 4))])
    made, errors = [Value(x) for x in leaves], [0.0] * len(leaves)
    steps: list[Step] = []
    unused = list(range(len(leaves)))
    narrow = draw.random()  # from programs that are wide to programs that are one long chain
    wanted = round(math.exp(draw.uniform(0.0, math.log(longest))))
    while len(steps) < wanted:
        step = random_step(draw, len(made), unused, narrow)
        node = result_of(step, made)
        if node is None:
            continue
        error = rounding(node, dict(zip(made, errors, strict=True)))
        if error <= ROUNDED * (1.0 + abs(node.data)):
            unused = [place for place in unused if place not in step.places] + [len(made)]
            steps.append(step)
            made.append(node)
            errors.append(error)
    return Program(leaves, (*steps, Step("total", (tuple(unused),))))  # so that the result depends on all


def random_step(draw: random.Random, made: int, unused: Sequence[int], narrow: float) -> Step:
    rule = RULES[draw.choice(NAMES)]
    inputs = draw.randint(1, 5) * rule.lists + len(rule.parameters) - rule.lists
    places = [draw.choice(unused[-2:]) if draw.random() < 0.6 else draw.randrange(made) for _ in range(inputs)]
    if draw.random() < narrow:
        places[draw.randrange(inputs)] = unused[-1]
    flat = [round(draw.uniform(-3.0, 3.0), 2) if inputs > 1 and draw.random() < 0.2 else place for place in places]
    if not any(isinstance(x, int) for x in flat):
        flat[0] = places[0]
    return Step(rule.name, rule.nest(tuple(flat)))


def result_of(step: Step, made: list[Value]) -> Value | None:
    """The node that a step makes; None where it is not defined, too steep, too large or near a kink."""
    rule: Rule = RULES[step.name]
    args = step.of(made)
    try:
        node = rule(*args)
    except (ValueError, ArithmeticError):
        return None
    numbers = rule.each(float, args)
    if rule.name == "pow" and numbers[0] == 0.0:  # an edge, where autograd's second derivative is nan
        return None
    if rule.kink is not None and abs(rule.kink(*numbers)) < NEAREST_KINK:
        return None
    slopes = [slope for slope in node.slopes if slope is not None]
    if not abs(node.data) <= LARGEST or not all(abs(slope) <= STEEPEST for slope in slopes):
        return None
    return node


def rounding(node: Value, errors: Mapping[Value, float]) -> float:
    """A bound to first order on the rounding error of a node, from those of its inputs."""
    passed_on = [abs(s) * errors[x] for x, s in zip(node.inputs, node.slopes, strict=True) if s is not None]
    return sum(passed_on, 2.3e-16 * abs(node.data))


def reach(y: Value) -> dict[Value, float]:
    """For every node the sum over paths of |product of slopes|: what the rounding errors of a gradient are relative
    to."""
    sizes = dict.fromkeys(topological_order(y), 0.0)
    sizes[y] = 1.0
    for node in reversed(sizes):
        for x, slope in zip(node.inputs, node.slopes, strict=True):
            if slope is not None:
                sizes[x] += sizes[node] * abs(slope)
    return sizes
