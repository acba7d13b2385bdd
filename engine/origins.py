"""Where the rows of an instruction came from, in words: the groups they were recorded in, or the names they got."""

from __future__ import annotations

from collections.abc import Sequence

from engine.record import Recording

__all__ = ["origin"]


def origin(recording: Recording, rows: Sequence[int]) -> str:
    """`layer 1`, or where rows are in no common group the names of the first and the last; "" for rows without either."""
    known = [row for row in rows if row < len(recording)]  # parameters and constants that became rows have no place of their own
    if not known:
        return ""
    groups = {recording.groups[row] for row in known}
    paths = [group.path if group else () for group in groups]
    common = []
    for names in zip(*paths, strict=False):
        if len(set(names)) > 1:
            break
        common.append(names[0])
    return " / ".join(common) or called(recording, [known[0], known[-1]][: len(known)])


def called(recording: Recording, rows: Sequence[int]) -> str:
    return " … ".join([recording.names[row] for row in rows if row in recording.names])
