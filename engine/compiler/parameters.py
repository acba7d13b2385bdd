"""The parameters of a compiled function: different Values, each with its place among them."""

from __future__ import annotations

from array import array
from collections.abc import Iterable
from typing import Any

from engine.advice import shown
from engine.value import Value

__all__ = ["Parameters", "parameters_of"]


class Parameters(tuple[Value, ...]):
    """Values in their order; for many functions and recordings of the same parameters they are looked through once.

    Attributes:
        places: the place of each.
        counting: 0, 1, 2, ..., as many as there are, of which a recording of many leaves takes slices: they are
            copied ten times as fast as they are made.
    """

    places: dict[Value, int]
    counting: array[int]

    def __new__(cls, values: Iterable[Value] = ()) -> Parameters:
        made = super().__new__(cls, values)
        made.places = dict(zip(made, range(len(made)), strict=True))
        made.counting = array("q", range(len(made)))
        return made


def parameters_of(given: Any) -> Parameters:
    """The parameters, if they are different Values, for any number of functions to be compiled: they are looked
    through once. TypeError and ValueError otherwise."""
    if isinstance(given, Parameters):
        return given
    if isinstance(given, Value) or not hasattr(given, "__iter__"):
        advice = "model.parameters()" if hasattr(given, "parameters") else "[w]"
        raise TypeError(f"parameters are a list of Values, got {shown(given)}; write {advice}")
    values = list(given)
    if not all(issubclass(kind, Value) for kind in {*map(type, values)}):
        odd = next(x for x in values if not isinstance(x, Value))
        raise TypeError(f"parameters are Values, got {shown(odd)}")
    parameters = Parameters(values)
    if len(parameters.places) < len(values):
        place = next(place for place, x in enumerate(values) if x in values[:place])
        raise ValueError(f"the parameter {values[place].name or place!r} is given twice: write each once")
    return parameters
