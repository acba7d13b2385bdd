"""What the page of the playground carries: the plans of every network that it offers, recorded, and the data.

Plans are small, and much alike: those of 585 networks are about 60 kB, packed.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache, partial
from itertools import product
from random import Random
from typing import Any

import engine
from engine import PageMachine, Value
from nn.checks import a_number, shown
from nn.data.generators import GENERATORS
from nn.layers.dropout import Masks
from nn.layers.mlp import MLP
from nn.training.fused_steps import update_of
from nn.training.losses import Loss, loss_of
from nn.training.optimizers import SGD, Adam, AdamW, Optimizer, RMSProp
from nn.training.regularizers import sum_of_sizes, sum_of_squares
from nn.training.schedules import cosine, linear, warmup

__all__ = [
    "ACTIVATIONS",
    "DATA",
    "LOSSES",
    "OPTIMIZERS",
    "SCHEDULES",
    "Carried",
    "architectures",
    "carried_data",
    "carried_networks",
]

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


def architectures(deepest: int = DEEPEST) -> list[tuple[int, ...]]:
    """The hidden layers of every network that is offered, with no more layers than that."""
    return [sizes for depth in range(deepest + 1) for sizes in product(range(1, WIDEST + 1), repeat=depth)]


class Carried:
    """The networks of a page: their plans, and the machine that runs these.

    Args:
        tasks: for each task, "classification" or "regression", how many numbers a point has.
        layers: the hidden layers of the networks, such as [(), (8, 8)].
    """

    def __init__(self, tasks: Mapping[str, int], layers: Iterable[Sequence[int]]) -> None:
        self.machine = PageMachine()
        for name in ACTIVATIONS:
            self.machine.offer(engine.RULES[name])
        self.tasks = dict(tasks)
        self.plans: dict[str, dict[str, Any]] = {task: {} for task in tasks}
        for sizes in layers:
            self.add(sizes)
        self.updates = {name: self._update(make()) for name, make in OPTIMIZERS.items()}

    def add(self, sizes: Sequence[int]) -> None:
        """One more network, unless it is there."""
        key = " ".join(map(str, sizes))
        for task, inputs in self.tasks.items():
            if key not in self.plans[task]:
                self.plans[task][key] = self._plans(inputs, loss_of(LOSSES[task]), sizes)

    def for_json(self) -> dict[str, Any]:
        """All of it but the machine's text, by task."""
        schedules = {name: [schedule(epoch) for epoch in range(EPOCHS + 1)] for name, schedule in SCHEDULES.items()}
        shared = {"hidden": HIDDEN, "updates": self.updates, "schedules": schedules}
        return {task: {"plans": plans, **shared} for task, plans in self.plans.items()}

    def _plans(self, inputs: int, loss: Loss, sizes: Sequence[int]) -> dict[str, Any]:
        """The loss of a sample (inputs, target, factors of the hidden activations), and the price of the weights."""
        model = MLP(inputs, [*sizes, 1], HIDDEN, dropout=0.5)
        first, second = strengths = [Value(0.0, "l1"), Value(0.0, "l2")]
        parameters = [*model.parameters(), *strengths]

        def loss_and_outputs(sample: Any) -> Any:
            x, target, factors = sample
            masks: Any = Masks(factors)
            outputs = model.outputs(x, masks)
            return loss(outputs, target), outputs

        def penalty(_: Any) -> Any:
            weights = model.weights()
            return first * sum_of_sizes(weights) + second * sum_of_squares(weights)

        sample = ([0.25] * inputs, 1.0, [1.0] * sum(sizes))
        return {
            "loss": self.machine.record(loss_and_outputs, parameters, sample),
            "penalty": self.machine.record(penalty, parameters, ()),
        }

    def _update(self, optimizer: Optimizer) -> dict[str, Any]:
        move, parameters, names = update_of(optimizer)
        return self.machine.record(move, parameters, [0.5] * (2 + len(names)))


TASKS = {"classification": 2, "regression": 1}
"""How many numbers a point has."""


@cache
def offered(deepest: int) -> Carried:
    """All networks that a page offers; recorded once in a process, which takes some seconds."""
    return Carried(TASKS, architectures(deepest))


def carried_networks(
    tasks: Iterable[str], layers: Sequence[int], alone: bool, deepest: int = DEEPEST
) -> tuple[PageMachine, dict[str, Any]]:
    """The machine and the plans of a network with these hidden layers, for these tasks; of all that a page offers too,
    unless it stands alone."""
    found = Carried(TASKS, [layers]) if alone else offered(deepest)
    found.add(layers)
    return found.machine, {task: found.for_json()[task] for task in tasks}


@cache
def carried_data(name: str) -> dict[str, Any]:
    """A problem of `nn.data` whose noise and share for the test can be chosen in the page: its points without noise,
    what noise of 1 adds to each, and for each share which points are kept for the test."""
    make = partial(GENERATORS[name], **({"classes": 2} if name == "blobs" else {}))
    clean, noisy = (numbers_of(make(noise=noise, test_fraction=0.0).train) for noise in (0.0, 1.0))
    usual = make(test_fraction=0.0)
    places = {tuple(x): i for i, (x, _) in enumerate(usual.train)}
    return {
        "task": usual.task,
        "noise": NOISE[name],
        "points": clean,
        "moved": [[b - a for a, b in zip(*both, strict=True)] for both in zip(clean, noisy, strict=True)],
        "tests": {str(share): [places[tuple(x)] for x, _ in make(test_fraction=share).test] for share in SHARES},
    }


def own_data(data: Any) -> dict[str, Any]:
    """The same of a person's own: a function of one number, or pairs of inputs and a target.

    Raises:
        TypeError, ValueError: for what a page cannot show: it has one or two inputs, and with two the targets are 0
            and 1.
    """
    if callable(data):
        xs = [4.0 * i / 99 - 2.0 for i in range(100)]
        data = [([x], a_number("what the function gives", data(x))) for x in xs]
    try:
        points = numbers_of(data)
    except (TypeError, ValueError, IndexError) as error:
        raise TypeError(
            f"data is a name, a function of one number, or pairs such as ([0.5, 1.0], 1), got {shown(data)}"
        ) from error
    widths, targets = {len(point) - 1 for point in points}, {point[-1] for point in points}
    if len(points) < 4 or len(widths) != 1 or not widths <= {1, 2}:
        raise ValueError(f"a page shows at least 4 points of one or two inputs, got {len(points)} of {sorted(widths)}")
    if not all(math.isfinite(x) for point in points for x in point):
        raise ValueError("a point has a number that is not finite")
    if widths == {2} and targets != {0.0, 1.0}:
        raise ValueError("with two inputs the targets are the classes 0 and 1, both of them")
    chance, places = Random(0), list(range(len(points)))
    chance.shuffle(places)
    return {
        "task": "classification" if widths == {2} else "regression",
        "noise": 0.0,
        "points": points,
        "moved": [[0.0] * len(point) for point in points],
        "tests": {str(share): sorted(places[: round(share * len(places))]) for share in SHARES},
    }


DATA = ("xor", "moons", "circles", "spirals", "blobs", "sine", "parabola", "stairs")
NOISE = {"xor": 0.2, "moons": 0.1, "circles": 0.1, "spirals": 0.02, "blobs": 0.5, "sine": 0.1,
         "parabola": 0.1, "stairs": 0.05}  # fmt: skip


def numbers_of(pairs: Iterable[Any]) -> list[list[float]]:
    """Inputs and target of each sample, in one list."""
    return [[*map(float, x), float(t[0] if isinstance(t, list | tuple) else t)] for x, t in pairs]
