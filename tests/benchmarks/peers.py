"""The engines that are compared, and how to get those that are not installed."""

import importlib
import importlib.util
from dataclasses import dataclass
from importlib import metadata
from typing import Any

__all__ = ["ENGINES", "OURS", "Engine", "absent", "installed", "versions"]


@dataclass(frozen=True)
class Engine:
    """An engine by the module that holds its `Value`."""

    name: str
    module: str
    requirement: str = ""
    """What pip installs, for an engine that is not part of this project."""

    @property
    def Value(self) -> Any:
        return importlib.import_module(self.module).Value

    @property
    def installed(self) -> bool:
        return not self.requirement or importlib.util.find_spec(self.module.partition(".")[0]) is not None


OURS = "rantai"
ENGINES = {
    engine.name: engine
    for engine in (
        Engine(OURS, "engine"),
        Engine("micrograd", "micrograd.engine", requirement="micrograd==0.1.0"),
        Engine("stored slopes", "tests.benchmarks.stored_slopes"),
    )
}


def installed(names: tuple[str, ...]) -> list[str]:
    """Those engines that can run here."""
    return [name for name in names if ENGINES[name].installed]


def versions() -> dict[str, str]:
    """Of the engines that are here and no part of this project."""
    names = [
        engine.requirement.partition("==")[0] for engine in ENGINES.values() if engine.requirement and engine.installed
    ]
    return {name: metadata.version(name) for name in names}


def absent() -> str:
    """A sentence with the command that installs the engines that are missing; empty if none is."""
    missing = [engine for engine in ENGINES.values() if not engine.installed]
    names, requirements = (" and ".join(e.name for e in missing), " ".join(e.requirement for e in missing))
    return (
        f"left out, as it is not installed: {names}; to add it: python -m pip install {requirements}" if missing else ""
    )
