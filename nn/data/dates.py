"""Dates as people and programs write them, and the numbers that a network sees of one: the year, the month on a circle,
the day."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import datetime

__all__ = ["PARTS", "AmbiguousDate", "dates_of", "numbers_of_date"]

FORMATS = (
    "%Y-%m-%d", "%Y/%m/%d", "%d.%m.%Y", "%d/%m/%Y", "%m/%d/%Y", "%d-%m-%Y", "%d.%m.%y", "%d/%m/%y", "%m/%d/%y",
    "%d %b %Y", "%d %B %Y", "%b %d, %Y", "%B %d, %Y", "%d-%b-%Y", "%d-%b-%y",
)  # fmt: skip
CLOCKS = ("%H:%M", "%H:%M:%S", "%H:%M:%S.%f")
TIMES = ("", *(f"{sign}{clock}{zone}" for sign in " T" for clock in CLOCKS for zone in ("", "%z")))  # Z is a zone
PARTS = ("year", "month_sin", "month_cos", "day")
"""What a column of dates becomes; December is as near to January as January to February."""


class AmbiguousDate(ValueError):
    """A column of dates of which it cannot be told where day and month stand. `place` is that of the first."""

    def __init__(self, place: int, readings: Sequence[datetime]) -> None:
        self.place = place
        super().__init__(" or ".join(f"{day:%d %B %Y}" for day in readings))


def dates_of(cells: Sequence[str]) -> list[datetime] | None:
    """The days of a column all of whose cells are dates in one form; None for any other.

    Raises:
        AmbiguousDate: where 3/4/2024 may be in March and in April.
    """
    if not cells or not any(mark in cells[0] for mark in "-/. "):
        return None
    formats = [form + time for form in FORMATS for time in TIMES if parsed(cells[0], form + time)]
    found = [days for form in formats if None not in (days := [parsed(cell, form) for cell in cells])]
    if not found:
        return None
    for place, readings in enumerate(zip(*found, strict=True)):
        if len(set(readings)) > 1:
            raise AmbiguousDate(place, [day for day in readings if day])
    return [day for day in found[0] if day]


def parsed(cell: str, form: str) -> datetime | None:
    try:
        return datetime.strptime(cell, form)
    except ValueError:
        return None


def numbers_of_date(day: datetime) -> tuple[float, float, float, float]:
    """The numbers of `PARTS`."""
    turn = 2.0 * math.pi * (day.month - 1) / 12.0
    return float(day.year), math.sin(turn), math.cos(turn), float(day.day)
