"""A program of several commands: its help, its version, and how one of them is run. Only the command that is asked for
is loaded, so that none waits for what the others need."""

from __future__ import annotations

import argparse
import importlib.metadata
import io
import os
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from engine.commands.interrupts import INTERRUPTED, interruptible

__all__ = ["Command", "run", "speak_to_nobody"]

BROKEN_PIPE = 141
"""The exit status that a shell gives a program which a closed pipe ended."""
SAID = (ValueError, TypeError, ArithmeticError, OSError, ImportError)
"""The errors that say what was wrong; others are ours, and are seen whole."""


class Command(NamedTuple):
    """One command of a program."""

    help: str
    """A line for the list of all."""
    fill: Callable[[ArgumentParser, str], None]
    """Gives a parser the arguments of the command, and `run`, the function that does it; the string is how the program
    was called. `run` takes the options and returns the exit status, or None for 0."""
    parse: Callable[[ArgumentParser, Sequence[str]], Namespace] = ArgumentParser.parse_args


def run(program: str, description: str, commands: Mapping[str, Command], arguments: Sequence[str] | None = None,
        examples: str = "") -> int:  # fmt: skip
    """Run one command of a program.

    Args:
        program: how it was called, for help and for messages.
        description: what it is, for its help.
        commands: what it can do, by name.
        arguments: what was typed after the name of the program, taken from `sys.argv` unless given.
        examples: the end of its help.

    Returns:
        The exit status: what the command says, 0 if it says nothing, 2 after a message about what was wrong, 130 after
        Ctrl-C and a line about it, 141 where nobody reads what it prints any more.

    Raises:
        SystemExit: after help, the version, or a message about arguments that are none.
    """
    arguments = list(sys.argv[1:] if arguments is None else arguments)
    name = arguments[0] if arguments else ""
    if name not in commands:
        whole = front(program, description, commands, examples)
        whole.parse_args(arguments)
        whole.error("a command comes first")
    parser = ArgumentParser(prog=f"{program} {name}")
    parser.set_defaults(program=program)
    say_in_any_encoding()
    with interruptible(parser.prog) as interrupted:
        try:
            commands[name].fill(parser, program)
            options = commands[name].parse(parser, arguments[1:])
            status = options.run(options) or 0
            sys.stdout.flush()
            return status
        except BrokenPipeError:
            speak_to_nobody()
            return BROKEN_PIPE
        except (KeyboardInterrupt, Exception) as error:
            if interrupted() or isinstance(error, KeyboardInterrupt):  # a library may have made another error of it
                kept = f"; {error}" if isinstance(error, KeyboardInterrupt) and error.args else ""
                print(f"\n{parser.prog}: interrupted{kept}", file=sys.stderr)
                return INTERRUPTED
            if not isinstance(error, SAID):
                raise
            notes = "".join(f"\n  {note}" for note in getattr(error, "__notes__", ()))
            print(f"{parser.prog}: error: {error}{notes}", file=sys.stderr)
            return 2


def speak_to_nobody() -> None:
    """From now on what is printed goes nowhere, when a pipe was closed: Python's own last flush must not fail on it."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def say_in_any_encoding() -> None:
    """A letter that a terminal does not have is spelled out, and ends nothing."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def front(program: str, description: str, commands: Mapping[str, Command], examples: str) -> ArgumentParser:
    """The parser of help, of the version, and of what is no command."""
    whole = ArgumentParser(prog=program, description=description, epilog=examples,
                           formatter_class=argparse.RawDescriptionHelpFormatter)  # fmt: skip
    whole.add_argument("-V", "--version", action="version", version=f"rantai {version()}")
    listed = whole.add_subparsers(title="commands", required=True, metavar="COMMAND")
    for name, command in commands.items():
        listed.add_parser(name, help=command.help)
    return whole


def version() -> str:
    """Of the package, where it is installed."""
    try:
        return importlib.metadata.version("rantai")
    except importlib.metadata.PackageNotFoundError:
        return "(not installed)"
