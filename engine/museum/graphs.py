"""The graphs of the museum, each with what happens to it meanwhile. What exposes a bug is small, so that it can be
followed with a finger."""

from __future__ import annotations

from engine.graph import topological_order
from engine.value import Value

__all__ = [
    "after_backward", "change_v", "changed_sum", "cubed", "doubled_twice", "keep_first_step", "leaves_reused",
    "one_zero", "pass_and_reset", "prediction_subtracted", "reused", "second_step", "shortcut", "squared",
    "squared_twice", "target_subtracted", "two_layers", "used_once",
]  # fmt: skip


def named(node: Value, name: str) -> Value:
    node.name = name
    return node


def reused() -> Value:
    """L = p · (p + a) with p = a · b: both a and p are used twice."""
    a, b = Value(2.0, "a"), Value(3.0, "b")
    p = named(a * b, "p")
    return named(p * named(p + a, "s"), "L")


def doubled_twice() -> Value:
    """c = b + b with b = a + a."""
    a = Value(1.0, "a")
    b = named(a + a, "b")
    return named(b + b, "c")


def squared_twice() -> Value:
    """c = b · b with b = a · a, so that c is the fourth power of a."""
    a = Value(2.0, "a")
    b = named(a * a, "b")
    return named(b * b, "c")


def shortcut() -> Value:
    """L = p + p² with p = a · b: p goes into L directly and by a longer way."""
    a, b = Value(2.0, "a"), Value(3.0, "b")
    p = named(a * b, "p")
    return named(p + named(p**2, "s"), "L")


def used_once() -> Value:
    """L = (a · b + c) · d: nothing is used twice."""
    a, b, c, d = Value(2.0, "a"), Value(-3.0, "b"), Value(10.0, "c"), Value(-2.0, "d")
    return named(named(named(a * b, "p") + c, "s") * d, "L")


def leaves_reused() -> Value:
    """L = (a · b) · (a + b): leaves are used twice, what was computed from them once."""
    a, b = Value(-2.0, "a"), Value(3.0, "b")
    return named(named(a * b, "p") * named(a + b, "s"), "L")


def second_step() -> Value:
    """The loss (w - 3)² at w = 1.5, where a step of 0.25 against the gradient at w = 0 leads."""
    return named(named(Value(1.5, "w") - 3.0, "e") ** 2, "L")


def keep_first_step(y: Value) -> None:
    """w still has the gradient of the loss at w = 0, which is 2 · (0 - 3)."""
    set_leaf(y, "w", grad=-6.0)


def cubed() -> Value:
    """y = x · x · x at 3."""
    x = Value(3.0, "x")
    return named(named(x * x, "s") * x, "y")


def squared() -> Value:
    """y = x · x at 3."""
    x = Value(3.0, "x")
    return named(x * x, "y")


def pass_and_reset(y: Value) -> None:
    """A backward pass, after which the leaf is emptied, and nothing else."""
    y.backward()
    set_leaf(y, "x", grad=None)


def one_zero() -> Value:
    """y = a · b at a = 0."""
    return named(Value(0.0, "a") * Value(3.0, "b"), "y")


def after_backward() -> Value:
    y = one_zero()
    y.backward()
    return y


def prediction_subtracted() -> Value:
    """L = (5 - p)² with p = w · x: what a network says is subtracted from what it should say."""
    p = named(Value(1.0, "w") * Value(3.0, "x"), "p")
    return named(named(5.0 - p, "e") ** 2, "L")


def target_subtracted() -> Value:
    """L = (p - 5)² with p = w · x: the same loss."""
    p = named(Value(1.0, "w") * Value(3.0, "x"), "p")
    return named(named(p - 5.0, "e") ** 2, "L")


def two_layers() -> Value:
    """L = v · h with h = w · x."""
    h = named(Value(2.0, "w") * Value(3.0, "x"), "h")
    return named(Value(5.0, "v") * h, "L")


def change_v(y: Value) -> None:
    set_leaf(y, "v", data=-1.0)


def changed_sum() -> Value:
    """y = a + b, after which a was changed."""
    y = named(Value(1.0, "a") + Value(2.0, "b"), "y")
    set_leaf(y, "a", data=7.0)
    return y


def set_leaf(y: Value, name: str, **fields: float | None) -> None:
    (leaf,) = (node for node in topological_order(y) if node.name == name)
    for slot, content in fields.items():
        setattr(leaf, slot, content)
