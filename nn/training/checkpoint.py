"""The state of a training run in a file, so that it can go on where it was, bit for bit."""

from __future__ import annotations

import hashlib
import json
import platform
import warnings
from collections.abc import Sequence
from dataclasses import asdict
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nn.json_files import expect, finite, read_json, write_json
from nn.store import numbers_of, set_parameters
from nn.training.history import History, epoch_of

if TYPE_CHECKING:
    from nn.training.train import Training

__all__ = ["backend_of", "begin", "resume", "store"]

FORMAT, VERSION = "rantai-checkpoint", 1


def begin(run: Training, path: Path) -> None:
    """Make sure that a checkpoint can be written when the time comes.

    Raises:
        TypeError: for a network that does not say its `config()`.
        FileNotFoundError: if there is no such folder.
    """
    run.identity = identity(run)
    if not path.exists() and not path.parent.is_dir():
        raise FileNotFoundError(f"there is no folder {path.parent} for the checkpoint {path.name}")


def backend_of(path: Path | None) -> str | None:
    """The backend that the checkpoint was made by; None where there is no checkpoint that says so."""
    try:
        return str(read_json(path, FORMAT, VERSION)["made_by"]["backend"]) if path else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


def resume(run: Training, path: Path) -> None:
    """Bring a run to the state in the file, if there is one.

    Raises:
        ValueError: if it is broken, or of a run with another network, other data or other settings; the message says
            which.
    """
    if path.exists():
        restore(run, path)


def store(run: Training, path: Path) -> None:
    """Write the whole state of a run, atomically."""
    watched = run.early_stopping
    content = {
        "format": FORMAT,
        "version": VERSION,
        "made_by": made_by(run),
        "settings": run.identity,
        "parameters": numbers_of(run.model),
        "optimizer": {"steps": run.optimizer.steps, "states": run.optimizer.states},
        "position": {"epoch": run.epoch, "step": run.step, "sums": run.sums, "gradient": run.gradient},
        "early_stopping": None,
        "stopped": run.history.stopped,
        "history": [asdict(epoch) for epoch in run.history],
    }
    if watched and watched.best_epoch:
        content["early_stopping"] = {"loss": watched.best_loss, "epoch": watched.best_epoch, "data": watched.best_data}
    write_json(path, content)


def restore(run: Training, path: Path) -> None:
    """Bring a run to the state in the file, once all of it has been read and found good. Raises as `resume` does."""
    content = read_json(path, FORMAT, VERSION)
    try:
        compare(run.identity, expect("settings", content["settings"], dict, "an object"))
        state = state_of(run, content)
        set_parameters(run.model, content["parameters"])
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"{path} is no whole checkpoint: {type(error).__name__} {error}") from None
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from None
    for part, attributes in state:
        vars(part).update(attributes)
    if content.get("made_by") != made_by(run):
        warnings.warn(
            f"{path} was made by {content.get('made_by')}, this is {made_by(run)}: the last bits may differ",
            stacklevel=5,
        )


def compare(mine: dict[str, Any], theirs: dict[str, Any]) -> None:
    for key, setting in mine.items():
        if theirs.get(key) != setting:
            other = str(theirs.get(key))[:300]
            raise ValueError(f"it is of a run with another {key}: {other}, not {setting}; delete it to start anew")


def state_of(run: Training, content: dict[str, Any]) -> list[tuple[Any, dict[str, Any]]]:
    """What the attributes of the run and its helpers are to be, but for the parameters."""
    position, optimizer, watched = content["position"], content["optimizer"], content["early_stopping"]
    epochs = [
        epoch_of({name: x if x is None else finite(name, x) for name, x in row.items()}) for row in content["history"]
    ]
    if content["stopped"] not in ("", "early stopping"):
        raise ValueError(f"stopped: expected '' or 'early stopping', got {str(content['stopped'])[:60]!r}")
    progress = {
        "epoch": whole("position.epoch", position["epoch"]),
        "step": whole("position.step", position["step"]),
        "sums": finite_list("position.sums", position["sums"], 2),
        "gradient": finite("position.gradient", position["gradient"]),
        "history": History(epochs, content["stopped"]),
    }
    if len(epochs) != progress["epoch"]:
        raise ValueError(f"position.epoch: it is {progress['epoch']}, but the history has {len(epochs)} epochs")
    states = expect("optimizer.states", optimizer["states"], list, "a list")
    if len(states) not in (0, len(run.parameters)):
        raise ValueError(f"optimizer.states: there are {len(states)} for {len(run.parameters)} parameters")
    remembered = [{key: finite(f"optimizer.states.{key}", x) for key, x in state.items()} for state in states]
    state = [
        (run, progress),
        (run.optimizer, {"steps": whole("optimizer.steps", optimizer["steps"]), "states": remembered}),
    ]
    if watched is not None:
        best = finite_list("early_stopping.data", watched["data"], len(run.parameters))
        loss, epoch = finite("early_stopping.loss", watched["loss"]), whole("early_stopping.epoch", watched["epoch"])
        state.append((run.early_stopping, {"best_loss": loss, "best_epoch": epoch, "best_data": best}))
    return state


def whole(field: str, number: Any) -> int:
    if type(number) is not int or number < 0:
        raise ValueError(f"{field}: expected a whole number from 0 up, got {str(number)[:60]!r}")
    return number


def finite_list(field: str, numbers: Any, length: int) -> list[float]:
    if len(expect(field, numbers, list, "a list")) != length:
        raise ValueError(f"{field}: expected {length} numbers, got {len(numbers)}")
    return [finite(field, number) for number in numbers]


def identity(run: Training) -> dict[str, Any]:
    """All that the course of a run depends on, but for how many epochs it has; as JSON gives it back."""
    named = {key: getattr(getattr(run, key), "__name__", None) for key in ("loss", "regularizer", "schedule", "clip")}
    content = {
        "network": {"kind": type(run.model).__name__, **run.model.config()},
        "seed": run.seed,
        "batch_size": run.batch_size,
        "optimizer": repr(run.optimizer),
        "early_stopping": run.early_stopping and [run.early_stopping.patience, run.early_stopping.margin],
        "data": fingerprint(run.data),
        "validation": run.validation and fingerprint(run.validation),
        **named,
    }
    return dict(json.loads(json.dumps(content)))


def fingerprint(data: Sequence[tuple[Any, Any]]) -> str:
    return hashlib.sha256(repr(list(data)).encode()).hexdigest()


def made_by(run: Training) -> dict[str, str]:
    """The backend and the versions that the last bits of a result may depend on."""
    python = ".".join(platform.python_version_tuple()[:2])
    return {"backend": run.backend, "rantai": version_of("rantai"), "python": python, "machine": platform.machine()} | {
        package: version_of(package) for package in PACKAGES[run.backend]
    }


PACKAGES: dict[str, tuple[str, ...]] = {"eager": (), "numpy": ("numpy",), "kernel": ("numpy", "numba")}


def version_of(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "unknown"
