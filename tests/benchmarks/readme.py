"""The tables of speed in the READMEs, made from the figures that are kept in `figures/`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

from nn.commands.uses import replace_between
from tests.benchmarks.figures import Figures, kept
from tests.benchmarks.machine.comparison import SHOWN
from tests.benchmarks.machine.growth import RIVALS, SERIES, THREADED
from tests.benchmarks.machine.results import digits, span
from tests.benchmarks.machine.table import AUTO, COMPARED, FLOORS, OURS, SIDES
from tests.benchmarks.machine.trainings import PARTS as TRAININGS
from tests.benchmarks.peers import OURS as ENGINE
from tests.benchmarks.rounds import ROOT

__all__ = ["TABLES", "Table", "write_tables", "written"]

NOTHING = "-"
KERNEL = OURS[-1]
SHORT = {
    "W1": "the demo, full batch",
    "W2": "the demo, one sample",
    "W4": "digits, mini-batch 32",
    "W5": "a character GPT",
}


class Table(NamedTuple):
    """A part of a README between the markers of its name."""

    file: str
    content: Callable[[Figures], str]


def write_tables(root: Path = ROOT) -> list[str]:
    """Write all of them anew; gives the files that changed."""
    figures, changed = Figures(kept()), []
    for file in dict.fromkeys(table.file for table in TABLES.values()):
        text = (root / file).read_text(encoding="utf-8")
        new = written(text, file, figures)
        if new != text:
            (root / file).write_text(new, encoding="utf-8")
            changed.append(file)
    return changed


def written(text: str, file: str, figures: Figures) -> str:
    """The text of a README with its tables as the figures give them."""
    for name, table in TABLES.items():
        if table.file == file:
            text = replace_between(text, name, table.content(figures))
    return text


def markdown(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    return "\n".join(f"| {' | '.join(cells)} |" for cells in (head, ["---"] * len(head), *rows))


def measured_by(figures: Figures, command: str) -> str:
    """What was run, and on what."""
    processors = len([commands for commands in figures.processors if command in commands])
    several = f", medians of {processors} processors" if processors > 1 else ""
    return f"Measured by `.venv/bin/python -m tests.benchmarks {command}`{several}, on {figures.measured_on(command)}."


def number(found: float | None, text: Callable[[float], str] = digits) -> str:
    return NOTHING if found is None else text(found)


def eager(figures: Figures) -> str:
    """Graphs of objects beside micrograd's and microgpt's; bytes; growth; tracing."""

    def both(workload: str, what: str) -> list[str]:
        return [number(figures.median("eager", workload, what, collector)) for collector in ("on", "off")]

    peers = {"micrograd": "micrograd 0.1.0", "stored slopes": "slopes stored on the node, as in microgpt"}
    compared = [
        ("raw scalar code, MLP(2, [16, 16, 1]) on 100 points, forward and backward", "raw", "micrograd"),
        ("the same", "raw", "stored slopes"),
        ("micrograd's demo, each side with its own network", "demo", "micrograd"),
    ]
    ratios = [(work, peers[peer], *both(workload, f"{peer} / {ENGINE}")) for work, workload, peer in compared]
    head = ("work, and how many times as long as ours the peer takes", "peer", "cycle collector on", "off")
    rows: list[Sequence[str]] = []
    for engine in (ENGINE, "micrograd"):
        size = number(figures.median("eager", "bytes", f"{engine}, a node of + - * /", "", "bytes"))
        rows.append((f"bytes of a node of two inputs, with its gradient: {engine}", size, size))
    for shape in ("chain", "wide sum", "bare objects"):
        for nodes in (10_000, 100_000, 1_000_000):
            title = f"time of a node, {shape} of {nodes:,}, in times of one of 1,000"
            rows.append((title, *both("growth", f"{shape} of {nodes:,} / 1,000")))
    called = both("calls", "functions / methods")
    rows.append(("a chain of `relu(v)` and other functions, in times of one of `v.relu()`", *called))
    traced = figures.median("eager", "trace_source", "added to an operation", "off", "µs")
    rows.append(("`trace_source()` adds to an operation", NOTHING, number(traced, lambda us: f"{us:.2g} µs")))
    second = markdown(("memory, growth and calls", "cycle collector on", "off"), rows)
    return "\n\n".join([measured_by(figures, "eager"), markdown(head, ratios), second])


def page(figures: Figures) -> str:
    """Milliseconds of the stepper's page."""
    rows = [
        (workload, *(number(figures.median("page", workload, what, "", "ms"), milliseconds) for what in
                     ("next step", "previous step", "opening")))
        for workload in figures.workloads("page")
    ]  # fmt: skip
    head = ("page, milliseconds", "a step on", "a step back", "opening")
    return f"{measured_by(figures, 'page')}\n\n{markdown(head, rows)}"


def milliseconds(found: float) -> str:
    return f"{float(f'{found:.2g}'):,.0f}"


def playground(figures: Figures) -> str:
    """Epochs and pictures a second."""
    rows = [
        (workload, *(number(figures.median("playground", workload, what, "", "a second"), lambda found: f"{found:,.0f}")
                     for what in ("epochs", "pictures")))
        for workload in figures.workloads("playground")
    ]  # fmt: skip
    head = ("the playground's page, a second", "epochs, nothing drawn", "pictures, one of each epoch")
    return f"{measured_by(figures, 'playground')}\n\n{markdown(head, rows)}"


def machine(figures: Figures) -> str:
    """A training step on all sides, in times of the kernel's."""
    ours = [number(figures.median("machine", name, KERNEL, "on"), span) for name in SHORT]
    rows = [("**our kernel**", *(f"**{time}**" for time in ours))]
    for side in (name for name in COMPARED if name != KERNEL):
        clock = "wall" if side == THREADED else "cpu"
        named = f"{side} (by the wall clock)" if side == THREADED else side
        rows.append((named, *(number(versus(figures, name, side, clock)) for name in SHORT)))
    for floor in FLOORS:
        times = [figures.median("machine", name, floor, "on") for name in SHORT]
        shares = [figures.median("machine", name, f"{KERNEL} / {floor}", "on") for name in SHORT]
        cells = [
            NOTHING if time is None else f"{span(time)}; the kernel {number(share)} times as long"
            for time, share in zip(times, shares, strict=True)
        ]
        rows.append((floor, *cells))
    head = ("one training step, and how many times as long as our kernel others take", *SHORT.values())
    return f"{measured_by(figures, 'machine')}\n\n{markdown(head, rows)}"


def versus(figures: Figures, workload: str, side: str, clock: str = "cpu") -> float | None:
    return figures.median("machine", workload, f"{side} / {KERNEL}", SIDES[side].collector, clock)


def beside(figures: Figures) -> str:
    """What is no step of a small network: the start, an epoch of fit, the set-up of a wide network."""
    rows = []
    for side in (*OURS, "NumPy by hand", THREADED, "PyTorch"):
        what = f"{side}, from starting Python to the first step"
        rows.append((f"{what} of the demo", number(figures.median("machine", "start", what, "", "seconds"), span)))
    for part, (title, _, _) in TRAININGS.items():
        rows.append((title, number(figures.median("machine", part, title), span)))
    return markdown(("beside the steps", "time"), rows)


def growth(figures: Figures) -> str:
    """What `auto` chooses, in times of PyTorch."""
    rows = []
    for name, (title, recipes, _) in ((name, series) for name, series in SERIES.items() if name in SHOWN):
        for size in recipes:
            time = figures.median("machine", f"{name}, {size}", AUTO, "on")
            ratios = [figures.median("machine", f"{name}, {size}", f"{AUTO} / {rival}", "on") for rival in RIVALS]
            rows.append((f"{title}: {size}", number(time, span), *map(number, ratios)))
    head = ("a step by what `auto` chooses", "CPU time", *(f"in times of {rival}" for rival in RIVALS))
    return markdown(head, rows)


def front(figures: Figures) -> str:
    """The four rows of the README at the top."""
    micrograd = f"micrograd / {ENGINE}"
    on, off = (number(figures.median("eager", "raw", micrograd, collector)) for collector in ("on", "off"))
    graph = "forward and backward through a graph of objects, as above"
    rows = [(graph, "plain Python, nothing compiled", f"micrograd {on}, without cycle collector {off}")]
    works = {
        "W1": "the same graph compiled: a training step of micrograd's demo",
        "W4": "a mini-batch of 32 digits",
        "W5": "a name, for a GPT of 4,192 parameters",
    }
    for name, work in works.items():
        peers = [("PyTorch", "cpu"), (THREADED, "wall"), ("NumPy by hand", "cpu")]
        others = ", ".join(f"{side} {number(versus(figures, name, side, clock))}" for side, clock in peers)
        rows.append((work, number(figures.median("machine", name, KERNEL, "on"), span), others))
    table = markdown(("work", "rantai", "elsewhere, in times of ours"), rows)
    return f"{table}\n\nMeasured by `.venv/bin/python -m tests.benchmarks all` on {figures.names()}."


def sizes(command: str) -> Callable[[Figures], str]:
    """All figures of a command that are no ratios of times, as they are named."""

    def content(figures: Figures) -> str:
        rows = []
        for workload, what, unit in figures.sizes(command):
            rows.append((workload, f"{what}, {unit}", number(figures.median(command, workload, what, "", unit))))
        return f"{measured_by(figures, command)}\n\n{markdown(('work', 'what', 'median'), rows)}"

    return content


def tables(figures: Figures) -> str:
    """Seconds and memory of large CSV files."""
    rows = [
        (
            f"{workload} cells, {called}",
            number(figures.median("table", workload, what, "on"), span),
            number(
                figures.median("table", workload, f"{what}: peak memory", "", "GB"), lambda found: f"{found:.2g} GB"
            ),
        )
        for workload in figures.workloads("table")
        for what, called in (("5 epochs from the file", "from Python"), ("rantai train", "`rantai train`, with scores"))
    ]
    head = ("a CSV file read, standardised and trained on for five epochs", "CPU time", "peak memory")
    return f"{measured_by(figures, 'table')}\n\n{markdown(head, rows)}"


TESTS, NN = "tests/README.md", "nn/README.md"
TABLES = {
    "how fast": Table("README.md", front),
    "speed of eager graphs": Table(TESTS, eager),
    "speed of the stepper": Table(TESTS, page),
    "speed of the playground": Table(TESTS, playground),
    "speed of compiled graphs": Table(TESTS, machine),
    "speed beside the steps": Table(TESTS, beside),
    "speed of other sizes": Table(TESTS, growth),
    "speed of two threads": Table(TESTS, sizes("threads")),
    "speed of large tables": Table(TESTS, tables),
    "what sweeps cost": Table(NN, sizes("sweep")),
}
