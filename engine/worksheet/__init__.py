"""Worksheets: randomised exercises on graphs made for paper, for each student others, with their key.

>>> from engine import Worksheet
>>> print(Worksheet(seed=7, students=2).sheets[0].graph)
"""

from engine.worksheet.worksheet import Worksheet

__all__ = ["Worksheet"]
