"""`Use`: one thing that a network is good for. What is the input, what is the network, what is the loss.

The class as it stands is for rows of numbers and an MLP; what differs, a use says for itself.
"""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, ClassVar

from nn.checks import listing
from nn.data import Dataset, Examples, Preparation, load_csv
from nn.data.column import Column
from nn.layers.mlp import MLP
from nn.layers.module import Module
from nn.layers.norms import softmax
from nn.scoring.metrics import classes_told
from nn.scoring.predict import predict
from nn.scoring.scores import linear_model, trivial_outputs
from nn.training.history import History
from nn.uses.kit.settings import Baselines, Metric, Own, Settings

__all__ = ["Result", "Use", "answer_to", "told"]


@dataclass(frozen=True)
class Result:
    """A trained use: what `show` has to show of it."""

    data: Dataset
    model: Any
    history: History
    folder: Path
    backend: str


FEW = 500
"""Training rows, below which settings are chosen on each fifth in turn."""


class Use:
    """One use of the essay.

    Attributes:
        name: the word for it on the command line.
        claim: what the essay calls it.
        question: what is asked of the network.
        metric, goal: what its answers are judged by, and what they are to reach on the test rows.
        baselines: what others reach on these rows.
        loss: of one sample, as `nn.fit` takes it: a name, or `staticmethod(f)`.
        settings: chosen among themselves and `tried`, on a part of the training rows
            (`rantai use NAME --choose`).
        quick: a smaller network for a short look; the same one if None.
        kind: the class of its network.
        honesty: how often the test rows were looked at.
        caveat: what the table of all uses says of it, beside its figure.
        followed_by: the names of uses on the same data that are run with it.
    """

    name: ClassVar[str]
    claim: ClassVar[str]
    question: ClassVar[str]
    metric: ClassVar[Metric]
    goal: ClassVar[float]
    baselines: ClassVar[Baselines]
    loss: ClassVar[Any] = "cross_entropy"
    settings: ClassVar[Settings]
    tried: ClassVar[Sequence[Settings]] = ()
    quick: ClassVar[Settings | None] = None
    kind: ClassVar[type[Module]] = MLP
    honesty: ClassVar[str] = "the test rows were read once, for this card"
    caveat: ClassVar[str] = ""
    followed_by: ClassVar[Sequence[str]] = ()

    def __repr__(self) -> str:
        return f"{type(self).__name__}()"

    def data(self, own: Own | None = None) -> Dataset:
        """The data, ready to train on: those that are shipped, or a user's own."""
        data = self.table(own) if own else self.shipped()
        return data.standardised()

    def shipped(self) -> Dataset:
        raise NotImplementedError(f"{type(self).__name__} does not say what its data are")

    def table(self, own: Own) -> Dataset:
        """A user's own table. Raises ValueError as `load_csv` does, and for a target of the other kind."""
        task = "classification" if self.loss == "cross_entropy" else "regression"
        target = own.column("target", "the column to learn")
        return load_csv(own.path, target, features=own.features, task=task)  # type: ignore[arg-type]

    def network(self, data: Dataset, settings: Settings, seed: int) -> Module:
        """The network before it is trained."""
        options = dict(settings.network)
        outputs = len(data.classes) if data.classes else 1
        return MLP(len(data.features), [*options.pop("hidden"), outputs], seed=seed, **options)

    def samples(self, model: Any, part: Examples) -> Sequence[tuple[Any, Any]]:
        """What the loss takes, pairs of input and target, for the examples of a part of the data."""
        return part

    def shortened(self, data: Dataset, rows: int) -> Dataset:
        """The data with at most so many rows to learn from, and all to be judged by."""
        return replace(data, train=data.train.shuffled(0)[:rows])

    def validation_parts(self, train: Examples) -> list[tuple[Examples, Examples]]:
        """The training part in two, to choose settings by: what is learned from, and a fifth that is told.

        Few rows are divided five times, each fifth is told once: which of them are drawn would matter more than the
        settings.
        """
        if len(train) >= FEW:
            return [train.split(0.2, seed=0)]
        order = Examples(list(range(len(train))), [None] * len(train)).shuffled(0).inputs
        return [
            (train.take(sorted(set(order) - set(fifth))), train.take(sorted(fifth)))
            for fifth in (order[k::5] for k in range(5))
        ]

    def choice(self, own: Own | None, data: Dataset) -> str:
        """How the settings were chosen, for the card."""
        if own:
            others = "--choose compares others on a part of your training rows"
            return f"settings are those chosen for the shipped data; {others}"
        parts = "each fifth of the training rows in turn" if len(data.train) < FEW else "a fifth of the training rows"
        return f"settings chosen on {parts}; {self.honesty}"

    def figure(self, model: Any, data: Dataset, part: Examples, backend: str = "auto") -> float:
        """The metric on a part of the data: accuracy for classes, else the root mean squared error in the unit of
        the data."""
        return self.metric.of(self.row_scores(model, data, part, backend))

    def row_scores(self, model: Any, data: Dataset, part: Examples, backend: str = "auto") -> list[float]:
        """A score for each row, of which the metric is made: 1 for a right class and 0 for a wrong one, or the squared
        error in the unit of the data."""
        return scored(data, predict(model, part.inputs, backend), part)

    def measured(self, data: Dataset, backend: str) -> Baselines:
        """The trivial and the linear model on a user's own data, or on few of the rows."""
        trivial, linear = map(self.metric.of, self.simpler(data, backend))
        what = "the most frequent class" if data.classes else "the mean"
        return Baselines(
            trivial, linear, None, what, "a network without hidden layers", source="measured on the same rows"
        )

    def simpler(self, data: Dataset, backend: str) -> list[list[float]]:
        """What models that are no networks reach: for each, `row_scores` on the test rows. None where the use is such a
        model itself."""
        constant = [trivial_outputs(data)] * len(data.test)
        linear = linear_model(data, backend)
        return [scored(data, constant, data.test), self.row_scores(linear, data, data.test, backend)]

    def keep(self, result: Result) -> None:
        """Write beside the model what `ask` needs of the data."""

    def show(self, result: Result) -> None:
        """Print, and save as pictures, what a person would want to see."""

    def ask_arguments(self, parser: ArgumentParser, preparation: Preparation | None = None) -> None:
        """What `rantai ask NAME` takes: a row of numbers, or of names and numbers.

        Args:
            parser: gets the arguments.
            preparation: of the model that is asked, where it is known; that of the shipped data if None.
        """
        preparation = preparation or self.shipped().preparation
        columns = "; ".join(map(described, preparation.columns if preparation else ()))
        text = f"the columns in order, or each as NAME=VALUE (with --run those of that model): {columns}"
        parser.add_argument("cells", nargs="+", metavar="VALUE", help=text.replace("%", "%%"))

    def ask(self, model: Any, preparation: Preparation | None, options: Namespace) -> Iterable[str]:
        """Lines of an answer. ValueError for what cannot be asked. `options.folder` is the path of what `use` wrote."""
        if preparation is None:
            raise ValueError(
                "this model was saved without the preparation of its columns: it cannot be asked about a row"
            )
        yield answer_to(model, preparation, options.cells)


def described(column: Column) -> str:
    """The name of a column, and what stands in it where that is not plain numbers."""
    if column.kind == "category":
        return f"{column.name}, one of {listing(column.categories)}"
    return f"{column.name}{f' in {column.unit}' if column.unit else ''}"


def scored(data: Dataset, outputs: Sequence[Sequence[float]], part: Examples) -> list[float]:
    """The score of each row, as `Use.row_scores` says."""
    assert data.preparation is not None
    if data.classes:
        return [float(told == true) for true, told in classes_told(outputs, part.targets)]
    scale = data.preparation.target.scale
    return [(scale * (y[0] - t[0])) ** 2 for y, t in zip(outputs, part.targets, strict=True)]


def answer_to(model: Any, preparation: Preparation, cells: Sequence[str]) -> str:
    """What a network says of one row of a table, given as text."""
    names = [column.name for column in preparation.columns]
    row = (
        dict(cell.split("=", 1) for cell in cells)
        if all("=" in cell for cell in cells)
        else dict(zip(names, cells, strict=False))
    )
    if len(row) != len(names) or row.keys() != set(names):
        raise ValueError(
            f"expected {len(names)} values, of {listing(names, limit=40)}; got {listing(list(cells), limit=40)}"
        )
    [output] = predict(model, [preparation.encode_row(row)], "eager")
    return told(preparation, output)


def told(preparation: Preparation, output: Sequence[float], most: int = 3) -> str:
    """An output as an answer: the number with its unit, or the most probable classes."""
    if not preparation.classes:
        return f"{preparation.target.name}: {preparation.decode_output(output):.4g} {preparation.target.unit}".rstrip()
    shares = sorted(zip(softmax(output), preparation.classes, strict=True), reverse=True)
    return ", ".join(f"{label} {share:.1%}" for share, label in shares[:most])
