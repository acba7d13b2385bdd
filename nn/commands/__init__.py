"""The commands of the networks, and `rantai`, the program that has all commands."""

from nn.commands.program import COMMANDS, examples, main

__all__ = ["COMMANDS", "examples", "main"]
