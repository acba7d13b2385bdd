"""A data set: its training and test part, and what their numbers mean."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from nn.checks import did_you_mean, listing
from nn.data.column import Column
from nn.data.examples import Examples, one_hot
from nn.data.preparation import Preparation
from nn.data.standardizer import Standardizer

__all__ = ["Dataset", "number_dataset", "prepared_dataset"]


@dataclass(frozen=True, repr=False)
class Dataset:
    """Examples to learn from (`train`) and to be judged by (`test`).

    - `task`: "classification" (inputs are lists of floats, targets class indices),
      "regression" (targets are lists of one float) or "text" (inputs are texts).
    - `features`: a name for each input number; for text, what the text is.
    - `classes`: the labels, in the order of the class indices; None where there are none.
    - `target`, `unit`: what is to be told, and its unit ("" if it has none).
    - `source`: where the data come from, and their licence.
    - `preparation`: how a row of a table becomes these inputs; None for text.
    - `series`: for time series, the numbers that the windows were cut from, oldest first.
    - `overview`: for a table, what each column was taken for, and what is odd about it; to be printed.
    """

    name: str
    task: Literal["classification", "regression", "text"]
    train: Examples
    test: Examples
    features: list[str]
    classes: list[str] | None
    target: str
    unit: str = ""
    source: str = field(default="", compare=False)
    preparation: Preparation | None = None
    series: list[float] | None = None
    overview: str = field(default="", compare=False)

    def __post_init__(self) -> None:
        if self.task not in ("classification", "regression", "text"):
            raise ValueError(f"task is {self.task!r}; 'classification', 'regression' or 'text' is expected")
        if self.task == "classification" and not self.classes:
            raise ValueError(f"{self.name}: classification needs the names of the classes")

    def __repr__(self) -> str:
        inputs = f"{len(self.features)} inputs"
        if self.task == "text" or len(self.features) == 1:
            inputs = self.features[0]
        answer = self.target + (f" in {self.unit}" if self.unit else "")
        if self.classes:
            answer += f" ({listing(self.classes)})"
        prepared = self.preparation is not None and self.preparation.is_standardised
        return (
            f"Dataset({self.name!r}, {self.task}: {len(self.train)} train + {len(self.test)} "
            f"test; {inputs} -> {answer}{'; standardised' if prepared else ''})"
        )

    def one_hot(self) -> Dataset:
        """A copy whose targets are one-hot lists, as long as there are classes.

        Raises ValueError if there are no classes, TypeError if targets are one-hot already.
        """
        classes = self._classes()
        return self._with(
            *(
                Examples(part.inputs, [one_hot(index, classes) for index in part.targets])
                for part in (self.train, self.test)
            )
        )

    def only(self, classes: Sequence[str]) -> Dataset:
        """A copy with the examples of these classes, which are numbered anew in this order.

        Raises ValueError for fewer than two classes, one named twice, or an unknown one.
        """
        known = self._classes()
        if isinstance(classes, str):
            raise ValueError(f"classes is the text {classes!r}; a list of labels is expected")
        for label in classes:
            if label not in known:
                hint = did_you_mean(str(label), known)
                raise ValueError(f"no class {label!r}{hint} (the classes: {listing(known)})")
        if len(classes) < 2 or len(set(classes)) != len(classes):
            raise ValueError(f"classes is {list(classes)}; two or more different ones are expected")
        new_index = {known.index(label): new for new, label in enumerate(classes)}
        parts = []
        for part in (self.train, self.test):
            kept = part.take([i for i, old in enumerate(part.targets) if old in new_index])
            parts.append(Examples(kept.inputs, [new_index[old] for old in kept.targets]))
        preparation = self.preparation
        if preparation is not None:
            target = replace(preparation.target, categories=tuple(classes))
            preparation = replace(preparation, target=target)
        return self._with(*parts, classes=list(classes), preparation=preparation)

    def standardised(self) -> Dataset:
        """A copy whose inputs have mean 0 and deviation 1 in the training part.

        One-hot columns stay 0 and 1; the targets of a regression are standardised too. The
        `preparation` of the copy turns outputs back (`decode_output`) into the unit of the data.
        A data set that is standardised already comes back as it is. Raises ValueError for text.
        """
        if self.preparation is None:
            raise ValueError(f"{self.name}: {self.task} inputs cannot be standardised")
        if self.preparation.is_standardised:
            return self
        preparation = self.preparation.standardised(self.train)
        inputs, told = preparation.standardizer, Standardizer([preparation.target.mean], [preparation.target.scale])
        parts = []
        for part in (self.train, self.test):
            targets = part.targets
            if self.task == "regression":
                targets = told.apply_all(targets)
            parts.append(Examples(inputs.apply_all(part.inputs), targets))
        return self._with(*parts, preparation=preparation)

    def _with(self, train: Examples, test: Examples, **changes: Any) -> Dataset:
        return replace(self, train=train, test=test, **changes)

    def _classes(self) -> list[str]:
        if self.classes is None:
            raise ValueError(f"{self.name} is {self.task} of {self.target!r}: it has no classes")
        return self.classes


def number_dataset(
    name: str,
    train: Examples,
    test: Examples,
    features: Sequence[str],
    target: Column,
    source: str,
    series: list[float] | None = None,
) -> Dataset:
    """A data set whose inputs are numbers already, one column per feature."""
    columns = tuple(Column(feature, "number") for feature in features)
    return prepared_dataset(name, train, test, Preparation(columns, target), source, series)


def prepared_dataset(
    name: str,
    train: Examples,
    test: Examples,
    preparation: Preparation,
    source: str,
    series: list[float] | None = None,
) -> Dataset:
    """A data set whose examples were encoded by `preparation`."""
    return Dataset(
        name,
        preparation.task,
        train,
        test,
        preparation.features,
        preparation.classes,
        preparation.target.name,
        preparation.target.unit,
        source,
        preparation,
        series,
    )
