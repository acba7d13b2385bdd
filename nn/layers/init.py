"""How the weights of a neuron start: an `Init` draws one weight, given a random generator and the neuron's number of
inputs and of neurons beside it.

All weights alike is the one bad choice: neurons that start alike stay alike, since their gradients are alike.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from random import Random

from engine import Value
from nn.checks import one_of, shown, usage

__all__ = ["INITS", "Init", "constant", "he", "normal", "uniform", "xavier", "zeros"]


@dataclass(frozen=True)
class Init:
    """A named way to draw a starting weight; `scale` is the one number that some of them take."""

    name: str
    scale: float = 1.0

    def draw(self, rng: Random, fan_in: int, fan_out: int) -> float:
        """One weight of a neuron with `fan_in` inputs in a layer of `fan_out` neurons."""
        if self.name == "zeros":
            return 0.0
        if self.name == "constant":
            return self.scale
        if self.name == "uniform":
            return rng.uniform(-self.scale, self.scale)
        if self.name == "normal":
            return rng.gauss(0.0, self.scale)
        if self.name == "xavier":
            limit = self.scale * math.sqrt(6.0 / (fan_in + fan_out))
            return rng.uniform(-limit, limit)
        return rng.gauss(0.0, self.scale * math.sqrt(2.0 / fan_in))

    @classmethod
    def of(cls, init: str | Init) -> Init:
        """The init of that name with its usual scale, or the init itself. ValueError for an unknown name."""
        if isinstance(init, Init):
            init.check()
            return init
        if callable(init):
            raise TypeError(f"init is a name or an Init, got {shown(init)}; write {getattr(init, '__name__', '')}()")
        return cls.of(cls(init))

    def check(self) -> None:
        one_of("init", self.name, INITS)
        if not math.isfinite(Value(self.scale).data):  # TypeError for what is no number
            raise ValueError(f"the scale of an init must be finite, got {self.scale!r}")


INITS = ("zeros", "constant", "uniform", "normal", "xavier", "he")


@usage("zeros()")
def zeros() -> Init:
    """All weights 0: the demonstration of why symmetry must be broken."""
    return Init("zeros")


@usage("constant(0.5)")
def constant(value: float) -> Init:
    """All weights the same number."""
    return Init("constant", value)


@usage("uniform(0.1)")
def uniform(limit: float = 1.0) -> Init:
    """Uniform in [-limit, limit]."""
    return Init("uniform", limit)


@usage("normal(0.1)")
def normal(deviation: float = 1.0) -> Init:
    """Normal with mean 0 and that standard deviation."""
    return Init("normal", deviation)


@usage("xavier()")
def xavier(gain: float = 1.0) -> Init:
    """Uniform with variance 2 / (fan_in + fan_out), for tanh and sigmoid (Glorot and Bengio, 2010)."""
    return Init("xavier", gain)


@usage("he()")
def he(gain: float = 1.0) -> Init:
    """Normal with variance 2 / fan_in, for relu (He et al., 2015)."""
    return Init("he", gain)
