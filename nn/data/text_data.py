"""A user's own CSV file of texts as a data set."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from nn.checks import listing
from nn.data.column import Column
from nn.data.csv_data import SPLIT, check_classes, has_split, split_by_column
from nn.data.dataset import Dataset
from nn.data.examples import Examples, Seed
from nn.data.table import Table, read_table

__all__ = ["load_texts"]


def load_texts(path: str | os.PathLike[str], text: str | None = None, target: str | None = None, *, labels: bool = True,
               test_fraction: float = 0.2, seed: Seed = 0) -> Dataset:  # fmt: skip
    """Read a CSV file of texts (see `read_table`): what a row says, and perhaps what is to be told of it.

    - `text`: the column of the texts; the only one that is left beside `target` and `split` if None.
    - `target`: the column to be told. With `labels` its cells are classes, and the targets their indices; without, they
      are texts too, such as translations. If None there is none, and the targets are the texts themselves.
    - `test_fraction`, `seed`: the share of rows drawn at random to test by; 0 for none. A column `split` whose cells
      are `train` and `test` is honoured instead.

    The classes are those of the whole file, in alphabetical order, or in the order of their numbers.

    Raises FileNotFoundError, or ValueError that names the file, the line, the column, what was found and what was
    expected.
    """
    table = read_table(path)
    table.require(name for name in (text, target) if name is not None)
    text = _text_column(table, target) if text is None else text
    if text == target:
        raise ValueError(f"{text!r} is the target; it cannot be the text too")
    if len(table) < 3:
        raise ValueError(f"{table.path}: {len(table)} rows; at least 3 are expected, 2 to learn from and 1 to test by")
    texts = _texts(table, text)
    classes = _classes(table, target) if target is not None and labels else None
    examples = Examples(texts, texts if target is None else _targets(table, target, classes))
    own_split = has_split(table) and SPLIT not in (text, target)
    train, test = split_by_column(table, examples) if own_split else examples.split(test_fraction, seed)
    if target is not None and classes:
        check_classes(table, target, train)
    categories = list(classes.categories) if classes else None
    return Dataset(
        Path(path).stem,
        "text",
        train,
        test,
        [text],
        categories,
        target or text,
        source=f"{table.path}: {len(table)} rows",
    )


def _text_column(table: Table, target: str | None) -> str:
    """The only column that can hold the texts. Raises ValueError where it has to be named."""
    beside: Sequence[str] = [name for name in table.header if name not in (target, SPLIT)]
    if len(beside) != 1:
        raise ValueError(
            f"{table.path}: say which column holds the texts (its columns: {listing(table.header, limit=40)})"
        )
    return beside[0]


def _texts(table: Table, name: str) -> list[str]:
    """The cells of a column of texts, of which "NA" and "null" are some. Raises ValueError for one that is empty."""
    cells = table.column(name)
    for i, cell in enumerate(cells):
        if not cell:
            raise ValueError(f"{table.where(i, name)}: an empty cell, expected a text")
    return cells


def _classes(table: Table, target: str) -> Column:
    classes = Column.infer(table, target, "category")
    if len(classes.categories) == 1:
        raise ValueError(
            f"{table.path}, target {target!r}: one class only ({classes.categories[0]}); classification needs at least "
            "two"
        )
    return classes


def _targets(table: Table, target: str, classes: Column | None) -> list[int] | list[str]:
    if classes is None:
        return _texts(table, target)
    return [classes.index(cell, table.where(i, target)) for i, cell in enumerate(table.column(target))]
