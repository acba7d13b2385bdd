"""Graphs to step through: each shows something that the others do not."""

from __future__ import annotations

import math
from collections.abc import Callable

import engine
from engine import Value, group, logsumexp, maximum, relu, sigmoid, softplus, total, weighted_sum, where
from nn import MLP, Attention, cross_entropy

__all__ = ["GRAPHS", "NETWORKS", "hostile", "neuron"]


def neuron() -> Value:
    """w is used twice, w * w even by the same node."""
    w, x, b = Value(-3.0, "w"), Value(2.0, "x"), Value(6.88, "b")
    with group("neuron"):
        z = w * x + b
        a = z.tanh()
    z.name, a.name = "z", "a"
    result = (a - 0.5) ** 2 + w * w
    result.name = "L"
    return result


def layers() -> Value:
    xs = [Value(0.5, "x1"), Value(-1.0, "x2", frozen=True)]
    for layer, width in enumerate((3, 2, 1), 1):
        made = []
        with group(f"layer {layer}"):
            for unit in range(width):
                with group(f"neuron {unit + 1}"):
                    ws = [
                        Value(math.sin(7 * layer + 3 * unit + i), f"w{layer}_{unit + 1}{i + 1}") for i in range(len(xs))
                    ]
                    made.append(weighted_sum(ws, xs, Value(0.1 * unit, f"b{layer}_{unit + 1}")).tanh())
        xs = made
    return xs[0]


def doubling() -> Value:
    """2 ** 40 paths."""
    x = Value(1.0 + 2.0**-30, "x")
    y = x
    for _ in range(40):
        y = y + y
    return y


def pieces() -> Value:
    x, y = Value(0.0, "x"), Value(-0.0, "y")
    return relu(x) + abs(y) + maximum(x, y) + where(x - 1.0, x, 3.0 * y).leaky_relu() - x**0.0


def endless() -> Value:
    """Infinite slopes, and a gradient that is not a number."""
    x = Value(0.0, "x")
    return x.sqrt() * x.sqrt() + 1e300 * (x + 1e-300)


def functions() -> Value:
    x, y = Value(0.3, "x"), Value(1.7, "y")
    parts = [
        sigmoid(x),
        softplus(y),
        x.gelu(),
        x.erf(),
        (x / y).exp(),
        y.log(),
        y.sqrt(),
        x.sin(),
        y.cos(),
        x.tan(),
        x.asin(),
        x.acos(),
    ]
    parts += [
        y.atan(),
        x.sinh(),
        x.cosh(),
        x.log1p(),
        x.expm1(),
        y**x,
        -y,
        engine.minimum(x, y),
        logsumexp([x, y, 0.1]),
    ]
    return total(parts)


def leaf() -> Value:
    return Value(2.5, "alone")


def ran_before() -> Value:
    """A leaf that has a gradient from a pass before, and two nodes of the same name."""
    a, b = Value(1.5, "v"), Value(1e-7, "v")
    y = a * b * 1e21
    y.name = "v"
    y.backward()
    return y


GRAPHS: dict[str, Callable[[], Value]] = {
    made.__name__: made for made in (neuron, layers, doubling, pieces, endless, functions, leaf, ran_before)
}

HOSTILE = [
    "<script>alert(1)</script>",
    'a"b',
    r"x_1^2\frac",
    "🦊 &amp; 'q' {0} $0",
    "x" * 5000,
    "</script><img src=x onerror=alert(2)>",
    "{node}",
]


ODD = {
    "blank": " ",
    "blanks of many kinds": "\t \n\u3000",
    "long": "x" * 5000,
    "two lines": "a\nb\r\nc",
    "end of a script": "</script><script>alert(4)</script>",
    "comment": "<!-- <script> ]]> -->",
    "quotes": "a\"b'c`${d}",
    "zero byte": "a\0b",
    "half a character": "a\ud800b",
    "nothing to see": "\u200d\u200b",
    "backwards": "\u202eabc",
    "backslashes": "a\\nb\\",
    "record": "{a|b}<c>",
    "entities": "&lt;&amp;&#0;",
    "property": "__proto__",
    "path": " / ",
    "family": "👩\u200d👩\u200d👧",
}


def odd() -> Value:
    """Each odd name on a parameter, a group, a group inside another one, and a result."""
    results = []
    for name in ODD.values():
        w = Value(0.5, name)
        with group(name, w):
            y = w * 2.0
            with group(name):
                y = y.tanh()
        y.name = name
        results.append(y)
    return total(results)


def hostile() -> Value:
    """Names that are written to do harm, on leaves, operations and groups."""
    leaves = [Value(1.0 + i, name) for i, name in enumerate(HOSTILE)]
    with group("<img src=x onerror=alert(3)>"):
        y = total(leaves) * leaves[0]
    y.name = "<b>bold</b>"
    return y


def single() -> Value:
    """One neuron and its loss, in no group."""
    w1, x1, w2, x2 = Value(0.5, "w1"), Value(2.0, "x1"), Value(-1.0, "w2"), Value(1.0, "x2")
    z = w1 * x1 + w2 * x2 + Value(0.25, "b")
    a = z.tanh()
    z.name, a.name = "z", "a"
    return named((a - 1.0) ** 2)


def named(y: Value) -> Value:
    y.name = "L"
    return y


def points(count: int) -> list[Value]:
    return [Value(math.sin(2.0 * i + 1.0), f"x{i + 1}") for i in range(count)]


def small() -> Value:
    return named((MLP(2, [3, 1])(points(2)) - 1.0) ** 2)


def medium() -> Value:
    return named((MLP(2, [8, 8, 1])(points(2)) - 1.0) ** 2)


def reuse() -> Value:
    """a, b and c each reach the result in more than one way, c even within one operation."""
    a = Value(2.0, "a")
    b = a * a + a
    c = b + a
    b.name, c.name = "b", "c"
    return named(c * b + c * c)


def thrice() -> Value:
    """x goes into a group by three edges; its gradient is 1 + 2 + 3."""
    x, w = Value(2.0, "x"), Value(3.0, "w")
    with group("thrice"):
        y = total([x * 1.0, x * 2.0, w * x])
    return named(y * 1.0)


def attention() -> Value:
    """A sentence of five words of four numbers each, in two heads."""
    words = [[Value(math.sin(3.0 * t + i), f"x{t + 1}_{i + 1}") for i in range(4)] for t in range(5)]
    outputs = Attention(4, heads=2).outputs(words)
    return named(total([(number - 0.5) ** 2 for place in outputs for number in place]))


def odd_network() -> Value:
    return named(odd())


def digits() -> Value:
    return named(cross_entropy(MLP(64, [32, 10]).outputs(points(64)), 3))


def deep() -> Value:
    return named(total([(a - 0.1) ** 2 for a in MLP(4, [16] * 6).outputs(points(4))]))


NETWORKS: dict[str, Callable[[], Value]] = {
    "a": single,
    "b": small,
    "c": medium,
    "d": reuse,
    "e": attention,
    "f": odd_network,
    "digits": digits,
    "deep": deep,
}
"""Graphs that a stepper holds whole, of 9 to 3,000 nodes."""
