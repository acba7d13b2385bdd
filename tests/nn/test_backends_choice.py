"""Which backend runs: what cannot be compiled, what is not worth it, and operations of one's own."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

import engine
from engine import Value, total
from nn import (
    MLP,
    SGD,
    Module,
    fit,
    train,
)  # fmt: skip
from nn.training.compiled_steps import CompiledSteps
from nn.training.task import Task
from tests.nn.helpers import COMPILED, KERNEL, WITHOUT_NUMBA, numbers, python
from tests.nn.test_backends import STEPS, Words, distance

pytestmark = pytest.mark.slow  # kernels are compiled, runs are timed beforehand

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
    ("model", "message"),
    [(Branch, "a comparison .* while the function is recorded"), (Noisy, "random numbers of its own, by rng.gauss")],
)
def test_what_cannot_be_recorded_is_an_error_or_runs_eagerly(model, message, backend):
    with pytest.raises(TypeError, match=message):
        train(model(), LINE, backend=backend)
    run = train(model(), LINE, epochs=LONG)
    assert run.backend == "eager"
    assert run.reason.startswith("it cannot be compiled: ")
    assert next(run).number == 1


@pytest.mark.skipif(WITHOUT_NUMBA, reason="the kernel needs the package numba")
@pytest.mark.parametrize(("epochs", "backend"), [(60, "numpy"), (100_000, "kernel")])
def test_a_run_that_is_done_before_the_kernel_is_loaded_is_done_by_numpy(monkeypatch, epochs, backend):
    """266 samples in batches of 32, as of the penguins: 60 epochs take NumPy 0.1 s, and there is less to gain; the same
    where it is loaded, for the same run gives the same bits in every process."""
    monkeypatch.setattr("engine.compiler.kernel.ready", lambda: True)
    data = [([i / 266, 0.5, 1.0, -1.0], i % 3) for i in range(266)]
    run = train(MLP(4, [16, 3]), data, loss="cross_entropy", epochs=epochs, batch_size=32)
    assert run.backend == backend


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
    few, many = (
        train(Letters(), samples, epochs=epochs)
        for samples, epochs in ((data[:1], LONG), ([(10 * x, t) for x, t in data], 500))
    )
    assert few.backend in ("numpy", "kernel")
    assert many.backend in ("numpy", "kernel")
    run = train(Letters(), [(200 * x, t) for x, t in data], epochs=19)
    assert (run.backend, run.reason) == ("eager", "the samples have 100 shapes, and each of them would be recorded")


@pytest.mark.parametrize("backend", COMPILED)
def test_targets_are_checked_before_the_first_step(backend):
    for data, validation, message in [
        ([([1.0], 0), ([2.0], 2)], None, "^sample 1: cross_entropy with 2 logits takes a class from 0 to 1, got 2"),
        ([([1.0], -1)], None, "^sample 0: cross_entropy with 2 logits takes a class from 0 to 1, got -1"),
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


def test_the_validation_samples_count_as_work():
    short = {"loss": "mse", "epochs": 1000}
    assert train(MLP(1, [1]), LINE, **short).backend == "eager"
    assert train(MLP(1, [1]), LINE, validation=1000 * LINE, **short).backend in ("numpy", "kernel")


PROGRAM = """
import sys
from nn import MLP, train
run = train(MLP(2, [16, 1]), [([0.5, -0.5], 1.0)] * 100, epochs={epochs}, batch_size=10)
print(run.backend, "numba" in sys.modules, run.reason)
"""


@pytest.mark.skipif(WITHOUT_NUMBA, reason="the kernel needs the package numba")
@pytest.mark.parametrize(
    ("epochs", "backend", "reason"), [(3, "eager", "is done before"), (300, "numpy", "is not compiled")]
)
def test_auto_does_not_compile_the_kernel_for_a_run_that_is_done_sooner_without(epochs, backend, reason, tmp_path):
    """On a machine where it is not there yet."""
    done = python(PROGRAM.format(epochs=epochs), RANTAI_CACHE=str(tmp_path))
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith(f"{backend} False ")
    assert reason in done.stdout
    assert not list(tmp_path.iterdir())


@pytest.mark.skipif(WITHOUT_NUMBA, reason="the kernel needs the package numba")
@pytest.mark.parametrize(("epochs", "chosen"), [(10**4, "numpy"), (10**7, "kernel")])
def test_auto_compiles_the_kernel_first_for_a_run_that_is_long_enough(epochs, chosen, monkeypatch):
    monkeypatch.setattr("engine.compiler.kernel.ready", lambda: False)
    run = train(MLP(2, [16, 1]), [([0.5, -0.5], 1.0)] * 100, epochs=epochs, batch_size=10)
    assert run.backend == chosen
    assert ("this run is long enough to compile the kernel first" in run.reason) is (chosen == "kernel")


# Operations of one's own


@pytest.fixture
def own_rule() -> Iterator[None]:
    yield
    del engine.RULES["mine"]


@pytest.mark.parametrize(
    ("slope", "backend", "reason"),
    [
        (lambda x, z: 3.0 * x * x, "numpy", "the rule 'mine' is not in the kernel"),
        # asks where it is
        (lambda x, z: 3.0 * x * x if x > 0.5 else 3.0 * x**2, "eager", "rule 'mine' cannot be read with symbols"),
    ],
)
def test_an_operation_of_ones_own_runs_where_it_can(slope, backend, reason, own_rule):
    cube = engine.rule("mine", "{0}^3", lambda x: x * x * x, slope)

    def loss(outputs: Any, target: Any) -> Any:
        return (cube(outputs[0]) - target) ** 2

    run = train(MLP(1, [2, 1], seed=1), LINE, loss=loss, epochs=LONG)
    assert run.backend == backend
    assert reason in run.reason
    assert next(run).number == 1
    models = [MLP(1, [2, 1], seed=1) for _ in range(2)]
    for model, path in zip(models, ("eager", backend), strict=True):
        fit(model, LINE, loss=loss, optimizer=SGD(1e-3), epochs=STEPS, backend=path, progress=False)
    assert distance(numbers(models[1]), numbers(models[0])) <= 1e-12


def test_no_steps_are_compiled_for_a_loss_that_no_machine_runs(own_rule):
    cube = engine.rule("mine", "{0}^3", lambda x: x * x * x, lambda x, z: 3.0 * x * x if x > 0.5 else 3.0 * x**2)
    task = Task(MLP(1, [1]), LINE, loss=lambda outputs, target: cube(outputs[0]))
    with pytest.raises(engine.RecordingError, match="rule 'mine' cannot be read with symbols"):
        CompiledSteps(task, "auto", "")


@pytest.mark.parametrize("backend", [KERNEL])
def test_the_kernel_has_the_built_in_operations_only(backend, own_rule):
    cube = engine.rule("mine", "{0}^3", lambda x: x * x * x, lambda x, z: 3.0 * x * x)
    with pytest.raises(ValueError, match="the kernel has the built-in rules only, and this plan applies <rule mine"):
        train(MLP(1, [2, 1]), LINE, loss=lambda outputs, target: cube(outputs[0]), backend=backend)
