"""Pictures that were looked at and found good for a class, as the pinned layout engine draws them."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from engine import Value, draw, gradient, group, paths, weighted_sum

FOLDER = Path(__file__).parent


def neuron() -> tuple[Value, Value, Value, Value, Value]:
    """The weights, inputs and bias of the neuron in Karpathy's lecture on micrograd."""
    names = {"w1": -3.0, "w2": 1.0, "x1": 2.0, "x2": 0.0, "b": 6.881373587019543}
    w1, w2, x1, x2, b = (Value(data, name) for name, data in names.items())
    return w1, w2, x1, x2, b


def expression() -> Any:
    """L = (a b + c) f of the same lecture, after backward."""
    a, b, c, f = Value(2.0, "a"), Value(-3.0, "b"), Value(10.0, "c"), Value(-2.0, "f")
    e = a * b
    d = e + c
    L = d * f
    e.name, d.name, L.name = "e", "d", "L"
    L.backward()
    return draw(L)


def elementary_neuron() -> Any:
    """The neuron made of × and +, from top to bottom."""
    w1, w2, x1, x2, b = neuron()
    p, q = w1 * x1, w2 * x2
    s = p + q
    z = s + b
    o = z.tanh()
    p.name, q.name, s.name, z.name, o.name = "p", "q", "s", "z", "o"
    o.backward()
    return draw(o, rankdir="TB")


def grouped_neuron() -> Any:
    """The neuron as one weighted sum in a group, its inputs frozen, a constant after it, with slopes, before
    backward."""
    w1, w2, x1, x2, b = neuron()
    x1.frozen = x2.frozen = True
    with group("neuron 1"):
        z = weighted_sum([w1, w2], [x1, x2], b)
        a = z.tanh()
    y = a**2
    z.name, a.name, y.name = "z", "a", "y"
    return draw(y, slopes=True)


def folded_layer() -> Any:
    """Two neurons and the sum of them, the first open, with its parameters inside, the second folded, the inputs
    outside."""
    w1, w2, x1, x2, b = neuron()
    v1, v2, c = Value(0.5, "v1"), Value(-0.5, "v2"), Value(1.0, "c")
    with group("layer"):
        with group("neuron 1", w1, w2, b):
            o1 = weighted_sum([w1, w2], [x1, x2], b).tanh()
        with group("neuron 2", v1, v2, c):
            o2 = weighted_sum([v1, v2], [x1, x2], c).tanh()
    o1.name, o2.name = "o1", "o2"
    L = (o1 - o2) ** 2
    L.backward()
    return draw(L, folded="neuron 2")


def highlighted_path() -> Any:
    """Of the ways from x to y the one by the square, checked, with a wrong gradient in one node and another at its
    kink."""
    x, c = Value(3.0, "x"), Value(0.0, "c")
    s = x * x
    r = c.relu()
    y = (s + x) * 0.5 + r
    s.name, r.name, y.name = "s", "r", "y"
    first = next(path for path in paths(y, x) if path[0] == (s, 1))
    return draw(
        y, highlight=first, check=True, gradients={**dict(zip((x, s, y), gradient(y, x, s, y), strict=True)), x: 0.5}
    )


MADE = (expression, elementary_neuron, grouped_neuron, folded_layer, highlighted_path)
GRAPHS: dict[str, Callable[[], Any]] = {made.__name__: made for made in MADE}
