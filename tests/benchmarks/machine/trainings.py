"""What a training of ours takes beside its steps: an epoch of `fit`, and the set-up of a wide network."""

from __future__ import annotations

import sys
from dataclasses import replace
from typing import Any

from nn import SGD, fit, l2, train
from tests.benchmarks.machine import ours
from tests.benchmarks.machine.processes import in_turns, missing
from tests.benchmarks.machine.results import MachineReport, span
from tests.benchmarks.machine.runner import timed
from tests.benchmarks.machine.table import OURS
from tests.benchmarks.machine.work import Network, make
from tests.benchmarks.problem import L2
from tests.benchmarks.report import Figure, Spread, Target

__all__ = ["PARTS", "beside_steps", "epoch", "set_up"]

KERNEL = OURS[-1]
PARTS = {
    "fit": (
        "what fit adds to an epoch: micrograd's demo, full batch, no penalty",
        {"job": "epoch_time", "side": KERNEL, "recipe": {"maker": "demo"}},
        Target("<=", 10e-6),
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
    report.texts[name] = f"{name}: {title}: CPU {span(cpu.median)}, wall {span(wall.median)}, "
    report.texts[name] += f"target <= {span(target.bound)}, {verdict}"


def epoch(recipe: dict[str, Any]) -> dict[str, float]:
    """Seconds that `fit` adds to an epoch of one step: what further epochs take, less as many steps in one call."""
    work = make(recipe)
    assert isinstance(work, Network)
    work = replace(work, penalty=0.0)
    further = EPOCHS[1] - EPOCHS[0]
    fitted(work, EPOCHS[0])  # what is compiled or loaded at first use is there
    short, long = (timed(lambda epochs=epochs: fitted(work, epochs)) for epochs in EPOCHS)  # type: ignore[misc]
    runner = ours.prepare(work, "kernel")
    runner.run(further)
    steps = timed(runner.ready(further))
    return {clock: (long[clock] - short[clock] - steps[clock]) / further for clock in steps}


def fitted(work: Network, epochs: int) -> None:
    model = ours.model(work)
    fit(model, work.inputs, work.targets, loss=work.loss, optimizer=SGD(work.rate), epochs=epochs, backend="kernel",
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
