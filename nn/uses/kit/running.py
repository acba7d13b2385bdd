"""A use run from its data to its card: trained with several seeds, judged once, shown, and written into a folder."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from statistics import fmean

from engine import will_be_eager
from nn.data import Dataset
from nn.plots import write_pictures
from nn.scoring.bootstrap import paired_interval
from nn.store import save
from nn.uses.kit.card import Card
from nn.uses.kit.seeds import Plan, SeedRun, the_others
from nn.uses.kit.settings import Baselines, Own, Settings
from nn.uses.kit.training import eager_run_seconds
from nn.uses.kit.use import Result, Use

__all__ = ["SEEDS", "run_use"]

SEEDS = (0, 1, 2, 3, 4)
QUICK_ROWS, QUICK_EPOCHS, QUICK_SECONDS = 300, 10, 5


def run_use(use: Use, folder: Path, *, own: Own | None = None, settings: Settings | None = None,
            seeds: Sequence[int] = SEEDS, quick: bool = False, backend: str = "auto", jobs: int = 1,
            progress: bool = True) -> Card:  # fmt: skip
    """Train a use, print its card and what there is to see, and write all of it into a folder.

    Args:
        use: which one.
        folder: where `card.json`, `model.json` (of the first seed), `history.csv` and pictures are written.
        own: a user's own data; those that are shipped if None.
        settings: those of the use if None.
        seeds: one training run for each.
        quick: at most 300 training rows and 10 epochs, eagerly no more than take about 5 s, and a smaller network where
            the use has one for it; all test rows.
        backend: as `nn.fit` takes it; of "auto" the first seed decides for all.
        jobs: how many of the further seeds are trained side by side, each in a process of its own; the bits are the
            same for any number.
        progress: show a bar.

    Raises:
        ValueError: for no seeds, and as the data and `nn.fit` do.
        KeyboardInterrupt: if it comes before there is anything to keep. Later, the card is that of the seeds that were
            done, and says so.
    """
    if not seeds:
        raise ValueError("there is no seed to run with")
    smaller = use.quick if quick and settings is None else None
    settings = settings or smaller or use.settings
    data, note = use.data(own), ""
    choice = use.choice(own, data)
    metric = use.metric.on_own_data(data.unit) if own else use.metric
    if quick:
        settings = replace(settings, epochs=min(settings.epochs, QUICK_EPOCHS))
        rows = quick_rows(use, data, settings, backend)
        note = f"a quick look at {rows:,} of {len(data.train):,} training rows, no figure to quote"
        data = use.shortened(data, rows)
        choice = "a smaller network than that of the use, which is soon done" if smaller else choice
    print(f"{use.name}: {use.claim if own else use.question}\n{data}")
    plan, done = Plan(use, data, settings, backend), list[SeedRun]()
    first = SeedRun.of(plan, seeds[0], progress, complete=False)
    result = Result(data, first.model, first.history, folder, first.history.backend)
    stopped = first.history.stopped == "interrupted"

    def take(run: SeedRun) -> None:
        done.append(run)
        figure = metric.text(use.metric.of(run.scores))
        called = f"seed {run.seed}{', interrupted' if stopped else ''}"
        print(f"{called}: {metric.name} {figure} on the test rows, {run.seconds:.1f} s")

    take(first)
    write(result)
    use.keep(result)
    if stopped:
        note = f"seed {first.seed} was interrupted after {len(first.history)} of {settings.epochs} epochs"
    else:
        decided = replace(plan, backend=result.backend if backend == "auto" else backend)
        try:
            for run in the_others(decided, seeds[1:], jobs, progress, first.seconds):
                take(run)
        except KeyboardInterrupt:
            stopped, note = True, f"interrupted after {len(done)} of {len(seeds)} seeds"
    card = Card(
        use, seeds[: len(done)], [use.metric.of(run.scores) for run in done], len(data.train), len(data.test),
        beside(use, data, own is not None or quick, stopped, backend), fmean(run.seconds for run in done),
        result.backend, settings.to_dict(), f"{first.model!r}; {settings}", choice, own.path if own else "", note,
        stopped, data.unit,
        None if stopped else difference(use, data, [run.scores for run in done], backend),
    )  # fmt: skip
    card.save(folder / "card.json")
    print(f"\n{card}\n")
    if not stopped:
        use.show(result)
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


def quick_rows(use: Use, data: Dataset, settings: Settings, backend: str) -> int:
    """How many training rows make a short look: fewer where each takes long."""
    rows = min(QUICK_ROWS, len(data.train))
    if not will_be_eager(backend):
        return rows
    model = use.network(data, settings, 0)
    seconds = eager_run_seconds(use, model, use.samples(model, data.train[:rows]), settings)
    return max(min(rows, round(rows * QUICK_SECONDS / seconds)), min(rows, 10))


def write(result: Result) -> None:
    """The model, its history and the loss curve."""
    save(result.model, result.folder / "model.json", result.data.preparation)
    result.history.save(result.folder / "history.csv")
    write_pictures(result.folder, {"loss.png": result.history.plot})
