"""Every data set by its name."""

from __future__ import annotations

import inspect
from typing import Any

from nn.checks import did_you_mean, listing
from nn.data.dataset import Dataset
from nn.data.generators import GENERATORS
from nn.data.shipped import SHIPPED

__all__ = ["DATASETS", "load"]

MAKERS = SHIPPED | GENERATORS
DATASETS = tuple(MAKERS)


def load(name: str, **options: Any) -> Dataset:
    """The data set called `name`, with the options of the function that makes it.

    Real data, with a fixed split: "penguins" (`target="species"` or `"body_mass_g"`), "digits",
    "elnino" (`lags=12`), "us_macro" (`lags=4`), "fashion", "names", "number_words", "sentiment".
    Made by a rule: "xor", "moons", "circles", "spirals", "blobs", "sine", "parabola",
    "stairs" (`n`, `noise`, `seed`, `test_fraction`, ...).

    Raises ValueError for an unknown name, TypeError for an unknown option.
    """
    if name not in MAKERS:
        hint = did_you_mean(str(name), DATASETS)
        raise ValueError(f"no data set {name!r}{hint} (known: {listing(DATASETS, limit=20)})")
    known = list(inspect.signature(MAKERS[name]).parameters)
    for option in options:
        if option not in known:
            raise TypeError(
                f"{name} has no option {option!r}{did_you_mean(option, known)} (its options: "
                f"{listing(known) or 'none'})"
            )
    return MAKERS[name](**options)
