"""`tune`: settings that a library proposes by what others came to, as Optuna does; the search itself is not ours."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from nn.checks import usage, whole
from nn.experiments.record import Row
from nn.experiments.sweep import Run, sweep
from nn.experiments.table import Results, Summary

__all__ = ["tune"]


@usage('tune(run, optuna.create_study(), {"rate": FloatDistribution(0.001, 1, log=True)}, rounds=10, at_once=4)')
def tune(run: Run, study: Any, space: Mapping[str, Any], *, rounds: int, at_once: int = 4, score: str | None = None,
         **options: Any) -> Results:  # fmt: skip
    """Settings that an Optuna study asks for, so many at once; `sweep` runs them, and the study is told their means.

    What the study proposes depends on `at_once`, and not on how many workers there are. With a sampler that has a seed,
    and a file, a search that was interrupted goes on: begun again, it asks for the same settings, whose runs are there.

    Args:
        run: as in `sweep`.
        study: of `optuna.create_study(direction=..., sampler=optuna.samplers.TPESampler(seed=0))`.
        space: Optuna's distribution of each hyperparameter.
        rounds: how often it is asked.
        at_once: how many settings it proposes in each round.
        score: the figure that it is told; the first if None. A setting with a seed that failed is told as failed.
        options: seeds, executor, file and progress, as in `sweep`.

    Returns:
        The table of all runs, in the order in which they were asked for.

    Raises:
        TypeError, ValueError: for rounds and at_once that are no whole numbers from 1 up, and as `sweep` does.
        ImportError: without optuna, with the line that installs it.
    """
    try:
        from optuna.trial import TrialState
    except ImportError:
        raise ImportError("tune needs Optuna: pip install optuna") from None
    whole("at_once", at_once, 1)
    rows: dict[tuple[str, int], Row] = {}
    for _ in range(whole("rounds", rounds, 1)):
        trials = [study.ask(dict(space)) for _ in range(at_once)]
        results = sweep(run, [trial.params for trial in trials], **options)
        rows |= {(key(row.setting), row.seed): row for row in results}
        told = {key(one.setting): one for one in summaries(results, score)}
        for trial in trials:
            summary = told.get(key(trial.params))
            if summary is None or summary.failed:
                study.tell(trial, state=TrialState.FAIL)
            else:
                study.tell(trial, summary.mean)
    return Results(list(rows.values()))


def key(setting: Mapping[str, Any]) -> str:
    return json.dumps(setting, sort_keys=True)


def summaries(results: Results, score: str | None) -> list[Summary]:
    """Each setting over its seeds; none where all of a round failed."""
    return results.summaries(score) if results.figures else []
