"""`python -m nn`: train a network on shipped data or on your own CSV file, and use it."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from engine import BACKENDS
from nn.commands.train_predict import predict_command, train_command
from nn.commands.uses import add_ask, add_use, add_uses
from nn.data import DATASETS
from nn.training.optimizers import OPTIMIZERS

__all__ = ["main"]

EXAMPLES = """\
examples:
  python -m nn train penguins                                species from four measurements
  python -m nn train penguins --target body_mass_g           body mass in grams
  python -m nn train my.csv --target y --hidden 32 16        your own table
  python -m nn predict runs/penguins/model.json new.csv      what it says of new rows
  python -m nn use digits                                    a use that the essay names, on real data
  python -m nn ask digits picture.png                        and what it says of your picture
  python -m nn uses                                          all uses, and the table of their results
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit status: 0, or 2 after a message about what was wrong."""
    options = parser().parse_args(arguments)
    try:
        options.run(options)
    except (ValueError, TypeError, ArithmeticError, OSError, ImportError) as error:
        notes = "".join(f"\n  {note}" for note in getattr(error, "__notes__", ()))
        print(f"error: {error}{notes}", file=sys.stderr)
        return 2
    return 0


def parser() -> argparse.ArgumentParser:
    whole = argparse.ArgumentParser(
        prog="python -m nn", description=__doc__, epilog=EXAMPLES, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = whole.add_subparsers(title="commands", required=True, metavar="COMMAND")
    add_train(commands)
    add_predict(commands)
    add_use(commands)
    add_ask(commands)
    add_uses(commands)
    return whole


def add_train(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    train = commands.add_parser(
        "train",
        help="train a network and compare it with the trivial and the linear model",
        description="Train a network; print its scores on the training and the test rows beside those of the trivial "
        "and the linear model; write model.json, history.csv, loss.png, network.svg and graph.svg into a folder. "
        "Ctrl-C keeps what was learned.",
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
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
        "--missing", choices=["error", "drop"], default="error", help="what to do with rows with empty cells"
    )
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


def add_predict(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    predict = commands.add_parser(
        "predict",
        help="ask a trained network about the rows of a CSV file",
        description="Write one answer per row of the table as CSV (classes with their probability); if the table has "
        "the target column too, the score goes to standard error.",
    )
    predict.add_argument("model", help="the model.json that `train` wrote")
    predict.add_argument("data", help="a CSV file with the columns that the network was trained on")
    predict.add_argument("--out", metavar="FILE", help="write the answers there instead of printing them")
    add_backend(predict)
    predict.set_defaults(run=predict_command)


def add_backend(arguments: argparse._ActionsContainer) -> None:
    text = "what computes: eager graphs, a NumPy program, a compiled kernel; auto takes the one that is done first"
    arguments.add_argument("--backend", choices=BACKENDS, default="auto", help=text)


if __name__ == "__main__":
    sys.exit(main())
