"""Compiled training beside eager training: the same gradients, the same parameters after a hundred steps, for all
that `fit` takes."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import engine
from engine import Value, lookup, total
from nn import (
    LOSSES,
    MLP,
    SGD,
    Adam,
    AdamW,
    Module,
    Neuron,
    RMSProp,
    Training,
    clip_norm,
    clip_value,
    cosine,
    elastic,
    fit,
    l1,
    l2,
    train,
)  # fmt: skip
from nn.layers.dropout import mask
from tests.nn.helpers import COMPILED, numbers

pytestmark = pytest.mark.slow  # every loss, optimizer and clip, on every backend, for a hundred steps

STEPS = 100
rng = np.random.default_rng(5)


def rows(n: int, width: int) -> list[list[float]]:
    return rng.normal(size=(n, width)).tolist()


def table(width: int, outputs: int, loss: str, n: int = 12) -> list[tuple[Any, Any]]:
    """Samples for a loss."""
    targets = {
        "hinge": lambda: int(rng.choice([-1, 1])),
        "binary_cross_entropy": lambda: float(rng.uniform()),
        "cross_entropy": lambda: int(rng.integers(outputs)),
    }
    draw = targets.get(loss, lambda: rng.normal(size=outputs).tolist())
    return [(x, draw()) for x in rows(n, width)]


class Words(Module):
    """The mean of the rows of some words, then a neuron for each class: sequences of any length, whose numbers are
    indices."""

    def __init__(self, words: int, width: int, classes: int) -> None:
        draw = np.random.default_rng(1)
        self.rows = [[Value(x, f"e{i}_{j}") for j, x in enumerate(draw.normal(size=width))] for i in range(words)]
        self.out = [Neuron(width, "linear", rng=i) for i in range(classes)]
        self.spare = Value(0.5, "spare")

    def outputs(self, x: Any, rng: Any = None) -> list[Any]:
        found = [lookup(self.rows, word) for word in x]
        mean = [total(column) * (1.0 / len(x)) for column in zip(*found, strict=True)]
        return [neuron(mean) for neuron in self.out]


class Recurrent(Module):
    """h ← tanh(w·(x, h)), with the same weights at every step."""

    def __init__(self) -> None:
        self.cells = [Neuron(3, "tanh", rng=i) for i in range(2)]
        self.out = Neuron(2, "linear", rng=7)

    def outputs(self, x: Any, rng: Any = None) -> list[Any]:
        state: list[Any] = [0.0, 0.0]
        for number in x:
            state = [cell([number, *state]) for cell in self.cells]
        return [self.out(state)]


class Sometimes(Module):
    """Drops activations of long inputs only."""

    def __init__(self) -> None:
        self.cells, self.out = [Neuron(1, "tanh", rng=i) for i in range(4)], Neuron(4, "linear", rng=7)

    def outputs(self, x: Any, rng: Any = None) -> list[Any]:
        states = [cell([total(x)]) for cell in self.cells]
        if rng is not None and len(x) > 2:
            states = [state * mask(0.3, rng) for state in states]
        return [self.out(states)]


class Curve(Module):
    """A formula of physics: a damped oscillation."""

    def __init__(self) -> None:
        self.amplitude, self.decay, self.frequency = Value(1.0, "A"), Value(0.3, "k"), Value(2.0, "f")

    def outputs(self, x: Any, rng: Any = None) -> list[Any]:
        (t,) = x
        return [self.amplitude * engine.exp(-self.decay * t) * engine.cos(self.frequency * t)]


def words(classes: int, lengths: tuple[int, ...]) -> list[tuple[Any, Any]]:
    return [(rng.integers(6, size=lengths[i % len(lengths)]).tolist(), int(rng.integers(classes))) for i in range(12)]


def sequences() -> list[tuple[Any, Any]]:
    return [(rng.normal(size=2 + i % 3).tolist(), float(rng.normal())) for i in range(9)]


Case = tuple[Callable[[], Module], Any, list[tuple[Any, Any]]]

NETWORKS: dict[str, Case] = {
    "linear": (lambda: MLP(3, [1], seed=1), "mse", table(3, 1, "mse")),
    "one of one": (lambda: MLP(1, [1, 1], seed=1), "huber", table(1, 1, "huber")),
    "two layers": (lambda: MLP(2, [5, 3], seed=1), "mae", table(2, 3, "mae")),
    "deep": (lambda: MLP(2, [4, 3, 4, 2], "sigmoid", seed=1), "mse", table(2, 2, "mse")),
    "wide": (lambda: MLP(30, [40, 2], "gelu", seed=1), "cross_entropy", table(30, 2, "cross_entropy")),
    "elementary": (lambda: MLP(2, [4, 2], seed=1, elementary=True), "cross_entropy", table(2, 2, "cross_entropy")),
    "dropout": (lambda: MLP(2, [6, 4, 1], seed=1, dropout=0.3), "hinge", table(2, 1, "hinge")),
    "dropout and elementary": (lambda: MLP(2, [6, 1], seed=1, dropout=0.5, elementary=True), "mse", table(2, 1, "mse")),
    "words of one length": (lambda: Words(6, 3, 2), "cross_entropy", words(2, (4,))),
    "words of many lengths": (lambda: Words(6, 3, 3), "cross_entropy", words(3, (1, 5, 2, 2))),
    "sequences": (Recurrent, "huber", sequences()),
    "dropout of some": (Sometimes, "huber", sequences()),
    "a formula": (Curve, "mse", table(1, 1, "mse")),
}
for activation in ("tanh", "relu", "leaky_relu", "softplus", "sin", "exp", "abs"):
    NETWORKS[activation] = (lambda activation=activation: MLP(2, [5, 1], activation, seed=2), "mse", table(2, 1, "mse"))
for name in LOSSES:
    single = name in ("hinge", "binary_cross_entropy")
    NETWORKS[name] = (
        lambda single=single: MLP(2, [4, 1 if single else 3], seed=3),
        name,
        table(2, 1 if single else 3, name),
    )

OPTIMIZERS: dict[str, Callable[[], Any]] = {
    "sgd": lambda: SGD(0.05),
    "momentum": lambda: SGD(0.02, momentum=0.9),
    "nesterov": lambda: SGD(0.02, momentum=0.9, nesterov=True),
    "adam": lambda: Adam(0.01),
    "adamw": lambda: AdamW(0.01, decay=0.1),
    "rmsprop": lambda: RMSProp(0.005),
}
REGULARIZERS: dict[str, Any] = {"none": None, "l1": l1(0.01), "l2": l2(0.01), "both": elastic(0.003, 0.01)}


def distance(mine: Any, theirs: Any) -> float:
    """By the length of the vector."""
    a, b = np.array(mine), np.array(theirs)
    return float(np.linalg.norm(a - b) / np.linalg.norm(b))


def trained(network: str, backend: str, **settings: Any) -> tuple[Training, list[float], list[float]]:
    """A run of about a hundred steps; the gradient of its first epoch's last step, and the parameters after all."""
    make, loss, data = NETWORKS[network]
    steps = math.ceil(len(data) / (settings.get("batch_size") or len(data)))
    given = {**settings, "optimizer": settings["optimizer"]()}
    run = train(make(), data, loss=loss, epochs=math.ceil(STEPS / steps), backend=backend, seed=3, **given)
    next(run)
    gradient = [p.grad or 0.0 for p in run.parameters]
    for _ in run:
        pass
    return run, gradient, numbers(run.model)


eagerly: dict[str, Any] = {}


def agree(network: str, backend: str, **settings: Any) -> None:
    key = f"{network} {settings}"
    if key not in eagerly:
        eagerly[key] = trained(network, "eager", **settings)
    (run, gradient, end), (eager, expected, there) = trained(network, backend, **settings), eagerly[key]
    assert (run.backend, eager.backend) == (backend, "eager")
    # after one step, or a few
    assert distance(gradient, expected) <= (1e-12 if settings.get("batch_size") is None else 1e-9)
    assert distance(end, there) <= 1e-9
    for mine, theirs in zip(run.history, eager.history, strict=True):
        for name in ("loss", "penalty", "validation", "rate", "gradient"):
            figure = getattr(theirs, name)
            assert getattr(mine, name) == (None if figure is None else pytest.approx(figure, rel=1e-8, abs=1e-12))


@pytest.mark.parametrize("backend", COMPILED)
@pytest.mark.parametrize("batch_size", [None, 5, 1])
@pytest.mark.parametrize("network", NETWORKS)
def test_networks_and_losses(network, batch_size, backend):
    agree(network, backend, optimizer=OPTIMIZERS["momentum"], batch_size=batch_size)


@pytest.mark.parametrize("backend", COMPILED)
@pytest.mark.parametrize("batch_size", [None, 5, 1])
@pytest.mark.parametrize("regularizer", REGULARIZERS)
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_optimizers_and_regularizers(optimizer, regularizer, batch_size, backend):
    settings = {"optimizer": OPTIMIZERS[optimizer], "regularizer": REGULARIZERS[regularizer], "batch_size": batch_size}
    agree("two layers", backend, **settings)


@pytest.mark.parametrize("backend", COMPILED)
@pytest.mark.parametrize("clip", [clip_norm(0.1), clip_value(0.05), lambda gradients: [g / 2 for g in gradients]])
def test_clips_schedules_and_validation(clip, backend):
    settings = {
        "clip": clip,
        "schedule": cosine(60),
        "validation": 0.25,
        "early_stopping": 1000,
        "regularizer": l2(0.001),
    }
    for network in ("dropout", "words of many lengths"):
        agree(network, backend, optimizer=OPTIMIZERS["adam"], batch_size=4, **settings)


# What the descent does besides steps


@pytest.mark.parametrize("backend", ["eager", *COMPILED])
def test_frozen_parameters_stay_and_may_be_set_free_between_epochs(backend):
    finals = []
    for path in ("eager", backend):
        model = MLP(2, [3, 1], seed=1)
        model.layers[0].freeze()
        run = train(
            model, NETWORKS["tanh"][2], optimizer=Adam(0.02), epochs=9, batch_size=5, backend=path, regularizer=l2(0.01)
        )
        before = numbers(model.layers[0])
        for epoch in run:
            if epoch.number == 3:
                assert numbers(model.layers[0]) == before
                assert [p.grad for p in model.layers[0].parameters()] == [None] * 9
                model.freeze(False)
            if epoch.number == 6:
                model.layers[1].freeze()
                model.layers[0].neurons[0].b.data = 0.75
        assert numbers(model.layers[0]) != before
        finals.append(numbers(model))
    assert distance(*finals) <= 1e-10


@pytest.mark.parametrize("backend", COMPILED)
def test_the_values_are_in_step_at_each_yield(backend):
    eager, mine = (
        train(MLP(2, [3, 1], seed=1), NETWORKS["tanh"][2], optimizer="adam", epochs=5, batch_size=4, backend=path)
        for path in ("eager", backend)
    )
    for _ in zip(eager, mine, strict=True):
        assert distance(numbers(mine.model), numbers(eager.model)) <= 1e-11
        assert distance([p.grad for p in mine.parameters], [p.grad for p in eager.parameters]) <= 1e-11
        assert mine.optimizer.steps == eager.optimizer.steps
        for ours, theirs in zip(mine.optimizer.states, eager.optimizer.states, strict=True):
            assert ours == pytest.approx(theirs, rel=1e-8, abs=1e-15)


class Halving(SGD):
    """Looks at each gradient, which an array cannot answer for all."""

    def move(self, p: Any, g: Any, state: Any, rate: Any, t: int) -> Any:
        return p - (rate if g > 0 else rate / 2) * g


class Counted(SGD):
    """A step of its own."""

    def step(self, parameters: Any, factor: float = 1.0, clip: Any = None) -> None:
        super().step(parameters, factor / (self.steps + 1), clip)


@pytest.mark.parametrize("backend", COMPILED)
@pytest.mark.parametrize("optimizer", [Halving, Counted])
def test_an_optimizer_that_cannot_take_arrays_gets_values(optimizer, backend):
    agree("tanh", backend, optimizer=lambda: optimizer(0.05), batch_size=5, regularizer=l2(0.01))


@pytest.mark.parametrize("backend", COMPILED)
def test_a_value_that_is_no_parameter_is_read_anew(backend):
    """What changes from step to step may do so in a Value: here the strength of a price in the loss."""
    finals = []
    for path in ("eager", backend):
        model, strength = MLP(2, [3, 1], seed=1), Value(1.0, "strength", frozen=True)

        def loss(outputs: Any, target: Any, strength: Value = strength) -> Any:
            return (outputs[0] - target[0]) ** 2 + strength * outputs[0] ** 2

        for _ in train(model, NETWORKS["tanh"][2], loss=loss, epochs=6, batch_size=5, backend=path):
            strength.data *= 0.5
        finals.append(numbers(model))
    assert distance(*finals) <= 1e-11


@pytest.mark.parametrize("backend", COMPILED)
def test_dropout_masks_are_those_of_eager_steps(backend):
    """At a rate so small that nothing moves, the losses of the steps show which activations were dropped."""
    losses = []
    for path in ("eager", backend):
        model = MLP(2, [8, 8, 1], seed=1, dropout=0.5)
        settings = {
            "optimizer": SGD(1e-300),
            "epochs": 4,
            "batch_size": 1,
            "seed": 9,
            "progress": False,
            "backend": path,
        }
        losses.append(fit(model, NETWORKS["tanh"][2], **settings).column("gradient"))
    assert losses[1] == pytest.approx(losses[0], rel=1e-12)
    assert len(set(losses[0])) == 4


@pytest.mark.parametrize("backend", COMPILED)
def test_so_are_those_of_samples_that_drop_different_activations(backend):
    agree("dropout of some", backend, optimizer=OPTIMIZERS["sgd"], batch_size=2)


class Steep(Module):
    """A logit that may become infinite, which no machine computes with: softmax then is 1 for it. `spare` is not
    used."""

    def __init__(self) -> None:
        self.w, self.shift, self.spare = Value(4.0, "w"), Value(0.5, "b"), Value(2.0, "spare")
        self.held = Value(0.25, "c", frozen=True)

    def outputs(self, x: Any, rng: Any = None) -> list[Any]:
        return [self.w * x[0] + self.shift, self.shift * x[1] + self.held]


@pytest.mark.parametrize("backend", ["eager", *COMPILED])
@pytest.mark.parametrize("clip", [None, clip_norm(10.0)])  # by the kernel alone, and step by step
@pytest.mark.parametrize("batch_size", [None, 3, 2])
def test_a_step_that_no_machine_can_do_is_done_eagerly_between_the_others(batch_size, clip, backend):
    data = [([0.1 * i - 0.4, 0.2 * i], [0.25, 0.75]) for i in range(9)]
    for i in (3, 4, 8):
        data[i] = [1e308, 0.2 * i], [1.0, 0.0]
    found = []
    for path in ("eager", backend):
        model = Steep()
        settings = {"optimizer": Adam(0.01), "batch_size": batch_size, "epochs": 5, "regularizer": price, "clip": clip}
        run = train(model, data, loss="cross_entropy", backend=path, **settings)
        for epoch in run:
            found.append([*numbers(model), *[p.grad or 0.0 for p in run.parameters], epoch.loss, epoch.penalty])
            assert model.held.grad is None
        assert run.backend == path
    np.testing.assert_allclose(found[5:], found[:5], rtol=1e-11, atol=1e-13)


@pytest.mark.parametrize("backend", COMPILED)
def test_so_is_a_validation_that_no_machine_can_do(backend):
    data = [([0.1 * i - 0.4, 0.2 * i], [0.25, 0.75]) for i in range(9)]
    validation = [*data[:2], ([1e308, 0.5], [1.0, 0.0])]
    eager, mine = (
        fit(Steep(), data, loss="cross_entropy", validation=validation, epochs=5, backend=path, progress=False)
        for path in ("eager", backend)
    )
    assert mine.backend == backend
    assert mine.column("validation") == pytest.approx(eager.column("validation"), rel=1e-12)


def price(weights: Any) -> Any:
    return 0.01 * weights[0] * weights[0]
