"""A network of a use trained with given settings, and what that takes where it is done eagerly."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any

from engine import eager_seconds, total, will_be_eager
from nn.data import Dataset, Examples
from nn.training.history import History
from nn.training.losses import loss_of
from nn.training.train import fit
from nn.uses.kit.settings import Settings
from nn.uses.kit.use import Use

__all__ = ["eager_run_seconds", "trained", "warn_of_a_long_run"]

PATIENCE = 120
"""Seconds a seed from which a plain line says what an eager run would take."""


def trained(
    use: Use, data: Dataset, part: Examples, settings: Settings, seed: int, backend: str, progress: bool
) -> tuple[Any, History]:
    """A network of that use, trained on a part of the data."""
    model = use.network(data, settings, seed)
    samples = use.samples(model, part)
    if progress:
        warn_of_a_long_run(use, model, samples, settings, backend)
    history = fit(model, samples, progress=progress, loss=use.loss, seed=seed, backend=backend, **settings.for_fit())
    return model, history


def eager_run_seconds(use: Use, model: Any, samples: Sequence[tuple[Any, Any]], settings: Settings) -> float:
    x, target = samples[0]
    return eager_seconds(total([loss_of(use.loss)(model.outputs(x), target)]), len(samples) * settings.epochs)


def warn_of_a_long_run(
    use: Use, model: Any, samples: Sequence[tuple[Any, Any]], settings: Settings, backend: str
) -> None:
    seconds = eager_run_seconds(use, model, samples, settings)
    if seconds > PATIENCE and will_be_eager(backend):
        print(f"computed eagerly, a seed takes about {seconds / 60:.0f} minutes; pip install 'rantai[fast]' makes it "
              "seconds, --quick takes a short look", file=sys.stderr)  # fmt: skip
