"""Random programs as text, as a student would write them: loops, helpers, comprehensions, lambdas, classes, lines that
are broken. And what holds of each node they make: its piece of code, evaluated again where it stands, gives its number.
"""

from __future__ import annotations

import ast
import linecache
import random
import sys
from types import FrameType
from typing import Any

from engine import Rule, Value, source_of, trace_source
from engine.tracing.watch import watching
from tests.engine.helpers import bits

CALLS = (
    "{}.tanh()",
    "engine.sin({})",
    "sigmoid({})",
    "abs({})",
    "-{}",
    "({}).softplus()",
    "helper({}, 0.5)",
    "twice({})",
)
PAIRS = ("{} + {}", "{} * {}", "{} - {}", "{} / (1.5 + ({}) ** 2)", "engine.maximum({}, {})", "helper({}, v={})")
MANY = ("sum({})", "engine.total({})", "engine.weighted_sum({0}, {0})", "pile({})", "model([{0}[0], {0}[1]])")
HEAD = '''\
import engine
from engine import Value, sigmoid
from nn import MLP

model = MLP(2, [3, 1], seed=1)
a, b, ö = Value(0.5, "a"), Value(-1.5, "b"), Value(0.25, "ö")
xs = [Value(0.1 * i - 0.3, f"x{i}") for i in range(4)]

def helper(u, v):
    """Of two numbers."""
    return (u * v
            + u).tanh() - v * 0.3

twice = lambda t: t + t

class Pile:
    def __call__(self, items):
        self.top = 1.0
        for i, item in enumerate(items):
            self.top *= item + i * 0.1
            self.top -= item / 3
        return self.top

pile = Pile()
'''


def program(seed: int) -> str:
    """A program whose last line makes L."""
    draw = random.Random(seed)

    def expression(depth: int = 0) -> str:
        kind = draw.random()
        if depth > 2 or kind < 0.25:
            return draw.choice(["a", "b", "ö", "xs[0]", "xs[-1]", f"({draw.uniform(0.1, 2):.2f} * a)"])
        if kind < 0.5:
            return f"({draw.choice(CALLS).format(expression(depth + 1))})"
        if kind < 0.8:
            return f"({draw.choice(PAIRS).format(expression(depth + 1), expression(depth + 1))})"
        if kind < 0.9:
            return f"({expression(depth + 1)} if {draw.choice('ab')} > 0 else {expression(depth + 1)})"
        inner = draw.choice(["x", "x * x", "x.tanh()", "(x - a) ** 2", "helper(x, b)"])
        return draw.choice(MANY).format(f"[{inner} for x in xs]")

    def broken(text: str) -> str:
        """Over some lines: the brackets around an expression allow it."""
        return text.replace(" + ", "\n    + ", 1).replace(" * ", " *\n  ", 1) if draw.random() < 0.3 else text

    lines = []
    for i in range(draw.randint(2, 5)):
        body = draw.choice(
            [
                f"y{i} = {broken(expression())}",
                f"y{i} = 0\nfor k, x in enumerate(xs):\n    y{i} += x * k\n    y{i} = y{i} - {expression()}",
                f"y{i} = sum({draw.choice(['x * x', 'x + a', 'engine.exp(-x)'])} for x in xs)  # ünder ∂",
                f"ys = [{expression(1)} + x for x in xs]; y{i} = ys[0] * ys[1] + ys[2]",
                f"y{i} = 1.0; 'é'; y{i} *= {expression(1)}",
                f"y{i}, b = {expression()}, b * 0.9",
                f"t = {{k: x.tanh() * k for k, x in enumerate(xs, 1)}}\ny{i} = t[1] / t[4]",
                f"def part{i}(n=2):\n    r = a\n    while n:\n        n -= 1\n        r = {expression(1)} + r\n"
                f"    return r\ny{i} = part{i}()",
                f"with engine.group('g'):\n    y{i} = {expression()}",
                f"y{i} = {expression()}; y{i} = y{i} + (z := y{i} * 2) * z",
            ]
        )
        lines += [body, f"a = a + y{i} * 0.01"]
    return "\n".join([HEAD, *lines, "L = a.tanh()"]) + "\n"


def again(text: str) -> str:
    """What a piece of code computes, as an expression: of `x += y` it is x + y."""
    tree = ast.parse(text.strip() if text.lstrip().startswith(("y", "self")) else f"({text})").body[0]
    if isinstance(tree, ast.AugAssign):
        target = ast.parse(ast.unparse(tree.target), mode="eval").body
        return ast.unparse(ast.BinOp(target, tree.op, tree.value))
    assert isinstance(tree, ast.Expr)
    return ast.unparse(tree.value)


class Judge:
    """Evaluates the piece of code of each new node again, at once, in the names of its frame.

    What the library makes many nodes in, as `sum` and `model` do, is one place: then the node is one of those that it
    makes again.
    """

    def __init__(self) -> None:
        self.wrong: list[str] = []
        self.nodes: list[Value] = []
        self.made: list[Value] | None = None  # by an evaluation that is under way

    def __call__(self, node: Value, rule: Rule | None) -> None:
        if self.made is not None:
            self.made.append(node)
            return
        self.nodes.append(node)
        source, self.made = source_of(node), []
        frame = calling(source.file)
        try:
            found = eval(again(source.text), {**frame.f_globals, **frame.f_locals})
            right = self.made if source.text.startswith(("sum(", "model(", "MLP(")) else [found]
            if bits(node.data) not in [bits(x.data) for x in right]:
                self.wrong.append(f"{source}: {source.text!r} is {found}, not {node}")
        except Exception as error:
            self.wrong.append(f"{source}: {source.text!r} is {error!r}")
        finally:
            self.made = None


def calling(file: str) -> FrameType:
    """The nearest frame of the file."""
    frame: Any = sys._getframe(1)
    while frame.f_code.co_filename != file:
        frame = frame.f_back
    return frame


def run(text: str, file: str, **names: Any) -> dict[str, Any]:
    """Run a program as if it were in a file; gives its names."""
    linecache.cache[file] = (len(text), None, text.splitlines(keepends=True), file)
    exec(compile(text, file, "exec"), names)
    return names


def judged(text: str, file: str) -> Judge:
    """Run a program with a judge that looks on."""
    judge = Judge()
    with trace_source(), watching(judge):
        run(text, file)
    return judge
