"""`python -m engine prepare`: compile the kernel now, so that no run has to."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

__all__ = ["main"]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; returns the exit status: 0, or 1 where the kernel cannot be compiled."""
    parser = argparse.ArgumentParser(prog="python -m engine", description="Prepare the engine on this machine.")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser(
        "prepare", help="compile the kernel now: once for a machine and version, about 10 seconds; needs numba"
    )
    parser.parse_args(arguments)
    try:
        from engine.compiler.kernel import prepare

        compiled = prepare()
    except ModuleNotFoundError as error:
        print(f"the kernel needs the package {error.name}: pip install 'rantai[fast]'", file=sys.stderr)
        return 1
    print("the kernel is compiled" if compiled else "the kernel was compiled before")
    return 0


if __name__ == "__main__":
    sys.exit(main())
