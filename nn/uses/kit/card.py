"""`Card`: the result of a use beside what others reach on the same rows; printed, and kept as JSON."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean, stdev
from typing import Any

from nn.json_files import write_json
from nn.uses.kit.settings import Baselines, Metric
from nn.uses.kit.use import Use

__all__ = ["Card"]


@dataclass(frozen=True)
class Card:
    """What a use came to.

    - `figures`: the metric on the test rows for each seed.
    - `seconds`: how long a seed took to train, on average.
    - `note`: what makes this no result of the whole use: fewer rows, an interrupt; "" if nothing.
    - `interrupted`: whether it is an interrupt.
    - `unit`: that of a user's own numbers.
    - `interval`: 95 % of the difference to the better of the simpler models, by the paired bootstrap; None where there
      is none beside it.
    """

    use: Use
    seeds: Sequence[int]
    figures: Sequence[float]
    train_rows: int
    test_rows: int
    baselines: Baselines
    seconds: float
    backend: str
    settings: dict[str, Any]
    made_with: str
    choice: str
    data: str = ""
    note: str = ""
    interrupted: bool = False
    unit: str = ""
    interval: tuple[float, float] | None = None

    @property
    def metric(self) -> Metric:
        return self.use.metric.on_own_data(self.unit) if self.data else self.use.metric

    @property
    def question(self) -> str:
        """What is asked: of a user's own data only what is known of them."""
        return f"{self.use.claim}, on {self.data}" if self.data else self.use.question

    @property
    def clearly_better(self) -> bool:
        """Whether the interval of the difference to simpler models, as it is shown, holds only what is better."""
        if self.interval is None:
            return False
        return all(self.metric.better(edge, 0.0) and self.signed(edge)[0] in "−+" for edge in self.interval)

    @property
    def mean(self) -> float:
        return fmean(self.figures)

    @property
    def spread(self) -> float:
        """The standard deviation over the seeds."""
        return stdev(self.figures) if len(self.figures) > 1 else 0.0

    @property
    def counts(self) -> bool:
        """Whether this is the use as it is meant, so that its goal is a measure of it."""
        return not (self.note or self.data)

    @property
    def reached(self) -> bool:
        return self.metric.reaches(self.mean, self.use.goal)

    def to_dict(self) -> dict[str, Any]:
        facts = self.baselines
        return {
            "use": self.use.name,
            "question": self.question,
            "metric": str(self.metric),
            "train_rows": self.train_rows,
            "test_rows": self.test_rows,
            "seeds": list(self.seeds),
            "ours": list(self.figures),
            "mean": self.mean,
            "spread": self.spread,
            "goal": self.use.goal if self.counts else None,
            "trivial": facts.trivial,
            "linear": facts.linear,
            "scikit_learn": facts.scikit_learn,
            "baselines": facts.source,
            "interval": list(self.interval) if self.interval else None,
            "seconds": self.seconds,
            "backend": self.backend,
            "settings": self.settings,
            "choice": self.choice,
            "data": self.data or "shipped",
            "note": self.note,
        }

    def save(self, path: Path) -> None:
        write_json(path, self.to_dict())

    def __str__(self) -> str:
        text, facts = self.metric.text, self.baselines
        spread = f" ± {text(self.spread)}" if len(self.figures) > 1 else ""
        seeds = f"{'seeds' if len(self.seeds) > 1 else 'seed'} {', '.join(map(str, self.seeds))}"
        rows = [
            ("ours", text(self.mean) + spread, f"{seeds}: {', '.join(map(text, self.figures))}"),
            ("trivial", text(facts.trivial), facts.trivial_is),
            ("linear", text(facts.linear), facts.linear_is),
            ("scikit-learn", text(facts.scikit_learn), facts.scikit_learn_is),
        ]
        width = max(len(figure) for _, figure, _ in rows)
        title = f"{self.use.name}: {self.question}"
        lines = [
            title,
            "=" * len(title),
            f"{self.metric} on {self.test_rows:,} test rows, learned from {self.train_rows:,}{self.from_where}",
        ]
        lines += [
            f"  {name:<13} {figure:<{width}}  {what}".rstrip()
            for name, figure, what in rows
            if figure != "–" or name == "ours"
        ]
        lines += [f"  {line}" for line in (self.verdict, self.noise, self.beside) if line]
        lines += [
            f"  {self.made_with}",
            f"  {self.choice}",
            f"  {self.seconds:.1f} s a seed, backend {self.backend}; others: {facts.source}",
        ]
        return "\n".join(lines)

    @property
    def from_where(self) -> str:
        return f" of {self.data}" if self.data else ""

    @property
    def verdict(self) -> str:
        """Whether the goal was reached, and where a simpler model is better."""
        said = [self.note] if self.note else []
        if self.counts:
            sign, goal = ("≥" if self.metric.more_is_better else "≤"), self.metric.text(self.use.goal)
            missed = f"missed by {self.metric.text(abs(self.mean - self.use.goal))}"
            said.append(f"goal {sign} {goal}: {'reached' if self.reached else missed}")
        for name, figure in (("trivial", self.baselines.trivial), ("linear", self.baselines.linear)):
            if figure is not None and self.metric.better(figure, self.mean):
                said.append(f"the {name} model is better here")
        return "; ".join(said)

    @property
    def noise(self) -> str:
        """What a share on so few rows is worth."""
        if not self.metric.more_is_better:
            return ""
        error = math.sqrt(max(self.mean * (1 - self.mean), 0.0) / self.test_rows)
        return f"with other rows of the same kind a share like this would vary by ± {error:.3f} (one standard error)"

    @property
    def beside(self) -> str:
        """The difference to simpler models, as far as these test rows tell it."""
        if self.interval is None:
            return ""
        low, high = self.interval
        unit = f" {self.metric.unit}" if self.metric.unit else ""
        told = "better" if self.clearly_better else "not told from it" if low <= 0 <= high else "worse"
        return (f"less the better of the simpler models, measured on the same rows: {self.signed(low)} to "
                f"{self.signed(high)}{unit} (95 %, paired bootstrap): {told}")  # fmt: skip

    def signed(self, difference: float) -> str:
        """A difference with its sign, if it is not 0 as it is shown."""
        if self.metric.text(abs(difference)) == self.metric.text(0.0):
            return self.metric.text(0.0)
        return f"{'−' if difference < 0 else '+'}{self.metric.text(abs(difference))}"

    def row(self) -> str:
        """A line of the table that the README shows."""
        text, facts = self.metric.text, self.baselines
        ours = f"{text(self.mean)} ± {text(self.spread)}"
        if self.clearly_better:
            ours = f"**{ours}**"
        if self.use.caveat:
            ours += f" ({self.use.caveat})"
        difference = " to ".join(map(self.signed, self.interval)) if self.interval else "–"
        sign = "≥" if self.metric.more_is_better else "≤"
        goal = f"{sign} {text(self.use.goal)}{'' if self.reached else ' (missed)'}"
        figures = [ours, *map(text, (facts.trivial, facts.linear, facts.scikit_learn)), goal, difference,
                   f"{self.seconds:.1f} s"]  # fmt: skip
        return f"| `{self.use.name}` | {self.use.claim}: {self.use.question} | {self.metric} | {' | '.join(figures)} |"
