"""Settings compared on rows of the training part that were not learned from; the test rows are not read."""

from __future__ import annotations

import sys
from dataclasses import replace
from statistics import fmean

from nn.uses.kit.running import trained
from nn.uses.kit.settings import Own, Settings
from nn.uses.kit.use import Use

__all__ = ["choose"]


def choose(use: Use, *, own: Own | None = None, backend: str = "auto", progress: bool = True) -> str:
    """What the settings of a use and all that were tried reach on the validation parts of its training rows, learned
    from the rest.

    Returns:
        A table, the best first. The same seeds and rows for all.

    Raises:
        KeyboardInterrupt: for Ctrl-C: what was compared before is on standard error, and nothing is said of the rest.
    """
    data = use.data(own)
    metric = use.metric.on_own_data(data.unit) if own else use.metric
    parts = use.validation_parts(data.train)
    found: list[tuple[float, Settings]] = []
    for settings in [use.settings, *(other for other in use.tried if other != use.settings)]:
        figures = []
        for rest, part in parts:
            known = replace(data, train=rest)  # a vocabulary, too, is learned from the rest only
            for seed in (0, 1):
                model, history = trained(use, known, rest, settings, seed, backend, progress)
                history.completed()
                figures.append(use.figure(model, known, part, backend))
        found.append((fmean(figures), settings))
        print(f"{metric.text(found[-1][0])}  {settings}", file=sys.stderr)
    found.sort(key=lambda one: one[0], reverse=metric.more_is_better)
    rows = " and ".join(sorted({f"{len(part):,}" for _, part in parts}))
    many = f"{len(parts)} such parts and " if len(parts) > 1 else ""
    head = f"{metric} on {rows} rows of the training part that were not learned from, mean of {many}seeds 0 and 1"
    lines = [
        f"  {metric.text(figure)}  {settings}{'  <- the choice' if settings == use.settings else ''}"
        for figure, settings in found
    ]
    return "\n".join([head, *lines])
