"""`play`: the playground, a page in which a network trains."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from pathlib import Path

from engine.commands import show

__all__ = ["fill_play"]

PROBLEMS = ("xor", "moons", "circles", "spirals", "blobs", "sine", "parabola", "stairs")
LESSONS = ("learning rate", "batches", "initialisation", "overfitting", "approximation")


def fill_play(parser: ArgumentParser, program: str) -> None:
    parser.description = (
        "Write the playground, a page in which a network trains and can be looked into, and open it in the browser. "
        "It needs no network and no Python."
    )
    parser.add_argument("data", nargs="?", choices=PROBLEMS, metavar="DATA", help=f"one of {', '.join(PROBLEMS)}")
    parser.add_argument("--lesson", choices=LESSONS, metavar="LESSON", help=f"one of {', '.join(LESSONS)}")
    parser.add_argument("--layers", metavar="N", nargs="*", type=int, help="the units of each hidden layer, as in 8 8")
    parser.add_argument("--rate", metavar="RATE", type=float, help="the learning rate")
    parser.add_argument("--seed", metavar="SEED", type=int, help="of the first weights and of the order of points")
    parser.add_argument("--lang", choices=("en", "id"), default="en", help="the language it starts in")
    parser.add_argument("--out", metavar="FILE", type=Path, default=Path("runs/playground.html"), help="the page")
    parser.add_argument("--no-browser", action="store_true", help="only write it")
    parser.set_defaults(run=play)


def play(options: Namespace) -> None:
    """Write the page, and open it."""
    given = {key: getattr(options, key) for key in ("data", "layers", "rate", "seed")}
    settings = {key: value for key, value in given.items() if value is not None}
    if options.lesson and settings:
        raise ValueError(f"a lesson has settings of its own: leave out {', '.join(settings)}, or --lesson")
    from nn.playground import Playground

    playground = (
        Playground.lesson(options.lesson, lang=options.lang)
        if options.lesson
        else Playground(**settings, lang=options.lang)
    )
    options.out.parent.mkdir(parents=True, exist_ok=True)
    show(playground.to_html(options.out), wanted=not options.no_browser)
