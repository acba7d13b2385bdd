"""Compiled training beside eager training: the same gradients, the same parameters after a hundred steps, for all that `fit` takes."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
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
from tests.nn.helpers import COMPILED, KERNEL, WITHOUT_NUMBA, numbers, python

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
    """The mean of the rows of some words, then a neuron for each class: sequences of any length, whose numbers are indices."""

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
    "a formula": (Curve, "mse", table(1, 1, "mse")),
}
for activation in ("tanh", "relu", "leaky_relu", "softplus", "sin", "exp", "abs"):
    NETWORKS[activation] = (lambda activation=activation: MLP(2, [5, 1], activation, seed=2), "mse", table(2, 1, "mse"))
for name in LOSSES:
    single = name in ("hinge", "binary_cross_entropy")
    NETWORKS[name] = (lambda single=single: MLP(2, [4, 1 if single else 3], seed=3), name, table(2, 1 if single else 3, name))

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
    assert distance(gradient, expected) <= (1e-12 if settings.get("batch_size") is None else 1e-9)  # after one step, or a few
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
    settings = {"clip": clip, "schedule": cosine(60), "validation": 0.25, "early_stopping": 1000, "regularizer": l2(0.001)}
    for network in ("dropout", "words of many lengths"):
        agree(network, backend, optimizer=OPTIMIZERS["adam"], batch_size=4, **settings)


# What the descent does besides steps


@pytest.mark.parametrize("backend", ["eager", *COMPILED])
def test_frozen_parameters_stay_and_may_be_set_free_between_epochs(backend):
    finals = []
    for path in ("eager", backend):
        model = MLP(2, [3, 1], seed=1)
        model.layers[0].freeze()
        run = train(model, NETWORKS["tanh"][2], optimizer=Adam(0.02), epochs=9, batch_size=5, backend=path, regularizer=l2(0.01))
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
        settings = {"optimizer": SGD(1e-300), "epochs": 4, "batch_size": 1, "seed": 9, "progress": False, "backend": path}
        losses.append(fit(model, NETWORKS["tanh"][2], **settings).column("gradient"))
    assert losses[1] == pytest.approx(losses[0], rel=1e-12)
    assert len(set(losses[0])) == 4


# What cannot be compiled


class Branch(Module):
    """Asks which side an input is on."""

    def __init__(self) -> None:
        self.w = Value(0.5, "w")

    def outputs(self, x: Any, rng: Any = None) -> list[Any]:
        return [self.w * x[0] if x[0] > 0 else -self.w * x[0]]


class Noisy(Module):
    """Draws random numbers of its own in training."""

    def __init__(self) -> None:
        self.w = Value(0.5, "w")

    def outputs(self, x: Any, rng: Any = None) -> list[Any]:
        return [self.w * (x[0] + (rng.gauss(0, 0.1) if rng else 0.0))]


LINE = [([x], 2.0 * x + 1.0) for x in (0.25, 0.5, 1.0, 2.0)]
LONG = 200_000


@pytest.mark.parametrize("backend", COMPILED)
@pytest.mark.parametrize(
    ("model", "message"), [(Branch, "a comparison .* while the function is recorded"), (Noisy, "random numbers of its own, by rng.gauss")]
)
def test_what_cannot_be_recorded_is_an_error_or_runs_eagerly(model, message, backend):
    with pytest.raises(TypeError, match=message):
        train(model(), LINE, backend=backend)
    run = train(model(), LINE, epochs=LONG)
    assert run.backend == "eager"
    assert run.reason.startswith("it cannot be compiled: ")
    assert next(run).number == 1


class Letters(Module):
    """A weight for each letter of a word."""

    def __init__(self) -> None:
        self.w = {letter: Value(i / 26) for i, letter in enumerate("abcdefghijklmnopqrstuvwxyz")}
        self.weights_listed = list(self.w.values())

    def outputs(self, x: Any, rng: Any = None) -> list[Any]:
        return [total([self.w[letter] for letter in x])]


def test_samples_of_too_many_shapes_are_not_compiled():
    """A string is part of the shape of a sample: what is done for it is recorded for it alone."""
    data = [(a + b, 1.0) for a in "abcdefghij" for b in "klmnopqrst"]
    few, many = (train(Letters(), samples, epochs=epochs) for samples, epochs in ((data[:1], LONG), ([(10 * x, t) for x, t in data], 500)))
    assert few.backend in ("numpy", "kernel")
    assert many.backend in ("numpy", "kernel")
    run = train(Letters(), [(200 * x, t) for x, t in data], epochs=19)
    assert (run.backend, run.reason) == ("eager", "the samples have 100 shapes, and each of them would be recorded")


@pytest.mark.parametrize("backend", COMPILED)
def test_targets_are_checked_before_the_first_step(backend):
    for data, validation, message in [
        ([([1.0], 0), ([2.0], 2)], None, "^sample 1: cross_entropy with 2 logits takes a class from 0 to 1, got 2"),
        ([([1.0], 0), ([2.0], 1)], [([1.0], 1), ([0.0], -1)], "^validation sample 1: cross_entropy .* got -1"),
    ]:
        with pytest.raises(ValueError, match=message):
            train(MLP(1, [2]), data, loss="cross_entropy", validation=validation, backend=backend)


def test_an_index_out_of_range_is_an_error():
    with pytest.raises(IndexError, match="there are 6 items to look up, and 9 is none of 0 to 5"):
        train(Words(6, 2, 2), [([1, 9], 0)], loss="cross_entropy", backend="numpy")


@pytest.mark.parametrize("backend", ["gpu", None, "Kernel"])
def test_an_unknown_backend_is_refused(backend):
    with pytest.raises(ValueError, match=f"unknown backend {backend!r}; known are auto, kernel, numpy, eager"):
        train(MLP(1, [1]), LINE, backend=backend)


def test_a_run_that_is_short_is_not_compiled():
    run = train(MLP(1, [1]), LINE, epochs=3)
    assert run.backend == "eager"
    assert run.reason.endswith(" s of work is done before anything is compiled")
    assert train(MLP(1, [1]), LINE, epochs=LONG).backend in ("numpy", "kernel")


PROGRAM = """
import sys
from nn import MLP, train
run = train(MLP(2, [16, 1]), [([0.5, -0.5], 1.0)] * 100, epochs={epochs}, batch_size=10)
print(run.backend, "numba" in sys.modules, run.reason)
"""


@pytest.mark.skipif(WITHOUT_NUMBA, reason="the kernel needs the package numba")
@pytest.mark.parametrize(("epochs", "backend", "reason"), [(3, "eager", "is done before"), (300, "numpy", "is not compiled")])
def test_auto_does_not_compile_the_kernel_for_a_run_that_is_done_sooner_without(epochs, backend, reason, tmp_path):
    """On a machine where it is not there yet."""
    done = python(PROGRAM.format(epochs=epochs), RANTAI_CACHE=str(tmp_path))
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith(f"{backend} False ")
    assert reason in done.stdout
    assert not list(tmp_path.iterdir())


# Operations of one's own


@pytest.fixture
def own_rule() -> Iterator[None]:
    yield
    del engine.RULES["mine"]


@pytest.mark.parametrize(
    ("slope", "backend", "reason"),
    [
        (lambda x, z: 3.0 * x * x, "numpy", "the rule 'mine' is not in the kernel"),
        (lambda x, z: 3.0 * x * x if x > 0.5 else 3.0 * x**2, "eager", "rule 'mine' cannot be read with symbols"),  # asks where it is
    ],
)
def test_an_operation_of_ones_own_runs_where_it_can(slope, backend, reason, own_rule):
    cube = engine.rule("mine", "{0}^3", lambda x: x * x * x, slope)

    def loss(outputs: Any, target: Any) -> Any:
        return (cube(outputs[0]) - target) ** 2

    run = train(MLP(1, [2, 1], seed=1), LINE, loss=loss, epochs=LONG)
    assert run.backend == backend
    assert reason in run.reason
    models = [MLP(1, [2, 1], seed=1) for _ in range(2)]
    for model, path in zip(models, ("eager", backend), strict=True):
        fit(model, LINE, loss=loss, optimizer=SGD(1e-3), epochs=STEPS, backend=path, progress=False)
    assert distance(numbers(models[1]), numbers(models[0])) <= 1e-12


@pytest.mark.parametrize("backend", [KERNEL])
def test_the_kernel_has_the_built_in_operations_only(backend, own_rule):
    cube = engine.rule("mine", "{0}^3", lambda x: x * x * x, lambda x, z: 3.0 * x * x)
    with pytest.raises(ValueError, match="the kernel has the built-in rules only, and this plan applies <rule mine"):
        train(MLP(1, [2, 1]), LINE, loss=lambda outputs, target: cube(outputs[0]), backend=backend)
