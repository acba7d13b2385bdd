"""The command line: one sub-command for each group of measurements."""

import argparse
import sys
from pathlib import Path

from tests.benchmarks import eager, machine, page, playground, sweep, table, threads
from tests.benchmarks.report import write_json

COMMANDS = {
    "eager": eager,
    "machine": machine,
    "page": page,
    "playground": playground,
    "sweep": sweep,
    "table": table,
    "threads": threads,
}
"""Modules with a docstring and `measure(rounds, quick) -> Report`; one with `PARTS` takes a list of those to measure
as well."""


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m tests.benchmarks", description="Speed and memory, measured against the peers."
    )
    commands = parser.add_subparsers(dest="command", required=True)
    for name, module in COMMANDS.items():
        summary = (module.__doc__ or "").partition("\n")[0]
        command = commands.add_parser(name, help=summary, description=summary)
        command.add_argument(
            "--rounds", type=positive, metavar="N", help="rounds of measurements; more on a busy machine"
        )
        command.add_argument(
            "--quick", action="store_true", help="small sizes and few rounds: a trial of the benchmark itself"
        )
        if hasattr(module, "PARTS"):
            command.add_argument(
                "--workload", choices=module.PARTS, action="append", help="measure this one only; can be repeated"
            )
        command.add_argument("--json", type=Path, metavar="FILE", help="write the figures to this file")
        command.add_argument("--strict", action="store_true", help="exit with 1 if a target is missed")
    chosen = parser.parse_args(arguments)
    parts = [chosen.workload] if hasattr(chosen, "workload") else []
    report = COMMANDS[chosen.command].measure(chosen.rounds or (2 if chosen.quick else 7), chosen.quick, *parts)
    print(report)
    if chosen.json:
        write_json(report, chosen.json)
    return 1 if chosen.strict and report.missed else 0


def positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"at least 1 round is needed, got {number}")
    return number


if __name__ == "__main__":
    sys.exit(main())
