"""One memory for several threads: the words for what they tell each other in the midst of the kernel.

As in `vectors.py` the text is written into the kernel's as it stands, and is for Numba alone. Who sees a word of an
array that was told, counted or taken here sees all that was written before it was.
"""

from __future__ import annotations

import os
from typing import Any

from llvmlite import ir
from numba.core import cgutils, types
from numba.extending import intrinsic

__all__ = ["count", "seen", "take", "tell", "wait"]

threaded: Any = intrinsic
ORDERED = "acq_rel"
POSIX = os.name == "posix"


def word_of(context: Any, builder: Any, signature: Any, args: Any) -> Any:
    """Where a word of an array is: the first two arguments."""
    start = context.make_array(signature.args[0])(context, builder, args[0]).data
    return builder.gep(start, [args[1]])


@threaded
def seen(typing: Any, words: Any, place: Any) -> Any:
    """A word as it is now."""

    def code(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return builder.load_atomic(word_of(context, builder, signature, args), "acquire", align=8)

    return types.uint64(words, place), code


@threaded
def tell(typing: Any, words: Any, place: Any, number: Any) -> Any:
    """Writes a word."""

    def code(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        builder.store_atomic(args[2], word_of(context, builder, signature, args), "release", align=8)
        return context.get_dummy_value()

    return types.void(words, place, number), code


@threaded
def count(typing: Any, words: Any, place: Any) -> Any:
    """Adds one to a word."""

    def code(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        one = ir.Constant(ir.IntType(64), 1)
        return builder.atomic_rmw("add", word_of(context, builder, signature, args), one, ORDERED)

    return types.uint64(words, place), code


@threaded
def take(typing: Any, words: Any, place: Any, number: Any) -> Any:
    """Whether a word was this number; then it is one more, and no other thread is told so."""

    def code(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        more = builder.add(args[2], ir.Constant(ir.IntType(64), 1))
        found = builder.cmpxchg(word_of(context, builder, signature, args), args[2], more, ORDERED, "acquire")
        return builder.extract_value(found, 1)

    return types.boolean(words, place, number), code


@threaded
def wait(typing: Any) -> Any:
    """Leaves the processor to who else wants it, where the system can be asked so."""

    def code(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        if POSIX:
            function = ir.FunctionType(ir.IntType(32), [])
            builder.call(cgutils.get_or_insert_function(builder.module, function, "sched_yield"), [])
        return context.get_dummy_value()

    return types.void(), code
