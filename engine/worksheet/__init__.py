"""Worksheets: randomised exercises on graphs made for paper, for each student others, with their key.

>>> from engine import Worksheet
>>> sheet = Worksheet(seed=7, students=30).sheets[0]
>>> sheet.code, len(sheet.blanks), len(sheet.bug.choices)
('7-01', 25, 5)
"""

from engine.worksheet.worksheet import Worksheet

__all__ = ["Worksheet"]
