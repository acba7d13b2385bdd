"""Figures that are kept: a file for each processor, in `figures/`, and of all of them the medians."""

from __future__ import annotations

import json
import re
import statistics
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from tests.benchmarks.report import Report

__all__ = ["FOLDER", "Figures", "keep", "kept"]

FOLDER = Path(__file__).parent / "figures"

Content = dict[str, Any]


def keep(report: Report, folder: Path = FOLDER) -> Path:
    """Write what a command measured into the file of this processor, in place of what it measured there before of the
    same workloads; gives the file."""
    content = report.content()
    file = folder / (re.sub(r"\W+", "-", content["machine"]["processor"].lower()).strip("-") + ".json")
    commands = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
    commands[report.command] = joined(commands.get(report.command, {}), content)
    folder.mkdir(exist_ok=True)
    file.write_text(json.dumps(commands, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return file


def joined(old: Content, new: Content) -> Content:
    """The new figures, and the old ones of workloads that were not measured again."""
    again = {row["workload"] for name in LISTS for row in new[name]}
    return new | {
        name: [row for row in old.get(name, []) if row["workload"] not in again] + new[name] for name in LISTS
    }


LISTS = ("timings", "ratios", "sizes")


def kept(folder: Path = FOLDER) -> list[Content]:
    """What the files hold, one for each processor: by command its report, as `Report.content` gives it."""
    return [json.loads(file.read_text(encoding="utf-8")) for file in sorted(folder.glob("*.json"))]


class Figures:
    """The medians of what some processors measured.

    Args:
        processors: for each the reports by command.
    """

    def __init__(self, processors: Iterable[Content]) -> None:
        self.processors = list(processors)
        self.numbers: dict[tuple[str, ...], list[float]] = {}
        for commands in self.processors:
            for command, content in commands.items():
                for row in content["timings"]:
                    self._add((command, row["workload"], row["engine"], row["collector"], "cpu"), row["cpu_seconds"])
                    self._add((command, row["workload"], row["engine"], row["collector"], "wall"), row["wall_seconds"])
                for row in content["ratios"] + content["sizes"]:
                    for clock in row.keys() - {"workload", "what", "collector", "target", "reached"}:
                        figure = row[clock]
                        number = figure["median"] if isinstance(figure, dict) else figure
                        self._add((command, row["workload"], row["what"], row["collector"], clock), number)

    def _add(self, key: tuple[str, ...], number: float) -> None:
        self.numbers.setdefault(key, []).append(number)

    def median(self, command: str, workload: str, what: str, collector: str = "", clock: str = "cpu") -> float | None:
        """Over the processors that have it; None where none has.

        Args:
            what: an engine for its seconds, or the name of a figure.
            clock: "cpu" or "wall", or the unit of a figure that is no ratio of times.
        """
        found = self.numbers.get((command, workload, what, collector, clock))
        return statistics.median(found) if found else None

    def sizes(self, command: str) -> list[tuple[str, str, str]]:
        """Workload, name and unit of the figures that are no ratios of times, in their order."""
        return [(workload, what, unit) for name, workload, what, _, unit in self.numbers if name == command]

    def workloads(self, command: str) -> list[str]:
        """Those that were measured, in their order."""
        return list(dict.fromkeys(key[1] for key in self.numbers if key[0] == command))

    def names(self) -> str:
        """Of the processors."""
        found = [next(iter(commands.values()))["machine"]["processor"] for commands in self.processors]
        return ", ".join(found) or "nothing yet"

    def measured_on(self, command: str) -> str:
        """A line that names the processors, each with its versions and how many rounds there were."""
        found = [commands[command] for commands in self.processors if command in commands]
        lines = [f"{content['described']}; rounds: {content['rounds']}" for content in found]
        return " · ".join(lines) or "nothing that was measured yet"
