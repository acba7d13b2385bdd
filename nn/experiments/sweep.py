"""`sweep`: one training for each setting and seed, by any executor, and a table that is the same whoever ran it."""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import CancelledError, Executor, Future
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from functools import partial
from numbers import Real
from pathlib import Path
from queue import SimpleQueue
from time import perf_counter
from typing import Any

from nn.checks import check_seed, plain, share, shown, usage, whole
from nn.experiments.pool import process_pool
from nn.experiments.record import Job, Record, Recorded, Recorder, Row
from nn.experiments.samples import grid
from nn.experiments.table import Results
from nn.training.pauses import held_back
from nn.training.progress import progress_bar

__all__ = ["Run", "halving", "sweep"]

Run = Callable[..., Any]
"""A training: takes the hyperparameters and `seed` by name; gives a number, or figures and curves by name."""

AHEAD = 4_000
"""How many runs are handed out and not yet done at most: enough for a thousand workers, and a few megabytes."""
BREAKS = 3
"""How often in a row our own pool may break before a run is done."""


@usage('sweep(run, {"rate": [0.1, 0.01], "hidden": [4, 8]}, seeds=5)')
def sweep(run: Run, settings: Mapping[str, Iterable[Any]] | Iterable[Mapping[str, Any]], *,
          seeds: int | Iterable[int] = 1, executor: Executor | None = None, file: str | Path | None = None,
          progress: bool = True) -> Results:  # fmt: skip
    """One run for each setting and each seed; returns the table of what they came to.

    The table is the same, bit for bit and in the same order, whatever the executor and its number of workers. A run
    that raises, diverges or gives a number that is not finite is a row with its reason.

    Args:
        run: called as `run(rate=0.1, hidden=4, seed=0)`. It gives a number, or a dict of numbers and of curves (lists
            of numbers) by name. For processes a function of a module, not one made within another or by `lambda`.
        settings: a grid, such as `{"rate": [0.1, 0.01], "hidden": [4, 8]}`, or a list of settings, such as `sample`
            gives. They are kept as JSON. One that comes twice is run once.
        seeds: the seeds, or how many: 5 means 0 to 4.
        executor: any `concurrent.futures.Executor`: a thread pool, Dask's `Client(...).get_executor()`,
            `mpi4py.futures.MPIPoolExecutor`. None: a process for each core of this machine, started for this sweep.
        file: where each result is written as soon as it is there. If the file exists, the runs in it are not done
            again: a sweep that was interrupted or killed goes on.
        progress: show a bar with the time that is left (it needs tqdm).

    Raises:
        TypeError: for settings that are no grid and no list of settings, or that JSON cannot hold.
        ValueError: for no settings, no seeds, a setting named seed, and for a file of something else.
        BlockingIOError: where another sweep is writing into the file.
        ImportError: where a run needs a package that is missing, which is no fault of its setting.
        KeyboardInterrupt: for Ctrl-C. A run that it cut short is no result.
        RuntimeError: where the processes end before a run is done. Results so far are in the file.

    >>> from concurrent.futures import ThreadPoolExecutor
    >>> def run(rate, seed):
    ...     return abs(rate - 0.1)
    >>> with ThreadPoolExecutor() as threads:
    ...     results = sweep(run, {"rate": [1.0, 0.1]}, seeds=2, executor=threads, progress=False)
    >>> results.best().setting
    {'rate': 0.1}
    """
    listed = settings_of(settings)
    jobs = [Job(setting, seed) for setting in listed for seed in seeds_of(seeds)]
    jobs = list({job.key: job for job in jobs}.values())
    record = Record(file, name_of(run))
    todo = [job for job in jobs if job not in record]
    if todo:
        bar = progress_bar("sweep", len(jobs), len(jobs) - len(todo), "run") if progress else None
        try:
            with record.adding() as recorder:
                carry_out(shipped(run, executor), todo, executor, recorder, bar)
        finally:
            if bar is not None:
                bar.close()
    return Results(Recorded(record, jobs))


def halving(run: Run, settings: Iterable[Mapping[str, Any]], budgets: Mapping[str, Sequence[float]], *, score: str,
            largest: bool = False, keep: float = 1 / 3, **options: Any) -> list[Results]:  # fmt: skip
    """Successive halving (Jamieson and Talwalkar, 2016), for long lists of settings: all get a small budget, the best
    third a larger one, and so on.

    Args:
        run, settings: as in `sweep`.
        budgets: what is called the budget, and how much of it in each round: `{"epochs": [5, 15, 45]}`.
        score: the figure to choose by: its mean over the seeds, smallest first.
        largest: largest first.
        keep: the share of the settings that goes on after each round, at least one.
        options: seeds, executor, file and progress, as in `sweep`.

    Returns:
        The table of each round.

    Raises:
        ValueError: for other than one budget, a share outside (0, 1), and where no setting of a round is left.
        TypeError, ValueError, RuntimeError: as `sweep` does.
    """
    if len(budgets) != 1:
        raise ValueError(f'budgets are those of one hyperparameter, such as {{"epochs": [5, 15, 45]}}, got {budgets}')
    if not share("keep", keep):
        raise ValueError("keep must be above 0, got 0")
    [(budget, amounts)] = budgets.items()
    left, rounds = settings_of(settings), list[Results]()
    for amount in amounts:
        rounds.append(sweep(run, [{**setting, budget: amount} for setting in left], **options))
        ranked = rounds[-1].ranked(score, largest)
        if not ranked:
            raise ValueError(f"no setting is left after {budget}={amount}: every one has a seed that failed")
        places = [summary.setting for summary in ranked[: max(1, math.floor(keep * len(left)))]]
        left = [setting for setting in left if {**setting, budget: amount} in places]
    return rounds


def settings_of(given: Any) -> list[dict[str, Any]]:
    """The settings as JSON gives them back, each once."""
    found = grid(given) if isinstance(given, Mapping) else given
    if isinstance(found, str) or not isinstance(found, Iterable):
        raise TypeError(f'settings are a grid, such as {{"rate": [0.1, 0.01]}}, or a list of dicts, got {shown(given)}')
    settings = {json.dumps(setting, sort_keys=True): setting for setting in map(checked, found)}
    if not settings:
        raise ValueError("there is no setting to try")
    return list(settings.values())


def checked(setting: Any) -> dict[str, Any]:
    if not isinstance(setting, Mapping):
        raise TypeError(f'a setting is a dict, such as {{"rate": 0.1}}, got {shown(setting)}')
    if "seed" in setting:
        raise ValueError(f"seeds are given by seeds=..., not in a setting, got {shown(setting)}")
    try:
        return dict(json.loads(json.dumps({name: plain(value) for name, value in setting.items()}, allow_nan=False)))
    except (TypeError, ValueError) as error:
        raise TypeError(f"a setting is numbers, texts and lists of them, got {shown(setting)}: {error}") from None


def seeds_of(given: Any) -> list[int]:
    seeds = list(map(check_seed, given)) if isinstance(given, Iterable) else list(range(whole("seeds", given, 1)))
    if not seeds:
        raise ValueError("there is no seed to run with")
    return seeds


def name_of(run: Run) -> str:
    """What is run, in words: the name of the function, and what `functools.partial` gives it."""
    if not callable(run):
        raise TypeError(f"run is a function of a setting and a seed, got {shown(run)}")
    if isinstance(run, partial):
        given = [*map(repr, run.args), *(f"{name}={value!r}" for name, value in run.keywords.items())]
        return f"{name_of(run.func)}({', '.join(given)})"
    return getattr(run, "__qualname__", type(run).__qualname__)


def carry_out(run: Run, jobs: Sequence[Job], executor: Executor | None, recorder: Recorder, bar: Any) -> None:
    """Do these runs and record each."""
    failed = 0

    def take(row: Row) -> None:
        nonlocal failed
        recorder.add(row)
        failed += bool(row.reason)
        if bar is not None:
            bar.set_postfix_str(f"{failed} failed" if failed else "", refresh=False)
            bar.update()

    if executor is not None:
        for row in rows_by(executor, run, jobs):
            take(row)
        return
    breaks = 0
    while left := [job for job in jobs if job not in recorder.record]:
        try:
            with pool() as own:
                for row in rows_by(own, run, left):
                    take(row)
        except BrokenProcessPool as error:  # one of the processes was killed: all others are fine, start anew
            breaks = 0 if any(job in recorder.record for job in left) else breaks + 1
            if breaks == BREAKS:
                raise RuntimeError(
                    'the processes ended before a run was done: a script needs `if __name__ == "__main__":` around '
                    "what it does, and a run may need more memory than there is"
                ) from error


@contextmanager
def pool() -> Iterator[Executor]:
    """Our own processes, which do not begin another run when this block ends."""
    executor = process_pool()
    try:
        yield executor
    finally:
        executor.shutdown(cancel_futures=True)


def rows_by(executor: Executor, run: Run, jobs: Iterable[Job]) -> Iterator[Row]:
    """The rows as they are done, whatever their order, with a bounded number handed out ahead."""
    finished: SimpleQueue[Future[Row]] = SimpleQueue()
    waiting = set[Future[Row]]()

    def next_row() -> Row:
        future = finished.get()
        waiting.remove(future)
        try:
            return future.result()
        except CancelledError:
            raise RuntimeError("the executor was shut down before all runs were done") from None

    try:
        for job in jobs:
            future = executor.submit(attempt, run, job)
            waiting.add(future)
            future.add_done_callback(finished.put)
            while len(waiting) == AHEAD or not finished.empty():
                yield next_row()
        while waiting:
            yield next_row()
    finally:
        for future in waiting:
            future.cancel()


def attempt(run: Run, job: Job) -> Row:
    """The row of a run, in whatever process this is; where it fails, why. KeyboardInterrupt for one that Ctrl-C cut
    short, ImportError where a package is missing, which is no fault of the setting."""
    started, before = perf_counter(), held_back()
    try:
        figures, reason = figures_of(run(**job.setting, seed=job.seed)), ""
    except ImportError:
        raise
    except Exception as error:  # whatever it is: it is the result of this setting
        figures, reason = {}, " ".join(f"{type(error).__name__}: {error}".split())[:500]
    if held_back() != before:
        raise KeyboardInterrupt
    return Row(job.setting, job.seed, figures, reason, perf_counter() - started)


def figures_of(given: Any) -> dict[str, Any]:
    """Figures by name as JSON holds them. TypeError for what is none, ArithmeticError for a number that is not
    finite."""
    named = given if isinstance(given, Mapping) else {"score": given}
    return {str(name): numbers_of(str(name), plain(figure)) for name, figure in named.items()}


def numbers_of(name: str, given: Any) -> Any:
    if isinstance(given, list | tuple):
        return [numbers_of(name, number) for number in given]
    number = getattr(given, "data", given)  # of a Value
    if not isinstance(number, Real):
        raise TypeError(f"a run gives numbers, or lists of numbers, by name; {name} is {shown(given)}")
    if isinstance(number, int):
        return int(number)
    if not math.isfinite(number):
        raise ArithmeticError(f"{name} became {float(number)}")
    return float(number)


def shipped(run: Run, executor: Executor | None) -> Run:
    """The run as our own processes can take it: one that is written in a notebook goes there by its code."""
    module = sys.modules.get(getattr(run, "__module__", ""), None)
    if executor is not None or module is None or module.__name__ != "__main__" or hasattr(module, "__file__"):
        return run
    try:
        import cloudpickle
    except ImportError:
        raise ImportError(
            f"{name_of(run)} is written in a notebook, where other processes cannot find it: pip install cloudpickle, "
            "or write it into a module by %%writefile"
        ) from None
    return partial(unpickled_run, cloudpickle.dumps(run))


def unpickled_run(code: bytes, **setting: Any) -> Any:
    """A run by its code."""
    import pickle

    return pickle.loads(code)(**setting)
