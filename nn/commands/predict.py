"""`predict`: what a trained network says of the rows of a table."""

from __future__ import annotations

import csv
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Mapping
from typing import Any

from nn.commands.options import add_backend, add_reading
from nn.data import Preparation, Table, read_table
from nn.data.cells import is_missing
from nn.data.tidy import tidied
from nn.json_files import whole_file
from nn.layers.norms import softmax
from nn.scoring.predict import predict
from nn.scoring.scores import Score
from nn.store import load_prepared

__all__ = ["fill_predict"]

PROBABILITY = "probability"
FAR = 6.0
"""Standard deviations from the mean of the training rows; no number of a bell-shaped column is so far."""


def fill_predict(parser: ArgumentParser, program: str) -> None:
    parser.description = (
        "Write one answer per row of the table as CSV (classes with their probability); a row that cannot be read gets "
        "an empty one. If the table has the target column too, the score goes to standard error."
    )
    parser.add_argument("model", help="the model.json that `train` wrote")
    parser.add_argument("data", help="a CSV file with the columns that the network was trained on")
    parser.add_argument("--id", metavar="COLUMN", help="a column of the table that stands before each answer")
    parser.add_argument("--probabilities", action="store_true", help="those of all classes, a column for each")
    add_reading(parser)
    parser.add_argument("--out", metavar="FILE", help="write the answers there instead of printing them")
    add_backend(parser)
    parser.set_defaults(run=predict_command)


def predict_command(options: Namespace) -> None:
    """Answer for each row of a table."""
    model, preparation = load_prepared(options.model)
    if preparation is None:
        raise ValueError(f"{options.model} was saved without the preparation of its columns: it cannot read a table")
    if options.probabilities and not preparation.classes:
        raise ValueError("--probabilities are those of classes, and this model tells numbers")
    names = [column.name for column in (*preparation.columns, preparation.target) if column.kind == "category"]
    written = read_table(options.data, options.sep, options.encoding)
    known = preparation.decimals, preparation.dayfirst
    table = tidied(written, names, options.na, options.decimal, *known)
    preparation.check_units(table.units, table.path)
    if options.id:
        table.require([options.id])
    rows = readable(preparation, table)
    outputs = dict(zip(rows, predict(model, list(rows.values()), options.backend), strict=True))
    told = answer_names(preparation, options.probabilities)
    header = [*([options.id] if options.id else []), *told]
    lines = []
    for i, row in enumerate(table.rows):
        answer = answer_of(preparation, outputs[i], options.probabilities) if i in outputs else []
        lines.append(
            [
                *([row[options.id]] if options.id else []),
                *(answer or [""] * len(answer_names(preparation, options.probabilities))),
            ]
        )
    if options.out:
        with whole_file(options.out) as beside, beside.open("w", newline="", encoding="utf-8") as file:
            csv.writer(file).writerows([header, *lines])
        print(f"{len(lines)} answers written to {options.out}")
    else:
        csv.writer(sys.stdout).writerows([header, *lines])
    say_far(preparation, table, rows)
    say_score(preparation, table, outputs)


def readable(preparation: Preparation, table: Table) -> dict[int, list[float]]:
    """The numbers of each row that can be read; a line on standard error says why another cannot. ValueError where
    none can."""
    table.require(column.name for column in preparation.columns)
    found, wrong = {}, []
    for i, row in enumerate(table.rows):
        try:
            found[i] = preparation.encode_row(row, table.where(i))
        except ValueError as error:
            wrong.append(error)
    if not found:
        raise wrong[0]
    for reason in wrong:
        print(f"no answer: {reason}", file=sys.stderr)
    return found


def answer_names(preparation: Preparation, probabilities: bool) -> list[str]:
    target = preparation.target.name
    if preparation.classes is None:
        return [target]
    return [
        target,
        *([f"probability of {label}" for label in preparation.classes] if probabilities else ["probability"]),
    ]


def answer_of(preparation: Preparation, output: list[float], probabilities: bool) -> list[Any]:
    """What a network's output means: the number, or the class with its probability, or those of all classes."""
    answer = preparation.decode_output(output)
    if preparation.classes is None:
        return [answer]
    shares = softmax(output)
    return [answer, *(f"{share:.4f}" for share in (shares if probabilities else [max(shares)]))]


def say_far(preparation: Preparation, table: Table, rows: Mapping[int, list[float]]) -> None:
    """A line on standard error for each column with numbers far from those that the network learned from."""
    at = 0
    for column in preparation.columns:
        if column.kind == "number" and preparation.is_standardised:
            far = [i for i, row in rows.items() if abs(row[at]) > FAR]
            if far:
                first = max(far, key=lambda i: abs(rows[i][at]))
                more = f" (and {len(far) - 1} rows more)" if len(far) > 1 else ""
                deviations = f"{abs(rows[first][at]):.0f} standard deviations"
                print(
                    f"{table.where(first, column.name)}: {table.cells[column.name][first]} is {deviations} "
                    f"from the mean of what was learned from, {column.mean:.4g}{more}",
                    file=sys.stderr,
                )
        at += len(column.features)


def say_score(preparation: Preparation, table: Table, outputs: Mapping[int, list[float]]) -> None:
    """The score on the rows whose answer is known, on standard error."""
    name = preparation.target.name
    if name not in table.header:
        return
    cells = table.column(name)
    known = [i for i in outputs if not is_missing(cells[i])]
    if known:
        part = table.take(known)
        score = Score.of(preparation, [outputs[i] for i in known], preparation.encode(part))
        rows = "these rows" if len(known) == len(table) else f"the {len(known)} rows that have one"
        print(f"{score_named(preparation)} on {rows}: {score}", file=sys.stderr)


def score_named(preparation: Any) -> str:
    return "accuracy" if preparation.classes else "root mean squared error"
