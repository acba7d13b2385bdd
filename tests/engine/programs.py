"""Random programs: straight-line code over the operations of the engine that runs on any kind of number."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

from hypothesis import strategies as st

import engine

# Each operation with as many inputs as its lambda takes after `f`, the functions of some kind of number. Arguments are
# kept where the function is smooth, defined and tame, by other operations.
OPERATIONS: dict[str, Callable[..., Any]] = {
    "add": lambda f, x, y: x + y,
    "add a constant": lambda f, x: x + 0.7,
    "sub": lambda f, x, y: x - y,
    "sub from a constant": lambda f, x: 0.3 - x,
    "mul": lambda f, x, y: x * y,
    "mul a constant": lambda f, x: -1.3 * x,
    "div": lambda f, x, y: x / (1.5 + y * y),
    "div a constant": lambda f, x: 2.0 / (1.5 + f.sin(x)),
    "pow": lambda f, x, y: (1.5 + f.sin(x)) ** f.tanh(y),
    "square": lambda f, x: x**2,
    "power of a constant": lambda f, x: 1.7 ** f.sin(x),
    "neg": lambda f, x: -x,
    "exp": lambda f, x: f.exp(f.sin(x)),
    "log": lambda f, x: f.log(1.2 + x * x),
    "sqrt": lambda f, x: f.sqrt(0.5 + x * x),
    "sin": lambda f, x: f.sin(x),
    "cos": lambda f, x: f.cos(x),
    "tan": lambda f, x: f.tan(f.tanh(x)),
    "sinh": lambda f, x: f.sinh(f.sin(x)),
    "cosh": lambda f, x: f.cosh(f.cos(x)),
    "tanh": lambda f, x: f.tanh(x),
    "asin": lambda f, x: f.asin(0.8 * f.sin(x)),
    "acos": lambda f, x: f.acos(0.8 * f.tanh(x)),
    "atan": lambda f, x: f.atan(x),
    "log1p": lambda f, x: f.log1p(x * x),
    "expm1": lambda f, x: f.expm1(f.sin(x)),
    "erf": lambda f, x: f.erf(f.sin(x)),
    "gelu": lambda f, x: f.gelu(x),
    "normal_pdf": lambda f, x: f.normal_pdf(x),
    "normal_cdf": lambda f, x: f.normal_cdf(x),
    "sigmoid": lambda f, x: f.sigmoid(x),
    "softplus": lambda f, x: f.softplus(x),
    "total": lambda f, x, y, z: f.total([x, y, z, x]),
    "weighted_sum": lambda f, x, y, z: f.weighted_sum([x, y, 0.5], [z, x, y], z),
    "logsumexp": lambda f, x, y, z: f.logsumexp([f.sin(x), y, z, 0.1]),
}


@dataclass(frozen=True)
class Program:
    """Operations on the numbers made so far, by their places; the result is the last number."""

    leaves: tuple[float, ...]
    steps: tuple[tuple[str, tuple[int, ...]], ...]

    def run(self, numbers: Any, f: Any) -> Any:
        """The result for these numbers in the leaves, of the kind that the functions in f are for."""
        made = list(numbers)
        for name, places in self.steps:
            made.append(OPERATIONS[name](f, *[made[place] for place in places]))
        return made[-1]

    def on_values(self) -> tuple[list[engine.Value], engine.Value]:
        leaves = [engine.Value(x, f"x{i}") for i, x in enumerate(self.leaves)]
        return leaves, self.run(leaves, engine)

    def on_floats(self, *numbers: float) -> float:
        return self.run(numbers, TEXTBOOK)


def arity(name: str) -> int:
    return OPERATIONS[name].__code__.co_argcount - 1


@st.composite
def programs(draw: st.DrawFn, longest: int = 12) -> Program:
    leaves = draw(st.lists(st.integers(-20, 20).map(lambda n: n / 10 + 0.013), min_size=1, max_size=4))
    steps: list[tuple[str, tuple[int, ...]]] = []
    for _ in range(draw(st.integers(1, longest))):
        name = draw(st.sampled_from(sorted(OPERATIONS)))
        made = len(leaves) + len(steps)
        # so that long chains come up, and sharing
        recent = st.integers(max(0, made - 3), made - 1) | st.integers(0, made - 1)
        steps.append((name, tuple(draw(recent) for _ in range(arity(name)))))
    return Program(tuple(leaves), tuple(steps))


def tame(program: Program, most: float = 1e3) -> bool:
    """Whether no number on the way is so large that difference quotients lose their digits."""
    steps = [Program(program.leaves, program.steps[:end]) for end in range(1, len(program.steps) + 1)]
    return all(abs(step.on_floats(*step.leaves)) < most for step in steps)


TEXTBOOK = SimpleNamespace(
    exp=math.exp,
    log=math.log,
    sqrt=math.sqrt,
    sin=math.sin,
    cos=math.cos,
    tan=math.tan,
    sinh=math.sinh,
    cosh=math.cosh,
    tanh=math.tanh,
    asin=math.asin,
    acos=math.acos,
    atan=math.atan,
    log1p=math.log1p,
    expm1=math.expm1,
    erf=math.erf,
    gelu=lambda x: x * (1 + math.erf(x / math.sqrt(2))) / 2,
    normal_pdf=lambda x: math.exp(-x * x / 2) / math.sqrt(2 * math.pi),
    normal_cdf=lambda x: math.erfc(-x / math.sqrt(2)) / 2,
    sigmoid=lambda x: (1 + math.tanh(x / 2)) / 2,
    softplus=lambda x: math.log1p(math.exp(x)) if x < 30 else x,
    total=sum,
    weighted_sum=lambda ws, xs, b: sum(w * x for w, x in zip(ws, xs, strict=True)) + b,
    logsumexp=lambda xs: max(xs) + math.log(sum(math.exp(x - max(xs)) for x in xs)),
)
"""The operations on floats, by the math module: no code of the engine."""
