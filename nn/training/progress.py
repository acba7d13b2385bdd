"""The bar that is seen while something long goes on, by tqdm, which is imported where it is used."""

from __future__ import annotations

import sys
from typing import Any

__all__ = ["progress_bar"]


def progress_bar(what: str, total: int, done: int, unit: str) -> Any:
    """A bar with an estimate of the time that is left; None without tqdm, and a line that says what to install.

    Args:
        what: goes on: "training".
        total, done: how many there are, and how many were done before.
        unit: what is counted: "epoch".
    """
    try:
        from tqdm import tqdm
    except ImportError:
        print(f"{what} without a progress bar; for one: pip install tqdm", file=sys.stderr)
        return None
    return tqdm(total=total, initial=done, desc=what, unit=unit)
