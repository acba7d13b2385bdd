"""Optimisers: how a parameter moves, given its gradient.

Each update is written once, in arithmetic that floats and NumPy arrays share: `move(p, g, state, rate, t)` returns the
new p for one parameter (or for an array of them) and keeps what it remembers in `state`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, ClassVar

from engine import Value
from nn.checks import a_number, above_0, at_least, one_of, say_where, share, shown, usage

__all__ = [
    "OPTIMIZERS", "SGD", "Adam", "AdamW", "Clip", "Optimizer", "RMSProp", "clip_norm", "clip_value", "optimizer_of",
]  # fmt: skip

State = dict[str, Any]
Clip = Callable[[list[float]], list[float]]


class Optimizer:
    """A way to move parameters against their gradients.

    Attributes:
        rate: the learning rate.
        steps: how many steps were taken.
        states: what is remembered of each parameter, in the order in which `step` gets them.
    """

    settings: ClassVar[tuple[str, ...]] = ("rate",)

    def __init__(self, rate: float) -> None:
        if isinstance(rate, list | tuple) or hasattr(rate, "parameters"):
            kind = type(self).__name__
            advice = f"the parameters are given to step: write {kind}(0.01) and optimizer.step(model.parameters())"
            raise TypeError(f"{kind} takes a learning rate, got {type(rate).__name__} {shown(rate)}; {advice}")
        self.rate = a_number("the learning rate", rate)
        if not (self.rate > 0 and math.isfinite(self.rate)):
            raise ValueError(f"the learning rate must be a number above 0, got {rate!r}")
        self.reset()

    def reset(self) -> None:
        """Forget all steps that were taken."""
        self.steps = 0
        self.states: list[State] = []

    def move(self, p: Any, g: Any, state: State, rate: Any, t: int) -> Any:
        """The parameter after step t (counted from 1), given its gradient; `state` is changed in place, and p may be
        where it is an array."""
        raise TypeError(f"{type(self).__name__} does not say how a parameter moves")

    @property
    def memory(self) -> dict[str, float] | None:
        """What is remembered of each parameter that has moved, by name, and the least that each can be; None where an
        optimizer does not say."""
        return None

    def step(self, parameters: Sequence[Value], factor: float = 1.0, clip: Clip | None = None) -> None:
        """Move every parameter that has a gradient and is not frozen.

        Args:
            parameters: the same list at every step.
            factor: of the learning rate, from a schedule.
            clip: applied to the list of gradients first.

        Raises:
            TypeError: for what is no list of Values.
            ValueError: if the number of parameters is not that of the step before, or none has a gradient.
            OverflowError: if one would not be finite any more; then none has moved.
        """
        if not isinstance(parameters, Sequence):
            advice = "model.parameters()" if hasattr(parameters, "parameters") else "a list"
            raise TypeError(f"step takes a list of Values, got {type(parameters).__name__}; write {advice}")
        if self.states and len(self.states) != len(parameters):
            raise ValueError(
                f"this optimizer has moved {len(self.states)} parameters so far, and now gets {len(parameters)}"
            )
        self.states = self.states or [{} for _ in parameters]
        moving = [i for i, p in enumerate(parameters) if p.grad is not None and not p.frozen]
        if not moving and any(not p.frozen for p in parameters):
            raise ValueError("no parameter has a gradient: call loss.backward(), with its brackets, before step")
        gradients = [float(parameters[i].grad or 0.0) for i in moving]
        clipped = zip(moving, clip(gradients) if clip else gradients, strict=True)
        self.steps += 1
        moved = [self.move(parameters[i].data, g, self.states[i], self.rate * factor, self.steps) for i, g in clipped]
        for i, number in zip(moving, moved, strict=True):
            if not math.isfinite(number):
                raise OverflowError(f"parameter {parameters[i].name or i} would become {number}")
        for i, number in zip(moving, moved, strict=True):
            parameters[i].data = number

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(f'{name}={getattr(self, name)!r}' for name in self.settings)})"


say_where(Optimizer, {"zero_grad": "model.zero_grad()"})


class SGD(Optimizer):
    """Gradient descent: p -= rate · g. With momentum the gradients of the past go on pushing (Nesterov: looked at
    one step ahead)."""

    settings = ("rate", "momentum", "nesterov")

    @usage("SGD(0.1)")
    def __init__(self, rate: float = 0.1, momentum: float = 0.0, nesterov: bool = False) -> None:
        super().__init__(rate)
        self.momentum, self.nesterov = share("momentum", momentum), nesterov
        if nesterov and not momentum:
            raise ValueError("Nesterov's method needs a momentum above 0")

    @property
    def memory(self) -> dict[str, float]:
        return {"velocity": -math.inf} if self.momentum else {}

    def move(self, p: Any, g: Any, state: State, rate: Any, t: int) -> Any:
        if not self.momentum:
            p -= rate * g
            return p
        velocity = state["velocity"] = self.momentum * state.get("velocity", 0.0) + g
        p -= rate * (g + self.momentum * velocity if self.nesterov else velocity)
        return p


class Adam(Optimizer):
    """Each parameter at a pace of its own: the mean of its gradients over the root of the mean of their squares
    (Kingma and Ba, 2015)."""

    settings: ClassVar[tuple[str, ...]] = ("rate", "beta1", "beta2", "epsilon")

    @usage("Adam(0.01)")
    def __init__(self, rate: float = 0.01, beta1: float = 0.9, beta2: float = 0.999, epsilon: float = 1e-8) -> None:
        super().__init__(rate)
        self.beta1, self.beta2, self.epsilon = share("beta1", beta1), share("beta2", beta2), above_0("epsilon", epsilon)

    @property
    def memory(self) -> dict[str, float]:
        return {"mean": -math.inf, "square": 0.0}

    def move(self, p: Any, g: Any, state: State, rate: Any, t: int) -> Any:
        mean = state["mean"] = self.beta1 * state.get("mean", 0.0) + (1.0 - self.beta1) * g
        square = state["square"] = self.beta2 * state.get("square", 0.0) + (1.0 - self.beta2) * g * g
        unbiased_mean, unbiased_square = mean / (1.0 - self.beta1**t), square / (1.0 - self.beta2**t)
        p -= rate * unbiased_mean / (unbiased_square**0.5 + self.epsilon)
        return p


class AdamW(Adam):
    """Adam whose weight decay does not pass through the gradient: p -= rate · decay · p (Loshchilov and Hutter,
    2019)."""

    settings = (*Adam.settings, "decay")

    @usage("AdamW(0.01, decay=0.01)")
    def __init__(
        self, rate: float = 0.01, beta1: float = 0.9, beta2: float = 0.999, epsilon: float = 1e-8, decay: float = 0.01
    ) -> None:
        super().__init__(rate, beta1, beta2, epsilon)
        self.decay = at_least(0, "decay", decay)

    def move(self, p: Any, g: Any, state: State, rate: Any, t: int) -> Any:
        return super().move(p - rate * self.decay * p, g, state, rate, t)


class RMSProp(Optimizer):
    """The gradient over the root of the mean of its squares (Hinton's lecture 6e, 2012)."""

    settings = ("rate", "beta", "epsilon")

    @usage("RMSProp(0.01)")
    def __init__(self, rate: float = 0.01, beta: float = 0.99, epsilon: float = 1e-8) -> None:
        super().__init__(rate)
        self.beta, self.epsilon = share("beta", beta), above_0("epsilon", epsilon)

    @property
    def memory(self) -> dict[str, float]:
        return {"square": 0.0}

    def move(self, p: Any, g: Any, state: State, rate: Any, t: int) -> Any:
        square = state["square"] = self.beta * state.get("square", 0.0) + (1.0 - self.beta) * g * g
        p -= rate * g / (square**0.5 + self.epsilon)
        return p


OPTIMIZERS: dict[str, type[Optimizer]] = {"sgd": SGD, "adam": Adam, "adamw": AdamW, "rmsprop": RMSProp}


def optimizer_of(optimizer: str | Optimizer) -> Optimizer:
    """A new optimizer of that name with its usual settings, or the one given. ValueError for an unknown name."""
    if isinstance(optimizer, Optimizer):
        return optimizer
    if isinstance(optimizer, type):
        raise TypeError(f"optimizer is a name or an Optimizer, got a class; write {optimizer.__name__}(0.01)")
    return OPTIMIZERS[one_of("optimizer", optimizer, OPTIMIZERS)]()  # type: ignore[call-arg]


@usage("clip_norm(1.0)")
def clip_norm(limit: float) -> Clip:
    """Scale all gradients down together where their Euclidean length is above the limit: the direction stays."""
    limit = above_0("the limit of a gradient", limit)

    def clip(gradients: list[float]) -> list[float]:
        length = math.hypot(*gradients)
        return gradients if length <= limit else [g * (limit / length) for g in gradients]

    clip.__name__ = f"clip_norm({limit!r})"  # what a checkpoint compares
    return clip


@usage("clip_value(1.0)")
def clip_value(limit: float) -> Clip:
    """Bring each gradient into [-limit, limit] by itself."""
    limit = above_0("the limit of a gradient", limit)

    def clip(gradients: list[float]) -> list[float]:
        return [math.copysign(limit, g) if abs(g) > limit else g for g in gradients]  # a NaN stays a NaN

    clip.__name__ = f"clip_value({limit!r})"
    return clip
