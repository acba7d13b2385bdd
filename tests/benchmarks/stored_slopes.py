"""A `Value` after microgpt: no closures, each node stores its children and its local gradients in two tuples.

It stands for that design in the comparison. Its walk recurses, as microgpt's does, but is a method: as a nested
function, which refers to itself, it would keep the whole graph alive until the cycle collector runs.
"""

from __future__ import annotations


class Value:
    __slots__ = ("children", "data", "grad", "local_grads")

    def __init__(self, data: float, children: tuple[Value, ...] = (), local_grads: tuple[float, ...] = ()) -> None:
        self.data = data
        self.grad = 0.0
        self.children = children
        self.local_grads = local_grads

    def __add__(self, other: Value | float) -> Value:
        other = other if isinstance(other, Value) else Value(other)
        return Value(self.data + other.data, (self, other), (1.0, 1.0))

    def __sub__(self, other: Value | float) -> Value:
        other = other if isinstance(other, Value) else Value(other)
        return Value(self.data - other.data, (self, other), (1.0, -1.0))

    def __mul__(self, other: Value | float) -> Value:
        other = other if isinstance(other, Value) else Value(other)
        return Value(self.data * other.data, (self, other), (other.data, self.data))

    def __truediv__(self, other: Value | float) -> Value:
        other = other if isinstance(other, Value) else Value(other)
        return Value(self.data / other.data, (self, other), (1.0 / other.data, -self.data / other.data**2))

    __radd__ = __add__
    __rmul__ = __mul__

    def relu(self) -> Value:
        return Value(max(0.0, self.data), (self,), (1.0 if self.data > 0.0 else 0.0,))

    def backward(self) -> None:
        order: list[Value] = []
        self._visit(order, set())
        self.grad = 1.0
        for node in reversed(order):
            for child, local in zip(node.children, node.local_grads):  # noqa: B905  (as its model does)
                child.grad += local * node.grad

    def _visit(self, order: list[Value], visited: set[Value]) -> None:
        if self not in visited:
            visited.add(self)
            for child in self.children:
                child._visit(order, visited)
            order.append(self)
