"""Interrupted runs that go on: the same bits as if nothing had happened."""

from __future__ import annotations

import gc
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

import nn
from nn import MLP, OPTIMIZERS, SGD, Optimizer, clip_norm, cosine, cross_entropy, l2
from nn.data import moons
from tests.nn.helpers import ROOT, bits, numbers, same_run

pytestmark = pytest.mark.slow  # each setting is trained, interrupted and gone on with

DATA = list(moons(n=20, test_fraction=0).train)
EPOCHS = 10
# they call the loss for every sample: here it presses Ctrl-C
fit, train = (partial(run, backend="eager") for run in (nn.fit, nn.train))


@pytest.fixture(autouse=True)
def python_handles_interrupts() -> Iterator[None]:
    """Also where the tests run in the background of a shell, which has interrupts ignored."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "run.json"


def interrupting(*calls: int) -> Callable[[Any, Any], Any]:
    """A loss that presses Ctrl-C in these of its calls, counted from 1."""
    count = 0

    def loss(outputs: Any, target: Any) -> Any:
        nonlocal count
        count += 1
        if count in calls:
            os.kill(os.getpid(), signal.SIGINT)
        return cross_entropy(outputs, target)

    return loss


def network(dropout: float = 0.0) -> MLP:
    return MLP(2, [3, 2], seed=1, dropout=dropout)


def make(name: str) -> Optimizer:
    return SGD(0.1, momentum=0.9, nesterov=True) if name == "sgd" else OPTIMIZERS[name]()


@pytest.mark.parametrize("early_stopping", [None, 5])
@pytest.mark.parametrize("dropout", [0.0, 0.3])
@pytest.mark.parametrize("batch_size", [None, 8, 1])
@pytest.mark.parametrize("name", OPTIMIZERS)
def test_an_interrupted_run_gives_the_bits_of_the_uninterrupted_one(name, batch_size, dropout, early_stopping, path):
    settings = {"epochs": EPOCHS, "batch_size": batch_size, "validation": 0.2, "early_stopping": early_stopping,
                "seed": 5, "regularizer": l2(0.01), "schedule": cosine(20), "clip": clip_norm(2.0)}  # fmt: skip
    model = network(dropout)
    straight = fit(model, DATA, loss=interrupting(), optimizer=make(name), progress=False, **settings)
    assert len(straight) > 5

    between = network(dropout)
    for epoch in train(between, DATA, loss=interrupting(), optimizer=make(name), checkpoint=path, **settings):
        if epoch.number == 4:
            break
    resumed = network(dropout)
    history = fit(resumed, DATA, loss=interrupting(), optimizer=make(name), checkpoint=path, progress=False, **settings)
    same_run(resumed, history, model, straight)
    path.unlink()

    # in the third epoch, whose samples are 16 and 4 for validation; then soon and soon again
    for press in (2 * 20 + 7, 18, 11):
        again = network(dropout)
        history = fit(
            again, DATA, loss=interrupting(press), optimizer=make(name), checkpoint=path, progress=False, **settings
        )
        assert history.stopped == "interrupted"
        assert 2 <= len(history) < len(straight)
    resumed = network(dropout)
    history = fit(resumed, DATA, loss=interrupting(), optimizer=make(name), checkpoint=path, progress=False, **settings)
    same_run(resumed, history, model, straight)


@pytest.mark.parametrize("batch_size", [None, 8, 1])
@pytest.mark.parametrize("call", [1, 3, 16, 17, 20, 21, 33])
def test_after_ctrl_c_the_same_run_goes_on_in_memory(batch_size, call):
    model, interrupted = network(0.3), network(0.3)
    settings = {"epochs": 3, "batch_size": batch_size, "validation": 0.2}
    straight = fit(model, DATA, loss=interrupting(), progress=False, **settings)
    run = train(interrupted, DATA, loss=interrupting(call), **settings)
    with pytest.raises(KeyboardInterrupt):
        list(run)
    assert (run.epoch, run.step) != (3, 0)
    list(run)
    same_run(interrupted, run.history, model, straight)


def test_ctrl_c_finishes_the_step_and_returns_the_history_so_far(path):
    model = network()
    history = fit(
        model, DATA, loss=interrupting(20 + 9), epochs=EPOCHS, batch_size=4, checkpoint=str(path), progress=False
    )
    assert (len(history), history.stopped) == (1, "interrupted")
    run = train(network(), DATA, loss=interrupting(), epochs=EPOCHS, batch_size=4, checkpoint=path)
    assert (run.epoch, run.step) == (1, 3)  # the step of samples 9 to 12 was finished, the fourth not begun
    assert bits(numbers(run.model)) == bits(numbers(model))
    assert (run.history, run.history.stopped) == (history, "")


def test_ctrl_c_during_validation_is_not_lost_either(path):
    """The checkpoint is written after it: here not one epoch in five is, unless something happens."""
    settings = {"epochs": 500, "validation": 0.2, "checkpoint": path}
    history = fit(network(), DATA, loss=interrupting(20 + 16 + 2), progress=False, **settings)
    assert (len(history), history.stopped) == (2, "interrupted")
    assert train(network(), DATA, loss=interrupting(), **settings).epoch == 2


def test_the_loop_raises_what_fit_catches(path):
    run = train(network(), DATA, loss=interrupting(25), epochs=EPOCHS, checkpoint=path)
    assert next(run).number == 1
    with pytest.raises(KeyboardInterrupt):
        next(run)
    assert path.exists()


def test_a_second_ctrl_c_interrupts_at_once(path):
    calls = []

    def loss(outputs: Any, target: Any) -> Any:
        calls.append(target)
        if len(calls) in (5, 7):
            os.kill(os.getpid(), signal.SIGINT)
        return cross_entropy(outputs, target)

    model = network()
    before = numbers(model)
    history = fit(model, DATA, loss=loss, epochs=EPOCHS, checkpoint=path, progress=False)
    assert (len(history), history.stopped, len(calls)) == (0, "interrupted", 7)
    assert numbers(model) == before
    assert not path.exists()  # what was under way is no state to go on from
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    assert gc.isenabled()


def test_the_handler_before_is_back_whenever_the_loop_pauses_or_ends():
    def mine(number: int, frame: Any) -> None:
        raise AssertionError

    signal.signal(signal.SIGINT, mine)
    for _ in train(network(), DATA, loss="cross_entropy", epochs=2):
        assert signal.getsignal(signal.SIGINT) is mine
    run = train(network(), DATA, loss=interrupting(3), epochs=2)
    with pytest.raises(KeyboardInterrupt):
        next(run)
    assert signal.getsignal(signal.SIGINT) is mine
    with pytest.raises(ZeroDivisionError):
        next(train(network(), DATA, loss=lambda outputs, target: 1 / 0))
    assert signal.getsignal(signal.SIGINT) is mine


def test_where_ctrl_c_is_ignored_it_stays_ignored():
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    history = fit(network(), DATA, loss=interrupting(3, 30), epochs=3, progress=False)
    assert (len(history), history.stopped) == (3, "")
    assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN


def test_training_in_another_thread(path):
    model, threaded, found = network(0.3), network(0.3), []
    settings = {"loss": "cross_entropy", "epochs": 3, "batch_size": 8, "progress": False}
    straight = fit(model, DATA, **settings)
    thread = threading.Thread(target=lambda: found.append(fit(threaded, DATA, checkpoint=path, **settings)))
    thread.start()
    thread.join()
    same_run(threaded, found[0], model, straight)
    assert path.exists()


PROGRAM = """
import signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)
from nn import MLP, Adam, fit
from nn.data import moons
model = MLP(2, [8, 2], seed=1, dropout=0.2)
history = fit(model, moons(n=200).train, loss="cross_entropy",
              optimizer=Adam(0.01), epochs=8, batch_size=4, validation=0.1, seed=3,
              checkpoint=sys.argv[1], progress=False)
print(history.stopped or "done", len(history))
print([p.data.hex() for p in model.parameters()],
      [(e.loss.hex(), e.validation.hex(), e.gradient.hex()) for e in history])
"""


def program(path: Path) -> subprocess.Popen[str]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.Popen(
        [sys.executable, "-c", PROGRAM, str(path)], env=environment, stdout=subprocess.PIPE, text=True
    )


@pytest.mark.skipif(os.name != "posix", reason="SIGINT is sent to another process as POSIX does")
def test_a_program_that_is_interrupted_from_outside(path, tmp_path):
    running = program(path)
    deadline = time.monotonic() + 60
    while not path.exists() and time.monotonic() < deadline:
        time.sleep(0.005)
    running.send_signal(signal.SIGINT)
    said, _ = running.communicate(timeout=60)
    assert said.split()[0] in ("interrupted", "done")  # done where the machine was faster than the signal
    assert running.returncode == 0
    ends = [program(file).communicate(timeout=60)[0] for file in (path, tmp_path / "straight.json")]
    assert ends[0].startswith("done 8")
    assert ends[0] == ends[1]
