"""`worksheet`: exercises for a class, written to a folder."""

from __future__ import annotations

import argparse
from argparse import ArgumentParser, Namespace
from pathlib import Path

__all__ = ["fill_worksheet"]

DESCRIPTION = """\
Write exercises on the chain rule for a class: for each student other graphs with other numbers, made for paper.
Forward values, local slopes, gradients, one update, and a bug to be found; and the key. The same seed gives the
same files. The first sheets of a larger class are those of a smaller one.

  html      sheets.html, two pages of A4 for each student, and key.html, to be printed from a browser
  notebook  source/sheet-SEED-01/ and so on: a notebook for each student with the marks of nbgrader
  moodle    moodle.xml, to be imported as "Moodle XML format": as many versions of a question as students"""
FORMATS = ("html", "notebook", "moodle")


def fill_worksheet(parser: ArgumentParser, program: str) -> None:
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.description = DESCRIPTION
    parser.epilog = f"example:\n  {parser.prog} --seed 7 --students 30 --lang id --out class-7"
    parser.add_argument("--seed", type=int, required=True, help="a whole number; another one gives other sheets")
    parser.add_argument("--students", type=int, default=1, help="how many sheets; 1 unless given")
    parser.add_argument("--lang", default="en", help="the language: en or id; en unless given")
    parser.add_argument("--out", metavar="FOLDER", type=Path, help="where to; runs/worksheet-SEED unless given")
    parser.add_argument("--format", choices=[*FORMATS, "all"], default="all", help="all unless given")
    parser.set_defaults(run=worksheet)


def worksheet(options: Namespace) -> None:
    from engine.worksheet import Worksheet

    made = Worksheet(options.seed, options.students, options.lang)
    folder = options.out or Path("runs") / f"worksheet-{options.seed}"
    files = made.write(folder, FORMATS if options.format == "all" else (options.format,))
    notebooks = [file for file in files if file.suffix == ".ipynb"]
    for file in files:
        if file not in notebooks[1:]:
            more = f" and {len(notebooks) - 1} more like it" if file in notebooks and len(notebooks) > 1 else ""
            print(f"written to {file}{more}")
