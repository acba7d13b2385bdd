"""Arrays that the kernel works in, and those that stand for what is not there."""

from __future__ import annotations

from typing import Any

import numpy as np

__all__ = ["NOTHING", "NO_PLACES", "NO_ROWS", "NO_WORDS", "aligned", "multiple_of_8"]

NOTHING, NO_ROWS = np.zeros(0), np.zeros((0, 0))
NO_PLACES, NO_WORDS = np.zeros((0, 2), np.int64), np.zeros(0, np.uint64)


def multiple_of_8(size: int) -> int:
    return -(-size // 8) * 8


def aligned(size: int) -> Any:
    """Zeros that begin where a line of the cache does, as then do all rows of eight lanes, sixteen and so on."""
    zeros = np.zeros(size + 8)
    return zeros[-zeros.ctypes.data // 8 % 8 :][:size]
