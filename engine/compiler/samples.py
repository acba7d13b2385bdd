"""Samples taken apart: the numbers in nested lists, tuples, dicts and arrays, and the shape that is left."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, overload

from engine.rule import real

__all__ = ["Uniform", "shape_of", "take_apart"]

PLAIN = frozenset((float, int))


class Uniform(Sequence[Any]):
    """Samples of one shape, such as the rows of a table, whose numbers are in an array already: only the first is taken
    apart.

    Args:
        sample: the sample of a number.
        numbers: float64[samples, numbers], in the order in which they occur in a sample.
    """

    def __init__(self, sample: Callable[[int], Any], numbers: Any) -> None:
        self.sample, self.numbers = sample, numbers

    def __len__(self) -> int:
        return len(self.numbers)

    @overload
    def __getitem__(self, index: int) -> Any: ...
    @overload
    def __getitem__(self, index: slice) -> Uniform: ...
    def __getitem__(self, index: int | slice) -> Any:
        if isinstance(index, slice):
            places = range(len(self))[index]
            return Uniform(lambda i: self.sample(places[i]), self.numbers[index])
        return self.sample(range(len(self))[index])


def take_apart(sample: Any, each: Callable[[Any], Any]) -> Any:
    """The nested sample with `each` number replaced, in order. Strings, None, True and False are part of its shape and
    stay.

    Args:
        sample: numbers in lists, tuples, dicts and arrays.
        each: is called with one number after another.

    Raises:
        TypeError: for anything else, such as a Value: it is the function that is made of Values, a sample is made of
            numbers.
    """
    if sample.__class__ in PLAIN:
        return each(sample)
    if isinstance(sample, list | tuple):
        parts = [take_apart(part, each) for part in sample]
        return tuple(parts) if isinstance(sample, tuple) else parts
    if isinstance(sample, dict):
        return {key: take_apart(part, each) for key, part in sample.items()}
    if sample is None or isinstance(sample, str | bool):
        return sample
    if hasattr(sample, "tolist"):
        return take_apart(sample.tolist(), each)
    return each(real(sample, "a sample made of numbers in lists, tuples and dicts"))


def shape_of(sample: Any, numbers: list[Any]) -> Any:
    """The shape of a sample, as a key for a dict; its numbers are put into the list, as `take_apart` would take them.

    >>> shape_of([[1.0, 2], "name", None], [])
    ((<class 'float'>, <class 'float'>), 'name', None)
    """
    if isinstance(sample, list | tuple):
        if PLAIN.issuperset(map(type, sample)):  # a row of many numbers in a few steps
            numbers.extend(sample)
            return (float,) * len(sample)
        return tuple([shape_of(part, numbers) for part in sample])
    if isinstance(sample, dict):
        return dict, *[(key, shape_of(part, numbers)) for key, part in sample.items()]
    if sample is None or isinstance(sample, str | bool):
        return sample
    if hasattr(sample, "tolist"):
        return shape_of(sample.tolist(), numbers)
    take_apart(sample, numbers.append)
    return float
