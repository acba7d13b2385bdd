"""`Kernel`: a plan run by the compiled kernel."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

from engine.kernel.cache import load
from engine.kernel.source import NUMBERS
from engine.rule import Rule
from engine.rules import logsumexp

__all__ = ["Descent", "Kernel"]

APPLY, LIST = 6, 7
KIND, ROWS, RULE, COUNT, LISTS, RUN, UNIFORM = 0, 1, 3, 4, 5, 6, 10  # fields of an APPLY instruction
CACHE = 2**18  # bytes that V and G may take together, so that they stay in a processor's second cache
MOST = 512  # lanes; more gain nothing
PREFIX, MOVING = 8, 3  # numbers before the plans in J, and where among them: how many parameters move, and where the draft is
ROOM = 7  # the place in a plan's header that says where in W its room is


class Descent(NamedTuple):
    """What `Kernel.descend` did: for each step that it took the mean loss and the penalty; the length of the last gradient."""

    steps: int
    losses: Any
    penalties: Any
    length: float


class Kernel:
    """A plan, run over many samples by the one compiled kernel.

    Args:
        plan: what `engine.plan` made.

    It has room for the rows of one call at a time: threads take a kernel each.

    Raises:
        ValueError: if the plan applies a rule that is not in the built-in table. The NumPy program runs such a plan.
    """

    def __init__(self, plan: Any) -> None:
        self.plan = plan
        code = np.array(plan.code, np.int64).reshape(-1, 12)
        table = np.array(plan.table, np.int64)
        translate(code, table, plan.rules)
        self.lanes = lanes_for(plan.rows)
        constants = -(-len(plan.numbers) // 8) * 8  # rows begin where a line of the cache does
        self._room = constants + 2 * plan.rows * self.lanes
        header = [len(code), plan.rows, plan.inputs, plan.loss, len(plan.outputs), constants, self.lanes, 0]
        self._whole = np.concatenate([header, plan.outputs, code.ravel(), table]).astype(np.uint64)
        self._J, self._W = joined([self])
        self._report = np.zeros((1, 3))
        self._call: Callable[..., int] | None = None
        self._with: tuple[Any, ...] = ()

    def __repr__(self) -> str:
        return f"<kernel for {len(self.plan)} instructions, {self.plan.rows} rows of {self.lanes} lanes>"

    def run(self, P: Any, X: Any, index: Any, seed: float, gradient: Any, losses: Any, outputs: Any) -> None:
        """Losses and outputs of some samples, and the gradient of their sum times seed.

        Args:
            P: float64[parameters].
            X: float64[samples, inputs], C-contiguous, one row per sample.
            index: int64[N], which samples.
            seed: weight of each sample's loss in the gradient, 1 / N for that of the mean.
            gradient: float64[parameters], added to; None runs forward only.
            losses: float64[N], filled.
            outputs: float64[N, outputs of the plan], filled.
        """
        call = self._call or self._compiled()
        gradient = NOTHING if gradient is None else gradient
        call(self._J, self._W, P, gradient, X, index, len(index) or 1, seed, NO_ROWS, NO_ROWS, losses, outputs, self._report)

    def descend(self, P: Any, gradient: Any, X: Any, order: Any, batch_size: int, update: Kernel, settings: Any, memory: Any, *,
                penalty: Kernel | None = None, moving: int | None = None) -> Descent:  # fmt: skip
        """Steps of gradient descent on the mean loss of one batch after another, and on a penalty; all in one call.

        It stops before a step in which the loss, the penalty, the gradient or a new parameter is not finite: P and memory are then as that
        step found them, and `gradient` is its gradient.

        Args:
            P: float64[parameters], changed.
            gradient: float64[parameters], filled with that of the last step.
            X: float64[samples, inputs], C-contiguous.
            order: int64[...], the samples of the steps, one batch after another; the last one may be smaller.
            batch_size: at least 1.
            update: the optimizer's step, a plan over (p, g, what it remembers ...) whose outputs are (new p, what to remember ...).
            settings: float64[steps, parameters of the update's plan], its parameters in each step: learning rate, number of the step.
            memory: float64[what it remembers, moving], changed.
            penalty: a plan without inputs over the same P.
            moving: only the first so many parameters move; all unless given.
        """
        moving = len(P) if moving is None else moving
        if (update, penalty, moving) != self._with:
            self._with = update, penalty, moving
            self._joined = joined([self, penalty, update], moving)
        steps = -(-len(order) // batch_size)
        report, losses, outputs = np.zeros((steps, 3)), np.empty(len(order)), np.empty((len(order), len(self.plan.outputs)))
        call = self._call or self._compiled()
        done = call(*self._joined, P, gradient, X, order, batch_size, 1.0, settings, memory, losses, outputs, report)
        return Descent(done, report[:done, 0], report[:done, 1], float(report[min(done, steps - 1), 2]) if steps else 0.0)

    def _compiled(self) -> Callable[..., int]:
        self._call = load().descend
        return self._call


def joined(kernels: Sequence[Kernel | None], moving: int = 0) -> tuple[Any, Any]:
    """The two arrays of a call that runs these plans: whole numbers, and constants with the room for rows."""
    whole: list[Any] = [np.zeros(PREFIX, np.uint64)]
    room = 0
    for part, kernel in enumerate(kernels):
        if kernel is not None:
            whole[0][part] = sum(map(len, whole))
            whole.append(kernel._whole.copy())
            whole[-1][ROOM] = room
            room += kernel._room
    update = kernels[-1]
    whole[0][MOVING : MOVING + 2] = moving, room
    real = aligned(room + (len(update.plan.outputs) * moving if update is not None else 0))
    for block, kernel in zip(whole[1:], filter(None, kernels), strict=True):
        real[int(block[ROOM]) :][: len(kernel.plan.numbers)] = kernel.plan.numbers
    return np.concatenate(whole), real


def aligned(size: int) -> Any:
    """Zeros that begin where a line of the cache does, as then do all rows of eight lanes, sixteen and so on."""
    zeros = np.zeros(size + 8)
    return zeros[-zeros.ctypes.data // 8 % 8 :][:size]


NOTHING, NO_ROWS = np.zeros(0), np.zeros((0, 0))


def translate(code: Any, table: Any, rules: Sequence[Rule]) -> None:
    """Writes the kernel's numbers of the rules into the instructions, and which of them read runs of rows."""
    applied = code[:, KIND] == APPLY
    numbers = np.zeros(len(rules), np.int64)
    for place in set(code[applied, RULE].tolist()):
        numbers[place] = number_of(rules[place])
    code[applied, RULE] = numbers[code[applied, RULE]]
    for place in set(code[code[:, KIND] == LIST, RULE].tolist()):
        check_list(rules[place])
    code[applied, RUN] = 0
    for i in np.flatnonzero(applied & (code[:, ROWS] > 1) & (code[:, UNIFORM] == 0)):
        m, n, x = code[i, [ROWS, COUNT, LISTS]]
        code[i, RUN] = (np.diff(table[x : x + n * m].reshape(n, m), axis=1) == 1).all()


def number_of(rule: Rule) -> int:
    """What the kernel calls a rule."""
    if rule not in NUMBERS:
        raise ValueError(f"the kernel has the built-in rules only, and this plan applies {rule!r}; the NumPy program runs it")
    return NUMBERS[rule]


def check_list(rule: Rule) -> None:
    if rule is not logsumexp:
        raise ValueError(f"the kernel has one operation on lists, logsumexp, and this plan applies {rule!r}; the NumPy program runs it")


def lanes_for(rows: int) -> int:
    """How many samples are run beside each other: a multiple of four, so many that V and G stay in the cache."""
    return min(max(CACHE // (16 * rows) // 4 * 4, 4), MOST)
