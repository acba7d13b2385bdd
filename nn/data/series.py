"""A series of numbers cut into windows: the last few numbers in, the next one out."""

from __future__ import annotations

import math
from collections.abc import Sequence

from nn.data.examples import Examples

__all__ = ["lag_windows"]


def lag_windows(series: Sequence[float], lags: int) -> Examples:
    """Every window of `lags` numbers, oldest first, with the number after it as the target.

    Gives `len(series) - lags` examples; inputs have length `lags`, targets length 1.

    >>> list(lag_windows([1.0, 2.0, 3.0, 4.0], lags=2))
    [([1.0, 2.0], [3.0]), ([2.0, 3.0], [4.0])]

    Raises TypeError if `lags` is not an int, ValueError if it is below 1, if the series is not
    longer than `lags`, or if one of its numbers is not finite.
    """
    if isinstance(lags, bool) or not isinstance(lags, int):
        raise TypeError(f"lags is {lags!r}; an int of at least 1 is expected")
    if lags < 1:
        raise ValueError(f"lags is {lags}; at least 1 is expected")
    if len(series) <= lags:
        raise ValueError(
            f"a series of {len(series)} numbers has no window of {lags} with a number after it; at least {lags + 1} are expected"
        )
    numbers = [float(x) for x in series]
    for position, x in enumerate(numbers):
        if not math.isfinite(x):
            raise ValueError(f"number {position} of the series is {x}; a finite one is expected")
    starts = range(len(numbers) - lags)
    return Examples(
        [numbers[i : i + lags] for i in starts],
        [[numbers[i + lags]] for i in starts],
    )
