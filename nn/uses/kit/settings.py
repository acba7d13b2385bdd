"""What a use is trained with, what it is judged by, and what its result stands beside: plain facts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from itertools import product
from math import sqrt
from statistics import fmean
from typing import Any

from nn.training.optimizers import OPTIMIZERS
from nn.training.regularizers import elastic
from nn.training.schedules import cosine

__all__ = ["ACCURACY", "EXACT_MATCH", "NLL", "Baselines", "Metric", "Own", "Settings", "grid", "rmse_in"]


@dataclass(frozen=True)
class Settings:
    """What a network is made and trained with.

    - `network`: what makes it, such as `{"hidden": [32], "activation": "tanh"}`; plain JSON.
    - `optimizer`, `rate`: by name; the rate falls to 0 along a cosine.
    - `epochs`, `batch`: passes over the data, and samples a step (None: all of them).
    - `l1`, `l2`: strengths of the regularisers.
    """

    network: Mapping[str, Any] = field(default_factory=dict)
    optimizer: str = "adam"
    rate: float = 0.01
    epochs: int = 40
    batch: int | None = 32
    l1: float = 0.0
    l2: float = 0.0

    def for_fit(self) -> dict[str, Any]:
        """The arguments of `nn.fit`."""
        return {
            "optimizer": OPTIMIZERS[self.optimizer](self.rate),
            "epochs": self.epochs,
            "batch_size": self.batch,
            "regularizer": elastic(self.l1, self.l2) if self.l1 or self.l2 else None,
            "schedule": cosine(self.epochs),
        }

    def to_dict(self) -> dict[str, Any]:
        return {**asdict(self), "network": dict(self.network)}

    def __str__(self) -> str:
        made = ", ".join(f"{key} {value}" for key, value in self.network.items())
        prices = "".join(f", {name} {price:g}" for name, price in (("L1", self.l1), ("L2", self.l2)) if price)
        step = "all samples" if self.batch is None else f"{self.batch} sample{'s' * (self.batch != 1)}"
        return f"{made}; {self.optimizer} at {self.rate:g}, {self.epochs} epochs, {step} a step{prices}"


def grid(*, hidden: Sequence[int], epochs: Sequence[int], l2: Sequence[float]) -> list[Settings]:
    """Every combination of these, with tanh and with relu, for an MLP of one hidden layer."""
    return [
        Settings({"hidden": [units], "activation": activation}, epochs=passes, l2=price)
        for units, activation, passes, price in product(hidden, ("tanh", "relu"), epochs, l2)
    ]


@dataclass(frozen=True)
class Metric:
    """A figure to judge by.

    - `name`, `unit`, `more_is_better`: what it is, and whether more of it is better.
    - `digits`: how many are shown after the point; None for four in all.
    - `of_target`: whether its unit is that of the numbers that are told.
    """

    name: str
    unit: str = ""
    more_is_better: bool = False
    digits: int | None = 3
    of_target: bool = False

    def on_own_data(self, unit: str = "") -> Metric:
        """The same of a user's own numbers, in their unit; their size is not known."""
        return replace(self, unit=unit, digits=None) if self.of_target else self

    def of(self, scores: Sequence[float]) -> float:
        """The figure of the scores of rows: of squared errors the root of the mean, else the mean."""
        return sqrt(fmean(scores)) if self.of_target else fmean(scores)

    def better(self, one: float, other: float) -> bool:
        return one > other if self.more_is_better else one < other

    def reaches(self, figure: float, goal: float) -> bool:
        return figure == goal or self.better(figure, goal)

    def text(self, figure: float | None) -> str:
        if figure is None:
            return "–"
        return f"{figure:.4g}" if self.digits is None else f"{figure:.{self.digits}f}"

    def __str__(self) -> str:
        return self.name + (f" in {self.unit}" if self.unit else "")


ACCURACY = Metric("accuracy", more_is_better=True)
EXACT_MATCH = Metric("exact match", more_is_better=True)
NLL = Metric("negative log-likelihood", "nats a character")


def rmse_in(unit: str, digits: int = 3) -> Metric:
    """The root mean squared error in that unit."""
    return Metric("root mean squared error", unit, digits=digits, of_target=True)


@dataclass(frozen=True)
class Baselines:
    """What others reach on the same rows; None where there is no such figure. What each of them is, in words."""

    trivial: float | None = None
    linear: float | None = None
    scikit_learn: float | None = None
    trivial_is: str = ""
    linear_is: str = ""
    scikit_learn_is: str = ""
    source: str = "measured with scikit-learn 1.9.1 on the same rows"


@dataclass(frozen=True)
class Own:
    """A user's own CSV file, and what its columns are."""

    path: str
    target: str | None = None
    text: str | None = None
    features: tuple[str, ...] | None = None

    def column(self, option: str, meaning: str) -> str:
        """The column that an option names. ValueError if it was not given."""
        found: str | None = getattr(self, option)
        if not found:
            raise ValueError(f"for a CSV file --{option} names {meaning}: which column of {self.path}?")
        return found
