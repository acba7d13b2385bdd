"""Compiled graphs against the peers: micrograd's demo, digits, a character GPT, the first step, and growth.

The peers are in an environment of their own, `build/peers`; one that is missing is printed with the command that gets
it. Before anything is timed, the loss, the gradient and the parameters after some steps of each side are held against
NumPy by hand.
"""

from __future__ import annotations

from collections.abc import Sequence

from tests.benchmarks.machine.agreement import agree
from tests.benchmarks.machine.graphs import graph_growth
from tests.benchmarks.machine.growth import SERIES, grow, start
from tests.benchmarks.machine.processes import Team, in_turns, measured_versions, missing
from tests.benchmarks.machine.results import MachineReport, add_workload
from tests.benchmarks.machine.table import COMPARED, FLOOR_TARGETS, FLOORS, WORKLOADS
from tests.benchmarks.machine.trainings import PARTS as TRAININGS
from tests.benchmarks.machine.trainings import beside_steps
from tests.benchmarks.rounds import Job

__all__ = ["PARTS", "SHOWN", "compare", "measure"]

PARTS = (*WORKLOADS, *SERIES, *TRAININGS, "graph", "start")
"""What `--workload` can name."""
SHOWN = tuple(part for part in PARTS if part not in ("graph", "both"))
"""What the READMEs show; the others take minutes."""
SECONDS = {True: 0.02, False: 0.3}
"""How long a side is timed in a round, in a trial and in earnest; a step of a slow one takes longer."""


def measure(rounds: int, quick: bool, parts: Sequence[str] | None = None) -> MachineReport:
    """Run the parts, all of them by default. RuntimeError if a worker fails, AssertionError if a side computes
    something else."""
    report = MachineReport("machine", rounds, quick, versions=measured_versions())
    for part in parts or PARTS:
        if part in WORKLOADS:
            compare(report, part)
        elif part in SERIES:
            grow(report, part)
        elif part in TRAININGS:
            beside_steps(report, part)
        elif part == "graph":
            graph_growth(report)
        else:
            start(report)
    return report


def compare(report: MachineReport, name: str) -> None:
    """One workload on all sides that can run."""
    workload = WORKLOADS[name]
    recipe = workload.recipe | (workload.quick if report.quick else {})
    report.titles[name] = workload.title
    report.absent[name] = {side: missing(side) for side in COMPARED if missing(side)}
    with Team() as team:
        sides = agree(name, [side for side in COMPARED if side not in report.absent[name]], recipe, team)
        jobs: list[Job] = [
            {"job": "step_time", "side": side, "recipe": recipe, "seconds": SECONDS[report.quick]} for side in sides
        ]
        floors = [side for side in FLOORS if name in FLOOR_TARGETS and not missing(side)]
        jobs += [{"job": "floor_time", "side": side, "recipe": recipe} for side in floors]
        found = in_turns(jobs, report.rounds, name, team.ask)
    add_workload(report, name, dict(zip([*sides, *floors], found, strict=True)))
