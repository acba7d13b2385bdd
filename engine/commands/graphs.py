"""`step`, `draw` and `explain`: what is made of an expression that is typed."""

from __future__ import annotations

import argparse
import math
import re
import textwrap
import unicodedata
from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from pathlib import Path

from engine.commands.browser import show
from engine.commands.expression import MOST_CHARACTERS, MOST_NESTED, NAME, graph_of

__all__ = ["fill_draw", "fill_explain", "fill_step", "parse"]

LANGUAGE = f"""\
An expression, in quotation marks, has numbers, names, + - * / **, brackets and the functions of the
table of rules: exp, log, tanh, maximum(x, y), total([x1, x2]), ... What is in between may get a name:
"z = w*x + b; (z - 1)**2". It is read, and not evaluated as Python: at most {MOST_CHARACTERS:,} characters, and
{MOST_NESTED} brackets, signs or exponents inside one another."""
EXAMPLE = '"tanh(w1*x1 + w2*x2 + b)"'
NUMBERS = "w1=.5 x1=2 w2=-1 x2=1 b=.25"


def fill_step(parser: ArgumentParser, program: str) -> None:
    fill(parser, f"{EXAMPLE} {NUMBERS}", "Write the stepper of an expression, a page on which to go through the "
         "forward and the backward pass one application of the chain rule at a time, and open it in the "
         "browser.")  # fmt: skip
    add_output(parser, "runs/step.html", "the page")
    parser.set_defaults(run=step)


def fill_draw(parser: ArgumentParser, program: str) -> None:
    fill(parser, f"{EXAMPLE} {NUMBERS}", "Draw the graph of an expression, every node with its value and its gradient, "
         "and open the picture.")  # fmt: skip
    add_output(parser, "runs/graph.svg", "the picture: .svg, .png, or .dot, the source for Graphviz")
    parser.set_defaults(run=draw)


def fill_explain(parser: ArgumentParser, program: str) -> None:
    fill(parser, f"{EXAMPLE} w1 {NUMBERS}", "Print the derivative of an expression in one of its names as a textbook "
         "writes it: the chain of slopes, their formulas and numbers, the sum over paths.", asks=True)  # fmt: skip
    parser.set_defaults(run=explain)


def fill(parser: ArgumentParser, example: str, description: str, asks: bool = False) -> None:
    """What the three commands take."""
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.description = f"{textwrap.fill(description, 100)}\n\n{LANGUAGE}"
    parser.epilog = f"example:\n  {parser.prog} {example}"
    parser.add_argument("expression", metavar="EXPRESSION", help="what is computed")
    words = "a number for each name in the expression"
    if asks:
        words += "; and, before or behind them, the name to take the derivative in"
    parser.add_argument("numbers", metavar="NAME=NUMBER", nargs="*", help=words)


def add_output(parser: ArgumentParser, default: str, what: str) -> None:
    text = f"{what}; {default} unless given"
    parser.add_argument("--out", metavar="FILE", type=Path, default=Path(default), help=text)
    parser.add_argument("--no-browser", action="store_true", help="write the file only")


def parse(parser: ArgumentParser, arguments: Sequence[str]) -> Namespace:
    """Numbers may stand on either side of the options, and an expression may begin with a minus."""
    return parser.parse_intermixed_args([f" {each}" if re.match(r"-[^-h]", each) else each for each in arguments])


def numbers_of(options: Namespace) -> dict[str, float]:
    """The numbers by name. ValueError for what is none, or for a name that has two."""
    numbers: dict[str, float] = {}
    for each in options.numbers:
        found = re.fullmatch(rf"({NAME})=(.+)", each)
        try:
            number = float(found[2]) if found else math.nan
        except ValueError:
            number = math.nan
        if not found or not math.isfinite(number):
            raise ValueError(f"expected NAME=NUMBER, as in w=0.5, got {each!r}")
        if found[1] in numbers:
            raise ValueError(f"{found[1]} has two numbers")
        numbers[found[1]] = number
    return numbers


def step(options: Namespace) -> None:
    y, _ = graph_of(options.expression, numbers_of(options))
    from engine.stepper import Stepper

    options.out.parent.mkdir(parents=True, exist_ok=True)
    show(Stepper(y).to_html(options.out), not options.no_browser)


def draw(options: Namespace) -> None:
    y, _ = graph_of(options.expression, numbers_of(options))
    from engine.pictures.diagram import LayoutError
    from engine.pictures.draw import draw

    y.backward()
    options.out.parent.mkdir(parents=True, exist_ok=True)
    try:
        file = draw(y).save(options.out)
    except LayoutError as error:
        raise OSError(f"{error}; or --out graph.dot writes the source of the picture") from None
    show(file, not options.no_browser)


def explain(options: Namespace) -> None:
    asked = [each for each in options.numbers if "=" not in each]
    if len(asked) != 1:
        got = " and ".join(asked) or "none"
        raise ValueError(f"expected one name to take the derivative in, without a number, as in w, got {got}")
    options.numbers.remove(asked[0])
    y, nodes = graph_of(options.expression, numbers_of(options))
    name = unicodedata.normalize("NFC", asked[0])
    if name not in nodes:
        raise ValueError(f"{name} is not in the expression, which has {', '.join(nodes)}")
    from engine.readers.explain import explain

    print(explain(y, nodes[name]))
