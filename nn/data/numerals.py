"""Numbers as people and programs write them, `$1,500`, `1.500,00`, `4.9 %`, `5 kg`, `(200)`, read in the custom of one
column: which sign stands before the decimals, and which unit all share."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from nn.data.table import parse_number

__all__ = ["Ambiguous", "Custom", "custom_of", "numeral"]

CURRENCIES = (
    "$", "€", "£", "¥", "₹", "₩", "₽", "฿", "₫", "Rp", "RM", "USD", "EUR", "GBP", "IDR", "CHF", "JPY", "kr", "zł"
)  # fmt: skip
MONEY = "|".join(map(re.escape, CURRENCIES))
BLANKS = " \u00a0\u2009\u202f"
NUMERAL = re.compile(
    rf"""(?P<open>\()?\s*
    (?P<sign>[+\-−–])?\s*(?:(?P<before>{MONEY})\.?)?\s*(?P<later>[+\-−–])?\s*
    (?P<body>\d[\d.,'’{BLANKS}]*|[.,]\d+)(?P<power>[eE][+\-−]?\d+)?\s*
    (?P<after>[^\W\d_][^\s\d,;:()"=]{{0,11}}(?:[23])?|%|‰|°[CFK]?|{MONEY})?
    (?P<behind>[\-−])?\s*(?(open)\))""",
    re.VERBOSE,
)
PLAIN = re.compile(r"[+-]?\d+(?:\.(\d+))?(?:[eE][+-]?\d+)?")
"""A number as programs write it, and what stands behind its point: in most columns nearly every cell."""
SPREADSHEET = re.compile(r'="(.*)"')
"""How a spreadsheet keeps a text from being taken for a number."""

THOUSANDS = {".": rf",'’{BLANKS}", ",": rf".'’{BLANKS}"}
BODY = {
    decimal: re.compile(
        rf"(?:[1-9]\d{{0,2}}(?:([{apart}])\d{{3}})(?:\1\d{{3}})*|\d+)(?:{re.escape(decimal)}\d*)?|{re.escape(decimal)}\d+"
    )
    for decimal, apart in THOUSANDS.items()
}


class Ambiguous(ValueError):
    """A column whose numbers can be read in two ways. `place` is that of the first cell that can."""

    def __init__(self, place: int, readings: tuple[float, float]) -> None:
        self.place, self.readings = place, readings
        super().__init__(f"{readings[0]:g} or {readings[1]:g}")


@dataclass(frozen=True)
class Custom:
    """How a column writes its numbers: the sign before the decimals, and the unit that its cells share."""

    decimal: str
    unit: str

    def read(self, cell: str) -> float | None:
        """The number in a cell; None for anything else, and for another unit."""
        plain = PLAIN.fullmatch(cell)
        if plain and (not plain[1] or self.decimal == "." or len(plain[1]) != 3):  # seen without taking it apart
            return float(cell) if self.shares("") and (not plain[1] or self.decimal == ".") else None
        found = numeral(cell)
        if found is None:
            return parse_number(cell)
        number = found.number(self.decimal)
        return number if self.shares(found.unit) else None

    def shares(self, unit: str) -> bool:
        """Whether a cell with that unit, or without any, "", belongs to the column."""
        return unit == self.unit or (not unit and self.unit in CURRENCIES)


@dataclass(frozen=True)
class Numeral:
    """A cell taken apart: its digits with what stands among them, its sign, power of ten and unit."""

    body: str
    negative: bool
    power: str
    unit: str

    def number(self, decimal: str) -> float | None:
        """What it is if that sign stands before the decimals; None where it is then no number."""
        if not BODY[decimal].fullmatch(self.body):
            return None
        digits = re.sub(f"[{THOUSANDS[decimal]}]", "", self.body).replace(decimal, ".")
        number = float(f"{digits}{self.power}")
        return -number if self.negative else number


def numeral(cell: str) -> Numeral | None:
    """A cell taken apart, or None where it is no number with a sign, a currency or a unit around it."""
    wrapped = SPREADSHEET.fullmatch(cell)
    found = NUMERAL.fullmatch((wrapped[1] if wrapped else cell).strip())
    if found is None:
        return None
    signs = [sign for sign in (found["sign"], found["later"], found["behind"]) if sign]
    units = [unit for unit in (found["before"], found["after"]) if unit]
    if len(signs) > 1 or len(units) > 1 or (found["open"] and signs):
        return None
    negative = bool(found["open"]) or signs in (["-"], ["−"], ["–"])
    power = (found["power"] or "").replace("−", "-")
    return Numeral(found["body"].strip(BLANKS), negative, power, units[0] if units else "")


def custom_of(cells: Sequence[str], decimal: str | None = None) -> Custom | None:
    """How a column writes its numbers; None where not more than half of its cells are numbers.

    Args:
        cells: those that are not missing.
        decimal: the sign before the decimals, "." or ",", where the cells do not tell.

    Raises:
        Ambiguous: where neither tells whether 1,234 is more than a thousand.
    """
    taken = [numeral(cell) for cell in cells if not PLAIN.fullmatch(cell)]
    units = Counter(each.unit for each in taken if each)
    units[""] += len(cells) - len(taken)
    unit = max(units, key=lambda each: (units[each], bool(each)))
    customs = [Custom(sign, unit) for sign in sorted(THOUSANDS, key=lambda sign: sign != (decimal or "."))]
    read = [[custom.read(cell) for cell in cells] for custom in customs]
    counts = [sum(number is not None for number in numbers) for numbers in read]
    if not cells or 2 * max(counts) <= len(cells):
        return None
    if counts[0] == counts[1] and not decimal:
        for place, (cell, both) in enumerate(zip(cells, zip(*read, strict=True), strict=True)):
            # 1.234 is what every program writes; with a comma it may be anything
            if None not in both and both[0] != both[1] and parse_number(cell) is None:
                raise Ambiguous(place, both)
    return customs[counts.index(max(counts))]
