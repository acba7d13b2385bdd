"""`Kernel`: a plan run by the compiled kernel."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from threading import Lock
from typing import Any, NamedTuple

import numpy as np

from engine.compiler.kernel.blocks import SMALLEST, Blocks
from engine.compiler.kernel.cache import load
from engine.compiler.kernel.call import Call
from engine.compiler.kernel.constants import BLOCK, CONSTANTS, MOVING, PREFIX, ROOM
from engine.compiler.kernel.room import NO_PLACES, NO_ROWS, NO_WORDS, NOTHING, aligned, multiple_of_8
from engine.compiler.kernel.translation import translated

__all__ = ["Descender", "Descent", "Kernel"]

CACHE = 2**18  # bytes that V and G may take together, so that they stay in a processor's second cache
MOST = 1024  # lanes; more gain nothing


class Kernel:
    """A plan, run over many samples by the one compiled kernel.

    Args:
        plan: what `engine.compiler.planner` made.

    It has room for the rows of one call at a time: a second thread waits. A large batch is run in blocks (see
    `blocks.py`).

    Raises:
        ValueError: if the plan applies a rule that is not in the built-in table. The NumPy program runs such a plan.
    """

    def __init__(self, plan: Any) -> None:
        self.plan = plan
        code, table, between, added_to = translated(plan)
        self.lanes = lanes_for(plan.rows)
        self._room = (2 * plan.rows + between) * self.lanes
        header = [len(code), plan.rows, plan.inputs, plan.loss, len(plan.outputs), self.lanes, 0, added_to]
        self._whole = np.concatenate([header, plan.outputs, code.ravel(), table]).astype(np.uint64)
        self._J, self._W, _ = joined([self])
        self._report = np.zeros((1, 3))
        self._call: Call | None = None
        self._alone = Lock()

    def __repr__(self) -> str:
        return f"<kernel for {len(self.plan)} instructions, {self.plan.rows} rows of {self.lanes} lanes>"

    def run(self, P: Any, X: Any, index: Any, seed: float, gradient: Any, losses: Any, outputs: Any) -> None:
        """Losses and outputs of some samples, and the gradient of their sum times seed.

        Args:
            P: float64[parameters].
            X: float64[samples, inputs], C-contiguous, one row per sample.
            index: int64[N], which samples.
            seed: weight of each sample's loss in the gradient, 1 / N for that of the mean.
            gradient: float64[parameters], filled; None runs forward only.
            losses: float64[N], filled.
            outputs: float64[N, outputs of the plan], filled.
        """
        call = self._call or self._compiled()
        gradient = NOTHING if gradient is None else gradient
        gradient[:] = 0.0
        arguments = (self._J, self._W, P, gradient, X.reshape(-1), NO_PLACES, index, len(index) or 1, seed, NO_ROWS,
                     NO_ROWS, NO_ROWS, losses, outputs, self._report)  # fmt: skip
        with self._alone:
            if len(index) < 2 * SMALLEST:
                call(*arguments, NO_ROWS, NO_WORDS)
            else:
                self._blocks(*arguments, samples=len(index))

    def descender(
        self, kernels: Sequence[Kernel], arrays: Sequence[Any], places: Any, penalty: Kernel | None, moving: int
    ) -> Descender:
        """What takes steps of gradient descent with this plan as the optimizer's update. See `Descender`."""
        return Descender(kernels, arrays, places, self, penalty, moving)

    @cached_property
    def _blocks(self) -> Blocks:
        return Blocks(load(), self._W, self.plan.parameters)

    def _compiled(self) -> Call:
        self._call = Call(load())
        return self._call


class Descent(NamedTuple):
    """What `Descender.run` did."""

    steps: int
    """How many it took."""
    losses: Any
    """The mean loss of each."""
    penalties: Any
    """The penalty of each."""
    lengths: Any
    """The length of the gradient of each."""


class Descender:
    """Steps of gradient descent on the mean loss of one batch after another, and on a penalty; many of them in one
    call.

    Args:
        kernels: of the loss of a sample, one for each shape of samples.
        arrays: their samples, float64[samples, inputs] each.
        places: int64[samples, 2], which of these kernels each sample has, and which row of that array it is.
        update: the optimizer's step, a plan over (p, g, what it remembers ...) whose outputs are (new p, what to
            remember ...).
        penalty: a plan without inputs over the same parameters.
        moving: how many parameters move, the first ones.

    Attributes:
        arrays: the samples as they are read: who changes them changes them here.
    """

    def __init__(self, kernels: Sequence[Kernel], arrays: Sequence[Any], places: Any, update: Kernel,
                 penalty: Kernel | None, moving: int) -> None:  # fmt: skip
        self._J, self._W, plans = joined([kernels[0], penalty, update, *kernels[1:]], moving)
        flat = [array.ravel() for array in arrays]
        self._X = flat[0] if len(flat) == 1 else np.concatenate(flat)
        ends = np.cumsum([array.size for array in arrays])
        self.arrays = [
            part.reshape(array.shape) for part, array in zip(np.split(self._X, ends[:-1]), arrays, strict=True)
        ]
        which, row = places[:, 0], places[:, 1]
        first, width = np.append(0, ends)[which], np.array([kernel.plan.inputs for kernel in kernels])[which]
        self._places = np.stack([np.delete(plans, [1, 2])[which], first + row * width], axis=1).astype(np.int64)
        if len(kernels) == 1 and (row == np.arange(len(row))).all():  # nothing needs to be looked up
            self._places = NO_PLACES
        self._call, self._parameters = Call(load()), kernels[0].plan.parameters
        width, drafted = multiple_of_8(self._parameters), len(update.plan.outputs)
        self._draft, self._remembered = aligned(drafted * width).reshape(-1, width), (drafted - 1, moving)

    def run(self, P: Any, gradient: Any, order: Any, batch_size: int, settings: Any, memory: Any) -> Descent:
        """Take steps.

        It stops before a step in which the loss, the penalty, the gradient or a new parameter is not finite: P and
        memory are then as that step found them, and `gradient` is its gradient.

        Args:
            P: float64[parameters], changed.
            gradient: float64[parameters], filled with that of the last step.
            order: int64[...], the samples of the steps, one batch after another; the last one may be smaller. Those of
                one shape that follow each other in a batch are run together.
            batch_size: at least 1.
            settings: float64[steps, parameters of the update's plan], its parameters in each step: learning rate,
                number of the step.
            memory: float64[what it remembers, moving], changed.

        Raises:
            ValueError: for a memory of another shape, which the kernel would write beyond.
        """
        if memory.shape != self._remembered:
            raise ValueError(f"the update remembers an array of shape {self._remembered}, got one of {memory.shape}")
        report = np.zeros((-(-len(order) // batch_size), 3))
        arguments = (self._J, self._W, P, gradient, self._X, self._places, order, batch_size, 1.0, settings, memory,
                     self._draft, NOTHING, NO_ROWS, report)  # fmt: skip
        if batch_size < 2 * SMALLEST:
            done = self._call(*arguments, NO_ROWS, NO_WORDS)
        else:
            done = self._blocks(*arguments, samples=len(order))
        return Descent(done, *report[:done].T)

    @cached_property
    def _blocks(self) -> Blocks:
        return Blocks(load(), self._W, self._parameters)


def joined(kernels: Sequence[Kernel | None], moving: int = 0) -> tuple[Any, Any, Any]:
    """The two arrays of a call that runs these plans, whole numbers and real ones, and where among the former each plan
    is.

    The kernels are those of a loss, of the penalty, of the update, and of further losses; the penalty's and the
    update's may be missing.
    """
    there = [kernel for kernel in kernels if kernel is not None]
    sizes = [0 if kernel is None else len(kernel._whole) for kernel in kernels]
    plans = np.cumsum([int(PREFIX), *sizes])[:-1] * (np.array(sizes) > 0)
    # rows begin where a line of the cache does
    constants = [multiple_of_8(len(kernel.plan.numbers)) for kernel in there]
    room = sum(constants)
    real = aligned(room + multiple_of_8(max(kernel._room for kernel in there)))
    whole = np.concatenate([np.zeros(int(PREFIX), np.uint64), *[kernel._whole for kernel in there]])
    whole[: len(plans[:3])] = plans[:3]
    whole[[MOVING, ROOM, BLOCK]] = moving, room, SMALLEST
    for plan, kernel, place in zip(plans[plans > 0], there, np.cumsum([0, *constants]).tolist(), strict=False):
        whole[plan + int(CONSTANTS)] = place
        real[place : place + len(kernel.plan.numbers)] = kernel.plan.numbers
    return whole, real, plans


def lanes_for(rows: int) -> int:
    """How many samples are run beside each other: a multiple of eight, so many that V and G stay in the cache."""
    return min(max(CACHE // (16 * rows) // 8 * 8, 8), MOST)
