"""Data to learn from: shipped, generated, or a user's own CSV file.

>>> from nn.data import load
>>> load("penguins")
Dataset('penguins', classification: 266 train + 67 test; 4 inputs -> species (Adelie, Chinstrap, \
Gentoo))

The standard library only; nothing here knows networks.
"""

from nn.data.catalogue import DATASETS, load
from nn.data.column import Column
from nn.data.csv_data import load_csv
from nn.data.dataset import Dataset
from nn.data.examples import Examples, one_hot
from nn.data.generators import blobs, circles, moons, parabola, sine, spirals, stairs, xor
from nn.data.preparation import Preparation
from nn.data.series import lag_windows, load_series
from nn.data.standardizer import Standardizer
from nn.data.table import Table, read_table
from nn.data.text_data import load_texts

__all__ = [
    "DATASETS", "Column", "Dataset", "Examples", "Preparation", "Standardizer", "Table", "blobs", "circles",
    "lag_windows", "load", "load_csv", "load_series", "load_texts", "moons", "one_hot", "parabola", "read_table",
    "sine", "spirals", "stairs", "xor",
]  # fmt: skip
