"""Lanes held in registers: the words that `tiles.py` is written in, as LLVM has them and Numba does not.

Its text is written into the kernel's as it stands, and is for Numba alone.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from llvmlite import binding, ir
from numba.core import cgutils, types
from numba.extending import intrinsic, models, register_model

__all__ = [
    "TILES", "WIDE", "add_product", "item", "load", "load_wide", "save", "save_turned", "save_wide", "spread",
    "spread_wide", "sums_of_eight", "turned",
]  # fmt: skip

FEW, MANY = 8, 32
"""How many lanes a register of AVX-512 holds, and four of them."""
unsigned: Any = np.uint64
word: Any = intrinsic  # whose own type knows nothing of what a word is called with
WIDE = unsigned(MANY)
TILES = bool(binding.get_host_cpu_features().get("avx512f"))
"""Whether this processor has the 32 such registers that a tile needs. On others the plain loops are as fast."""
NUMBER, REAL, WORD = ir.IntType(32), ir.DoubleType(), ir.IntType(64)
BYTES = ir.Constant(NUMBER, 8)
"""What masked loads and stores may rely on for the place of a number."""


class Lanes(types.Type):
    """The type of some lanes of a row."""

    def __init__(self, count: int) -> None:
        super().__init__(name=f"Lanes({count})")
        self.count, self.vector = count, ir.VectorType(REAL, count)


@register_model(Lanes)
class LanesModel(models.PrimitiveModel):
    """It is a vector of LLVM's."""

    def __init__(self, manager: Any, lanes: Lanes) -> None:
        super().__init__(manager, lanes, lanes.vector)


few, many = Lanes(FEW), Lanes(MANY)
NOTHING = ir.Constant(few.vector, [0.0] * FEW)


def address(context: Any, builder: Any, signature: Any, args: Any, lanes: Lanes) -> Any:
    """Where the lanes are that begin at a place of an array: the first two arguments."""
    start = context.make_array(signature.args[0])(context, builder, args[0]).data
    return builder.bitcast(builder.gep(start, [args[1]]), lanes.vector.as_pointer())


def mixed(builder: Any, x: Any, y: Any, places: list[int]) -> Any:
    """Lanes of x and, counted on, of y."""
    return builder.shuffle_vector(x, y, ir.Constant(ir.VectorType(NUMBER, len(places)), places))


def repeated(builder: Any, number: Any, count: int) -> Any:
    empty = ir.Constant(ir.VectorType(number.type, count), ir.Undefined)
    return mixed(builder, builder.insert_element(empty, number, ir.Constant(NUMBER, 0)), empty, [0] * count)


def call(builder: Any, name: str, result: Any, *args: Any) -> Any:
    """A function of LLVM's own."""
    kind = ir.FunctionType(result, [arg.type for arg in args])
    return builder.call(cgutils.get_or_insert_function(builder.module, kind, name), args)


def mask(builder: Any, left: Any) -> Any:
    """Which of eight lanes there are where so many are left."""
    numbers = ir.Constant(ir.VectorType(WORD, FEW), list(range(FEW)))
    return builder.icmp_unsigned("<", numbers, repeated(builder, left, FEW))


@word
def load_wide(typing: Any, array: Any, place: Any) -> Any:
    """WIDE lanes."""

    def code(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return builder.load(address(context, builder, signature, args, many), align=8)

    return many(array, place), code


@word
def save_wide(typing: Any, array: Any, place: Any, lanes: Any) -> Any:
    """Writes them."""

    def code(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        builder.store(args[2], address(context, builder, signature, args, many), align=8)
        return context.get_dummy_value()

    return types.void(array, place, lanes), code


@word
def load(typing: Any, array: Any, place: Any, left: Any) -> Any:
    """Eight lanes; where fewer are left the others are 0. With None all are there, and nothing is asked."""

    def code(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        start = address(context, builder, signature, args, few)
        if left is types.none:
            return builder.load(start, align=8)
        there = mask(builder, args[2])
        return call(builder, f"llvm.masked.load.v{FEW}f64.p0", few.vector, start, BYTES, there, NOTHING)

    return few(array, place, left), code


@word
def save(typing: Any, array: Any, place: Any, left: Any, lanes: Any) -> Any:
    """Writes as many of eight lanes as are left, with None all of them."""

    def code(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        start = address(context, builder, signature, args, few)
        if left is types.none:
            builder.store(args[3], start, align=8)
        else:
            there = mask(builder, args[2])
            call(builder, f"llvm.masked.store.v{FEW}f64.p0", ir.VoidType(), args[3], start, BYTES, there)
        return context.get_dummy_value()

    return types.void(array, place, left, lanes), code


@word
def item(typing: Any, lanes: Any, place: Any) -> Any:
    """One of eight lanes, by its number."""

    def code(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return builder.extract_element(args[0], args[1])

    return types.float64(lanes, place), code


@word
def spread(typing: Any, number: Any) -> Any:
    """Eight lanes of one number."""

    def code(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return repeated(builder, args[0], FEW)

    return few(number), code


@word
def spread_wide(typing: Any, number: Any) -> Any:
    """WIDE lanes of one number."""

    def code(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return repeated(builder, args[0], MANY)

    return many(number), code


@word
def add_product(typing: Any, total: Any, x: Any, y: Any) -> Any:
    """total + x * y, where x is a number or lanes."""

    def code(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        factor = args[1] if isinstance(x, Lanes) else repeated(builder, args[1], y.count)
        return call(builder, f"llvm.fmuladd.v{y.count}f64", y.vector, factor, args[2], args[0])

    return y(total, x, y), code


def exchanged(builder: Any, x: Any, y: Any, size: int) -> tuple[Any, Any]:
    """Eight lanes x and eight y in blocks of some size: the first block of both, the third of both and so on; and the
    other blocks."""
    first = [lane // size % 2 == 0 for lane in range(FEW)]
    return (
        mixed(builder, x, y, [lane if there else FEW + lane - size for lane, there in enumerate(first)]),
        mixed(builder, x, y, [lane + size if there else FEW + lane for lane, there in enumerate(first)]),
    )


def turning(builder: Any, lanes: list[Any]) -> list[Any]:
    """Eight times eight lanes, turned in three rounds of exchanges."""
    for size in (1, 2, 4):
        for i in (i for i in range(FEW) if not i & size):
            lanes[i], lanes[i + size] = exchanged(builder, lanes[i], lanes[i + size], size)
    return lanes


@word
def sums_of_eight(typing: Any, a: Any, b: Any, c: Any, d: Any, e: Any, f: Any, g: Any, h: Any) -> Any:
    """The sums of eight times eight lanes, in the lanes of one: neighbours are added, then pairs, then fours."""

    def code(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        for size in (1, 2, 4):
            pairs = zip(args[::2], args[1::2], strict=True)
            args = [builder.fadd(*exchanged(builder, x, y, size)) for x, y in pairs]
        return args[0]

    return few(a, b, c, d, e, f, g, h), code


@word
def turned(typing: Any, a: Any, b: Any, c: Any, d: Any, e: Any, f: Any, g: Any, h: Any) -> Any:
    """Eight times eight lanes turned: the first lanes of all, the second ones, and so on."""

    def code(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return context.make_tuple(builder, signature.return_type, turning(builder, list(args)))

    return types.UniTuple(few, FEW)(a, b, c, d, e, f, g, h), code


@word
def save_turned(typing: Any, array: Any, place: Any, step: Any, left: Any, a: Any, b: Any, c: Any, d: Any, e: Any,
                f: Any, g: Any, h: Any) -> Any:  # fmt: skip
    """Writes eight times eight lanes turned: the first lanes of all at this place, the second ones a step further, as
    many as are left."""

    def code(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        array, place, step, left, *lanes = args
        for i, each in enumerate(turning(builder, lanes)):
            with builder.if_then(builder.icmp_unsigned(">", left, ir.Constant(WORD, i))):
                builder.store(each, address(context, builder, signature, [array, place], few), align=8)
            place = builder.add(place, step)
        return context.get_dummy_value()

    return types.void(array, place, step, left, a, b, c, d, e, f, g, h), code
