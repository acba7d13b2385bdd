"""`History`: what training did, epoch by epoch: as a table, a CSV file and a plot."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from nn.json_files import whole_file
from nn.plots import plot_history
from nn.user_files import read_whole

__all__ = ["Epoch", "History"]

LARGEST_FILE = 200_000_000  # bytes


@dataclass(frozen=True)
class Epoch:
    """One pass over the training data."""

    number: int
    """Counted from 1."""
    loss: float
    """The mean loss of the samples, each taken before the step that it was part of."""
    penalty: float
    """The mean price of the regulariser, 0 without one."""
    validation: float | None
    """The mean loss of the validation samples after the epoch; None without any."""
    rate: float
    """The learning rate."""
    gradient: float
    """The Euclidean length of the gradient in the last step."""
    seconds: float
    """How long it took."""


ENDINGS = {
    "": "done after {}",
    "early stopping": "stopped early after {}, since the validation loss fell no further",
    "interrupted": "interrupted after {}",
    "diverged": "diverged after {}",
}
"""How a run ends, by `History.stopped`."""


class History(list[Epoch]):
    """The epochs of a run in order.

    Attributes:
        stopped: why the run ended: "" (all epochs done), "early stopping", "interrupted",
            "diverged".
        backend: what computed the steps, "kernel", "numpy" or "eager"; "" where nobody knows.
        best: the number of the epoch with the smallest validation loss (without validation, training loss).
    """

    def __init__(self, epochs: Iterable[Epoch] = (), stopped: str = "", backend: str = "") -> None:
        super().__init__(epochs)
        self.stopped, self.backend = stopped, backend

    @property
    def ending(self) -> str:
        """How the run ended, in words: "interrupted after 3 epochs"."""
        return ENDINGS.get(self.stopped, f"{self.stopped} after {{}}").format(
            f"{len(self):,} epoch{'s' * (len(self) != 1)}"
        )

    def completed(self) -> History:
        """Itself. KeyboardInterrupt if the run was interrupted: for where it is a part of something larger, which
        comes to nothing then."""
        if self.stopped == "interrupted":
            raise KeyboardInterrupt
        return self

    @property
    def best(self) -> int:
        if not self:
            raise ValueError("an empty history has no best epoch")
        return min(self, key=lambda epoch: epoch.loss if epoch.validation is None else epoch.validation).number

    def column(self, name: str) -> list[Any]:
        """One figure of every epoch, such as "loss"."""
        return [getattr(epoch, name) for epoch in self]

    def save(self, path: str | Path) -> None:
        """Write all epochs as CSV, numbers exact."""
        with whole_file(path) as beside, beside.open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, [field.name for field in fields(Epoch)])
            writer.writeheader()
            writer.writerows(
                {key: repr(x) if isinstance(x, float) else x for key, x in asdict(epoch).items()} for epoch in self
            )

    @classmethod
    def load(cls, path: str | Path) -> History:
        """Read what `save` wrote. ValueError for another kind of file, naming the line."""
        content = read_whole(path, "a history", LARGEST_FILE)
        rows = csv.DictReader(io.StringIO(content.decode(errors="replace"), newline=""))
        try:
            if rows.fieldnames != [field.name for field in fields(Epoch)]:
                raise ValueError(f"its columns are {str(rows.fieldnames)[:200]}")
            return cls(map(epoch_of, rows))
        except (ValueError, TypeError, csv.Error) as error:
            raise ValueError(f"{path} is no history: line {rows.line_num}: {error}") from None

    def plot(self, path: str | Path | None = None) -> Any:
        """The loss curve as a matplotlib figure; with a path (.png, .svg, .pdf) written there too."""
        return plot_history(self, path)

    def __str__(self) -> str:
        return "\n".join([HEAD, *map(line, self.shown(20))]) + (f"\n{self.ending}" if self.stopped else "")

    def __repr__(self) -> str:
        return f"<history of {len(self)} epochs{f', loss {self[0].loss:.4g} to {self[-1].loss:.4g}' if self else ''}>"

    def _repr_html_(self) -> str:
        return f"<pre>{self}</pre>"

    def shown(self, most: int) -> list[Epoch]:
        """At most so many epochs, evenly spread, the first and the last among them."""
        if len(self) <= most:
            return list(self)
        return [self[round(i * (len(self) - 1) / (most - 1))] for i in range(most)]


HEAD = f"{'epoch':>6} {'loss':>11} {'penalty':>11} {'validation':>11} {'rate':>9} {'gradient':>9} {'seconds':>8}"


def line(epoch: Epoch) -> str:
    validation = "–" if epoch.validation is None else f"{epoch.validation:.5g}"
    figures = f"{epoch.rate:>9.3g} {epoch.gradient:>9.3g} {epoch.seconds:>8.3f}"
    return f"{epoch.number:>6} {epoch.loss:>11.5g} {epoch.penalty:>11.4g} {validation:>11} {figures}"


def epoch_of(row: dict[str, Any]) -> Epoch:
    """An epoch from its figures as text or numbers, as CSV and JSON hold them. ValueError or TypeError where one is
    missing or odd."""
    given = {
        name: None if name == "validation" and figure in ("", None) else float(figure) for name, figure in row.items()
    }
    return Epoch(**{**given, "number": int(row["number"])})  # type: ignore[arg-type]
