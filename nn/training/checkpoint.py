"""The state of a training run in a file, so that it can go on where it was, bit for bit."""

from __future__ import annotations

import hashlib
import json
import math
import platform
import warnings
from array import array
from contextlib import suppress
from dataclasses import asdict
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from nn.data.rows import Rows
from nn.json_files import expect, finite, read_json, require, write_json
from nn.store import numbers_of, set_parameters
from nn.training.history import Epoch, History, epoch_of
from nn.training.samples import Pairs, uniform
from nn.training.task import Task

__all__ = ["Checkpoint"]

FORMAT, VERSION = "rantai-checkpoint", 1


class Checkpoint:
    """The file that the state of a run is kept in.

    Args:
        path: the file, which may be there already.
        task: what is trained, before its first step: the file must be of the same.

    Attributes:
        backend: the one that the file was made by; None where there is no file that says so.

    Raises:
        TypeError: for a network that does not say its `config()`.
        FileNotFoundError: if there is no such folder.
    """

    def __init__(self, path: str | Path, task: Task) -> None:
        self.path, self.task, self._identity = Path(path), task, identity(task)
        if not self.path.exists() and not self.path.parent.is_dir():
            raise FileNotFoundError(f"there is no folder {self.path.parent} for the checkpoint {self.path.name}")
        self.backend: str | None = None
        with suppress(OSError, ValueError, KeyError, TypeError):
            self.backend = str(read_json(self.path, FORMAT, VERSION)["made_by"]["backend"])

    def resume(self, history: History, backend: str) -> None:
        """Bring the run to the state in the file, if there is one, once all of it has been read and found good.

        Args:
            history: is given the epochs.
            backend: what computes the steps now; a warning says so where it was another one.

        Raises:
            ValueError: if it is broken, or of a run with another network, other data or other settings; the message
                says which.
        """
        if not self.path.exists():
            return
        content = read_json(self.path, FORMAT, VERSION)
        try:
            compare(self._identity, expect("settings", content["settings"], dict, "an object"))
            epochs, state = state_of(self.task, history, content)
            set_parameters(self.task.model, content["parameters"])
        except (KeyError, TypeError, AttributeError) as error:
            raise ValueError(f"{self.path} is no whole checkpoint: {type(error).__name__} {error}") from None
        except ValueError as error:
            raise ValueError(f"{self.path}: {error}") from None
        for part, attributes in state:
            vars(part).update(attributes)
        history.extend(epochs)
        if other := difference(content.get("made_by"), made_by(backend)):
            warnings.warn(f"{self.path} {other}: the run goes on, but the last bits may differ", stacklevel=5)

    def store(self, history: History, backend: str) -> None:
        """Write the whole state of the run, atomically."""
        task, watched = self.task, self.task.early_stopping
        content = {
            "format": FORMAT,
            "version": VERSION,
            "made_by": made_by(backend),
            "settings": self._identity,
            "parameters": numbers_of(task.model),
            "optimizer": {"steps": task.optimizer.steps, "states": states_of(task)},
            "position": asdict(task.position),
            "early_stopping": None,
            "stopped": history.stopped,
            "history": [asdict(epoch) for epoch in history],
        }
        if watched and watched.best_epoch:
            best = {"loss": watched.best_loss, "epoch": watched.best_epoch, "data": watched.best_data}
            content["early_stopping"] = best
        write_json(self.path, content)


def compare(mine: dict[str, Any], theirs: dict[str, Any]) -> None:
    for key, setting in mine.items():
        if theirs.get(key) != setting:
            other = str(theirs.get(key))[:300]
            raise ValueError(f"it is of a run with another {key}: {other}, not {setting}; delete it to start anew")


def state_of(
    task: Task, history: History, content: dict[str, Any]
) -> tuple[list[Epoch], list[tuple[Any, dict[str, Any]]]]:
    """The epochs, and what the attributes of the parts of a run are to be, but for the parameters."""
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
    }
    if len(epochs) != progress["epoch"]:
        raise ValueError(f"position.epoch: it is {progress['epoch']}, but the history has {len(epochs)} epochs")
    steps = whole("optimizer.steps", optimizer["steps"])
    states = expect("optimizer.states", optimizer["states"], list, "a list")
    if len(states) != (len(task.parameters) if steps else 0):
        raise ValueError(
            f"optimizer.states: there are {len(states)} for {len(task.parameters)} parameters after {steps} steps"
        )
    remembered = [memory_of(task, place, state) for place, state in enumerate(states)]
    state = [
        (task.position, progress),
        (history, {"stopped": content["stopped"]}),
        (task.optimizer, {"steps": steps, "states": remembered}),
    ]
    if watched is not None:
        best = finite_list("early_stopping.data", watched["data"], len(task.parameters))
        loss, epoch = finite("early_stopping.loss", watched["loss"]), whole("early_stopping.epoch", watched["epoch"])
        state.append((task.early_stopping, {"best_loss": loss, "best_epoch": epoch, "best_data": best}))
    return epochs, state


def states_of(task: Task) -> list[dict[str, float]]:
    """What the optimizer remembers. ValueError for what is not finite, naming the parameter."""
    for p, state in zip(task.parameters, task.optimizer.states, strict=False):
        for name, number in state.items():
            if not math.isfinite(number):
                raise ValueError(
                    f"the gradients are too large for {task.optimizer!r}: its {name} of parameter {p.name} became "
                    f"{number}, which no checkpoint is made of"
                )
    return task.optimizer.states


def memory_of(task: Task, place: int, state: Any) -> dict[str, float]:
    """What the optimizer remembers of one parameter: all of it or nothing, as for one that has not moved yet.
    ValueError for anything else."""
    field, least = f"optimizer.states.{place}", task.optimizer.memory
    numbers = {key: finite(f"{field}.{key}", x) for key, x in state.items()}
    if least is None or not numbers:
        return numbers
    require(field, numbers, least)
    for key, number in numbers.items():
        if number < least[key]:
            raise ValueError(f"{field}.{key}: expected a number from {least[key]:g} up, got {number!r}")
    return numbers


def whole(field: str, number: Any) -> int:
    if type(number) is not int or number < 0:
        raise ValueError(f"{field}: expected a whole number from 0 up, got {str(number)[:60]!r}")
    return number


def finite_list(field: str, numbers: Any, length: int) -> list[float]:
    if len(expect(field, numbers, list, "a list")) != length:
        raise ValueError(f"{field}: expected {length} numbers, got {len(numbers)}")
    return [finite(field, number) for number in numbers]


def identity(task: Task) -> dict[str, Any]:
    """All that the course of a run depends on, but for how many epochs it has; as JSON gives it back."""
    named = {key: getattr(getattr(task, key), "__name__", None) for key in ("loss", "regularizer", "schedule", "clip")}
    content = {
        "network": {"kind": type(task.model).__name__, **task.model.config()},
        "seed": task.seed,
        "batch_size": task.batch_size,
        "optimizer": repr(task.optimizer),
        "early_stopping": task.early_stopping and [task.early_stopping.patience, task.early_stopping.margin],
        "data": fingerprint(task.data),
        "validation": task.validation and fingerprint(task.validation),
        **named,
    }
    return dict(json.loads(json.dumps(content)))


def fingerprint(data: Pairs) -> str:
    if uniform(data):  # those of a large table would take minutes to be written out
        targets = data.targets.numbers if isinstance(data.targets, Rows) else array("q", data.targets)
        return hashlib.sha256(data.inputs.numbers.tobytes() + targets.tobytes()).hexdigest()
    return hashlib.sha256(repr(list(data)).encode()).hexdigest()


def made_by(backend: str) -> dict[str, str]:
    """The backend and the versions that the last bits of a result may depend on."""
    python = ".".join(platform.python_version_tuple()[:2])
    return {"backend": backend, "rantai": version_of("rantai"), "python": python, "machine": platform.machine()} | {
        package: version_of(package) for package in PACKAGES[backend]
    }


def difference(then: Any, now: dict[str, str]) -> str:
    """In what a checkpoint was made otherwise than it would be now; "" where in nothing, so that a run goes on bit for
    bit."""
    if not isinstance(then, dict):
        return "does not say what it was made by"
    other = [name for name in {**now, **then} if then.get(name) != now.get(name)]
    made, here = (", ".join(f"{name} {x[name]}" for name in other if name in x) for x in (then, now))
    return f"was made by {made or 'less'}, this is {here or 'less'}" if other else ""


PACKAGES: dict[str, tuple[str, ...]] = {"eager": (), "numpy": ("numpy",), "kernel": ("numpy", "numba")}


@cache
def version_of(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "unknown"
