"""`train`: a network, compared with the trivial and the linear model."""

from __future__ import annotations

import argparse
import re
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from engine import draw
from engine.commands import INTERRUPTED, speak_to_nobody
from nn.commands.folders import Taken, claimed, cleared, written_in
from nn.commands.options import add_backend, add_reading
from nn.data import DATASETS, Dataset, load, load_csv
from nn.data.csv_data import MISSING
from nn.layers.mlp import MLP
from nn.plots import write_pictures
from nn.scoring.predict import outputs_for
from nn.scoring.scores import linear_model, score, trivial_outputs
from nn.store import save
from nn.training.history import History
from nn.training.losses import cross_entropy, mse
from nn.training.optimizers import OPTIMIZERS
from nn.training.pauses import whole_steps
from nn.training.regularizers import elastic
from nn.training.schedules import cosine
from nn.training.task import Diverged
from nn.training.train import fit

__all__ = ["add_data", "check_size", "dataset_of", "fill_train", "loss_of", "outputs_of"]

LAST_GOOD = "what was learned up to the last good step is kept"
MOST_PARAMETERS = 5_000_000
"""A Value takes about 200 bytes, its gradient and what an optimizer remembers of it as much again."""


def fill_train(train: ArgumentParser, program: str) -> None:
    train.description = (
        "Train a network; print its scores on the training and the test rows beside those of the trivial and the "
        "linear model; write model.json, history.csv, loss.png, network.svg and graph.svg into a folder. "
        "Ctrl-C keeps what was learned, and ends with the exit status 130."
    )
    train.formatter_class = argparse.ArgumentDefaultsHelpFormatter
    add_data(train)
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


def add_data(train: ArgumentParser) -> None:
    """What is learned from, as `dataset_of` reads it."""
    train.add_argument("data", help=f"one of {', '.join(DATASETS)}, or the path of a CSV file with a header line")
    train.add_argument("--target", help="the column to learn; needed for a CSV file")
    train.add_argument(
        "--task", choices=["classification", "regression"], help="only where a numeric target means classes"
    )
    train.add_argument(
        "--features",
        nargs="+",
        action="extend",
        metavar="COLUMN",
        help="the columns of a CSV file to learn from; all others if not given",
    )
    train.add_argument(
        "--exclude",
        nargs="+",
        action="extend",
        metavar="COLUMN",
        default=[],
        help="columns of a CSV file that are not learned from",
    )
    train.add_argument(
        "--missing",
        choices=MISSING,
        default="error",
        help="what to do with empty cells: drop leaves the rows out, mean puts the mean of the training rows there",
    )
    add_reading(train)


def train_command(options: Namespace) -> int:
    """Train, compare and write a run, as the command line says."""
    data = dataset_of(options).standardised()
    check_size(len(data.features), [*options.hidden, outputs_of(data)])
    with folder_of(options) as folder:
        return train_into(folder, data, options)


def train_into(folder: Path, data: Dataset, options: Namespace) -> int:
    """Train; what was learned is written before anything of it is printed, and the pictures come last.

    Where Ctrl-C stops the training, nothing more is computed than the scores of the network. Where it comes later,
    KeyboardInterrupt says where the model is.

    Returns the exit status, 1 where the training diverged, that of an interrupt where it was stopped.
    """
    model = MLP(len(data.features), [*options.hidden, outputs_of(data)], options.activation, options.init, options.seed,
                dropout=options.dropout)  # fmt: skip
    say(f"{data}\n{data.overview}".rstrip(), model)
    with written_in(folder) as names:
        history, trouble = trained(model, data, folder, options)
        with whole_steps() as interrupted:
            save(model, folder / "model.json", data.preparation)
            history.save(folder / "history.csv")
        goes_on = history.stopped == "interrupted"
        kept = f"; what was learned is kept, and --resume goes on to {options.epochs}" if goes_on else ""
        print(f"{trouble}: {LAST_GOOD}" if trouble else f"{history.ending}{kept}")
        try:
            if interrupted():
                raise KeyboardInterrupt
            report(model, data, options.backend, linear=not goes_on)
            if not goes_on:
                draw_run(model, data, history, folder)
        except KeyboardInterrupt:
            raise KeyboardInterrupt(f"the model is in {folder}") from None
    print(f"written to {folder}: {', '.join(names)}")
    return INTERRUPTED if goes_on else 1 if trouble else 0


def say(*lines: Any) -> None:
    """Print; where nobody reads any more, go on in silence, for what is learned is still to be written."""
    try:
        print(*lines, sep="\n", flush=True)
    except BrokenPipeError:
        speak_to_nobody()


def trained(model: MLP, data: Dataset, folder: Path, options: Namespace) -> tuple[History, str]:
    """The history of the run, and what was wrong where it diverged."""
    try:
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
    except Diverged as error:
        return error.history, f"diverged: {error}"
    return history, ""


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
    if options.resume and not options.out:
        options.out = newest(Path("runs"), name)
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
                        cleared(folder)
                        (folder / "checkpoint.json").unlink(missing_ok=True)
                    yield folder
                    return
                if options.out:
                    raise ValueError(f"{folder} holds a run already: --resume goes on with it, --overwrite replaces it")
        number += 1


def newest(runs: Path, name: str) -> Path:
    """The folder of the latest run of that name that can be gone on with. ValueError if there is none."""
    found = [
        path
        for path in runs.glob(f"{name}*/checkpoint.json")
        if re.fullmatch(rf"{re.escape(name)}(-\d+)?", path.parent.name)
    ]
    if not found:
        raise ValueError(f"no run of {name} in {runs} to go on with: --out names its folder")
    return max(found, key=lambda path: path.stat().st_mtime_ns).parent


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


def report(model: MLP, data: Dataset, backend: str, linear: bool) -> None:
    """Print the scores of the trivial model, the linear model (if that is asked for) and the network, on training and
    test rows."""
    models = {"linear": linear_model(data, backend)} if linear else {}
    trivial = trivial_outputs(data)
    rows: list[tuple[str, Any]] = [("trivial", lambda part: [trivial] * len(part))]
    for name, one in (models | {"network": model}).items():
        rows.append((name, lambda part, one=one: outputs_for(one, part.inputs, backend)))
    unit = "accuracy" if data.classes else f"root mean squared error{f' in {data.unit}' if data.unit else ''}"
    print(f"\n{unit} (± its standard error on so few rows)")
    print(f"{'':10}{f'{len(data.train)} training rows':>24}{f'{len(data.test)} test rows':>24}")
    for name, outputs in rows:
        cells = [score(data, outputs(part), part) for part in (data.train, data.test)]
        print(f"{name:10}{cells[0]!s:>24}{cells[1]!s:>24}")
    print()


def draw_run(model: MLP, data: Dataset, history: History, folder: Path) -> None:
    """Write the loss curve, the network, and the graph of the loss of one sample; say why where one cannot be drawn."""

    def draw_graph(path: Path) -> None:
        x, target = data.train[0]
        loss = loss_of(data)(model.outputs(x), target)
        loss.backward()
        draw(loss).save(path)
        model.zero_grad()

    sketch = model.sketch(data.features, data.classes or [data.target])
    drawn = {"network.svg": lambda path: draw(sketch).save(path), "graph.svg": draw_graph}
    write_pictures(folder, {"loss.png": history.plot, **drawn})
