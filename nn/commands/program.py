"""`rantai`: the course, the chain rule seen on an expression, and networks, as commands."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from collections.abc import Sequence

import engine.commands
from engine.commands import Command, run
from nn.checks import on_the_command_line

__all__ = ["COMMANDS", "examples", "main"]

DESCRIPTION = """\
rantai (Indonesian for chain) shows the chain rule at work: an automatic differentiation engine
and a tiny neural network in plain Python."""


# Each is loaded when it is asked for: the page of `step` is not to wait for the networks.


def fill_lab(parser: ArgumentParser, program: str) -> None:
    from nn.commands.lab import fill_lab

    fill_lab(parser, program)


def fill_play(parser: ArgumentParser, program: str) -> None:
    from nn.commands.play import fill_play

    fill_play(parser, program)


def fill_train(parser: ArgumentParser, program: str) -> None:
    from nn.commands.train import fill_train

    fill_train(parser, program)


def fill_sweep(parser: ArgumentParser, program: str) -> None:
    from nn.commands.sweep import fill_sweep

    fill_sweep(parser, program)


def fill_predict(parser: ArgumentParser, program: str) -> None:
    from nn.commands.predict import fill_predict

    fill_predict(parser, program)


def fill_use(parser: ArgumentParser, program: str) -> None:
    from nn.commands.uses import fill_use

    fill_use(parser, program)


def fill_ask(parser: ArgumentParser, program: str) -> None:
    from nn.commands.uses import fill_ask

    fill_ask(parser, program)


def parse_ask(parser: ArgumentParser, arguments: Sequence[str]) -> Namespace:
    from nn.commands.uses import parse_ask

    return parse_ask(parser, arguments)


def fill_uses(parser: ArgumentParser, program: str) -> None:
    from nn.commands.uses import fill_uses

    fill_uses(parser, program)


COMMANDS = {
    "play": Command("open the playground: a network that trains in a page, and can be looked into", fill_play),
    "train": Command("train a network and compare it with the trivial and the linear model", fill_train),
    "sweep": Command("train with many settings and seeds, and compare them", fill_sweep),
    "predict": Command("ask a trained network about the rows of a CSV file", fill_predict),
    "use": Command("run a use that the essay names, on real data", fill_use),
    "ask": Command("use what `use` has trained", fill_ask, parse_ask),
    "uses": Command("run all uses and write the table of their results", fill_uses),
}
"""Those of the networks, by name, for `engine.commands.run`."""


def examples(program: str) -> str:
    """The end of the help of a program that has these commands."""
    return f"""\
examples:
  {program} play moons                                    a network that trains in a page
  {program} train penguins                                species from four measurements
  {program} train penguins --target body_mass_g           body mass in grams
  {program} train my.csv --target y --hidden 32 16        your own table
  {program} sweep penguins --lr 0.003:0.3:log --seeds 20   many settings and seeds, and their table
  {program} predict runs/penguins/model.json new.csv      what it says of new rows
  {program} use digits                                    a use that the essay names, on real data
  {program} ask digits picture.png                        and what it says of your picture
  {program} uses                                          all uses, and the table of their results
"""


FIRST_EXAMPLES = """\
examples:
  rantai lab                                           the course, in the browser
  rantai step "tanh(w*x + b)" w=.5 x=2 b=-1            the chain rule, one application at a time
  rantai explain "tanh(w*x + b)" w w=.5 x=2 b=-1       the same as a textbook writes it
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run `rantai`; returns the exit status, see `engine.commands.run`."""
    commands = {"lab": Command("open the course in JupyterLab", fill_lab), **engine.commands.COMMANDS}
    prepare = commands.pop("prepare")  # comes last, as it is for the compiled kernel of the networks
    commands |= COMMANDS | {"prepare": prepare}
    with on_the_command_line():
        return run("rantai", DESCRIPTION, commands, arguments, FIRST_EXAMPLES + examples("rantai").partition("\n")[2])
