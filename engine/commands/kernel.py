"""`prepare`: compile the kernel now, so that no run has to."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace

__all__ = ["fill_prepare"]


def fill_prepare(parser: ArgumentParser, program: str) -> None:
    parser.description = "Compile the kernel now: once for a machine and version, about 12 seconds; needs numba."
    parser.set_defaults(run=run_prepare)


def run_prepare(options: Namespace) -> int:
    """0, or 1 where the kernel cannot be compiled."""
    try:
        from engine.compiler.kernel import prepare

        compiled = prepare()
    except ModuleNotFoundError as error:
        print(f"the kernel needs the package {error.name}: pip install 'rantai[fast]'", file=sys.stderr)
        return 1
    print("the kernel is compiled" if compiled else "the kernel was compiled before")
    return 0
