"""Eager graphs against the peers: raw scalar code, micrograd's demo, bytes of a node, growth with the size of a
graph, functions against methods, and what tracing costs.

The targets are about medians of ratios of CPU time, taken within each round.
"""

from dataclasses import dataclass
from itertools import product

from tests.benchmarks.peers import ENGINES, OURS, absent, installed, versions
from tests.benchmarks.report import Figure, Report, Spread, Target, Timing
from tests.benchmarks.rounds import Job, run, run_in_turns, say

__all__ = ["FULL", "QUICK", "WORKLOADS", "Sizes", "agree", "measure"]

WORKLOADS = {"raw": ("micrograd", "stored slopes"), "demo": ("micrograd",)}
"""The peers that a workload is compared with."""

TARGETS = {
    ("raw", "micrograd", "on"): Target(">=", 5),
    ("raw", "stored slopes", "on"): Target(">", 1),
    ("raw", "stored slopes", "off"): Target(">", 1),
    ("demo", "micrograd", "on"): Target(">=", 30),
}
BYTES = Target("<=", 350)
GROWTH = Target("<=", 1.5)
CALLED = Target("<=", 2)
TRACED = Target("<=", 5)
TOLERANCE = 1e-9
COLLECTOR = ("on", "off")


@dataclass(frozen=True)
class Sizes:
    points: int
    steps: int
    seconds: float
    """A step is timed at least so many times, and until so much CPU time has passed."""
    nodes: tuple[int, ...]
    """Sizes of graphs whose growth is measured; the first is what the others are compared with."""
    nodes_in_all: int
    width: int
    rows: int


FULL = Sizes(
    points=100, steps=3, seconds=0.5, nodes=(10**3, 10**4, 10**5, 10**6), nodes_in_all=500_000, width=100, rows=120
)
QUICK = Sizes(points=10, steps=1, seconds=0.1, nodes=(10**3, 10**4), nodes_in_all=20_000, width=50, rows=40)


def measure(rounds: int, quick: bool) -> Report:
    """Run all of it. RuntimeError if a worker fails, AssertionError if the engines do not agree."""
    sizes = QUICK if quick else FULL
    report = Report("eager", rounds, quick, versions=versions())
    if absent():
        report.notes.append(absent())
        say(absent())
    for workload in WORKLOADS:
        agree(workload, sizes)
    compare(report, sizes)
    weigh(report, sizes)
    grow(report, sizes)
    call(report, sizes)
    trace(report, sizes)
    return report


def agree(workload: str, sizes: Sizes) -> None:
    """AssertionError unless every engine finds the gradients that ours finds."""
    first, *others = [OURS, *installed(WORKLOADS[workload])]
    found = {
        e: run({"job": "gradients", "workload": workload, "engine": e, "points": sizes.points})["gradients"]
        for e in (first, *others)
    }
    for engine in others:
        for theirs, ours in zip(found[engine], found[first], strict=True):
            if not abs(theirs - ours) <= TOLERANCE:
                raise AssertionError(
                    f"{workload}: {engine} and {first} differ on a gradient, {theirs} and {ours}; wrong results are "
                    "not timed"
                )
    agreed = f"agree on {len(found[first])} gradients to {TOLERANCE:g}" if others else "has no one here to agree with"
    say(f"{workload}: {' and '.join(found)} {agreed}")


def compare(report: Report, sizes: Sizes) -> None:
    """Each workload: how many times as long as ours a peer takes."""
    for workload, peers in WORKLOADS.items():
        cases = list(product([OURS, *installed(peers)], COLLECTOR))
        jobs: list[Job] = [
            {
                "job": "step_time",
                "workload": workload,
                "engine": engine,
                "points": sizes.points,
                "collector": collector,
                "steps": sizes.steps,
                "seconds": sizes.seconds,
            }
            for engine, collector in cases
        ]
        times = dict(zip(cases, run_in_turns(jobs, report.rounds, workload), strict=True))
        for (engine, collector), found in times.items():
            report.timings.append(timing(workload, engine, collector, found))
            if engine != OURS:
                target = TARGETS.get((workload, engine, collector))
                report.figures.append(
                    ratio(workload, f"{engine} / {OURS}", collector, found, times[OURS, collector], target)
                )


def weigh(report: Report, sizes: Sizes) -> None:
    """Bytes of a node of two inputs: of all four operations in turn, and of the one that has two slopes of its own."""
    for engine, operations in product([OURS, *installed(tuple(ENGINES)[1:])], ("+ - * /", "/")):
        taken = run(
            {"job": "node_bytes", "engine": engine, "operations": operations, "width": sizes.width, "rows": sizes.rows}
        )["bytes"]
        report.figures.append(
            Figure(
                "bytes",
                f"{engine}, a node of {operations}",
                "",
                "bytes",
                Spread.of([taken]),
                None,
                BYTES if engine == OURS else None,
            )
        )


def grow(report: Report, sizes: Sizes) -> None:
    """How many times as long as in the smallest graph a node takes: ten times the nodes, ten times the time?

    The target is about the engine, so it holds with the collector off: with it on, even bare objects take much longer
    the more there are. The memory of a large graph comes fresh from the kernel, so there is a row for the time outside
    the kernel too.
    """
    smallest, *larger = sizes.nodes
    for shape, target in (("chain", GROWTH), ("wide sum", GROWTH), ("bare objects", None)):
        cases = list(product(sizes.nodes, COLLECTOR))
        jobs: list[Job] = [
            {"job": "node_time", "shape": shape, "nodes": nodes, "collector": collector, "at_least": sizes.nodes_in_all}
            for nodes, collector in cases
        ]
        times = dict(zip(cases, run_in_turns(jobs, report.rounds, f"growth, {shape}"), strict=True))
        for collector in COLLECTOR:
            engine = OURS if target else "none"
            report.timings += [
                timing(f"{shape}: a node of {n:,}", engine, collector, times[n, collector]) for n in sizes.nodes
            ]
        for collector, clock, bound in (
            ("on", "cpu_seconds", None),
            ("off", "cpu_seconds", target),
            ("off", "user_seconds", None),
        ):
            title = f"{shape} of {{:,}} / {smallest:,}{', outside the kernel' if clock == 'user_seconds' else ''}"
            report.figures += [
                ratio(
                    "growth", title.format(n), collector, times[n, collector], times[smallest, collector], bound, clock
                )
                for n in larger
            ]


def call(report: Report, sizes: Sizes) -> None:
    """How many times as long as `v.relu()` a node of `relu(v)` takes, forward and backward."""
    job: Job = {"job": "node_time", "nodes": sizes.nodes[0], "collector": "off", "at_least": sizes.nodes_in_all // 5}
    shapes = ("functions", "methods")
    functions, methods = run_in_turns([job | {"shape": shape} for shape in shapes], report.rounds, "functions")
    for shape, found in zip(shapes, (functions, methods), strict=True):
        report.timings.append(timing(f"a chain of {shape}: a node", OURS, "off", found))
    report.figures.append(ratio("calls", "functions / methods", "off", functions, methods, CALLED))


def trace(report: Report, sizes: Sizes) -> None:
    """What `trace_source` adds to an operation, in a graph that is small enough to stay in the cache."""
    job: Job = {"job": "node_time", "shape": "chain", "nodes": sizes.nodes[0], "collector": "off"}
    jobs = [job | {"at_least": sizes.nodes_in_all // 5, "traced": traced} for traced in (False, True)]
    plain, traced = run_in_turns(jobs, report.rounds, "trace_source")
    added = Spread.of([1e6 * (b["cpu_seconds"] - a["cpu_seconds"]) for a, b in zip(plain, traced, strict=True)])
    report.figures.append(Figure("trace_source", "added to an operation", "off", "µs", added, None, TRACED))


def timing(workload: str, engine: str, collector: str, found: list[dict[str, float]]) -> Timing:
    cpu, wall = (Spread.of([answer[clock] for answer in found]).median for clock in ("cpu_seconds", "wall_seconds"))
    return Timing(workload, engine, collector, cpu, wall)


def ratio(
    workload: str,
    what: str,
    collector: str,
    over: list[dict[str, float]],
    under: list[dict[str, float]],
    target: Target | None,
    clock: str = "cpu_seconds",
) -> Figure:
    """The times `over` divided by the times `under`, round by round."""
    cpu, wall = (Spread.of([a[c] / b[c] for a, b in zip(over, under, strict=True)]) for c in (clock, "wall_seconds"))
    return Figure(workload, what, collector, "×", cpu, wall, target)
