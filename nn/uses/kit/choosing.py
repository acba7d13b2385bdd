"""Settings compared on rows of the training part that were not learned from, by a sweep; the test rows are not read."""

from __future__ import annotations

import functools
from concurrent.futures import Executor
from dataclasses import replace
from functools import partial
from pathlib import Path
from statistics import fmean
from typing import Any

from nn.data import Dataset
from nn.experiments import Results, sweep
from nn.user_files import digest_of
from nn.uses.kit.settings import Own, Settings
from nn.uses.kit.training import trained
from nn.uses.kit.use import Use

__all__ = ["choose"]


def choose(use: Use, *, own: Own | None = None, backend: str = "auto", executor: Executor | None = None,
           file: str | Path | None = None, progress: bool = True) -> str:  # fmt: skip
    """What the settings of a use and all that were tried reach on the validation parts of its training rows, learned
    from the rest.

    Args:
        use, own, backend: as in `run_use`.
        executor, file, progress: as in `sweep`: who does the trainings, and what an interrupted choice goes on with.

    Returns:
        A table, the best first. The same seeds and rows for all.

    Raises:
        ValueError: where no setting could be trained, and as the data and `sweep` do.
        KeyboardInterrupt: for Ctrl-C. What was interrupted is no part of the file.
    """
    data = use.data(own)
    parts = use.validation_parts(data.train)
    candidates = [use.settings, *(other for other in use.tried if other != use.settings)]
    settings = [{**one.to_dict(), "part": part} for one in candidates for part in range(len(parts))]
    run = partial(candidate, use=use, own=own, backend=backend, digest=digest_of(own.path) if own else "")
    results = sweep(run, settings, seeds=2, executor=executor, file=file, progress=progress)
    if not results.figures:
        raise ValueError(f"no setting could be trained: {results[0].reason}")
    metric = use.metric.on_own_data(data.unit) if own else use.metric
    found, failed = reached(results)
    found.sort(key=lambda one: one[0], reverse=metric.more_is_better)
    rows = " and ".join(f"{size:,}" for size in sorted({len(part) for _, part in parts}))
    many = f"{len(parts)} such parts and " if len(parts) > 1 else ""
    head = f"{metric} on {rows} rows of the training part that were not learned from, mean of {many}seeds 0 and 1"
    lines = [
        f"  {metric.text(figure)}  {one}{'  <- the choice' if one == use.settings else ''}" for figure, one in found
    ]
    return "\n".join([head, *lines, *(f"  failed  {one}: {reason}" for reason, one in failed)])


def reached(results: Results) -> tuple[list[tuple[float, Settings]], list[tuple[str, Settings]]]:
    """The mean of each setting over its parts and seeds, and why those failed that did in any of them."""
    rows: dict[str, tuple[Settings, list[float], list[str]]] = {}
    for row in results:
        settings = Settings(**{name: value for name, value in row.setting.items() if name != "part"})
        _, figures, reasons = rows.setdefault(repr(settings), (settings, [], []))
        figures += row.figures.values()
        reasons += [row.reason] * bool(row.reason)
    found = [(fmean(figures), settings) for settings, figures, reasons in rows.values() if not reasons]
    return found, [(reasons[0], settings) for settings, _, reasons in rows.values() if reasons]


def candidate(part: int, seed: int, *, use: Use, own: Own | None, backend: str, digest: str,
              **settings: Any) -> dict[str, float]:  # fmt: skip
    """What a network with these settings reaches on a part that it has not learned from. The digest of the user's own
    file tells its figures from those of another."""
    kind: Any = type(use)
    data, parts = prepared(kind, own, digest)
    rest, told = parts[part]
    known = replace(data, train=rest)  # a vocabulary, too, is learned from the rest only
    model, history = trained(use, known, rest, Settings(**settings), seed, backend, progress=False)
    history.completed()
    return {use.metric.name: use.figure(model, known, told, backend)}


@functools.cache
def prepared(kind: type[Use], own: Own | None, digest: str) -> tuple[Dataset, list[Any]]:
    """The data of a use and the parts to choose by, read once in a process."""
    use = kind()
    data = use.data(own)
    return data, use.validation_parts(data.train)
