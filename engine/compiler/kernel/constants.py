"""The numbers in the kernel's loops: those of the kinds of instruction, places in what it reads, and small ones.

All are unsigned, as the indices are: a signed one beside them would make a float. `source.py` writes their values into
the kernel's text.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from engine.compiler import instruction_set
from engine.compiler.instruction_set import (
    Apply,
    Combine,
    Fields,
    List,
    Lookup,
    Matmul,
    Parameters,
    Products,
    Start,
    Weights,
    places,
)

__all__ = [
    "ACTIVE", "ADDED_TO", "APPLY", "BASE", "BLOCK", "COMBINE", "CONSTANTS", "DONE", "EIGHT", "FIVE", "FOUR", "HEADER",
    "INPUTS", "JOINED", "KEPT", "LANES", "LIST", "LOOKUP", "LOSS", "MATMUL", "MOVING", "NINE", "ONE", "OPENED",
    "OUTPUTS", "PARAMETERS", "PENALTY", "PREFIX", "PRODUCTS", "ROOM", "ROWS", "RUNS", "SCALE", "SETS", "SEVEN", "SIX",
    "START", "TAKEN", "TEN", "THREE", "TWO", "UNIFORM", "UPDATE", "WEIGHTS", "WIDTH", "ZERO",
]  # fmt: skip

unsigned: Any = np.uint64


def number(kind: type[Fields]) -> Any:
    """The number of a kind of instruction."""
    return unsigned(instruction_set.number(kind))


ZERO, ONE, TWO, THREE, FOUR, FIVE, SIX, SEVEN, EIGHT, NINE, TEN = (unsigned(small) for small in range(11))
START, MATMUL, WEIGHTS, PRODUCTS, COMBINE = map(number, (Start, Matmul, Weights, Products, Combine))
PARAMETERS, APPLY, LIST, LOOKUP = map(number, (Parameters, Apply, List, Lookup))
WIDTH = unsigned(instruction_set.WIDTH)
# where a start notes that the next instruction begins its rows, and the bit of `active` in which a product notes that
# its gradient sets what others add to: see `translation.py`
JOINED, SETS = SEVEN, TWO
# where a list notes in which rows its parts are kept, and where it lists the rows with the numbers of those items that
# all are measured from (0: nowhere)
KEPT, BASE = SIX, SEVEN
# where a sum of products of parameters notes where in D the factors of its rows are, plus one (0: nowhere)
SCALE = SEVEN
RUNS, UNIFORM, ACTIVE = (unsigned(places(Apply)[field]) for field in ("runs", "uniform", "active"))

# The array J (see `steps.py`) begins with so many numbers: where in it the first plan of a loss, the penalty's and the
# update's are (0: there is none), how many parameters move, where in W the room for rows is, and the least samples of a
# block
PREFIX = EIGHT
PENALTY, UPDATE, MOVING, ROOM, BLOCK = ONE, TWO, THREE, FOUR, FIVE
# The words that threads share, each in a line of the cache of its own: how many blocks of all steps may be taken, are
# taken, and are done
OPENED, TAKEN, DONE = ZERO, EIGHT, EIGHT + EIGHT
# A plan in J begins with as many: how many instructions, rows, inputs, the row of the loss, how many outputs, the most
# lanes, where in W its constants begin, and the row from which on gradients must begin with 0
HEADER = EIGHT
ROWS, INPUTS, LOSS, OUTPUTS, LANES, CONSTANTS, ADDED_TO = ONE, TWO, THREE, FOUR, FIVE, SIX, SEVEN
