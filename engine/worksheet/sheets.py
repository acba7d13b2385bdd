"""One sheet: what a student is asked, with the key."""

from __future__ import annotations

from dataclasses import dataclass

from engine.worksheet.exercises import (
    Blank,
    Bug,
    Update,
    bug_of,
    causes_shown,
    gradient_blanks,
    rate_of,
    slope_blanks,
    update_blanks,
    value_blanks,
)
from engine.worksheet.graphs import Graph, draw_graph
from engine.worksheet.lots import Lots
from engine.worksheet.words import Words

__all__ = ["Sheet", "draw_sheet"]

BUGS = ("replaced", "replaced", "again", "early", "early", "slope", "left over")
"""The reasons that are drawn from, those that are met most often more often."""


@dataclass(frozen=True, eq=False)
class Sheet:
    """What one student is asked.

    Attributes:
        number: which student's it is, from 1.
        code: the seed and the number, as they stand on every page.
        graph: the graph of the first four exercises.
        values, local_slopes, gradients, updates: the numbers that are asked for, with the key.
        update: the learning rate, and what the step does to the result.
        bug_graph, bug: the graph and the program of the fifth.
    """

    number: int
    code: str
    graph: Graph
    values: tuple[Blank, ...]
    local_slopes: tuple[Blank, ...]
    gradients: tuple[Blank, ...]
    updates: tuple[Blank, ...]
    update: Update
    bug_graph: Graph
    bug: Bug

    @property
    def blanks(self) -> tuple[Blank, ...]:
        """All numbers that are asked for but those of the bug."""
        return self.values + self.local_slopes + self.gradients + self.updates

    @property
    def likeness(self) -> tuple[object, ...]:
        """What no other student may have: either graph, whatever its leaves are called, nor the numbers of the key."""
        numbers = tuple(blank.answer for blank in self.values + self.gradients)
        return likeness(self.graph), likeness(self.bug_graph), numbers


def draw_sheet(number: int, code: str, lots: Lots, words: Words) -> Sheet:
    """A sheet by lot."""
    graph = draw_graph(lots, 5, lambda graph: rate_of(graph) is not None)
    update = rate_of(graph)
    assert update is not None
    cause = lots.pick(BUGS)
    bug_graph = draw_graph(lots, 4, lambda graph: cause in causes_shown(graph))
    return Sheet(
        number,
        code,
        graph,
        value_blanks(graph, words),
        slope_blanks(graph, words),
        gradient_blanks(graph, words),
        update_blanks(graph, update, words),
        update,
        bug_graph,
        bug_of(bug_graph, cause, lots, words),
    )


def likeness(graph: Graph) -> tuple[object, ...]:
    """A graph without the names of its leaves, and without the order of what is added or multiplied."""
    called = {name: f"leaf {i}" for i, (name, _) in enumerate(graph.leaves)}
    lines = []
    for _, kind, inputs in graph.operations:
        names = [called.get(x, x) for x in inputs]
        lines.append((kind, *(sorted(names) if kind in ("add", "mul") else names)))
    return *(x for _, x in graph.leaves), *lines
