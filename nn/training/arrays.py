"""Samples of a table as one array, which the machine takes as it is; all others as they are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from engine import Uniform
from nn.data import Examples
from nn.data.rows import Rows
from nn.training.samples import Pairs, uniform

__all__ = ["inputs_of", "numbered", "with_factors"]

Array = Any


def with_factors(data: Pairs, shares: list[list[float]]) -> Sequence[Any]:
    """The samples with a factor of 1 for each activation that may be dropped.

    Args:
        data: pairs.
        shares: for each the probabilities with which its activations are dropped.
    """
    if not uniform(data):
        return [(x, target, [1.0] * len(each)) for (x, target), each in zip(data, shares, strict=True)]
    factors = [1.0] * len(shares[0])
    numbers = table_of(data, *np.ones((len(factors), len(data))))
    return Uniform(lambda i: (*data[i], list(factors)), numbers)


def numbered(data: Pairs) -> Sequence[Any]:
    return Uniform(data.__getitem__, table_of(data)) if uniform(data) else data


def inputs_of(rows: Sequence[Any]) -> Sequence[Any]:
    return Uniform(rows.__getitem__, np.asarray(rows)) if isinstance(rows, Rows) else rows


def table_of(data: Examples, *further: Array) -> Array:
    """float64[samples, numbers]: inputs, targets and further columns."""
    return np.column_stack([np.asarray(data.inputs), np.asarray(data.targets, dtype=np.float64), *further])
