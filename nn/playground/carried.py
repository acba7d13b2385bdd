"""What the page of the playground carries: the plans of every network that it offers, recorded, and the data.

Plans are small, and much alike: those of 585 networks are about 60 kB, packed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import cache
from itertools import product
from typing import Any

import engine
from engine import PageMachine, Value
from nn.data.dataset import Dataset
from nn.data.generators import GENERATORS
from nn.layers.dropout import Masks
from nn.layers.mlp import MLP
from nn.training.fused_steps import update_of
from nn.training.losses import loss_of
from nn.training.optimizers import SGD, Adam, AdamW, Optimizer, RMSProp
from nn.training.regularizers import sum_of_sizes, sum_of_squares
from nn.training.schedules import cosine, linear, warmup

__all__ = ["ACTIVATIONS", "DATA", "LOSSES", "OPTIMIZERS", "SCHEDULES", "Carried", "architectures", "carried_data"]

HIDDEN = "relu"
"""What hidden units are recorded with: the page puts the activation that is chosen in its place."""
ACTIVATIONS = ("tanh", "relu", "sigmoid", "gelu", "softplus", "sin")
OPTIMIZERS: dict[str, Callable[[], Optimizer]] = {
    "SGD": lambda: SGD(0.1),
    "momentum": lambda: SGD(0.1, momentum=0.9),
    "Nesterov": lambda: SGD(0.1, momentum=0.9, nesterov=True),
    "Adam": lambda: Adam(0.1),
    "AdamW": lambda: AdamW(0.1),
    "RMSProp": lambda: RMSProp(0.1),
}
EPOCHS = 1000  # of schedules; they do not change after it
SCHEDULES = {"linear": linear(EPOCHS), "cosine": cosine(EPOCHS), "warmup": warmup(50)}
LOSSES = {"classification": "binary_cross_entropy", "regression": "mse"}
WIDEST, DEEPEST = 8, 3
"""Of the hidden layers that a page offers."""
SHARES = (0.1, 0.2, 0.3, 0.4, 0.5)
"""Of the points, that may be kept for the test."""


def architectures() -> list[tuple[int, ...]]:
    """The hidden layers of every network that is offered."""
    return [sizes for depth in range(DEEPEST + 1) for sizes in product(range(1, WIDEST + 1), repeat=depth)]


class Carried:
    """The plans of a page, and its machine.

    Args:
        inputs: how many numbers a point has.
        task: "classification" or "regression".
        layers: the hidden layers of the networks, such as [(), (8, 8)].
    """

    def __init__(self, inputs: int, task: str, layers: Iterable[Sequence[int]]) -> None:
        self.machine = PageMachine()
        for name in ACTIVATIONS:
            self.machine.offer(engine.RULES[name])
        self.inputs, self.loss = inputs, loss_of(LOSSES[task])
        self.plans = {" ".join(map(str, sizes)): self._plans(sizes) for sizes in layers}
        self.updates = {name: self._update(make()) for name, make in OPTIMIZERS.items()}

    def for_json(self) -> dict[str, Any]:
        """All of it but the machine's text."""
        schedules = {name: [schedule(epoch) for epoch in range(EPOCHS + 1)] for name, schedule in SCHEDULES.items()}
        return {"hidden": HIDDEN, "plans": self.plans, "updates": self.updates, "schedules": schedules}

    def _plans(self, sizes: Sequence[int]) -> dict[str, Any]:
        """The loss of a sample (inputs, target, factors of the hidden activations), and the price of the weights."""
        model = MLP(self.inputs, [*sizes, 1], HIDDEN, dropout=0.5)
        strengths = [Value(0.0, "l1"), Value(0.0, "l2")]
        parameters = [*model.parameters(), *strengths]

        def loss(sample: Any) -> Any:
            x, target, factors = sample
            masks: Any = Masks(factors)
            outputs = model.outputs(x, masks)
            return self.loss(outputs, target), outputs

        sample = ([0.25] * self.inputs, 1.0, [1.0] * sum(sizes))
        first, second = strengths

        def penalty(_: Any) -> Any:
            weights = model.weights()
            return first * sum_of_sizes(weights) + second * sum_of_squares(weights)

        return {
            "loss": self.machine.record(loss, parameters, sample),
            "penalty": self.machine.record(penalty, parameters, ()),
        }

    def _update(self, optimizer: Optimizer) -> dict[str, Any]:
        move, parameters, names = update_of(optimizer)
        return self.machine.record(move, parameters, [0.5] * (2 + len(names)))


@cache
def carried_for(inputs: int, task: str) -> Carried:
    """With all the networks that a page offers; recorded once in a process, which takes some seconds."""
    return Carried(inputs, task, architectures())


def carried_data(name: str) -> dict[str, Any]:
    """A problem of `nn.data` whose noise and share for the test can be chosen in the page: its points without noise,
    what noise of 1 adds to each, and for each share which points are kept for the test."""
    make = GENERATORS[name]
    settings = {"classes": 2} if name == "blobs" else {}
    clean, noisy = (whole(make(noise=noise, test_fraction=0.0, **settings)) for noise in (0.0, 1.0))
    usual = make(**settings)
    places = {tuple(x): i for i, (x, _) in enumerate(whole(make(test_fraction=0.0, **settings)))}
    tests = {str(share): [places[tuple(x)] for x, _ in make(test_fraction=share, **settings).test] for share in SHARES}
    return {
        "task": usual.task,
        "noise": NOISE[name],
        "points": [[*x, target_of(t)] for x, t in clean],
        "moved": [
            [b - a for a, b in zip([*x, target_of(t)], [*x1, target_of(t1)], strict=True)]
            for (x, t), (x1, t1) in zip(clean, noisy, strict=True)
        ],
        "tests": tests,
    }


DATA = ("xor", "moons", "circles", "spirals", "blobs", "sine")
NOISE = {"xor": 0.2, "moons": 0.1, "circles": 0.1, "spirals": 0.02, "blobs": 0.5, "sine": 0.1}


def whole(data: Dataset) -> Any:
    return data.train


def target_of(target: Any) -> float:
    return float(target[0]) if isinstance(target, list) else float(target)
