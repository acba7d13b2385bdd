"""Compiled graphs against the peers: micrograd's demo, digits, a character GPT, the first step, and growth.

The peers are in an environment of their own, `build/peers`; one that is missing is printed with the command that gets it. Before
anything is timed, the loss, the gradient and the parameters after some steps of each side are held against NumPy by hand.
"""

from __future__ import annotations

from collections.abc import Sequence

from tests.benchmarks.machine.processes import in_turns, missing, run
from tests.benchmarks.machine.results import MachineReport, add_workload
from tests.benchmarks.machine.table import BY_HAND, SIDES, WORKLOADS, sides_of
from tests.benchmarks.rounds import Job, say

__all__ = ["PARTS", "agree", "compare", "measure"]

PARTS = tuple(WORKLOADS)
"""What `--workload` can name."""
TOLERANCE = 1e-9
STEPS = 3
SECONDS = {True: 0.02, False: 0.3}
"""How long a side is timed in a round, in a trial and in earnest; a step of a slow one takes longer."""


def measure(rounds: int, quick: bool, parts: Sequence[str] | None = None) -> MachineReport:
    """Run the parts, all of them by default. RuntimeError if a worker fails, AssertionError if a side computes something else."""
    report = MachineReport("machine", rounds, quick)
    for part in parts or PARTS:
        compare(report, part)
    return report


def compare(report: MachineReport, name: str) -> None:
    """One workload on all sides that can run."""
    workload = WORKLOADS[name]
    recipe = workload.recipe | (workload.quick if report.quick else {})
    report.titles[name] = workload.title
    sides = sides_of(workload.kind)
    report.absent[name] = {side: missing(side) for side in sides if missing(side)}
    report.absent[name] |= {side: f"{side}: not written for this" for side in SIDES if side not in sides}
    present = agree(name, [side for side in sides if side not in report.absent[name]], recipe)
    jobs: list[Job] = [{"job": "step_time", "side": side, "recipe": recipe, "seconds": SECONDS[report.quick]} for side in present]
    add_workload(report, name, dict(zip(present, in_turns(jobs, report.rounds, name), strict=True)))


def agree(name: str, sides: list[str], recipe: dict[str, int | str]) -> list[str]:
    """The sides, all of which agree with NumPy by hand. AssertionError if one does not, or if that one is not there."""
    if BY_HAND not in sides:
        raise AssertionError(f"{name}: without NumPy there is nothing to hold the results against: python -m pip install numpy")
    truth = run({"job": "looks", "side": BY_HAND, "recipe": recipe, "steps": STEPS})
    for side in sides:
        found = run({"job": "looks", "side": side, "recipe": recipe, "steps": STEPS})
        for what, numbers in truth.items():
            for theirs, right in zip(found[what], numbers, strict=True):
                if not abs(theirs - right) <= TOLERANCE:
                    raise AssertionError(
                        f"{name}: {side} and {BY_HAND} differ on the {what}, {theirs} and {right}; wrong results are not timed"
                    )
    say(f"{name}: {len(sides)} sides agree on the loss, {len(truth['gradient'])} gradients and the parameters to {TOLERANCE:g}")
    return sides
