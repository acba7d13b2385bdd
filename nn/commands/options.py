"""Options that several commands have."""

from __future__ import annotations

import argparse
from argparse import ArgumentParser

from engine import BACKENDS
from nn.data.tidy import DECIMALS

__all__ = ["add_backend", "add_reading"]


def add_reading(parser: ArgumentParser) -> None:
    """How the CSV file is read, where it does not tell."""
    reading = parser.add_argument_group("the CSV file, where it does not tell by itself")
    reading.add_argument(
        "--na", nargs="+", action="extend", metavar="TEXT", default=[], help="further texts that mean an empty cell"
    )
    reading.add_argument("--sep", metavar="SIGN", help="what stands between the cells")
    reading.add_argument("--decimal", choices=DECIMALS, help="what stands before the decimals")
    reading.add_argument("--encoding", metavar="NAME", help="of the text, such as latin-1")


def add_backend(arguments: argparse._ActionsContainer) -> None:
    text = "what computes: eager graphs, a NumPy program, a compiled kernel; auto takes the one that is done first"
    arguments.add_argument("--backend", choices=BACKENDS, default="auto", help=text)
