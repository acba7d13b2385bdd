"""A use run from its data to its card: trained with several seeds, judged once, shown, and written into a folder."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from time import perf_counter
from typing import Any

from engine import eager_seconds, total, will_be_eager
from nn.data import Dataset, Examples
from nn.plots import write_pictures
from nn.scoring.bootstrap import paired_interval
from nn.store import save
from nn.training.history import History
from nn.training.losses import loss_of
from nn.training.train import fit
from nn.uses.kit.card import Card
from nn.uses.kit.settings import Baselines, Own, Settings
from nn.uses.kit.use import Result, Use

__all__ = ["SEEDS", "run_use", "trained"]

SEEDS = (0, 1, 2, 3, 4)
QUICK_ROWS, QUICK_EPOCHS, QUICK_SECONDS = 300, 10, 20
PATIENCE = 120
"""Seconds a seed from which a plain line says what an eager run would take."""


def run_use(use: Use, folder: Path, *, own: Own | None = None, settings: Settings | None = None,
            seeds: Sequence[int] = SEEDS, quick: bool = False, backend: str = "auto",
            progress: bool = True) -> Card:  # fmt: skip
    """Train a use, print its card and what there is to see, and write all of it into a folder.

    Args:
        use: which one.
        folder: where `card.json`, `model.json` (of the first seed), `history.csv` and pictures are written.
        own: a user's own data; those that are shipped if None.
        settings: those of the use if None.
        seeds: one training run for each.
        quick: at most 300 training rows and 10 epochs, eagerly no more than take about 20 s; all test rows.
        backend: as `nn.fit` takes it.
        progress: show a bar.

    Raises:
        ValueError: as the data and `nn.fit` do.
        KeyboardInterrupt: if it comes before there is anything to keep. Later, the card is that of the seeds that were
            done, and says so.
    """
    settings = settings or use.settings
    data, note = use.data(own), ""
    choice = use.choice(own, data)
    metric = use.metric.on_own_data(data.unit) if own else use.metric
    if quick:
        settings = replace(settings, epochs=min(settings.epochs, QUICK_EPOCHS))
        rows = quick_rows(use, data, settings, backend)
        note = f"a quick look at {rows:,} of {len(data.train):,} training rows, no figure to quote"
        data = use.shortened(data, rows)
    print(f"{use.name}: {use.claim if own else use.question}\n{data}")
    figures: list[float] = []
    scores: list[list[float]] = []
    seconds: list[float] = []
    first: Result | None = None
    stopped = False
    for seed in seeds:
        try:
            started = perf_counter()
            model, history = trained(use, data, data.train, settings, seed, backend, progress)
            stopped = history.stopped == "interrupted"
            if stopped and (first is not None or not history):
                raise KeyboardInterrupt
            taken = perf_counter() - started
            rows_of_seed = use.row_scores(model, data, data.test, backend)
        except KeyboardInterrupt:
            if first is None:
                raise
            stopped, note = True, f"interrupted after {len(figures)} of {len(seeds)} seeds"
            break
        scores.append(rows_of_seed)
        figures.append(use.metric.of(rows_of_seed))
        seconds.append(taken)
        called = f"seed {seed}{', interrupted' if stopped else ''}"
        print(f"{called}: {metric.name} {metric.text(figures[-1])} on the test rows, {taken:.1f} s")
        if first is None:
            first = Result(data, model, history, folder, history.backend)
            write(first)
            use.keep(first)
        if stopped:
            note = f"seed {seed} was interrupted after {len(history)} of {settings.epochs} epochs"
            break
    assert first is not None, "at least one seed"
    card = Card(
        use, seeds[: len(figures)], figures, len(data.train), len(data.test),
        beside(use, data, own is not None or quick, stopped, backend), sum(seconds) / len(figures), first.backend,
        settings.to_dict(), f"{first.model!r}; {settings}", choice, own.path if own else "", note, stopped,
        data.unit, None if stopped else difference(use, data, scores, backend),
    )  # fmt: skip
    card.save(folder / "card.json")
    print(f"\n{card}\n")
    if not stopped:
        use.show(first)
    return card


def difference(use: Use, data: Dataset, ours: Sequence[Sequence[float]], backend: str) -> tuple[float, float] | None:
    """How much ours differ from the better of the simpler models, as the test rows tell it: 95 % of the paired
    bootstrap."""
    others = use.simpler(data, backend)
    if not others:
        return None
    best = (max if use.metric.more_is_better else min)(others, key=use.metric.of)
    return paired_interval(ours, best, use.metric.of)


def beside(use: Use, data: Dataset, other_rows: bool, stopped: bool, backend: str) -> Baselines:
    """What the result stands beside: the figures of the use, or for other rows than its own what can be computed, and
    nothing more after an interrupt."""
    if not other_rows:
        return use.baselines
    return Baselines(source="not measured") if stopped else use.measured(data, backend)


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


def quick_rows(use: Use, data: Dataset, settings: Settings, backend: str) -> int:
    """How many training rows make a short look: fewer where each takes long."""
    rows = min(QUICK_ROWS, len(data.train))
    if not will_be_eager(backend):
        return rows
    model = use.network(data, settings, 0)
    seconds = eager_run_seconds(use, model, use.samples(model, data.train[:rows]), settings)
    return max(min(rows, round(rows * QUICK_SECONDS / seconds)), min(rows, 10))


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


def write(result: Result) -> None:
    """The model, its history and the loss curve."""
    save(result.model, result.folder / "model.json", result.data.preparation)
    result.history.save(result.folder / "history.csv")
    write_pictures(result.folder, {"loss.png": result.history.plot})
