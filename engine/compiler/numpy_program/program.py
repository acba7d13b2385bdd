"""A plan as a NumPy program of a few dozen lines: a matrix product is one call, `np.matmul(W, X, out=z)`, and so is an
operation for all of its rows.

The program is written as text, which can be read and is what runs; each derivative in it is the table's, read with
symbols.
"""

from __future__ import annotations

import linecache
import zlib
from collections.abc import Callable
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np

from engine.compiler.instruction_set import WIDTH, Matmul, number, places
from engine.compiler.numpy_program.functions import Array
from engine.compiler.numpy_program.plan_lines import listing_of
from engine.formulas.reading import Unreadable

__all__ = ["Program"]

CACHED = 1 << 17
"""Numbers of V that are computed at a time (1 MB): with those of G they stay within a core's cache."""
FEWEST = 256
"""Samples at a time beside wide layers: with fewer, reading the weights costs more than the products."""
ONE_THREAD = 1 << 18
"""Multiplications up to which OpenBLAS computes a product in one thread. For narrow layers a second one gains next to
nothing, and where the cores are busy it waits for its turn, a hundred times as long as the product takes."""
MOST = 1 << 22
"""Numbers of V at a time, however many rows there are (32 MB)."""
MATMUL, AT = number(Matmul), places(Matmul)
LONGEST = 4000
"""Instructions of a program: beyond, Python takes long to compile its text (1 s for 3000, growing with the square)."""
KEPT = 4
"""Numbers of samples at a time for which buffers are kept."""


class Lanes(NamedTuple):
    """The buffers for a number of samples side by side, and the program bound to them."""

    V: Array
    G: Array
    P: Array
    GP: Array
    step: Callable[[float | None], None]


class Program:
    """A plan that NumPy runs, for many samples at once.

    Attributes:
        plan: the plan.
        source: the text of the program.

    Raises:
        Unreadable: (a ValueError) for a rule of your own whose functions cannot be read with symbols; it names the
            rule. Also for a plan of so many instructions that its text would be no program to read, or to compile.
    """

    def __init__(self, plan: Any) -> None:
        if len(plan) > LONGEST:
            raise Unreadable(f"a NumPy program has at most {LONGEST} instructions, this plan has {len(plan)}")
        self.plan = plan
        listing = listing_of(plan)
        self.source = listing.source()
        self._lists = {name: np.array(items).reshape(listing.shapes[name]) for name, items in listing.lists.items()}
        self._program = compiled(self.source)
        self._by_samples = range(plan.inputs) in listing.by_samples
        self._kept: dict[int, Lanes] = {}
        self._slopes = np.empty(plan.parameters)
        self._lanes = lanes_at_a_time(plan.rows)
        # a gradient is a sum over lanes: with fewer of them its last bits would be others
        self._lanes_forward = lanes_of_one_thread(plan, self._lanes)

    def __repr__(self) -> str:
        return f"<NumPy program of {len(self.source.splitlines())} lines for {self.plan!r}>"

    def run(
        self, P: Array, X: Array, index: Any, seed: float, gradient: Array | None, losses: Array, outputs: Array
    ) -> None:
        """Losses and outputs of some samples, and the gradient of their sum times seed.

        Args:
            P: float64[parameters].
            X: float64[samples, inputs], one row per sample.
            index: int64[N], which samples.
            seed: weight of each sample's loss in the gradient, 1/N for that of the mean.
            gradient: float64[parameters], filled; None where only losses and outputs are wanted.
            losses: float64[N], filled.
            outputs: float64[N, number of outputs], filled.

        Shapes are not checked. What is not finite is left as it comes: no error, no warning. Not for several threads at
        once.
        """
        plan, n = self.plan, len(index)
        parts = -(-n // (self._lanes_forward if gradient is None else self._lanes))
        ends = [n * part // parts for part in range(parts + 1)]
        slopes = gradient  # set by the program: those of several parts go to an array of their own, and are added up
        if gradient is not None and parts > 1:
            slopes, gradient[:] = self._slopes, 0.0
        with np.errstate(all="ignore"):
            for start, stop in pairwise(ends):
                V, *_, step = self._bound(stop - start, P, slopes)
                self._take(X, index[start:stop], V[: plan.inputs])
                step(None if gradient is None else seed)
                losses[start:stop] = V[plan.loss]
                if plan.outputs:
                    outputs[start:stop] = V[plan.outputs].T
                if gradient is not None and parts > 1:
                    gradient += self._slopes

    def _take(self, X: Array, index: Any, inputs: Array) -> None:
        """Write the numbers of these samples to the rows of the inputs, in the order in which they lie there."""
        if self._by_samples:
            X.take(index, axis=0, out=inputs.reshape(len(index), -1), mode="clip")  # other modes would write them twice
        else:
            inputs[:] = X[index].T

    def _bound(self, lanes: int, P: Array, gradient: Array | None) -> Lanes:
        """The program bound to buffers for so many samples, and to these parameters and this gradient."""
        kept = self._kept.get(lanes)
        if kept and kept.P is P and (gradient is None or kept.GP is gradient):
            return kept
        while not kept and len(self._kept) >= KEPT:
            del self._kept[next(iter(self._kept))]
        shape = (self.plan.rows, lanes)
        V, G = (kept.V, kept.G) if kept else (np.empty(shape), np.empty(shape))
        GP = self._slopes if gradient is None else gradient
        kept = self._kept[lanes] = Lanes(V, G, P, GP, self._program(V, G, P, GP, self._lists))
        return kept


def lanes_at_a_time(rows: int) -> int:
    """How many samples are computed side by side."""
    return max(1, CACHED // rows, min(FEWEST, MOST // rows))


def lanes_of_one_thread(plan: Any, most: int) -> int:
    """How many of at most so many samples one thread computes side by side; all where that would be too few."""
    kinds, rows, terms = (plan.code[AT[field] :: WIDTH] for field in ("kind", "rows", "terms"))
    products = (m * n for kind, m, n in zip(kinds, rows, terms, strict=True) if kind == MATMUL)
    lanes = ONE_THREAD // max(products, default=1)
    return min(lanes, most) if lanes >= FEWEST else most


def compiled(source: str) -> Callable[..., Callable[[float | None], None]]:
    """The function `program` of that text; debuggers and tracebacks show its lines."""
    file = f"<program {zlib.crc32(source.encode()):08x}>"
    linecache.cache[file] = (len(source), None, source.splitlines(keepends=True), file)
    scope: dict[str, Any] = {}
    exec(compile(source, file, "exec"), scope)
    return scope["program"]
