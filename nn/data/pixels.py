"""Pictures as rows of numbers: made smaller, and shown as text."""

from __future__ import annotations

from collections.abc import Sequence

__all__ = ["block_means", "text_picture"]

SHADES = " .:-=+*#%@"
"""From empty to full."""


def block_means(pixels: Sequence[float], width: int, across: int, down: int) -> list[float]:
    """The mean of each block of `across` by `down` pixels, row by row; pixels that fill no whole block are left out.

    `pixels` are the rows of a picture one after another, each `width` long. Raises ValueError if they are no such rows,
    or smaller than one block.

    >>> block_means([1.0, 3.0, 9.0, 5.0, 7.0, 9.0], width=3, across=2, down=2)
    [4.0]
    """
    rows, rest = divmod(len(pixels), width)
    if rest:
        raise ValueError(f"{len(pixels)} pixels are no rows of {width}")
    if min(across, down) < 1 or across > width or down > rows:
        raise ValueError(f"blocks of {across} by {down} do not fit a picture of {width} by {rows} pixels")
    return [
        sum(pixels[i] for y in range(top, top + down) for i in range(y * width + left, y * width + left + across))
        / (across * down)
        for top in range(0, rows - down + 1, down)
        for left in range(0, width - across + 1, across)
    ]


def text_picture(pixels: Sequence[float], width: int) -> str:
    """A picture of numbers from 0 to 1 as lines of text, two characters a pixel, since a character is twice as high as
    it is wide.

    Numbers outside are shown as 0 or 1. Raises ValueError if the pixels are no rows of that width.

    >>> print(text_picture([0.0, 1.0, 0.5, 0.0], width=2))
      @@
    ++
    """
    if len(pixels) % width:
        raise ValueError(f"{len(pixels)} pixels are no rows of {width}")
    shades = [2 * SHADES[min(max(int(pixel * len(SHADES)), 0), len(SHADES) - 1)] for pixel in pixels]
    return "\n".join("".join(shades[start : start + width]).rstrip() for start in range(0, len(shades), width))
