"""`python -m engine`: the commands of the engine alone, which `rantai` has too."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from engine.commands import COMMANDS, leave, run

__all__ = ["main"]


def main(arguments: Sequence[str] | None = None) -> int:
    return run("python -m engine", "The chain rule, seen on an expression.", COMMANDS, arguments)


if __name__ == "__main__":
    try:
        sys.exit(main())
    finally:
        leave()
