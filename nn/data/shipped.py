"""The data sets that come with the project; `files/*/SOURCE.md` says where each is from.

All have a fixed `split`: the figures of different runs can be compared.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from itertools import pairwise
from pathlib import Path

from nn.data.column import Column
from nn.data.csv_data import SPLIT, table_dataset
from nn.data.dataset import Dataset, number_dataset
from nn.data.examples import Examples
from nn.data.series import windows_dataset
from nn.data.table import Table, read_table

__all__ = ["digits", "elnino", "fashion", "names", "number_words", "penguins", "sentiment", "us_macro"]

FILES = Path(__file__).parent / "files"
CLOTHES = (
    "T-shirt/top",
    "Trouser",
    "Pullover",
    "Dress",
    "Coat",
    "Sandal",
    "Shirt",
    "Sneaker",
    "Bag",
    "Ankle boot",
)


def penguins(target: str = "species") -> Dataset:
    """333 penguins of three species, measured near Palmer Station, Antarctica.

    `target="species"`: from the four measurements (bill length, bill depth, flipper length, body
    mass). `target="body_mass_g"`: from six inputs, namely the other three measurements, the
    species as two (Adelie is all zeros) and the sex as one (female is 0).
    """
    features = ["bill_length_mm", "bill_depth_mm", "flipper_length_mm"]
    added = {"species": ["body_mass_g"], "body_mass_g": ["species", "sex"]}
    if target not in added:
        raise ValueError(f"target is {target!r}; {' or '.join(map(repr, added))} is expected")
    return table_dataset(
        read_table(FILES / "penguins" / "penguins.csv"),
        "penguins",
        target,
        features=features + added[target],
        drop_first=True,
        unit="g" if target == "body_mass_g" else "",
        source=_source("penguins"),
    )


def digits() -> Dataset:
    """1797 handwritten digits of 8 by 8 pixels: 64 inputs from 0 (paper) to 1 (ink), row by row."""
    table = read_table(FILES / "digits" / "digits_8x8.csv")
    return _images("digits", table, 8, "0123456789abcdefg", list("0123456789"), _source("digits"))


def fashion() -> Dataset:
    """2500 pieces of clothing in 10 classes, 7 by 7 pixels: 49 inputs from 0 to 1, row by row."""
    table = read_table(FILES / "fashion_mnist" / "fashion_7x7.csv")
    return _images("fashion", table, 7, "0123456789abcdef", CLOTHES, _source("fashion_mnist"))


def elnino(lags: int = 12) -> Dataset:
    """The sea temperature off Peru next month, from the last `lags` months, 1950 to 2010.

    The 147 months of the test part are told from windows that may reach back into the training
    part, as a forecaster's would.
    """
    table = read_table(FILES / "elnino" / "elnino_sst.csv")
    series = [float(cell) for cell in table.column("sst_c")]
    target = Column("sea temperature", "number", unit="°C")
    return windows_dataset("elnino", series, lags, _test_rows(table), target, _source("elnino"))


def us_macro(lags: int = 4) -> Dataset:
    """The growth of the real gross domestic product of the United States next quarter, from the
    last `lags` quarters, 1959 to 2009.

    Growth is the change of the logarithm, 100 · ln(now / before), in % a quarter. The 41 quarters
    of the test part are told from windows that may reach back into the training part.
    """
    table = read_table(FILES / "us_macro" / "us_macro_quarterly.csv")
    level = [float(cell) for cell in table.column("realgdp")]
    growth = [100 * math.log(now / before) for before, now in pairwise(level)]
    target = Column("real GDP growth", "number", unit="% a quarter")
    return windows_dataset("us_macro", growth, lags, _test_rows(table), target, _source("us_macro"))


def names() -> Dataset:
    """5163 first names of the United States, in lower case, for a model of their letters.

    The inputs are the names. The targets say who bears them: "f", "m", or "fm" for both.
    """
    table = read_table(FILES / "names" / "names_us_census1990.csv")
    return _texts("names", [table], "name", "sex", _source("names"))


def number_words() -> Dataset:
    """The numbers 0 to 999 in English words, to be translated to Indonesian words."""
    table = read_table(FILES / "number_words" / "number_words_en_id.csv")
    return _texts("number_words", [table], "en", "id", _source("number_words"))


def sentiment() -> Dataset:
    """2979 sentences of reviews (amazon.com, then imdb.com, then yelp.com); targets are class
    indices, 0 for negative and 1 for positive.
    """
    sites = ("amazon", "imdb", "yelp")
    tables = [read_table(FILES / "sentiment" / f"sentiment_{site}.csv") for site in sites]
    classes = ["negative", "positive"]
    return _texts("sentiment", tables, "text", "label", _source("sentiment"), classes)


def _source(folder: str) -> str:
    return (FILES / folder / "SOURCE.md").read_text(encoding="utf-8")


def _parts(table: Table) -> tuple[list[int], list[int]]:
    """The indices of the rows of the training and of the test part."""
    marks = list(enumerate(table.column(SPLIT)))
    return [i for i, mark in marks if mark == "train"], [i for i, mark in marks if mark == "test"]


def _test_rows(table: Table) -> int:
    return table.column(SPLIT).count("test")


def _images(name: str, table: Table, side: int, levels: str, classes: Sequence[str], source: str) -> Dataset:
    """Square images: `pixels` holds one character a pixel, from `levels`, dark to bright."""
    brightness = {level: i / (len(levels) - 1) for i, level in enumerate(levels)}
    images = Examples(
        [[brightness[level] for level in pixels] for pixels in table.column("pixels")],
        [int(label) for label in table.column("label")],
    )
    train, test = _parts(table)
    pixels = [f"pixel_{row}_{column}" for row in range(side) for column in range(side)]
    target = Column("label", "category", categories=tuple(classes))
    return number_dataset(name, images.take(train), images.take(test), pixels, target, source)


def _texts(
    name: str,
    tables: Sequence[Table],
    text: str,
    target: str,
    source: str,
    classes: list[str] | None = None,
) -> Dataset:
    """Texts and what belongs to them; with `classes`, the target cells are class indices."""
    parts = []
    for number in (0, 1):
        rows = [table.take(_parts(table)[number]) for table in tables]
        told = [cell for table in rows for cell in table.column(target)]
        texts = [cell for table in rows for cell in table.column(text)]
        parts.append(Examples(texts, [int(cell) for cell in told] if classes else told))
    return Dataset(name, "text", parts[0], parts[1], [text], classes, target, source=source)


SHIPPED: dict[str, Callable[..., Dataset]] = {
    "penguins": penguins,
    "digits": digits,
    "elnino": elnino,
    "us_macro": us_macro,
    "fashion": fashion,
    "names": names,
    "number_words": number_words,
    "sentiment": sentiment,
}
