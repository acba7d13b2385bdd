"""How the columns of a table become the numbers a network sees, and its outputs an answer."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from nn.checks import did_you_mean, listing, shown
from nn.data.cells import all_finite
from nn.data.column import Cell, Column, Kind
from nn.data.examples import Examples
from nn.data.rows import Rows
from nn.data.standardizer import Standardizer
from nn.data.table import Table

__all__ = ["Preparation", "Task", "feature_names"]

Task = Literal["classification", "regression"]
TARGET_KINDS: dict[Task | None, Kind] = {"classification": "category", "regression": "number"}


@dataclass(frozen=True, repr=False)
class Preparation:
    """The columns a network learns from, in order, and the column it learns to tell.

    A category target makes it classification (targets are class indices), a number target
    regression (targets are lists of one float). Saved with a model (`to_dict`), it lets the model
    be asked about new tables.

    Raises ValueError if there are no columns, two have one name, or the target is among them.
    """

    columns: tuple[Column, ...]
    target: Column

    def __post_init__(self) -> None:
        object.__setattr__(self, "columns", tuple(self.columns))
        names = [column.name for column in self.columns]
        if not names:
            raise ValueError("columns: none; at least one to learn from is needed")
        before: set[str] = set()
        for name in names:
            if name in before:
                raise ValueError(f"columns: two are called {name!r}")
            before.add(name)
        if self.target.name in names:
            raise ValueError(f"columns: the target {self.target.name!r} is among them")
        if not self.features:
            raise ValueError("columns: one category only, which drop_first leaves out")
        if self.target.drop_first:
            raise ValueError("target: drop_first has no meaning for a target")

    @classmethod
    def fit(
        cls,
        table: Table,
        target: str,
        features: Sequence[str] | None = None,
        task: Task | None = None,
        drop_first: bool = False,
        unit: str = "",
        fill: bool = False,
    ) -> Preparation:
        """Read the kinds and the categories of the columns off a table.

        `features` are the columns to learn from, all but the target if None. A text target makes
        it classification, a numeric one regression unless `task="classification"`. Numbers stay
        as they are until `standardised`. `drop_first` is as in `Column`. With `fill` columns of numbers
        may have missing cells, which are NaN until they are `filled`.

        Raises ValueError, naming file, line and column, for what cannot be learned from: see
        `Column.infer`; also for an unknown column, or a target with one class only.
        """
        names = feature_names(table, target, features)
        if task is not None and task not in TARGET_KINDS:
            raise ValueError(f"task is {task!r}; 'classification' or 'regression' is expected")
        told = as_written(
            Column.infer(table, target, TARGET_KINDS.get(task), unit or table.units.get(target, "")), table
        )
        if len(told.categories) == 1:
            raise ValueError(
                f"{table.path}, target {target!r}: one class only ({told.categories[0]}); classification needs at "
                "least two"
            )
        columns = (Column.infer(table, name, unit=table.units.get(name, ""), fill=fill) for name in names)
        return cls(
            tuple(as_written(replace(c, drop_first=drop_first and c.kind == "category"), table) for c in columns),
            told,
        )

    def __repr__(self) -> str:
        answer = self.classes or [self.target.unit or "a number"]
        names = listing([column.name for column in self.columns])
        return f"Preparation({names} -> {self.target.name}: {listing(answer)})"

    @property
    def task(self) -> Task:
        return "regression" if self.target.kind == "number" else "classification"

    @property
    def features(self) -> list[str]:
        """A name for each number of an encoded row."""
        return [feature for column in self.columns for feature in column.features]

    @property
    def classes(self) -> list[str] | None:
        """The labels, in the order of the class indices; None for regression."""
        return list(self.target.categories) or None

    def encode_row(self, row: Mapping[str, Cell], where: str = "the row") -> list[float]:
        """The numbers for one row, one per name of `features`. Other columns are passed over.

        Raises ValueError, beginning with `where`, for an absent column, a missing cell, text
        where a number is needed, or a category that was not there when fitting.
        """
        numbers: list[float] = []
        for column in self.columns:
            if column.name not in row:
                raise ValueError(
                    f"{where}: no column {column.name!r}{did_you_mean(column.name, row)} (its columns: "
                    f"{listing(list(row), limit=40)})"
                )
            numbers += column.encode(row[column.name], f"{where}, column {column.name!r}")
        return numbers

    def encode_target(self, cell: Cell, where: str | None = None) -> int | list[float]:
        """The class index, or the (standardised) number in a list. Raises as `encode_row`."""
        if self.target.kind == "category":
            return self.target.index(cell, where)
        return self.target.encode(cell, where)

    def encode_rows(self, table: Table) -> Rows:
        """The numbers for each row of a table, which need not hold the target. Raises as `encode_row`."""
        table.require(column.name for column in self.columns)
        columns = (numbers for column in self.columns for numbers in column.encode_all(table))
        return Rows.of_columns(columns, len(self.features))

    def encode(self, table: Table) -> Examples:
        """Inputs and targets of a table that holds both."""
        inputs = self.encode_rows(table)
        if self.target.kind == "category":
            return Examples(inputs, self.target.indices(table))
        return Examples(inputs, Rows.of_columns(self.target.encode_all(table), 1))

    def decode_output(self, output: Sequence[float]) -> str | float:
        """The answer that a network's output means.

        Regression: the one output as a number in the unit of the data. Classification: the label
        of the largest of the outputs, one per class; or, for two classes, a single logit, which
        means the second class when it is above 0. Raises ValueError for another number of
        outputs, or NaN.
        """
        numbers = [float(x) for x in output]
        if any(math.isnan(x) for x in numbers):
            raise ValueError(f"the output {numbers} holds NaN, which means no answer")
        categories = self.target.categories
        if not categories and len(numbers) == 1:
            return self.target.undo(numbers[0])
        if categories and len(numbers) == len(categories):
            return categories[numbers.index(max(numbers))]
        if len(categories) == 2 and len(numbers) == 1:
            return categories[numbers[0] > 0]
        wanted = {0: "1", 2: "1 or 2"}.get(len(categories), str(len(categories)))
        raise ValueError(f"{len(numbers)} outputs; {wanted} expected to tell {self.target.name!r}")

    @property
    def decimals(self) -> dict[str, str]:
        """The sign before the decimals of the columns that were written in a custom of their own."""
        return {column.name: column.decimal for column in (*self.columns, self.target) if column.decimal}

    @property
    def dayfirst(self) -> dict[str, bool]:
        """For the columns that are parts of dates as 3/4/2024: whether that is in April."""
        return {column.name: column.dayfirst for column in self.columns if column.dayfirst is not None}

    def check_units(self, units: Mapping[str, str], where: str) -> None:
        """Raises ValueError where a table gives the numbers of a column in another unit than they were learned in."""
        for column in self.columns:
            found = units.get(column.name, column.unit)
            if column.unit and found != column.unit:
                raise ValueError(f"{where}, column {column.name!r}: in {found}, and was learned in {column.unit}")

    def filled(self, train: Examples) -> Preparation:
        """A copy that takes the mean of the training part for missing numbers. ValueError where there is none."""
        columns, at = [], 0
        for column in self.columns:
            if column.fill is not None:
                numbers = train.inputs.column(at)
                known = numbers if all_finite(numbers) else [x for x in numbers if not math.isnan(x)]
                if not known:
                    raise ValueError(f"column {column.name!r}: no number in the training part, and so no mean")
                column = replace(column, fill=math.fsum(known) / len(known))
            columns.append(column)
            at += len(column.features)
        return replace(self, columns=tuple(columns))

    def without_missing(self, examples: Examples) -> Examples:
        """The examples with the numbers that stand in for missing ones."""
        fills = [column.fill for column in self.columns for _ in column.features]
        if examples.inputs.finite:
            return examples
        columns = (
            numbers if fill is None or all_finite(numbers) else [x if x == x else fill for x in numbers]
            for numbers, fill in zip(examples.inputs.by_column(), fills, strict=True)
        )
        return Examples(Rows.of_columns(columns, len(fills)), examples.targets)

    @property
    def standardizer(self) -> Standardizer:
        """Mean and scale of each number of a row; 0 and 1 for those of categories."""
        scaled = [column for column in self.columns for _ in column.features]
        return Standardizer([c.mean for c in scaled], [c.scale for c in scaled])

    @property
    def is_standardised(self) -> bool:
        """Whether any number is changed on its way in or out."""
        return any(c.mean != 0 or c.scale != 1 for c in (*self.columns, self.target))

    def standardised(self, train: Examples) -> Preparation:
        """A copy that standardises numbers by their mean and deviation in the training part.

        `train` is encoded by this preparation. Categories stay 0 and 1, class indices what they
        are. Raises ValueError if this one standardises already.
        """
        if self.is_standardised:
            raise ValueError("this preparation standardises already")
        fitted = Standardizer.fit(train.inputs)
        columns, at = [], 0
        for column in self.columns:
            columns.append(_scaled(column, fitted.means[at : at + 1], fitted.scales[at : at + 1]))
            at += len(column.features)
        target = self.target
        if target.kind == "number":
            told = Standardizer.fit(train.targets)
            target = _scaled(target, told.means, told.scales)
        return Preparation(tuple(columns), target)

    def to_dict(self) -> dict[str, Any]:
        """The preparation as JSON data; `from_dict` gives back an equal one, to the last bit."""
        return {
            "columns": [column.to_dict() for column in self.columns],
            "target": self.target.to_dict(),
        }

    @classmethod
    def from_dict(cls, data: object) -> Preparation:
        """The inverse of `to_dict`. Raises ValueError, naming the field, for anything else."""
        where = "preparation"
        if not isinstance(data, Mapping):
            raise ValueError(f"{where}: {shown(data)}; an object is expected")
        for key in ("columns", "target"):
            if key not in data:
                raise ValueError(f"{where}.{key}: missing")
        for key in data:
            if key not in ("columns", "target"):
                raise ValueError(f"{where}.{key}: unknown; expected columns, target")
        if not isinstance(data["columns"], list):
            raise ValueError(f"{where}.columns: {shown(data['columns'])}; a list is expected")
        columns = [Column.from_dict(column, f"{where}.columns[{i}]") for i, column in enumerate(data["columns"])]
        target = Column.from_dict(data["target"], f"{where}.target")
        try:
            return cls(tuple(columns), target)
        except ValueError as error:
            raise ValueError(f"{where}.{error}") from None


def _scaled(column: Column, means: list[float], scales: list[float]) -> Column:
    if column.kind == "category":
        return column
    return replace(column, mean=means[0], scale=scales[0])


def as_written(column: Column, table: Table) -> Column:
    """A column that remembers in which custom the table wrote its numbers, or the dates that it is a part of."""
    if column.kind != "number":
        return column
    return replace(column, decimal=table.decimals.get(column.name, ""), dayfirst=table.dayfirst.get(column.name))


def feature_names(table: Table, target: str, features: Sequence[str] | None, exclude: Sequence[str] = ()) -> list[str]:
    """The columns to learn from: those named, or all but the target, without those that are excluded; the parts of a
    date in its place. Raises ValueError for a name that cannot be one."""
    if isinstance(exclude, str):
        raise ValueError(f"exclude is the text {exclude!r}; a list of column names is expected")
    if isinstance(features, str):
        raise ValueError(f"features is the text {features!r}; a list of column names is expected")
    if target in table.parts:
        raise ValueError(f"{table.path}: the target {target!r} holds dates; a number or a class can be told")
    table.require([target])
    names = [name for name in table.header if name != target]
    if features is not None:
        names = [part for name in features for part in table.parts.get(name, [name])]
        table.require(names)
    left_out = [part for name in exclude for part in table.parts.get(name, [name])]
    table.require(left_out)
    names = [name for name in names if name not in left_out]
    if target in names:
        raise ValueError(f"{target!r} is the target; it cannot be among the features")
    if not names:
        raise ValueError(f"{table.path}: no column to learn {target!r} from")
    if len(set(names)) != len(names):
        raise ValueError(f"a column is named twice in features ({listing(names)})")
    return names
