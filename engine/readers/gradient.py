"""Derivatives as a function: `gradient` to any order, `hessian` and `jacobian`. They write nothing on the graph."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import repeat
from typing import Any, Literal, overload

from engine.advice import shown, usage, wrong
from engine.formulas.terms import SIMPLER
from engine.graph import Node, adjoints_of, passed_on, sweep
from engine.rule import RULES, Operand, Rule
from engine.scope import extended_line, step_check
from engine.value import Value, require_fresh

__all__ = ["gradient", "hessian", "jacobian"]


@overload
def gradient(y: Value, *xs: Value, as_values: Literal[False] = False) -> tuple[float, ...]: ...
@overload
def gradient(y: Value, *xs: Value, as_values: Literal[True]) -> tuple[Value, ...]: ...
@overload
def gradient(y: Value, *xs: Value, as_values: bool) -> tuple[Any, ...]: ...
@usage("gradient(y, a, b)")
def gradient(y: Value, *xs: Value, as_values: bool = False) -> tuple[Any, ...]:
    """The derivatives of y in each x, leaf or interior node; 0.0 where y does not depend on it. Sets no `grad`.

    Args:
        y: the result.
        xs: the nodes to differentiate by.
        as_values: give Values instead of floats: a graph of the derivative, which can be differentiated again.

    Raises:
        TypeError: if y or an x is not a Value.
        ValueError: with `as_values`, if data was changed since the graph was made.

    >>> x = Value(3.0)
    >>> (slope,) = gradient(x**3, x, as_values=True)
    >>> slope.data, gradient(slope, x)
    (27.0, (18.0,))
    """
    require_values("gradient(y, x, ...)", y, *xs)
    if as_values:
        return value_gradient(y, xs)
    adjoints: dict[Any, float] = adjoints_of(y)
    adjoints[y] = 1.0
    for _ in sweep(adjoints):
        pass
    return tuple(map(adjoints.get, xs, repeat(0.0)))


def require_values(call: str, *nodes: Any) -> None:
    """TypeError for what is no Value."""
    if not all(issubclass(kind, Value) for kind in {*map(type, nodes)}):
        raise wrong(f"{call} takes Values", next(node for node in nodes if not isinstance(node, Value)))


def value_gradient(y: Value, xs: Sequence[Value]) -> tuple[Value, ...]:
    """The sweep on the linearised graph, whose slopes are Values made by the same rules."""
    require_fresh(y)
    if step_check():  # who looks on looks at numbers
        gradient(y, *xs)
    linear: dict[Value, Node] = {}
    with extended_line():
        for node in adjoints_of(y):
            slopes = lean_slopes(node)
            edges = [(linear[x], slope) for x, slope in zip(node.inputs, slopes, strict=True) if slope is not None]
            local = [PassedOn(slope.value) if isinstance(slope, Lean) else slope for _, slope in edges]
            linear[node] = Node(tuple([x for x, _ in edges]), tuple(local))
        adjoints: dict[Node, Any] = dict.fromkeys(linear.values(), 0.0)
        adjoints[linear[y]] = 1.0
        for _ in sweep(adjoints):
            pass
    found = [adjoints[linear[x]] if x in linear else 0.0 for x in xs]
    return tuple([slope.value if isinstance(slope, Lean) else Value(slope, frozen=True) for slope in found])


def lean_slopes(node: Value) -> Sequence[Any]:
    """The slopes of a node in each input, as numbers and Values in lean clothes; None for a constant."""
    if node.rule is None:
        return ()
    args = node.rule.each(lambda x: Lean(x) if isinstance(x, Value) else x, node.args)
    return node.rule.all_slopes(args, Lean(node), node.inputs)


class Lean(Operand):
    """A Value whose operations are simplified as formulas are, so that a derivative's graph has no 1 · x and no + 0."""

    __slots__ = ("value",)

    def __init__(self, value: Value) -> None:
        self.value = value

    @classmethod
    def apply(cls, rule: Rule, args: tuple[Any, ...]) -> Any:
        simpler = SIMPLER[rule.name](*args) if rule.name in SIMPLER else None
        if simpler is not None:
            return simpler
        return cls(Value.apply(rule, rule.each(lambda arg: arg.value if isinstance(arg, Lean) else arg, args)))

    @classmethod
    def constant(cls, number: float) -> Lean:
        return cls(Value(number, frozen=True))

    def choose(self, c: Any, x: Any, y: Any) -> Any:
        """The one that is right at these numbers: the graph needs no other."""
        return x if (c.value.data if isinstance(c, Lean) else c) > 0 else y


class PassedOn(Lean):
    """A slope, or what it passes on, while the chain rule multiplies them: the number of a product is that of the
    float sweep, where a factor of 0 passes nothing on. Its own slopes stay those of a product."""

    __slots__ = ()

    @classmethod
    def apply(cls, rule: Rule, args: tuple[Any, ...]) -> Any:
        result = super().apply(rule, args)
        if rule is RULES["mul"] and isinstance(result, Lean) and math.isnan(result.value.data):
            result.value.data = passed_on(*[arg.value.data if isinstance(arg, Lean) else arg for arg in args])
        return result


@usage("hessian(y, a, b)")
def hessian(y: Value, *xs: Value) -> list[list[float]]:
    """The second derivatives of y: row i, column j is the derivative in xs[i] and then in xs[j]. Symmetric but for
    rounding.
    TypeError and ValueError as of `gradient`."""
    require_values("hessian(y, x, ...)", y, *xs)
    return jacobian(gradient(y, *xs, as_values=True), *xs)


@usage("jacobian([y], a, b)")
def jacobian(ys: Sequence[Value], *xs: Value) -> list[list[float]]:
    """The derivatives of several results: row i, column j is the derivative of ys[i] in xs[j].
    TypeError for what is no Value."""
    if not hasattr(ys, "__iter__"):
        raise TypeError(f"jacobian(ys, x, ...) takes a list of results, got {shown(ys)}; write jacobian([y], x)")
    for y in ys:
        require_values("jacobian(ys, x, ...)", y, *xs)
    return [list(gradient(y, *xs)) for y in ys]
