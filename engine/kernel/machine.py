"""`Kernel`: a plan run by the compiled kernel."""

from __future__ import annotations

from types import ModuleType
from typing import Any

import numpy as np

from engine import rules
from engine.kernel.cache import load
from engine.kernel.source import NUMBERS

__all__ = ["Kernel"]

APPLY, LIST = 6, 7
RULE, COUNT, LISTS, RUN, UNIFORM = 3, 4, 5, 6, 10  # fields of an APPLY instruction
CACHE = 2**18  # bytes that V and G may take together, so that they stay in a processor's second cache
MOST = 256  # lanes; more gain nothing


class Kernel:
    """A plan, run over many samples by the one compiled kernel.

    Args:
        plan: what `engine.plan` made.

    Raises:
        ValueError: if the plan applies a rule that is not in the built-in table. The NumPy program runs such a plan.
    """

    def __init__(self, plan: Any) -> None:
        self.plan = plan
        code = np.array(plan.code, np.int64).reshape(-1, 12)
        table = np.array(plan.table, np.int64)
        for instruction in code:
            if instruction[0] == APPLY:
                instruction[RULE] = number_of(plan.rules[instruction[RULE]])
                instruction[RUN] = not instruction[UNIFORM] and in_runs(table, instruction)
            elif instruction[0] == LIST:
                check_list(plan.rules[instruction[RULE]])
        constants = -(-len(plan.numbers) // 8) * 8  # rows begin where a line of the cache does
        self.lanes = lanes_for(plan.rows)
        header = [len(code), plan.rows, plan.inputs, plan.loss, len(plan.outputs), constants, self.lanes, 0]
        self._whole = np.concatenate([header, plan.outputs, code.ravel(), table]).astype(np.uint64)
        self._real = np.zeros(constants + 2 * plan.rows * self.lanes)
        self._real[: len(plan.numbers)] = plan.numbers
        self._module: ModuleType | None = None

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
        if self._module is None:
            self._module = load()
        self._module.run(self._whole, self._real, P, NOTHING if gradient is None else gradient, X, index, seed, losses, outputs)


NOTHING = np.zeros(0)


def number_of(rule: Any) -> int:
    """What the kernel calls a rule."""
    if rule not in NUMBERS:
        raise ValueError(f"the kernel has the built-in rules only, and this plan applies {rule!r}; the NumPy program runs it")
    return NUMBERS[rule]


def check_list(rule: Any) -> None:
    if rule is not rules.logsumexp:
        raise ValueError(f"the kernel has one operation on lists, logsumexp, and this plan applies {rule!r}; the NumPy program runs it")


def in_runs(table: Any, instruction: Any) -> bool:
    """Whether each input of an APPLY instruction is read from rows that follow each other."""
    m, n, x = instruction[[1, COUNT, LISTS]]
    lists = table[x : x + n * m].reshape(n, m)
    return bool((np.diff(lists, axis=1) == 1).all())


def lanes_for(rows: int) -> int:
    """How many samples are run beside each other: a multiple of four, so many that V and G stay in the cache."""
    return min(max(CACHE // (16 * rows) // 4 * 4, 4), MOST)
