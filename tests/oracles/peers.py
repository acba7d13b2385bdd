"""The operations of the table in the words of other engines, by the names of the rows; and what these engines say of a
program."""

from __future__ import annotations

import importlib.util
import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from tests.engine.arithmetic import ARITHMETIC
from tests.oracles.deep_programs import Program

__all__ = ["PEERS", "Autograd", "Torch"]


class Autograd:
    """HIPS autograd: reverse mode by wrapped NumPy functions, of any order."""

    requirement = "autograd and scipy"

    @staticmethod
    def installed() -> bool:
        return all(map(importlib.util.find_spec, ("autograd", "scipy")))

    def __init__(self) -> None:
        import autograd
        import autograd.numpy as np
        from autograd.scipy import special

        self.grad, self.array = autograd.grad, np.array
        same = ("exp", "log", "sqrt", "sin", "cos", "tan", "sinh", "cosh", "tanh", "log1p", "expm1", "abs")
        self.functions: Mapping[str, Callable[..., Any]] = {
            **ARITHMETIC,
            **{name: getattr(np, name) for name in (*same, "maximum", "minimum")},
            "asin": np.arcsin,
            "acos": np.arccos,
            "atan": np.arctan,
            "erf": special.erf,
            "erfc": special.erfc,
            "sigmoid": special.expit,
            "softplus": lambda x: np.logaddexp(0.0, x),
            "normal_pdf": lambda x: np.exp(-0.5 * x * x) / math.sqrt(2.0 * math.pi),
            "normal_cdf": lambda x: 0.5 * special.erfc(-x * math.sqrt(0.5)),
            "gelu": lambda x: 0.5 * x * special.erfc(-x * math.sqrt(0.5)),
            "relu": lambda x: np.maximum(x, 0.0),
            "total": lambda xs: np.sum(np.array(xs)),
            "weighted_sum": lambda ws, xs, b: np.dot(np.array(ws), np.array(xs)) + b,
            "logsumexp": lambda xs: special.logsumexp(np.array(xs)),
        }

    def value(self, program: Program) -> float:
        return float(program.run(program.leaves, self.functions))

    def gradient(self, program: Program) -> list[float]:
        return [float(slope) for slope in self._gradient(program)(self.array(program.leaves))]

    def directional(self, program: Program, direction: Sequence[float]) -> list[float]:
        """The gradient of the slope in a direction: the matrix of second derivatives times that direction."""
        first = self._gradient(program)
        along = self.grad(lambda xs: sum(d * slope for d, slope in zip(direction, first(xs), strict=True)))
        return [float(slope) for slope in along(self.array(program.leaves))]

    def _gradient(self, program: Program) -> Callable[[Any], Any]:
        count = len(program.leaves)
        # 0 * xs[0] keeps a result that no leaf reaches a number of this engine's own kind
        return self.grad(lambda xs: program.run([xs[i] for i in range(count)], self.functions) + 0.0 * xs[0])


class Torch:
    """PyTorch, double precision."""

    requirement = "torch"

    @staticmethod
    def installed() -> bool:
        return importlib.util.find_spec("torch") is not None

    def __init__(self) -> None:
        import torch

        self.torch = torch
        torch.set_num_threads(1)

        def lift(x: Any) -> Any:
            return x if torch.is_tensor(x) else torch.tensor(x, dtype=torch.float64)

        def stack(xs: Sequence[Any]) -> Any:
            return torch.stack(list(map(lift, xs)))

        def lifted(function: Callable[[Any], Any]) -> Callable[[Any], Any]:
            return lambda x: function(lift(x))  # a branch of `where` may be a plain number

        same = ("exp", "log", "sqrt", "sin", "cos", "tan", "sinh", "cosh", "tanh", "asin", "acos", "atan", "log1p")
        same = (*same, "expm1", "erf", "erfc", "sigmoid", "relu", "abs")
        self.functions: Mapping[str, Callable[..., Any]] = {
            **ARITHMETIC,
            **{name: lifted(getattr(torch, name)) for name in same},
            "maximum": lambda x, y: torch.maximum(lift(x), lift(y)),
            "minimum": lambda x, y: torch.minimum(lift(x), lift(y)),
            # not torch's softplus, which is x itself from 20 on
            "softplus": lambda x: torch.logaddexp(lift(0.0), lift(x)),
            "normal_pdf": lifted(lambda x: torch.exp(-0.5 * x * x) / math.sqrt(2.0 * math.pi)),
            "normal_cdf": lifted(torch.special.ndtr),
            "gelu": lifted(torch.nn.functional.gelu),
            "total": lambda xs: stack(xs).sum(),
            "weighted_sum": lambda ws, xs, b: torch.dot(stack(ws), stack(xs)) + b,
            "logsumexp": lambda xs: torch.logsumexp(stack(xs), 0),
        }

    def value(self, program: Program) -> float:
        return float(self._run(program)[1].detach())

    def gradient(self, program: Program) -> list[float]:
        leaves, y = self._run(program)
        return [float(slope) for slope in self._slopes(y, leaves)]

    def directional(self, program: Program, direction: Sequence[float]) -> list[float]:
        leaves, y = self._run(program)
        first = self._slopes(y, leaves, create_graph=True)
        along = sum(d * slope for d, slope in zip(direction, first, strict=True)) + 0.0 * sum(leaves)
        return [float(slope) for slope in self._slopes(along, leaves)]

    def _run(self, program: Program) -> tuple[list[Any], Any]:
        leaves = [self.torch.tensor(x, dtype=self.torch.float64, requires_grad=True) for x in program.leaves]
        return leaves, program.run(leaves, self.functions) + 0.0 * leaves[0]

    def _slopes(self, y: Any, leaves: list[Any], **options: Any) -> Any:
        return self.torch.autograd.grad(y, leaves, allow_unused=True, materialize_grads=True, **options)


PEERS = {"autograd": Autograd, "torch": Torch}
