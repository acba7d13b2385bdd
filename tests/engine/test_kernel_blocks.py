"""A large batch is run in blocks: what comes out is what one call gives, the same bits for any number of threads."""

import importlib.util
import os
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest

import nn
from tests.engine.helpers import python
from tests.engine.plans import PLANS, agrees, numbers_for
from tests.engine.test_kernel import in_order, square_of, square_penalty, update_of

if importlib.util.find_spec("numba") is None and os.environ.get("CI") != "true":
    pytest.skip("the tests of the kernel need the package numba", allow_module_level=True)

from engine.compiler import kernel
from engine.compiler.kernel import blocks
from engine.compiler.kernel import kernel as machine

THREADS = ["1", "2", "3", "16"]


@pytest.fixture
def cores(monkeypatch):
    """As if there were many, so that all threads that are asked for take part."""
    monkeypatch.setattr(blocks, "cores", lambda: 16)


@pytest.fixture
def small_blocks(monkeypatch, cores):
    """Six samples are a large batch, and worth a thread."""
    monkeypatch.setattr(machine, "SMALLEST", 3)
    monkeypatch.setattr(blocks, "WORTH", 1)


@pytest.mark.parametrize("name", ["mlp", "lists", "uniform", "look-ups", "gathered"])
@pytest.mark.parametrize("samples", [5, 6, 7, 100])
def test_blocks_agree_with_the_interpreter(small_blocks, monkeypatch, name, samples):
    monkeypatch.setenv("RANTAI_THREADS", "2")
    plan = PLANS[name]()
    agrees(kernel.Kernel(plan), plan, samples)


def test_the_bits_are_the_same_for_any_number_of_threads(small_blocks, monkeypatch):
    plan = PLANS["mlp"]()
    P, X = numbers_for(plan, 200)
    found = set()
    for threads in THREADS:
        monkeypatch.setenv("RANTAI_THREADS", threads)
        gradient, losses = np.zeros(plan.parameters), np.zeros(200)
        outputs = np.zeros((200, len(plan.outputs)))
        kernel.Kernel(plan).run(P, X, np.arange(200), 1 / 200, gradient, losses, outputs)
        found.add((gradient.tobytes(), losses.tobytes(), outputs.tobytes()))
    assert len(found) == 1


def descent(plans: Any, arrays: Any, places: Any, order: Any, size: int, calls: int = 1) -> tuple[np.ndarray, ...]:
    """Steps with momentum and a penalty, in so many calls: parameters, gradient, memory, losses, penalties, lengths."""
    plan = plans[0]
    P, _ = numbers_for(plan, 1)
    update = kernel.Kernel(update_of(nn.SGD(0.1, momentum=0.9), ["velocity"]))
    penalty = kernel.Kernel(square_penalty(plan.parameters, 0.1))
    descender = update.descender([kernel.Kernel(each) for each in plans], arrays, places, penalty, plan.parameters)
    gradient, memory, told = np.full(len(P), np.nan), np.zeros((1, len(P))), []
    steps = -(-len(order) // size)
    for call in range(calls):
        first, last = steps * call // calls, steps * (call + 1) // calls
        settings = np.array([[0.05, t + 1.0] for t in range(first, last)])
        done = descender.run(P, gradient, order[first * size : last * size], size, settings, memory)
        assert done.steps == last - first
        told.append(np.array([done.losses, done.penalties, done.lengths]))
    return P, gradient, memory, np.concatenate(told, axis=1)


def one_shape() -> tuple[Any, ...]:
    plan = PLANS["mlp"]()
    return [plan], [numbers_for(plan, 70)[1]], in_order(np.zeros(70)), np.random.default_rng(0).permutation(70)


def two_shapes() -> tuple[Any, ...]:
    plans = [square_of([1.0, -2.0], [0, 1]), square_of([0.5, 1.5], [2, 0, 1])]
    arrays = [np.random.default_rng(1).uniform(-1, 1, (35, plan.inputs)) for plan in plans]
    places = np.array([[i % 2, i // 2] for i in range(70)])
    return plans, arrays, places, np.random.default_rng(2).permutation(70)


@pytest.mark.parametrize("what", [one_shape, two_shapes])
@pytest.mark.parametrize("size", [70, 22])  # of the latter three steps, and one with the last four samples
def test_steps_in_blocks_are_the_steps_of_one_call(request, monkeypatch, what, size):
    plain = descent(*what(), size)
    request.getfixturevalue("small_blocks")
    found = {}
    for threads in THREADS:
        monkeypatch.setenv("RANTAI_THREADS", threads)
        found[threads] = descent(*what(), size)
    for mine, theirs in zip(found["1"], plain, strict=True):
        np.testing.assert_allclose(mine, theirs, rtol=1e-11, atol=1e-14)
    found["calls of one step"] = descent(*what(), size, calls=-(-70 // size))
    assert len({tuple(array.tobytes() for array in arrays) for arrays in found.values()}) == 1


def test_it_stops_before_a_step_that_is_not_finite(small_blocks, monkeypatch):
    monkeypatch.setenv("RANTAI_THREADS", "2")
    plan = PLANS["mlp"]()
    P, X = numbers_for(plan, 30)
    X[17, 4] = np.nan
    update = kernel.Kernel(update_of(nn.SGD(0.1), []))
    descender = update.descender([kernel.Kernel(plan)], [X], in_order(X), None, plan.parameters)
    settings, nothing = np.array([[0.1, 1.0]] * 3), np.zeros((0, len(P)))
    before = P.copy()
    assert descender.run(before, np.zeros(len(P)), np.arange(10), 10, settings[:1], nothing).steps == 1
    done = descender.run(P, np.zeros(len(P)), np.arange(30), 10, settings, nothing)
    assert done.steps == len(done.losses) == 1
    assert (before == P).all()


def test_training_on_ten_thousand_samples(monkeypatch, cores):
    """The real threshold: the kernel's loss and gradient beside NumPy's, and the bits of two threads beside those of
    one."""
    rng, found = np.random.default_rng(0), {}
    x, y = rng.normal(size=10_007), rng.normal(size=10_007)
    data = [([a], b) for a, b in zip(x.tolist(), y.tolist(), strict=True)]
    for threads in ("1", "2"):
        monkeypatch.setenv("RANTAI_THREADS", threads)
        model = nn.MLP(1, [1], seed=0)
        w, b = (p.data for p in model.parameters())
        history = nn.fit(model, data, loss="mse", optimizer=nn.SGD(0.1), epochs=1, batch_size=None,
                         backend="kernel", progress=False)  # fmt: skip
        found[threads] = [p.data for p in model.parameters()], history[-1].loss
        error = w * x + b - y
        assert history[-1].loss == pytest.approx(np.mean(error**2), rel=1e-12)
        assert found[threads][0] == pytest.approx(
            [w - 0.1 * np.mean(2 * error * x), b - 0.1 * np.mean(2 * error)], rel=1e-12
        )
    assert found["1"] == found["2"]


def test_a_hundred_calls_in_which_every_thread_is_late_or_early(small_blocks, monkeypatch):
    """Short calls are over before all threads are awake, and in long ones these wait at every step: no block is left
    out or taken twice, or a loss or a gradient would be another one."""
    found = set()
    for threads in ["1", *["4"] * 100]:
        monkeypatch.setenv("RANTAI_THREADS", threads)
        found.add(tuple(array.tobytes() for array in descent(*one_shape(), 10)))
    assert len(found) == 1


def test_losses_alone_in_blocks(small_blocks, monkeypatch):
    """Forward alone, in blocks: the losses are those of one call."""
    plan = PLANS["mlp"]()
    P, X = numbers_for(plan, 50)
    found = []
    for threads in ("1", "3"):
        monkeypatch.setenv("RANTAI_THREADS", threads)
        losses = np.zeros(50)
        kernel.Kernel(plan).run(P, X, np.arange(50), 1.0, None, losses, np.zeros((50, len(plan.outputs))))
        found.append(losses)
    monkeypatch.setattr(machine, "SMALLEST", 500)
    losses = np.zeros(50)
    kernel.Kernel(plan).run(P, X, np.arange(50), 1.0, None, losses, np.zeros((50, len(plan.outputs))))
    assert (found[0] == found[1]).all()
    np.testing.assert_allclose(found[0], losses, rtol=1e-12)


def test_threads_that_share_a_kernel_wait_for_each_other():
    """It leaves Python's lock while it runs."""
    plan = PLANS["mlp"]()
    P, X = numbers_for(plan, 500)
    machine_of_all = kernel.Kernel(plan)

    def losses(seed: int) -> np.ndarray:
        found, index = np.zeros(500), np.random.default_rng(seed).permutation(500)
        for _ in range(20):
            machine_of_all.run(P, X, index, 1.0, None, found, np.zeros((500, len(plan.outputs))))
        return found[np.argsort(index)]

    with ThreadPoolExecutor(4) as pool:
        different = {each.tobytes() for each in pool.map(losses, range(8))}
    assert len(different) == 1


@pytest.mark.parametrize("text", ["0", "-1", "two", "1.5", " "])
def test_a_setting_that_is_no_number_of_threads(monkeypatch, text):
    monkeypatch.setenv("RANTAI_THREADS", text)
    with pytest.raises(ValueError, match=rf"RANTAI_THREADS .*from 1 up, got {text!r}"):
        blocks.threads()


@pytest.mark.parametrize(
    ("text", "cores", "expected"), [("", 1, 1), ("", 2, 2), ("", 64, 2), ("3", 64, 3), ("3", 2, 2), ("99", 64, 16)]
)
def test_two_threads_unless_told_otherwise(monkeypatch, text, cores, expected):
    monkeypatch.setenv("RANTAI_THREADS", text)
    monkeypatch.setattr(blocks, "cores", lambda: cores)
    assert blocks.threads() == expected


FORKED = """
import os, sys, warnings
import numpy as np
from engine.compiler import kernel
from tests.engine.plans import PLANS, numbers_for

warnings.simplefilter("ignore")  # of Python: a process with threads is forked
plan = PLANS["mlp"]()
P, X = numbers_for(plan, 10_000)
def losses():
    found = np.zeros(10_000)
    kernel.Kernel(plan).run(P, X, np.arange(10_000), 1.0, None, found, np.zeros((10_000, len(plan.outputs))))
    return found
here = losses()
child = os.fork()
if not child:
    os._exit(0 if (losses() == here).all() else 1)
print(os.waitpid(child, 0)[1])
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="only where processes are forked")
def test_a_forked_process_has_threads_of_its_own():
    assert python(FORKED, RANTAI_THREADS="2", timeout=60).stdout.split() == ["0"]
