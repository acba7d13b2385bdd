"""Runs that the tests hand to other processes, which find them here by name."""

from __future__ import annotations

import os
import random
import time
from concurrent.futures import Executor, Future
from pathlib import Path
from typing import Any

from nn import MLP, fit
from nn.experiments import process_pool, sweep

GRID = {"rate": [0.3, 0.1, 1e9], "hidden": [2, 3]}
LINE = [([x], [2.0 * x + 1.0]) for x in (0.0, 0.5, 1.0, 2.0)]


class AtOnce(Executor):
    """Runs what it is handed at once; counts what is handed out."""

    def __init__(self) -> None:
        self.count = 0

    def submit(self, f: Any, /, *args: Any, **kwargs: Any) -> Future[Any]:
        self.count += 1
        future: Future[Any] = Future()
        future.set_result(f(*args, **kwargs))
        return future


def training(rate: float, hidden: int, seed: int) -> dict[str, Any]:
    """A real training, which diverges at the largest rate."""
    from nn import SGD

    history = fit(MLP(1, [hidden, 1], seed=seed), LINE, optimizer=SGD(rate), epochs=30, progress=False, backend="eager")
    return {"loss": history[-1].loss, "losses": history.column("loss")}


def drawn(rate: float, seed: int, wait: float = 0.0) -> dict[str, Any]:
    """Numbers that need every bit, and one setting that fails."""
    if rate == 3:
        raise ValueError(f"rate {rate}\n  is odd")
    if wait:
        time.sleep(wait)
    rng = random.Random(f"{rate} {seed}")
    return {"score": rng.gauss(0.0, rate + 1), "curve": [rng.random() for _ in range(5)]}


def fatal_once(rate: float, seed: int, mark: str) -> float:
    """Kills its own process, the first time that it comes to the setting."""
    if rate == 2:
        try:
            Path(mark).touch(exist_ok=False)
        except FileExistsError:
            return float(rate)
        os.kill(os.getpid(), 9)
    return float(rate)


def always_fatal(rate: float, seed: int) -> float:
    os._exit(3)


def whole(file: str, count: int = 20, workers: int = 2, wait: float = 0.02) -> None:
    """The sweep that the tests kill."""
    with process_pool(workers) as executor:
        settings = {"rate": range(count // 2), "wait": [wait]}
        sweep(drawn, settings, seeds=2, file=file, executor=executor, progress=False)
