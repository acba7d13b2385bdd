"""Dates as people and programs write them, and the numbers that a network sees of one: the year, the month on a circle,
the day."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

__all__ = ["PARTS", "AmbiguousDate", "Dates", "dates_of", "numbers_of_date"]

FORMATS = (
    "%Y-%m-%d", "%Y/%m/%d", "%d.%m.%Y", "%d/%m/%Y", "%m/%d/%Y", "%d-%m-%Y", "%d.%m.%y", "%d/%m/%y", "%m/%d/%y",
    "%d %b %Y", "%d %B %Y", "%b %d, %Y", "%B %d, %Y", "%d-%b-%Y", "%d-%b-%y",
)  # fmt: skip
CLOCKS = ("%H:%M", "%H:%M:%S", "%H:%M:%S.%f")
TIMES = ("", *(f"{sign}{clock}{zone}" for sign in " T" for clock in CLOCKS for zone in ("", "%z")))  # Z is a zone
DAYFIRST = {"%d/%m": True, "%m/%d": False}
"""The forms that cannot always be told from each other."""
PARTS = ("year", "month_sin", "month_cos", "day")
"""What a column of dates becomes; December is as near to January as January to February."""


class AmbiguousDate(ValueError):
    """A column of dates of which it cannot be told where day and month stand. `place` is that of the first."""

    def __init__(self, place: int, readings: Sequence[datetime]) -> None:
        self.place = place
        super().__init__(" or ".join(f"{day:%d %B %Y}" for day in readings))


class Dates(NamedTuple):
    """The days of a column."""

    days: Sequence[datetime]
    dayfirst: bool | None
    """Whether 3/4/2024 is in April; None where the column does not write its dates so, or each may be read both ways
    and is the same day."""


def dates_of(cells: Sequence[str], dayfirst: bool | None = None) -> Dates | None:
    """The dates of a column all of whose cells are such in one form; None for any other.

    Args:
        cells: the texts.
        dayfirst: whether 3/4/2024 is in April, for a column that does not tell.

    Raises:
        AmbiguousDate: where 3/4/2024 may be in March and in April.
    """
    if not cells or not any(mark in cells[0] for mark in "-/. "):
        return None
    formats = [form + time for form in FORMATS for time in TIMES if parsed(cells[0], form + time)]
    found = [
        Dates([day for day in days if day], DAYFIRST.get(form[:5]))
        for form in formats
        if None not in (days := [parsed(cell, form) for cell in cells])
    ]
    if len(found) < 2:
        return found[0] if found else None
    for one in found:
        if one.dayfirst == dayfirst:
            return one
    for place, readings in enumerate(zip(*[one.days for one in found], strict=True)):
        if len(set(readings)) > 1:
            raise AmbiguousDate(place, readings)
    return Dates(found[0].days, None)


def parsed(cell: str, form: str) -> datetime | None:
    try:
        return datetime.strptime(cell, form)
    except ValueError:
        return None


def numbers_of_date(day: datetime) -> tuple[float, float, float, float]:
    """The numbers of `PARTS`."""
    turn = 2.0 * math.pi * (day.month - 1) / 12.0
    return float(day.year), math.sin(turn), math.cos(turn), float(day.day)
