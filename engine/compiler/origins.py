"""Where the rows of an instruction came from: the groups they were recorded in, the names they got, or the formula
of the first."""

from __future__ import annotations

from collections.abc import Sequence

from engine.compiler.recording import Recording
from engine.formulas.notation import shorten

__all__ = ["origin"]


def origin(recording: Recording, rows: Sequence[int]) -> str:
    """`layer 1`; where rows are in no common group the names of the first and the last; without names what the first
    one computes."""
    # parameters and constants that became rows have no place of their own
    known = [row for row in rows if row < len(recording)]
    if not known:
        return "parameters and constants"
    groups = {recording.groups[row] for row in known}
    paths = [group.path if group else () for group in groups]
    common = []
    for names in zip(*paths, strict=False):
        if len(set(names)) > 1:
            break
        common.append(names[0])
    return " / ".join(common) or called(recording, [known[0], known[-1]][: len(known)])


def called(recording: Recording, rows: Sequence[int]) -> str:
    names = [recording.names[row] for row in rows if row in recording.names]
    if names or len(recording.taken(rows[0])) <= MOST_OPERANDS:
        return " … ".join(names) or shorten(recording.operation(rows[0]))
    return f"{recording.rules[recording.codes[rows[0]]].name} of {len(recording.taken(rows[0]))} rows"


MOST_OPERANDS = 8
"""A formula of more is not written out."""
