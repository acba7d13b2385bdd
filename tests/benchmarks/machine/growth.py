"""How time grows: with the width of a network, with its batch, and up to a network that is large for this project."""

from __future__ import annotations

from dataclasses import asdict

from tests.benchmarks.machine.agreement import agree
from tests.benchmarks.machine.processes import Team, in_turns, missing
from tests.benchmarks.machine.results import MachineReport, ratio, span, timing
from tests.benchmarks.machine.table import AUTO, BY_HAND, COMPARED, FLOORS, OURS, SIDES
from tests.benchmarks.machine.work import make
from tests.benchmarks.report import Figure, Spread, Target, table
from tests.benchmarks.rounds import Job

__all__ = ["GROWING", "RIVALS", "SERIES", "THREADED", "grow", "series_table", "start"]

Recipe = dict[str, int | str]

SERIES: dict[str, tuple[str, dict[str, Recipe], int]] = {
    "width": (
        "MLP(2, [w, w, 1]) on 100 moons, full batch",
        {f"w = {width}": {"maker": "demo", "width": width} for width in (8, 32, 128, 512)},
        2,
    ),
    "batch": (
        "MLP(2, [16, 16, 1]) on n moons, full batch",
        {
            f"n = {points:,}": {"maker": "demo", "points": max(points, 2), "batch": points}
            for points in (1, 10, 100, 1000, 10_000)
        },
        2,
    ),
    "both": (
        "MLP(2, [w, w, 1]) on n moons, full batch, from one end to the other",
        {
            f"w = {width}, n = {points:,}": {"maker": "demo", "width": width, "points": max(points, 2), "batch": points}
            for width in (8, 128, 512)
            for points in (1, 10, 1000, 10_000)
        },
        1,
    ),
    "large": ("MLP(784, [512, 10]), mini-batch 128", {"407,050 parameters": {"maker": "pixels"}}, 0),
}
"""For each part its title, the recipes of its sizes, and how many of them a trial runs."""

GROWING = [name for name, side in SIDES.items() if not side.slow and not side.compiler]
LARGEST_GRAPH = 2_000
"""Parameters up to which CasADi is measured; it would take minutes to make larger graphs."""
THREADED = "JAX jit"
"""Its CPU time is that of several threads and says little."""
RIVALS = ("PyTorch", BY_HAND, *OURS[1:])
"""None of them is to be faster than what `auto` chooses, anywhere."""
BOUND = Target("<=", 1.05)
"""Two measurements of one and the same thing may differ by so much."""
FIRST_STEP = Target("<=", 0.35)


def grow(report: MachineReport, name: str) -> None:
    """One series on all sides that do not make an object for each operation of each sample."""
    title, recipes, trial = SERIES[name]
    sizes = list(recipes)[: trial if report.quick else None]
    sides = [side for side in GROWING if not missing(side)]
    seconds = 0.02 if report.quick else 0.2
    for size in sizes:
        here = [side for side in sides if fits(side, recipes[size])]
        jobs: list[Job] = [
            {"job": "floor_time", "side": side, "recipe": recipes[size]}
            if side in FLOORS
            else {"job": "step_time", "side": side, "recipe": recipes[size], "seconds": seconds}
            for side in here
        ]
        with Team() as team:
            agree(f"{name}, {size}", [side for side in here if side not in FLOORS], recipes[size], team)
            answers = in_turns(jobs, report.rounds, f"{name}, {size}", team.ask)
        found = dict(zip(here, answers, strict=True))
        label = f"{name}, {size}"
        report.timings += [timing(label, side, answers) for side, answers in found.items()]
        report.figures += [
            ratio(label, AUTO, rival, found[AUTO], found[rival], BOUND) for rival in RIVALS if {AUTO, rival} <= {*found}
        ]
    report.texts[name] = f"{name}: {title}, CPU time of a step\n{series_table(report, name, sizes)}"
    report.texts[name] += "".join(f"\n{missing(side)}" for side in GROWING if missing(side))


def fits(side: str, recipe: Recipe) -> bool:
    """Whether a side can take a network of this size within reason."""
    large = recipe["maker"] == "pixels" or int(recipe.get("width", 0)) ** 2 > LARGEST_GRAPH
    return not (large and SIDES[side].module == "sides.casadi")


def series_table(report: MachineReport, name: str, sizes: list[str]) -> str:
    """A row for each side and a column for each size; the last rows are what the target is about."""
    mine = [t for t in report.timings if t.workload.startswith(f"{name}, ")]
    times = {(t.engine, t.workload): span(t.wall_seconds if t.engine == THREADED else t.cpu_seconds) for t in mine}
    rows = [
        (f"{side} (wall)" if side == THREADED else side, *(times.get((side, f"{name}, {size}"), "") for size in sizes))
        for side in dict.fromkeys(t.engine for t in mine)
    ]
    bounds = {(f.what, f.workload): f for f in report.figures}
    for what in (f"{AUTO} / {rival}" for rival in RIVALS):
        judged = [bounds.get((what, f"{name}, {size}")) for size in sizes]
        if any(judged):
            rows.append((f"{what}, {BOUND}", *(verdict(figure) for figure in judged)))
    return table(("side", *sizes), rows)


def verdict(figure: Figure | None) -> str:
    return f"{figure.cpu.median:.3g} {'reached' if figure.reached else 'MISSED'}" if figure else ""


def start(report: MachineReport) -> None:
    """How long it is from starting Python to the first step of W1, on a machine where that was done before."""
    sides = [side for side in COMPARED if not missing(side) and (not SIDES[side].slow or SIDES[side].module == "ours")]
    network = asdict(make({"maker": "demo"}))  # type: ignore[call-overload]
    jobs: list[Job] = [{"job": "first_step", "side": side, "network": network} for side in sides]
    in_turns(jobs, 1, "start, before anything is measured")
    rows = []
    for side, answers in zip(sides, in_turns(jobs, report.rounds, "start"), strict=True):
        report.timings.append(timing("start", side, answers))
        wall = Spread.of([answer["wall_seconds"] for answer in answers])
        target = FIRST_STEP if side == OURS[-1] else None
        figure = Figure("start", f"{side}, from starting Python to the first step", "", "seconds", wall, None, target)
        report.figures.append(figure)
        rows.append(
            (side, span(wall.median), str(target or ""), {True: "reached", False: "MISSED", None: ""}[figure.reached])
        )
    report.texts["start"] = "start: from starting Python to the first step of W1, imports included\n" + table(
        ("side", "wall", "target", ""), rows
    )
