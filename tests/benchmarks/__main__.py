"""The command line: one sub-command for each group of measurements, and `all` for one after another."""

import argparse
import sys
import time
from pathlib import Path
from typing import Any

from tests.benchmarks import eager, page, playground, sweep, table, threads
from tests.benchmarks.figures import keep
from tests.benchmarks.machine import comparison
from tests.benchmarks.readme import write_tables
from tests.benchmarks.report import Report, write_json
from tests.benchmarks.rounds import say

COMMANDS: dict[str, Any] = {
    "eager": eager,
    "machine": comparison,
    "page": page,
    "playground": playground,
    "sweep": sweep,
    "table": table,
    "threads": threads,
}
"""Modules with a docstring and `measure(rounds, quick) -> Report`; one with `PARTS` takes a list of those to measure
as well."""
ROUNDS = 7
IN_ALL = {"machine": (3, comparison.SHOWN), "sweep": (2, None), "table": (1, None)}
"""How many rounds `all` takes, and of which parts, where it is not FEW of everything: about ten minutes on a machine
with nothing else to do."""
FEW = 3


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m tests.benchmarks", description="Speed and memory, measured against the peers."
    )
    commands = parser.add_subparsers(dest="command", required=True)
    for name, module in COMMANDS.items():
        add_command(commands, name, (module.__doc__ or "").partition("\n")[0], getattr(module, "PARTS", None))
    add_command(commands, "all", "Each of them, one after another, for the tables of the READMEs: about ten minutes.")
    chosen = parser.parse_args(arguments)
    if chosen.readme and chosen.quick:
        parser.error("--readme writes figures, and --quick is a trial that gives none: leave one of them away")
    if chosen.command == "all" and chosen.json:
        parser.error("--json takes the figures of one command; those of all are kept by --readme")
    names = list(COMMANDS) if chosen.command == "all" else [chosen.command]
    reports = []
    for number, name in enumerate(names, 1):
        began = time.perf_counter()
        reports.append(measured(name, chosen))
        if len(names) > 1:
            say(f"== {name}: {number} of {len(names)} done, in {time.perf_counter() - began:.0f} s")
    return 1 if chosen.strict and any(report.missed for report in reports) else 0


def add_command(commands: Any, name: str, summary: str, parts: Any = None) -> None:
    command = commands.add_parser(name, help=summary, description=summary)
    command.add_argument("--rounds", type=positive, metavar="N", help="rounds of measurements; more on a busy machine")
    command.add_argument(
        "--quick", action="store_true", help="small sizes and few rounds: a trial of the benchmark itself"
    )
    if parts:
        command.add_argument("--workload", choices=parts, action="append", help="measure this only; can be repeated")
    command.add_argument("--json", type=Path, metavar="FILE", help="write the figures to this file")
    command.add_argument(
        "--readme", action="store_true",
        help="keep the figures with those of other processors, and write the tables of the READMEs anew from all",
    )  # fmt: skip
    command.add_argument("--strict", action="store_true", help="exit with 1 if a target is missed")


def measured(name: str, chosen: argparse.Namespace) -> Report:
    """Measure, print, and keep what is to be kept, so that what comes after cannot lose it."""
    alone = ROUNDS, getattr(chosen, "workload", None)
    rounds, parts = IN_ALL.get(name, (FEW, None)) if chosen.command == "all" else alone
    module = COMMANDS[name]
    report: Report = module.measure(
        chosen.rounds or (2 if chosen.quick else rounds), chosen.quick, *([parts] if hasattr(module, "PARTS") else [])
    )
    print(report)
    if chosen.json:
        write_json(report, chosen.json)
    if chosen.readme:
        say(f"kept in {keep(report)}; written: {', '.join(write_tables()) or 'nothing that was not there already'}")
    return report


def positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"at least 1 round is needed, got {number}")
    return number


if __name__ == "__main__":
    sys.exit(main())
