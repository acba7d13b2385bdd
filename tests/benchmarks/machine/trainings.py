"""What a training of ours takes beside its steps: an epoch of `fit`, and the set-up of a wide network."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from nn import SGD, fit, l2, train
from nn.training.batches import batches
from tests.benchmarks.machine import ours
from tests.benchmarks.machine.processes import in_turns, missing
from tests.benchmarks.machine.results import MachineReport, span
from tests.benchmarks.machine.runner import timed
from tests.benchmarks.machine.table import OURS
from tests.benchmarks.machine.work import Network, make
from tests.benchmarks.problem import L2
from tests.benchmarks.report import Figure, Spread, Target

__all__ = ["PARTS", "beside_steps", "epoch", "order", "set_up"]

KERNEL = OURS[-1]
PARTS: dict[str, tuple[str, dict[str, Any], Target | None]] = {
    "fit": (
        "what fit adds to an epoch: micrograd's demo, full batch, no penalty",
        {"job": "epoch_time", "side": KERNEL, "recipe": {"maker": "demo"}},
        Target("<=", 10e-6),
    ),
    "fit-validation": (
        "the same, with its 100 samples for validation too, beside the steps and the validation's runs of the kernel",
        {"job": "epoch_time", "side": KERNEL, "recipe": {"maker": "demo"}, "validated": True},
        Target("<=", 10e-6),
    ),
    "fit-batches": (
        "the same in mini-batches of 10, shuffled in every epoch, beside the steps and drawing the orders",
        {"job": "epoch_time", "side": KERNEL, "recipe": {"maker": "demo", "batch": 10}, "shuffled": True},
        Target("<=", 10e-6),
    ),
    "fit-order": (
        "drawing the order of 100 samples",
        {"job": "order_time", "side": KERNEL, "recipe": {"maker": "demo", "batch": 10}},
        None,
    ),
    "set-up": (
        "MLP(784, [512, 10]), 407,050 parameters, with l2 and validation: until the first epoch begins",
        {"job": "set_up_time", "side": KERNEL, "recipe": {"maker": "pixels", "batch": 256}},
        Target("<=", 2.0),
    ),
}
"""For each part what it is, its job, and the seconds of CPU time to be reached."""
EPOCHS = (500, 5_500)
"""The difference is what an epoch takes."""


def beside_steps(report: MachineReport, name: str) -> None:
    """One of the parts; in a trial with a small network."""
    title, job, target = PARTS[name]
    if missing(KERNEL):
        report.texts[name] = f"{name}: {missing(KERNEL)}"
        return
    recipe = job["recipe"] | ({"hidden": 4} if report.quick and name == "set-up" else {})
    [answers] = in_turns([job | {"recipe": recipe}], report.rounds, name)
    cpu, wall = (Spread.of([answer[clock] for answer in answers]) for clock in ("cpu_seconds", "wall_seconds"))
    figure = Figure(name, title, "", "s", cpu, wall, target)
    report.figures.append(figure)
    verdict = "reached" if figure.reached else "MISSED"
    aim = f", target <= {span(target.bound)}, {verdict}" if target else ""
    report.texts[name] = f"{name}: {title}: CPU {span(cpu.median)}, wall {span(wall.median)}{aim}"


def epoch(recipe: dict[str, Any], validated: bool = False, shuffled: bool = False) -> dict[str, float]:
    """Seconds that `fit` adds to an epoch: what further epochs take, less as many steps in one call, whose order is
    drawn before.

    Args:
        validated: whether the samples are validated on too: one run of the kernel, after each epoch, is not counted.
        shuffled: whether an epoch is in mini-batches, shuffled anew: drawing their order is not counted.
    """
    work = make(recipe)
    assert isinstance(work, Network)
    work = replace(work, penalty=0.0)
    further = EPOCHS[1] - EPOCHS[0]
    fitted(work, EPOCHS[0], validated, shuffled)  # what is compiled or loaded at first use is there
    short, long = (timed(lambda epochs=epochs: fitted(work, epochs, validated, shuffled)) for epochs in EPOCHS)  # type: ignore[misc]
    runner = ours.prepare(work, "kernel")
    runner.run(EPOCHS[0])
    beside = [timed(runner.ready(further * len(work.batches)))]
    if validated:
        beside.append(timed(validations(work, further)))
    if shuffled:
        beside.append(timed(lambda: drawn(work, further)))
    return {clock: (long[clock] - short[clock] - sum(each[clock] for each in beside)) / further for clock in beside[0]}


def validations(work: Network, times: int) -> Callable[[], None]:
    """Runs the loss of all samples by the kernel so many times, forward only, on arrays that are there."""
    import numpy as np  # here, as a process without it asks for the parts too

    batch = ours.network(work, "kernel").steps.recorded.samples  # type: ignore[attr-defined]
    kernel, [array], vector = batch.choice.machine, batch.arrays, np.array(work.parameters)
    index, losses = np.arange(len(batch)), np.empty(len(batch))
    outputs = np.empty((len(batch), len(kernel.plan.outputs)))

    def run() -> None:
        for _ in range(times):
            kernel.run(vector, array, index, 1.0, None, losses, outputs)

    run()  # so that it is warm
    return run


def order(recipe: dict[str, Any]) -> dict[str, float]:
    """Seconds that drawing the order of an epoch takes."""
    work = make(recipe)
    assert isinstance(work, Network)
    return {clock: seconds / EPOCHS[1] for clock, seconds in timed(lambda: drawn(work, EPOCHS[1])).items()}


def drawn(work: Network, epochs: int) -> None:
    for number in range(epochs):
        batches(len(work.inputs), work.batch, 0, number)


def fitted(work: Network, epochs: int, validated: bool, shuffled: bool) -> None:
    model = ours.model(work)
    fit(model, work.inputs, work.targets, loss=work.loss, optimizer=SGD(work.rate), epochs=epochs, backend="kernel",
        batch_size=work.batch if shuffled else None, validation=(work.inputs, work.targets) if validated else None,
        progress=False)  # fmt: skip


def set_up(recipe: dict[str, Any]) -> dict[str, float]:
    """Seconds from calling `train` until the first epoch begins: with that epoch, less what a further one takes. Half
    of the samples are learned from, half validated on."""
    work = make(recipe)
    assert isinstance(work, Network)
    half, samples = len(work.inputs) // 2, list(zip(work.inputs, work.targets, strict=True))
    model, found = ours.model(work), []

    def begin() -> None:
        training = train(model, samples[:half], loss="cross_entropy", optimizer=SGD(work.rate), regularizer=l2(L2),
                         validation=samples[half:], epochs=sys.maxsize)  # fmt: skip
        next(training)
        found.append(training)

    first = timed(begin)
    further = timed(lambda: next(found[0]))
    return {clock: first[clock] - further[clock] for clock in first}
