"""A call of the kernel: its arguments as words in one block, which its machine code reads."""

from __future__ import annotations

from ctypes import addressof, c_char
from itertools import accumulate
from typing import Any

import numpy as np

from engine.compiler.kernel.machine_code import Enter, words
from engine.compiler.kernel.source import ARGUMENTS

__all__ = ["Call"]

RESULT = 2  # words before the arguments: the result, and an exception
SIZE, DATA, SHAPE = 2, 4, 5  # words of an array; the first two are those of its memory and its parent
PLACES = list(accumulate((len(words(argument)) for argument in ARGUMENTS.values()), initial=RESULT))
TYPES = [(np.dtype(kind), bracket and ranks.count(",") + 1, place) for (kind, bracket, ranks), place in
         zip([argument.partition("[") for argument in ARGUMENTS.values()], PLACES, strict=False)]  # fmt: skip
"""Of every argument: what it is made of, how many axes it has, where its words are. A number has no axes."""
Memory = c_char * 0


class Call:
    """The kernel, called again and again with almost the same arguments: only what is another object is written anew.

    One thread at a time calls it.

    Args:
        enter: the machine code.
    """

    def __init__(self, enter: Enter) -> None:
        self._enter = enter
        block = bytearray(8 * PLACES[-1])
        self._words, self._reals = memoryview(block).cast("q"), memoryview(block).cast("d")
        self._place = addressof(Memory.from_buffer(block))
        self._given: list[Any] = [None] * len(ARGUMENTS)  # what is written; so it stays alive
        self._shapes = self._given.copy()

    def __call__(self, *arguments: Any) -> int:
        """What the kernel gives. TypeError for an array of another type than it takes: it would read other memory."""
        given = self._given
        for i, argument in enumerate(arguments):
            if argument is not given[i]:
                self._write(i, argument)
        if self._enter(self._place):
            raise RuntimeError("the kernel stopped with an exception")
        return self._words[0]

    def _write(self, i: int, argument: Any) -> None:
        dtype, axes, place = TYPES[i]
        self._given[i] = None  # until all of it is written
        if axes:
            if argument.dtype is not dtype and argument.dtype != dtype:
                raise TypeError(f"the kernel takes an array of {dtype} here, got one of {argument.dtype}")
            self._words[place + DATA] = addressof(Memory.from_buffer(argument))  # an error where it has gaps
            if argument.shape != self._shapes[i]:
                self._lay_out(i, argument)
        else:
            (self._reals if dtype.kind == "f" else self._words)[place] = argument
        self._given[i] = argument

    def _lay_out(self, i: int, array: Any) -> None:
        dtype, axes, place = TYPES[i]
        if array.ndim != axes:
            raise TypeError(f"the kernel takes an array with {axes} axes here, got one with {array.ndim}")
        self._words[place + SIZE], self._words[place + SIZE + 1] = array.size, dtype.itemsize
        for k, number in enumerate((*array.shape, *array.strides), place + SHAPE):
            self._words[k] = number
        self._shapes[i] = array.shape
