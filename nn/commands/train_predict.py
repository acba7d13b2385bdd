"""`train` and `predict`."""

from __future__ import annotations

import argparse
import csv
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from engine import BACKENDS, draw
from nn.commands.folders import Taken, claimed
from nn.data import DATASETS, Dataset, load, load_csv, read_table
from nn.data.csv_data import MISSING
from nn.data.tidy import DECIMALS, tidied
from nn.layers.mlp import MLP
from nn.layers.norms import softmax
from nn.plots import write_pictures
from nn.scoring.predict import predict
from nn.scoring.scores import Score, linear_model, score, trivial_outputs
from nn.store import load_prepared, save
from nn.training.history import History
from nn.training.losses import cross_entropy, mse
from nn.training.optimizers import OPTIMIZERS
from nn.training.regularizers import elastic
from nn.training.schedules import cosine
from nn.training.train import fit

__all__ = ["fill_predict", "fill_train"]

MOST_PARAMETERS = 5_000_000
"""A Value takes about 200 bytes, its gradient and what an optimizer remembers of it as much again."""


def fill_train(train: ArgumentParser, program: str) -> None:
    train.description = (
        "Train a network; print its scores on the training and the test rows beside those of the trivial and the "
        "linear model; write model.json, history.csv, loss.png, network.svg and graph.svg into a folder. "
        "Ctrl-C keeps what was learned."
    )
    train.formatter_class = argparse.ArgumentDefaultsHelpFormatter
    train.add_argument("data", help=f"one of {', '.join(DATASETS)}, or the path of a CSV file with a header line")
    train.add_argument("--target", help="the column to learn; needed for a CSV file")
    train.add_argument(
        "--task", choices=["classification", "regression"], help="only where a numeric target means classes"
    )
    train.add_argument(
        "--features",
        nargs="+",
        metavar="COLUMN",
        help="the columns of a CSV file to learn from; all others if not given",
    )
    train.add_argument(
        "--exclude", nargs="+", metavar="COLUMN", default=[], help="columns of a CSV file that are not learned from"
    )
    train.add_argument(
        "--missing",
        choices=MISSING,
        default="error",
        help="what to do with empty cells: drop leaves the rows out, mean puts the mean of the training rows there",
    )
    add_reading(train)
    network = train.add_argument_group("the network")
    network.add_argument(
        "--hidden", nargs="*", type=int, default=[16], metavar="N", help="neurons in each hidden layer; none: linear"
    )
    network.add_argument("--activation", default="tanh", help="of the hidden layers: tanh, relu, sigmoid, gelu, ...")
    network.add_argument("--init", default="xavier", help="zeros, uniform, normal, xavier or he")
    network.add_argument(
        "--dropout", type=float, default=0.0, help="the share of hidden activations dropped in training"
    )
    descent = train.add_argument_group("gradient descent")
    descent.add_argument(
        "--optimizer", choices=list(OPTIMIZERS), default="adam", help="how a gradient moves a parameter"
    )
    descent.add_argument("--rate", type=float, default=0.01, help="the learning rate; it falls to 0 along a cosine")
    descent.add_argument("--epochs", type=int, default=60, help="passes over the data")
    descent.add_argument("--batch", type=int, default=32, help="samples a step: 1 is stochastic, 0 all of them")
    descent.add_argument("--l1", type=float, default=0.0, help="strength of the L1 regulariser")
    descent.add_argument("--l2", type=float, default=0.001, help="strength of the L2 regulariser")
    descent.add_argument(
        "--patience", type=int, metavar="N", help="stop after N epochs without a better loss on a fifth of the rows"
    )
    descent.add_argument(
        "--seed", type=int, default=0, help="of weights, order and dropout: the same seed gives the same bits"
    )
    add_backend(descent)
    output = train.add_argument_group("output")
    output.add_argument(
        "--out", metavar="FOLDER", help="where to write; runs/NAME, or the next free runs/NAME-2, if not given"
    )
    output.add_argument(
        "--resume", action="store_true", help="go on with the run in the folder where it was interrupted"
    )
    output.add_argument("--overwrite", action="store_true", help="replace the run in the folder")
    output.add_argument("--quiet", action="store_true", help="no progress line")
    train.set_defaults(run=train_command)


def fill_predict(predict: ArgumentParser, program: str) -> None:
    predict.description = (
        "Write one answer per row of the table as CSV (classes with their probability); if the table has the target "
        "column too, the score goes to standard error."
    )
    predict.add_argument("model", help="the model.json that `train` wrote")
    predict.add_argument("data", help="a CSV file with the columns that the network was trained on")
    add_reading(predict)
    predict.add_argument("--out", metavar="FILE", help="write the answers there instead of printing them")
    add_backend(predict)
    predict.set_defaults(run=predict_command)


def add_reading(parser: ArgumentParser) -> None:
    """How the CSV file is read, where it does not tell."""
    reading = parser.add_argument_group("the CSV file, where it does not tell by itself")
    reading.add_argument("--na", nargs="+", metavar="TEXT", default=[], help="further texts that mean an empty cell")
    reading.add_argument("--sep", metavar="SIGN", help="what stands between the cells")
    reading.add_argument("--decimal", choices=DECIMALS, help="what stands before the decimals")
    reading.add_argument("--encoding", metavar="NAME", help="of the text, such as latin-1")


def add_backend(arguments: argparse._ActionsContainer) -> None:
    text = "what computes: eager graphs, a NumPy program, a compiled kernel; auto takes the one that is done first"
    arguments.add_argument("--backend", choices=BACKENDS, default="auto", help=text)


def train_command(options: Namespace) -> None:
    """Train, compare and write a run, as the command line says."""
    data = dataset_of(options).standardised()
    check_size(len(data.features), [*options.hidden, outputs_of(data)])
    with folder_of(options) as folder:
        train_into(folder, data, options)


def train_into(folder: Path, data: Dataset, options: Namespace) -> None:
    model = MLP(len(data.features), [*options.hidden, outputs_of(data)], options.activation, options.init, options.seed,
                dropout=options.dropout)  # fmt: skip
    print(data)
    print(data.overview or "", end="\n" * bool(data.overview))
    print(model)
    history = fit(
        model,
        data.train,
        progress=not options.quiet,
        loss=loss_of(data),
        optimizer=OPTIMIZERS[options.optimizer](options.rate),
        epochs=options.epochs,
        batch_size=options.batch or None,
        regularizer=elastic(options.l1, options.l2),
        schedule=cosine(options.epochs) if options.epochs > 0 else None,
        validation=0.2 if options.patience else None,
        early_stopping=options.patience,
        seed=options.seed,
        checkpoint=folder / "checkpoint.json",
        backend=options.backend,
    )
    kept = (
        f"; what was learned is kept, and --resume goes on to {options.epochs}"
        if history.stopped == "interrupted"
        else ""
    )
    print(f"{history.ending}{kept}")
    report(model, data, options.backend)
    save(model, folder / "model.json", data.preparation)
    history.save(folder / "history.csv")
    draw_run(model, data, history, folder)
    print(
        f"written to {folder}: "
        f"{', '.join(sorted(path.name for path in folder.iterdir() if not path.name.startswith('.')))}"
    )


def dataset_of(options: Namespace) -> Dataset:
    """The shipped data set or the CSV file that was named. ValueError for a text data set or a CSV file without a
    target."""
    if options.data in DATASETS:
        refuse_of_csv(options)
        data = load(options.data, **({"target": options.target} if options.target else {}))
        if data.task == "text":
            raise ValueError(f"{options.data} is a data set of texts; `train` takes rows of numbers")
        return data
    if not options.target:
        hint = "" if Path(options.data).exists() else f" (or a shipped data set: {', '.join(DATASETS)})"
        raise ValueError(f"for a CSV file --target names the column to learn: which one of {options.data}?{hint}")
    return load_csv(
        options.data,
        target=options.target,
        features=options.features,
        exclude=options.exclude,
        task=options.task,
        missing=options.missing,
        na=options.na,
        decimal=options.decimal,
        sep=options.sep,
        encoding=options.encoding,
    )


def refuse_of_csv(options: Namespace) -> None:
    """ValueError for an option that a shipped data set has no use for."""
    usual: dict[str, Any] = {
        "features": None, "exclude": [], "task": None, "missing": "error", "na": [], "sep": None, "decimal": None,
        "encoding": None,
    }  # fmt: skip
    for name, value in usual.items():
        if getattr(options, name) != value:
            raise ValueError(f"--{name} is for a CSV file; {options.data} is a data set whose columns are decided")


@contextmanager
def folder_of(options: Namespace) -> Iterator[Path]:
    """The folder of the run, made, and nobody else's in this block; never one that holds another run, unless the
    options say so."""
    name = Path(options.data).stem + (f"-{options.target}" if options.target and options.data in DATASETS else "")
    number = 1
    while True:
        folder = Path(options.out) if options.out else Path("runs") / (name if number == 1 else f"{name}-{number}")
        with ExitStack() as stack:
            try:
                stack.enter_context(claimed(folder))
            except Taken:
                if options.out or options.resume or options.overwrite:
                    raise
            else:
                if options.resume or options.overwrite or not holds_run(folder):
                    if not options.resume:
                        (folder / "checkpoint.json").unlink(missing_ok=True)
                    yield folder
                    return
                if options.out:
                    raise ValueError(f"{folder} holds a run already: --resume goes on with it, --overwrite replaces it")
        number += 1


def holds_run(folder: Path) -> bool:
    return any((folder / name).exists() for name in ("model.json", "checkpoint.json"))


def check_size(inputs: int, sizes: list[int]) -> None:
    """ValueError for a network that no memory holds, before it is built."""
    if min(sizes) > 0 and MLP.count(inputs, sizes) > MOST_PARAMETERS:
        raise ValueError(
            f"a network of {str(sizes)[1:-1][:60]} neurons has more than {MOST_PARAMETERS:,} weights and biases, "
            "which is the most that can be trained here"
        )


def outputs_of(data: Dataset) -> int:
    return len(data.classes) if data.classes else 1


def loss_of(data: Dataset) -> Any:
    return cross_entropy if data.classes else mse


def report(model: MLP, data: Dataset, backend: str) -> None:
    """Print the scores of the trivial model, the linear model and the network, on training and test rows."""
    linear = linear_model(data, backend)
    trivial = trivial_outputs(data)
    rows: list[tuple[str, Any]] = [
        ("trivial", lambda part: [trivial] * len(part)),
        ("linear", lambda part: predict(linear, part.inputs, backend)),
        ("network", lambda part: predict(model, part.inputs, backend)),
    ]
    unit = "accuracy" if data.classes else f"root mean squared error{f' in {data.unit}' if data.unit else ''}"
    print(f"\n{unit} (± its standard error on so few rows)")
    print(f"{'':10}{f'{len(data.train)} training rows':>24}{f'{len(data.test)} test rows':>24}")
    for name, outputs in rows:
        cells = [score(data, outputs(part), part) for part in (data.train, data.test)]
        print(f"{name:10}{cells[0]!s:>24}{cells[1]!s:>24}")
    print()


def draw_run(model: MLP, data: Dataset, history: History, folder: Path) -> None:
    """Write the loss curve, the network, and the graph of the loss of one sample; say why where one cannot be drawn."""
    x, target = data.train[0]
    loss = loss_of(data)(model.outputs(x), target)
    loss.backward()
    sketch = model.sketch(data.features, data.classes or [data.target])
    drawn = {"network.svg": lambda path: draw(sketch).save(path), "graph.svg": lambda path: draw(loss).save(path)}
    write_pictures(folder, {"loss.png": history.plot, **drawn})
    model.zero_grad()


def predict_command(options: Namespace) -> None:
    """Answer for each row of a table."""
    model, preparation = load_prepared(options.model)
    if preparation is None:
        raise ValueError(f"{options.model} was saved without the preparation of its columns: it cannot read a table")
    names = [column.name for column in (*preparation.columns, preparation.target) if column.kind == "category"]
    table = tidied(read_table(options.data, options.sep, options.encoding), names, options.na, options.decimal)
    preparation.check_units(table.units, table.path)
    outputs = predict(model, preparation.encode_rows(table), options.backend)
    answers = [preparation.decode_output(output) for output in outputs]
    header = [preparation.target.name, *(["probability"] if preparation.classes else [])]
    lines = [
        [answer, *([f"{max(softmax(output)):.4f}"] if preparation.classes else [])]
        for answer, output in zip(answers, outputs, strict=True)
    ]
    if options.out:
        with Path(options.out).open("w", newline="", encoding="utf-8") as file:
            csv.writer(file).writerows([header, *lines])
        print(f"{len(lines)} answers written to {options.out}")
    else:
        csv.writer(sys.stdout).writerows([header, *lines])
    if preparation.target.name in table.header:
        examples = preparation.encode(table)
        print(f"{score_named(preparation)} on these rows: {Score.of(preparation, outputs, examples)}", file=sys.stderr)


def score_named(preparation: Any) -> str:
    return "accuracy" if preparation.classes else "root mean squared error"
