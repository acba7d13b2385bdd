"""`python -m nn`: the commands of the networks alone, which `rantai` has too."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from engine.commands import leave, run
from nn.checks import on_the_command_line
from nn.commands import COMMANDS, examples

__all__ = ["main"]


def main(arguments: Sequence[str] | None = None) -> int:
    description = "Train a network on shipped data or on your own CSV file, and use it."
    with on_the_command_line():
        return run("python -m nn", description, COMMANDS, arguments, examples("python -m nn"))


if __name__ == "__main__":
    try:
        sys.exit(main())
    finally:
        leave()
