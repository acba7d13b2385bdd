"""Compiled runs that are interrupted, go on, or fail: on the same backend the same bits, and errors that name what
eager ones name."""

from __future__ import annotations

import itertools
import json
import math
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import engine
from engine import Value
from nn import MLP, OPTIMIZERS, SGD, Diverged, Module, clip_norm, cosine, fit, l2, train
from nn.data import moons
from tests.nn.helpers import COMPILED, KERNEL, ROOT, bits, figures, numbers, same_run

pytestmark = pytest.mark.slow  # runs are interrupted and gone on with, on every backend

DATA = list(moons(n=20, test_fraction=0).train)


@pytest.fixture(autouse=True)
def python_handles_interrupts() -> Iterator[None]:
    """Also where the tests run in the background of a shell, which has interrupts ignored."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "run.json"


def network(dropout: float = 0.3) -> MLP:
    return MLP(2, [3, 2], seed=1, dropout=dropout)


def pressing(*steps: int) -> Callable[[list[float]], list[float]]:
    """A clip that presses Ctrl-C in these of its steps, counted from 1."""
    count, clip = 0, clip_norm(2.0)

    def pressed(gradients: list[float]) -> list[float]:
        nonlocal count
        count += 1
        if count in steps:
            os.kill(os.getpid(), signal.SIGINT)
        return clip(gradients)

    return pressed


SETTINGS: dict[str, Any] = {"loss": "cross_entropy", "epochs": 8, "validation": 0.2, "seed": 5, "regularizer": l2(0.01),
                            "schedule": cosine(20)}  # fmt: skip


@pytest.mark.parametrize("early_stopping", [None, 6])
@pytest.mark.parametrize("batch_size", [None, 5, 1])
@pytest.mark.parametrize("name", OPTIMIZERS)
@pytest.mark.parametrize("backend", COMPILED)
def test_an_interrupted_run_gives_the_bits_of_the_uninterrupted_one(backend, name, batch_size, early_stopping, path):
    settings = {**SETTINGS, "backend": backend, "batch_size": batch_size, "early_stopping": early_stopping}
    model = network()
    straight = fit(model, DATA, clip=pressing(), optimizer=OPTIMIZERS[name](), progress=False, **settings)
    for press in (3, 2):
        again = network()
        history = fit(
            again, DATA, clip=pressing(press), optimizer=OPTIMIZERS[name](), checkpoint=path, progress=False, **settings
        )
        assert history.stopped == "interrupted"
    assert json.loads(path.read_text())["made_by"]["backend"] == backend
    resumed = network()
    run = train(
        resumed, DATA, clip=pressing(), optimizer=OPTIMIZERS[name](), checkpoint=path, **{**settings, "backend": "auto"}
    )
    assert (run.backend, run.reason) == (backend, "as in the checkpoint")
    list(run)
    same_run(resumed, run.history, model, straight)


@pytest.mark.parametrize("batch_size", [None, 5, 1])
@pytest.mark.parametrize("backend", COMPILED)
def test_after_ctrl_c_the_same_run_goes_on_in_memory(backend, batch_size):
    model, interrupted = network(), network()
    settings = {**SETTINGS, "backend": backend, "batch_size": batch_size, "optimizer": "adam"}
    straight = fit(model, DATA, clip=pressing(), progress=False, **settings)
    run = train(interrupted, DATA, clip=pressing(3), **settings)
    with pytest.raises(KeyboardInterrupt):
        list(run)
    assert 0 < run.epoch * 16 + run.step < 8 * 16
    list(run)
    same_run(interrupted, run.history, model, straight)


@pytest.mark.parametrize("batch_size", [None, 5, 1])
@pytest.mark.parametrize("backend", COMPILED)
def test_so_it_does_where_the_kernel_takes_steps_alone(backend, batch_size, monkeypatch):
    """Also after the last step of an epoch, when none of its steps is left. Ctrl-C comes with the third, the fourth and
    the fifth of what the steps are yielded in."""
    model, interrupted = network(), network()
    settings = {**SETTINGS, "backend": backend, "batch_size": batch_size, "optimizer": "adam"}
    straight = fit(model, DATA, progress=False, **settings)
    run = train(interrupted, DATA, **settings)
    count, plain = itertools.count(1), run.steps.descend

    def descend(todo: Any) -> Iterator[Any]:
        for steps in plain(todo):
            if next(count) in (3, 4, 5):
                os.kill(os.getpid(), signal.SIGINT)
            yield steps

    monkeypatch.setattr(run.steps, "descend", descend)
    for _ in range(3):
        with pytest.raises(KeyboardInterrupt):
            list(run)
    list(run)
    same_run(interrupted, run.history, model, straight)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("eager", "numpy"),
        ("numpy", "eager"),
        pytest.param("numpy", "kernel", marks=KERNEL.marks),
        pytest.param("kernel", "eager", marks=KERNEL.marks),
    ],
)
def test_on_another_backend_it_goes_on_and_says_that_the_last_bits_may_differ(before, after, path):
    settings = {**SETTINGS, "optimizer": "adam", "batch_size": 4}
    model, resumed = network(), network()
    straight = fit(model, DATA, progress=False, backend=before, **settings)
    run = train(network(), DATA, backend=before, checkpoint=path, **settings)
    for _ in range(3):
        next(run)
    run.save()
    with pytest.warns(
        UserWarning, match=rf"run\.json was made by backend {before}.*, this is backend {after}.*: the run goes on, but"
    ):
        history = fit(resumed, DATA, progress=False, backend=after, checkpoint=path, **settings)
    assert numbers(resumed) == pytest.approx(numbers(model), rel=1e-8, abs=1e-12)
    assert history.column("loss") == pytest.approx(straight.column("loss"), rel=1e-9)


@pytest.mark.parametrize("backend", ["eager", *COMPILED])
def test_a_checkpoint_between_epochs_has_the_numbers_that_the_values_hold_by_then(backend, path):
    model = network()
    run = train(model, DATA, backend=backend, checkpoint=path, **SETTINGS)
    next(run)
    model.parameters()[0].data = 0.75
    run.save()
    assert model.parameters()[0].data == next(iter(json.loads(path.read_text())["parameters"].values())) == 0.75


@pytest.mark.parametrize("backend", COMPILED)
def test_the_same_run_gives_the_same_bits_each_time(backend):
    runs = []
    for _ in range(2):
        model = network()
        history = fit(model, DATA, backend=backend, batch_size=6, optimizer="adam", progress=False, **SETTINGS)
        runs.append((figures(history), bits(numbers(model))))
    assert runs[0] == runs[1]


PROGRAM = """
import signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)
from nn import MLP, Adam, fit
from nn.data import moons
model = MLP(2, [8, 2], seed=1, dropout=0.2)
history = fit(model, moons(n=200).train, loss="cross_entropy",
              optimizer=Adam(0.001), epochs=300, batch_size=1, validation=0.1, seed=3,
              checkpoint=sys.argv[1], progress=False, backend=sys.argv[2])
print(history.stopped or "done", len(history))
print([p.data.hex() for p in model.parameters()],
      [(e.loss.hex(), e.validation.hex(), e.gradient.hex()) for e in history])
"""


def program(path: Path, backend: str) -> subprocess.Popen[str]:
    given = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.Popen(
        [sys.executable, "-c", PROGRAM, str(path), backend], env=given, stdout=subprocess.PIPE, text=True
    )


@pytest.mark.skipif(os.name != "posix", reason="SIGINT is sent to another process as POSIX does")
@pytest.mark.parametrize("backend", [KERNEL])
def test_a_program_that_is_interrupted_from_outside(backend, path, tmp_path):
    """While many steps are taken in one call: wherever that ends, the bits are those of the uninterrupted program."""
    running = program(path, backend)
    deadline = time.monotonic() + 60
    while not path.exists() and time.monotonic() < deadline:
        time.sleep(0.005)
    running.send_signal(signal.SIGINT)
    said, _ = running.communicate(timeout=60)
    assert said.split()[0] in ("interrupted", "done")  # done where the machine was faster than the signal
    ends = [program(file, backend).communicate(timeout=60)[0] for file in (path, tmp_path / "straight.json")]
    assert ends[0].startswith("done 300")
    assert ends[0] == ends[1]


# Errors


LINE = [([x], 2.0 * x + 1.0) for x in (0.0, 0.5, 1.0, 2.0)]


@pytest.mark.parametrize("backend", ["eager", *COMPILED])
@pytest.mark.parametrize(
    ("model", "settings"),
    [
        (lambda: MLP(1, [1], seed=1), {"optimizer": SGD(100.0)}),  # squares too large for a float
        (lambda: MLP(1, [4, 1], "relu", seed=1), {"optimizer": SGD(1e200), "loss": "mae"}),  # sums that become inf
        # a step too large
        (lambda: MLP(1, [1], init="constant"), {"optimizer": SGD(1e160), "loss": lambda o, t: o[0] * 1e150}),
        (lambda: MLP(1, [2, 1], "exp", seed=1), {"optimizer": SGD(50.0)}),
        # a sum of loss and price
        (
            lambda: MLP(1, [1], init="constant"),
            {"loss": lambda o, t: o[0] * 0.0 + 8e307, "regularizer": lambda w: w[0] * 0.0 + 1.2e308},
        ),
    ],
)
def test_divergence_is_told_as_by_eager_steps(model, settings, backend, tmp_path):
    told, lengths = [], []
    for number, path in enumerate(("eager", backend)):
        trained, kept = model(), tmp_path / f"{number}.json"
        settings = {"regularizer": l2(1e-3), **settings, "checkpoint": kept}
        run = train(trained, LINE, epochs=500, batch_size=2, backend=path, **settings)
        with pytest.raises(Diverged, match=r"the learning rate .* may be too large") as caught:
            list(run)
        assert all(map(math.isfinite, numbers(trained)))
        told.append((caught.value.__notes__, run.epoch, run.step, run.optimizer.steps))
        lengths.append(run.task.position.gradient)
        run.save()  # of the state before it
    assert told[0] == told[1]
    assert lengths[0] == pytest.approx(lengths[1], rel=1e-6)


class Root(Module):
    """Is not defined once w·x is below 0."""

    def __init__(self) -> None:
        self.w = Value(0.75, "w")

    def outputs(self, x: Any, rng: Any = None) -> list[Any]:
        product = self.w * x[0]
        product.name = "product"
        return [engine.log(product)]


@pytest.mark.parametrize("backend", ["eager", *COMPILED])
def test_an_error_names_the_node(backend):
    model = Root()
    run = train(model, [([1.0], -5.0), ([2.0], -5.0)], optimizer=SGD(0.05), epochs=50, batch_size=1, backend=backend)
    with pytest.raises(ValueError, match=r"ln\(-.*\) is not defined; its input is node 'product'") as caught:
        list(run)
    *_, note = caught.value.__notes__
    assert note == f"in epoch {run.epoch + 1}, step {run.step + 1}; the parameters are those before it"
    assert model.w.data < 0
    with pytest.raises(ValueError, match="its input is node 'product'"):  # it is there where it was
        next(run)


@pytest.mark.parametrize("backend", COMPILED)
@pytest.mark.parametrize("loss", ["mse", "mae"])
def test_a_validation_loss_that_is_not_finite_is_divergence_too(loss, backend):
    with pytest.raises(Diverged, match=r"the validation loss.*the learning rate 0\.1 may be too large"):
        fit(MLP(1, [1], seed=1), LINE, loss=loss, validation=[([1e308], -1.7e308)] * 3, progress=False, backend=backend)


@pytest.mark.parametrize("backend", COMPILED)
def test_a_loss_that_is_no_value_is_refused(backend):
    with pytest.raises(TypeError, match=r"the loss of a sample must be a Value made of its outputs, got float 3\.0"):
        train(MLP(1, [1]), LINE, loss=lambda outputs, target: 3.0, backend=backend)
