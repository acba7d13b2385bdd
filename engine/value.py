"""`Value`: a number that remembers how it was made, so that the chain rule can be applied to it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from copy import deepcopy
from typing import Any, ClassVar, Self

import engine.rules  # noqa: F401  (the operators of a Value look their rows up in the table)
from engine.advice import shown, usage
from engine.graph import Node, Step, adjoints_of, depth, passed_on, sweep
from engine.rule import Extended, Operand, Rule, real
from engine.scope import Group, Place, current_group, on_extended_line, recording, remark_on

__all__ = ["KINDS", "Value", "record", "require_fresh"]


class Value(Operand, Node):
    """A real number and, if an operation made it, that operation, its inputs and its slopes.

    Attributes:
        data: the number, a float; any real number that is assigned becomes one.
        grad: the derivative of what `backward()` was called on; None until a pass reached it.
        name: what pictures and formulas call it, or None.
        rule: the row of the table that made it; None for a leaf.
        frozen: a frozen leaf gets no gradient.
        group: the `with group(...)` block that an operation was made in, or None, as for a leaf.

    Raises:
        TypeError: if data is not a real number, at an assignment too, or name not a string.

    >>> a, b = Value(2.0, "a"), Value(-3.0, "b")
    >>> L = (a * b + 6.5).tanh()
    >>> L.backward()
    >>> a.grad == b.data * (1 - L.data**2)
    True

    `float(x)` and `math.exp(x)` see the number alone: what is made of it is not part of the graph.
    Order comparisons compare data and give a bool, but `==` is identity (`Value(2) == 2` is False),
    so that Values can be keys.
    """

    __slots__ = ("_data", "_made", "frozen", "grad", "name", "rule")
    # Operations read and write the field behind `.data`: what they put there is a float already.
    # The field behind `.group` holds the group, or a `Place` where somebody looks on.

    _data: float
    _made: Group | Place | None
    grad: float | None
    name: str | None
    rule: Rule | None
    frozen: bool

    display: ClassVar[Callable[[Value], dict[str, Any]] | None] = None
    """How a Value shows itself in a notebook: set by whoever can draw."""

    def __init__(
        self, data: Any, name: str | None = None, frozen: bool = False, **others: Any
    ) -> None:
        if name is not None and not isinstance(name, str):
            raise TypeError(f"a name is a string, got {shown(name)}")
        if others:
            raise TypeError(
                f"a Value takes data, name and frozen, got {next(iter(others))}=...; write "
                'Value(2.0, "a"), or frozen=True for what gets no gradient'
            )
        self._data, self.name, self.frozen = real(data), name, frozen
        self.grad = self.rule = self._made = self._x = self._y = self._dx = self._dy = None

    @classmethod
    def constant(cls, number: float) -> Value:
        return cls(number, frozen=True)

    @property
    def data(self) -> float:
        return self._data

    @data.setter
    def data(self, number: Any) -> None:
        self._data = number if number.__class__ is float else real(number, "a real number as data")

    @property
    def group(self) -> Group | None:
        """The innermost `with group(...)` block that the operation was made in."""
        made = self._made
        return made.group if isinstance(made, Place) else made

    @group.setter
    def group(self, group: Group | None) -> None:
        self._made = group

    @property
    def args(self) -> tuple[Any, ...]:
        """The inputs as the rule takes them: in lists, where it is an operation on lists."""
        return self.rule.nest(self.inputs) if self.rule else ()

    @classmethod
    def apply(cls, rule: Rule, args: tuple[Any, ...]) -> Value:
        """Record one operation on Values and constants, with its slopes in the Values."""
        inputs = rule.flatten(args)
        if not KINDS.issuperset(map(type, inputs)):  # other kinds of number
            for x in inputs:
                if isinstance(x, Operand) and not applies_as_a_value(x):
                    return x.apply(rule, args)  # it takes in Values; a Value takes in none of them
            inputs = tuple([x if isinstance(x, Value) else real(x) for x in inputs])
        numbers = rule.nest(tuple([x if x.__class__ is float else x._data for x in inputs]))
        try:
            data = rule.compute(numbers)
        except (ValueError, ArithmeticError) as error:
            if not on_extended_line():
                raise outside(error, inputs) from None
            data = Extended.forward(rule, numbers)
        slopes = rule.all_slopes(numbers, data, inputs)
        if len(inputs) <= 2 and not rule.lists:
            return record(rule, data, *(*inputs, None)[:2], *(*slopes, None)[:2])
        return record(rule, data, inputs, None, slopes, None)

    @usage("y.backward()")
    def backward(self) -> None:
        """Set `grad` on every node that this one depends on: the chain rule, down to the leaves.

        The gradients of interior nodes are replaced. Leaves add the total of this pass to what they
        had, as in PyTorch, so call `zero_grad()` between passes that should not add up. Should
        anything go wrong, no grad has changed.
        """
        adjoints = adjoints_of(self)
        adjoints[self] = 1.0
        for _ in sweep(adjoints):
            pass
        for node, adjoint in adjoints.items():
            if node._x is not None or node.grad is None:
                node.grad = None if node.frozen else adjoint
            elif not node.frozen:
                node.grad += adjoint

    def backward_steps(self) -> Iterator[Step]:
        """The same sweep, one application of the chain rule at a time; it writes nothing. Frozen
        leaves get no step."""
        adjoints = adjoints_of(self)
        adjoints[self] = 1.0
        return (step for step in sweep(adjoints, observed=True) if not step.input.frozen)

    def zero_grad(self) -> None:
        """Set `grad` to None on this node and on all that it depends on."""
        for node in adjoints_of(self):
            node.grad = None

    def detach(self) -> Value:
        """A frozen leaf with the same number: what is made of it does not depend on this graph."""
        return Value(self._data, self.name, frozen=True)

    # fmt: off
    def __float__(self) -> float: return self._data
    def __int__(self) -> int: return int(self._data)
    def __bool__(self) -> bool: return bool(self._data)
    def __lt__(self, other: Any) -> bool: return compare(self, other, float.__lt__)
    def __le__(self, other: Any) -> bool: return compare(self, other, float.__le__)
    def __gt__(self, other: Any) -> bool: return compare(self, other, float.__gt__)
    def __ge__(self, other: Any) -> bool: return compare(self, other, float.__ge__)
    # fmt: on

    def __format__(self, spec: str) -> str:
        return format(self._data, spec) if spec else repr(self)

    def __repr__(self) -> str:
        name = "" if self.name is None else f", name={self.name!r}"
        grad = "" if self.grad is None else f", grad={self.grad!r}"
        return f"Value({self._data!r}{name}{grad}{', frozen=True' if self.frozen else ''})"

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        return Value.display(self) if Value.display else {"text/plain": repr(self)}

    def __copy__(self) -> Self:
        twin = self._from_state(self._state())
        for attribute, content in self._own().items():
            setattr(twin, attribute, content)
        return twin

    def __deepcopy__(self, memo: dict[int, Any]) -> Value:
        for node in adjoints_of(self):  # inputs first, so nothing is deep
            if id(node) not in memo:
                state = node._state()
                inputs = {"_x": renew(state["_x"], memo), "_y": renew(state["_y"], memo)}
                twin = memo[id(node)] = node._from_state(state | inputs)
                for attribute, content in node._own().items():
                    setattr(twin, attribute, deepcopy(content, memo))
        return memo[id(self)]

    def __reduce__(self) -> tuple[Any, ...]:
        refuse_deep(self)
        return self._from_state, (self._state(),), (None, self._own()) if self._own() else None

    def _state(self) -> dict[str, Any]:
        return {slot: getattr(self, slot) for slot in (*Node.__slots__, *Value.__slots__)}

    def _own(self) -> dict[str, Any]:
        """The attributes that a class of the user's own adds, in slots or not."""
        if type(self) is Value:
            return {}
        state: Any = object.__getstate__(self)  # its __dict__ or None, and its slots
        own = {**(state[0] or {}), **state[1]}
        return {attribute: own[attribute] for attribute in own if not hasattr(Value, attribute)}

    @classmethod
    def _from_state(cls, state: dict[str, Any]) -> Self:
        node = cls.__new__(cls)
        for slot, content in state.items():  # "data" in a pickle of version 0.1.0
            setattr(node, slot, content)
        return node


def record(rule: Rule, data: float, x: Any, y: Any, dx: Any, dy: Any) -> Value:
    """A new node of the graph; inside `no_grad()` a frozen leaf."""
    node = new(Value)
    node._data = data
    node.grad = node.name = None
    node._made = current_group()
    if recording():
        node.rule, node.frozen, node._x, node._y, node._dx, node._dy = rule, False, x, y, dx, dy
    else:
        node.rule = node._x = node._y = node._dx = node._dy = None
        node.frozen = True
    return node


new: Callable[[type[Value]], Value] = object.__new__


def applies_as_a_value(x: Any) -> bool:
    return getattr(x.apply, "__func__", None) is Value.apply.__func__  # type: ignore[attr-defined]


def outside(error: Exception, inputs: tuple[Any, ...]) -> Exception:
    """The error of an operation outside its domain, with its nodes, and what to do about it where
    nobody asked for the number."""
    named = type(error)(f"{error}{whose(inputs)}{remark_on(inputs)}")
    if not isinstance(error, OverflowError):
        named.add_note(
            "a branch of where(...) that is not taken is computed too: keep its input in its "
            "domain, as in log(maximum(x, 1e-300))"
        )
    return named


def whose(inputs: tuple[Any, ...]) -> str:
    """The end of an error message: which nodes an operation took."""
    names = [x.name for x in inputs if isinstance(x, Value)]
    nodes = [f"node {name!r}" if name else "a node without a name" for name in names]
    return f"; its {'input is' if len(nodes) == 1 else 'inputs are'} {' and '.join(nodes[:4])}"


def compare(x: Value, y: Any, holds: Callable[[float, float], bool]) -> bool:
    try:
        return holds(x._data, y._data if isinstance(y, Value) else real(y))
    except TypeError:
        return NotImplemented


def require_fresh(*results: Value) -> None:
    """Check that every node below the results still is what its operation makes of its inputs.

    The slopes of a graph were taken when it was made, so a backward pass stays right when `data` is
    changed afterwards. What reads the numbers again calls this first.

    Raises:
        ValueError: naming the first node that no longer agrees with its inputs.
    """
    for node in adjoints_of(*results):
        if node.rule is not None:
            numbers = node.rule.each(float, node.args)
            again = Extended.forward(node.rule, numbers)
            if node.data == 0.0 and node.rule.name == "mul":
                again = passed_on(*numbers)  # where slopes were multiplied, 0 · inf is 0
            # a NaN agrees with a NaN
            if again != node.data and (again == again or node.data == node.data):
                called = f"{node.name!r}" if node.name else f"made by {node.rule.name}"
                raise ValueError(
                    f"the graph is stale: the node {called} holds {node.data!r}, but from its "
                    f"inputs as they are now it would be {again!r}; data was changed after the "
                    "graph was made, so make it again"
                )


PICKLED_DEPTH = 100  # pickle recurses over inputs, five frames each of the thousand that Python has
_checked = threading.local()


def refuse_deep(node: Value) -> None:
    """RecursionError for a graph that pickle could not walk; asked for every node, answered once
    for a graph."""
    to_come: set[int] = getattr(_checked, "to_come", set())
    if node.rule is None:
        return
    if id(node) in to_come:
        # pickle asks once, and after that another node may come to lie at this address
        to_come.remove(id(node))
        return
    deep = depth(node)
    if deep > PICKLED_DEPTH:
        raise RecursionError(
            f"this graph is {deep} operations deep, and pickle can follow {PICKLED_DEPTH}: pickle "
            "engine.Tape(y) instead"
        )
    _checked.to_come = {id(x) for x in adjoints_of(node) if x.rule is not None and x is not node}


def renew(inputs: Any, memo: dict[int, Any]) -> Any:
    """Inputs of a node as the copies that `memo` holds."""
    if inputs.__class__ is tuple:
        return tuple([renew(x, memo) for x in inputs])
    return memo.get(id(inputs), inputs)


KINDS = frozenset({Value, float})
"""What most operations meet; all else is looked at more closely."""
