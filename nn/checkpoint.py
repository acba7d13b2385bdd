"""The state of a training run in a file, so that it can go on where it was, bit for bit."""

from __future__ import annotations

import hashlib
import platform
import warnings
from dataclasses import asdict
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nn.history import History, epoch_of
from nn.store import network_of, numbers_of, read_json, set_parameters, write_json

if TYPE_CHECKING:
    from nn.train import Training

__all__ = ["restore", "store"]

FORMAT, VERSION = "rantai-checkpoint", 1


def store(run: Training, path: Path) -> None:
    """Write the whole state of a run, atomically."""
    watched = run.early_stopping
    content = {
        "format": FORMAT,
        "version": VERSION,
        "made_by": made_by(),
        "settings": settings(run),
        "network": network_of(run.model),
        "parameters": numbers_of(run.model),
        "optimizer": {"steps": run.optimizer.steps, "states": run.optimizer.states},
        "position": {"epoch": run.epoch, "step": run.step, "sums": run.sums, "gradient": run.gradient},
        "early_stopping": watched and {"loss": watched.best_loss, "epoch": watched.best_epoch, "data": watched.best_data},
        "stopped": run.history.stopped,
        "history": [asdict(epoch) for epoch in run.history],
    }
    if watched and not watched.best_epoch:
        content["early_stopping"] = None
    write_json(path, content)


def restore(run: Training, path: Path) -> None:
    """Bring a run to the state in the file.

    Raises:
        ValueError: if the file is broken, or of a run with another network, other data or other settings; the message says which.
    """
    content = read_json(path, FORMAT, VERSION)
    try:
        mine, theirs = {**settings(run), "network": network_of(run.model)}, {**content["settings"], "network": content["network"]}
        for key, setting in mine.items():
            if theirs.get(key) != setting:
                raise ValueError(f"it is of a run with another {key}: {theirs.get(key)!r}, not {setting!r}; delete it to start anew")
        position, optimizer, watched = content["position"], content["optimizer"], content["early_stopping"]
        set_parameters(run.model, content["parameters"])
        run.optimizer.steps, run.optimizer.states = optimizer["steps"], optimizer["states"]
        run.epoch, run.step = position["epoch"], position["step"]
        run.sums, run.gradient = position["sums"], position["gradient"]
        run.history = History(map(epoch_of, content["history"]), content["stopped"])
        if watched and run.early_stopping:
            run.early_stopping.best_loss, run.early_stopping.best_epoch = watched["loss"], watched["epoch"]
            run.early_stopping.best_data = watched["data"]
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"{path} is no whole checkpoint: {type(error).__name__} {error}") from None
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from None
    if content.get("made_by") != made_by():
        warnings.warn(f"{path} was made by {content.get('made_by')}, this is {made_by()}: the last bits may differ", stacklevel=4)


def settings(run: Training) -> dict[str, Any]:
    """All that the course of a run depends on, but for how many epochs it has."""
    named = {key: getattr(getattr(run, key), "__name__", None) for key in ("loss", "regularizer", "schedule", "clip")}
    patience = run.early_stopping and [run.early_stopping.patience, run.early_stopping.margin]
    data = hashlib.sha256(repr([list(run.data), run.validation and list(run.validation)]).encode()).hexdigest()
    return {
        "seed": run.seed,
        "batch_size": run.batch_size,
        "optimizer": repr(run.optimizer),
        "early_stopping": patience,
        "data": data,
        **named,
    }


def made_by() -> dict[str, str]:
    """The backend and the versions that the last bits of a result may depend on."""
    try:
        own = version("rantai")
    except PackageNotFoundError:
        own = "unknown"
    return {"backend": "eager", "rantai": own, "python": ".".join(platform.python_version_tuple()[:2]), "machine": platform.machine()}
