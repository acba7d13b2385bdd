"""The seeds of a use: the first is trained here, and says what computes them all; the others side by side, each in a
process of its own, where that pays."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from time import perf_counter
from typing import Any

from nn.data import Dataset
from nn.experiments import process_pool
from nn.training.history import History
from nn.training.progress import progress_bar
from nn.uses.kit.settings import Settings
from nn.uses.kit.training import trained
from nn.uses.kit.use import Use

__all__ = ["Plan", "SeedRun", "the_others"]

PAYS = 3.0
"""Seconds of training, below which no further process is started: each takes about one until it begins."""


@dataclass(frozen=True)
class Plan:
    """What is trained, but for the seed."""

    use: Use
    data: Dataset
    settings: Settings
    backend: str


@dataclass(frozen=True)
class SeedRun:
    """What a seed came to: the network, its history, the scores of the test rows, and how long it took to train."""

    seed: int
    model: Any
    history: History
    scores: list[float]
    seconds: float

    @classmethod
    def of(cls, plan: Plan, seed: int, progress: bool, complete: bool) -> SeedRun:
        """Trained here and now. KeyboardInterrupt where it is interrupted and was to be complete, or before there is
        anything to keep."""
        started = perf_counter()
        model, history = trained(plan.use, plan.data, plan.data.train, plan.settings, seed, plan.backend, progress)
        if history.stopped == "interrupted" and (complete or not history):
            raise KeyboardInterrupt
        seconds = perf_counter() - started
        return cls(seed, model, history, plan.use.row_scores(model, plan.data, plan.data.test, plan.backend), seconds)


def the_others(plan: Plan, seeds: Sequence[int], jobs: int, progress: bool, expected: float) -> Iterator[SeedRun]:
    """What each seed came to, in their order, the same bits for any number of jobs.

    Args:
        plan: what is trained, by a backend that is decided.
        seeds: one training for each.
        jobs: how many go on side by side.
        progress: show a bar.
        expected: seconds a seed.

    Raises:
        KeyboardInterrupt: where one is interrupted.
    """
    done = 0
    if min(jobs, len(seeds)) > 1 and expected * len(seeds) > PAYS:
        try:
            for run in side_by_side(plan, seeds, jobs, progress):
                yield run
                done += 1
        except BrokenProcessPool:  # one of them was killed, by the system that ran out of memory, say
            pass
    for seed in seeds[done:]:
        yield SeedRun.of(plan, seed, progress, complete=True)


def side_by_side(plan: Plan, seeds: Sequence[int], jobs: int, progress: bool) -> Iterator[SeedRun]:
    pool = process_pool(min(jobs, len(seeds)))
    bar = progress_bar("further seeds", len(seeds), 0, "seed") if progress else None
    try:
        for future in [pool.submit(SeedRun.of, plan, seed, False, True) for seed in seeds]:
            yield future.result()
            if bar is not None:
                bar.update()
    finally:
        if bar is not None:
            bar.close()
        pool.shutdown(cancel_futures=True)
