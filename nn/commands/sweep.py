"""`sweep`: a training for each setting of some hyperparameters and each seed, and the table of what they came to."""

from __future__ import annotations

import argparse
import functools
import json
from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Iterator
from concurrent.futures import Executor
from contextlib import contextmanager
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from engine import BACKENDS
from nn.checks import one_of
from nn.commands.folders import claimed, written_in
from nn.commands.train import add_data, check_size, dataset_of, loss_of, outputs_of
from nn.data import DATASETS, Dataset
from nn.experiments import Results, grid, log_uniform, process_pool, sample, sweep, uniform
from nn.experiments.record import OtherRun
from nn.experiments.samples import Draw
from nn.layers.mlp import MLP
from nn.plots import write_pictures
from nn.scoring.metrics import accuracy
from nn.training.optimizers import OPTIMIZERS
from nn.training.regularizers import elastic
from nn.training.schedules import cosine
from nn.training.train import train
from nn.user_files import digest_of

__all__ = ["fill_sweep", "kept_in"]

FILE = "sweep.jsonl"
NUMBERS = {"lr": "learning rates", "batch": "samples a step, 0 for all", "l2": "strengths of the L2 regulariser"}
NAMES = {"activation": "of the hidden layers", "init": "how the weights start", "optimizer": ", ".join(OPTIMIZERS)}
USUAL = {"lr": "0.01", "hidden": "16", "batch": "32", "l2": "0.001", "activation": "tanh", "init": "xavier",
         "optimizer": "adam"}  # fmt: skip


def fill_sweep(parser: ArgumentParser, program: str) -> None:
    parser.description = (
        "Train a network with every combination of the given hyperparameters, each with several seeds, on the cores of "
        "this machine or on a cluster; print the table of what they reach on a fifth of the training rows, which "
        "they have not learned from, and write it and its pictures into a folder. The test rows are not read. A sweep "
        "that was interrupted goes on where it was, by the same command."
    )
    parser.epilog = (
        "A hyperparameter is a list, 4,8,16, or a range to draw from, 0.003:0.3 or, each factor of ten as often as the "
        "next, 0.003:0.3:log. With a range among them --samples settings are drawn, else there are all combinations."
    )
    parser.formatter_class = argparse.ArgumentDefaultsHelpFormatter
    add_data(parser)
    swept = parser.add_argument_group("hyperparameters")
    swept.add_argument("--lr", "--rate", default=USUAL["lr"], metavar="VALUES", help=NUMBERS["lr"])
    swept.add_argument("--hidden", default=USUAL["hidden"], metavar="VALUES", help="hidden layers: 8,16,16x8")
    for name in ("batch", "l2", "activation", "init", "optimizer"):
        swept.add_argument(f"--{name}", default=USUAL[name], metavar="VALUES", help=(NUMBERS | NAMES)[name])
    swept.add_argument("--samples", type=int, default=20, metavar="N", help="how many settings are drawn from ranges")
    swept.add_argument("--seed", type=int, default=0, help="of the drawing")
    runs = parser.add_argument_group("the trainings")
    runs.add_argument("--seeds", type=int, default=5, metavar="N", help="trainings of each setting")
    runs.add_argument("--epochs", type=int, default=60, help="passes over the data; the rate falls to 0 along a cosine")
    fast = "numpy" if find_spec("numpy") else "eager"
    runs.add_argument("--backend", choices=BACKENDS[1:], default=fast, help="what computes, the same in every training")
    where = parser.add_argument_group("where they run").add_mutually_exclusive_group()
    where.add_argument("--workers", type=int, metavar="N", help="processes; one for each core if not given")
    where.add_argument("--dask", metavar="ADDRESS", help="the scheduler of a Dask cluster, such as tcp://10.0.0.1:8786")
    output = parser.add_argument_group("output")
    output.add_argument("--out", metavar="FOLDER", help="where to write; runs/sweep-NAME if not given")
    output.add_argument("--overwrite", action="store_true", help="replace the sweep in the folder")
    output.add_argument("--quiet", action="store_true", help="no progress line")
    parser.set_defaults(run=sweep_command)


def sweep_command(options: Namespace) -> None:
    settings = settings_of(options)
    data = dataset_of(options).standardised()
    for setting in settings:
        check_size(len(data.features), [*layers(setting["hidden"]), outputs_of(data)])
    name = Path(options.data).stem + (f"-{options.target}" if options.target else "")
    folder = Path(options.out) if options.out else Path("runs", f"sweep-{name}")
    run = partial(trained, data=description(options), epochs=options.epochs, backend=options.backend)
    with kept_in(folder, options.overwrite) as (file, names):
        with executor_of(options) as executor:
            results = sweep(run, settings, seeds=options.seeds, executor=executor, file=file,
                            progress=not options.quiet)  # fmt: skip
        print(results)
        results.to_csv(folder / "table.csv")
        score = "accuracy" if data.classes else "validation"
        if results.figures:
            write_pictures(folder, pictures(results, score))
        print(f"\nthe best: {results.best(score, largest=bool(data.classes))}")
    print(f"written to {folder}: {', '.join(names)}")


@contextmanager
def kept_in(folder: Path, overwrite: bool) -> Iterator[tuple[Path, list[str]]]:
    """The file of a sweep in its folder, in which it goes on, and the names of what this block writes there."""
    with claimed(folder), written_in(folder) as names:
        if overwrite:
            (folder / FILE).unlink(missing_ok=True)
        try:
            yield folder / FILE, names
        except OtherRun as error:
            raise ValueError(f"{error} (--out FOLDER), or begin anew (--overwrite)") from None


def settings_of(options: Namespace) -> list[dict[str, Any]]:
    """What the command line asks for. ValueError for a value or a range that is none, and for settings out of range."""
    kinds = {"lr": float, "hidden": str, "batch": int, "l2": float, "activation": str, "init": str, "optimizer": str}
    space: dict[str, Any] = {name: values(name, getattr(options, name), kind) for name, kind in kinds.items()}
    for size in space["hidden"]:
        layers(size)
    ranges = any(callable(given) for given in space.values())
    return sample(space, options.samples, options.seed) if ranges else grid(space)


def values(name: str, text: str, kind: Callable[[str], Any]) -> list[Any] | Draw:
    """A list, or how to draw from a range. ValueError for what is neither."""
    low, *rest = text.split(":")
    if not rest:
        return [value(name, each, kind) for each in text.split(",")]
    if kind is not float or len(rest) > 2 or rest[1:] not in ([], ["log"]):
        raise ValueError(f"--{name} takes {'a list, 4,8,16' if kind is not float else 'LOW:HIGH or LOW:HIGH:log'}, "
                         f"got {text!r}")  # fmt: skip
    draw = log_uniform if rest[1:] else uniform
    try:
        return draw(value(name, low, float), value(name, rest[0], float))
    except ValueError as error:
        raise ValueError(f"--{name} {text}: {error}") from None


def value(name: str, text: str, kind: Callable[[str], Any]) -> Any:
    try:
        return kind(text.strip())
    except ValueError:
        expected = "whole numbers" if kind is int else "numbers"
        raise ValueError(f"--{name} takes {expected} with commas between them, got {text!r}") from None


def layers(text: str) -> list[int]:
    """`16x8` as [16, 8]; `0` as no hidden layer."""
    if not all(part.isdecimal() for part in text.split("x")):
        raise ValueError(f"--hidden takes numbers of neurons, 8, or 16x8 for two layers, got {text!r}")
    return [] if text == "0" else [int(part) for part in text.split("x")]


def description(options: Namespace) -> str:
    """The data, as other processes can read them."""
    names = ("data", "target", "features", "exclude", "task", "missing", "na", "decimal", "sep", "encoding")
    facts = {name: getattr(options, name) for name in names}
    if options.data not in DATASETS:
        facts |= {"data": str(Path(options.data).resolve()), "digest": digest_of(options.data)}
    return json.dumps(facts)


@functools.cache
def known(data: str) -> Dataset:
    """The data of that description, read once in a process."""
    return dataset_of(Namespace(**json.loads(data))).standardised()


def trained(lr: float, hidden: str, batch: int, l2: float, activation: str, init: str, optimizer: str, seed: int, *,
            data: str, epochs: int, backend: str) -> dict[str, Any]:  # fmt: skip
    """One training: its losses, and what it reaches on the rows that it has not learned from."""
    table = known(data)
    model = MLP(len(table.features), [*layers(hidden), outputs_of(table)], activation, init, seed)
    training = train(
        model, table.train, loss=loss_of(table), optimizer=OPTIMIZERS[one_of("optimizer", optimizer, OPTIMIZERS)](lr),
        epochs=epochs, batch_size=batch or None, regularizer=elastic(0.0, l2), schedule=cosine(epochs), validation=0.2,
        seed=seed, backend=backend,
    )  # fmt: skip
    for _ in training:
        pass
    history, unseen = training.history, training.validation
    share = {"accuracy": accuracy(model, unseen)} if table.classes else {}
    return share | {"validation": history[-1].validation, "loss": history[-1].loss,
                    "validation losses": history.column("validation"), "losses": history.column("loss")}  # fmt: skip


@contextmanager
def executor_of(options: Namespace) -> Iterator[Executor | None]:
    """Who does the runs. ImportError where Dask is asked for and not there."""
    if options.dask:
        try:
            from distributed import Client
        except ImportError:
            raise ImportError("--dask needs Dask: pip install 'dask[distributed]'") from None
        connect: Any = Client  # it says no types
        with connect(options.dask) as client, client.get_executor() as executor:
            yield executor
    elif options.workers:
        with process_pool(options.workers) as executor:
            yield executor
    else:
        yield None


def pictures(results: Results, score: str) -> dict[str, Callable[[Path], Any]]:
    """Those that show something: of what was varied."""
    found: dict[str, Callable[[Path], Any]] = {
        "distribution.png": lambda path: results.plot_distribution(score, path),
        "curves.png": lambda path: results.plot_curves("validation losses", path),
    }
    if results.varied:
        found["parallel.png"] = lambda path: results.plot_parallel(score, path)
    if len(results.varied) > 1:
        found["heat-map.png"] = lambda path: results.plot_heat_map(results.varied[0], results.varied[1], score, path)
    return found
