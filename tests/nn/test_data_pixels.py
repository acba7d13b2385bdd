"""Pictures made smaller, and shown as text."""

from __future__ import annotations

import random

import numpy as np
import pytest

from nn.data.pixels import block_means, text_picture


@pytest.mark.parametrize("rows, width, down, across", [(8, 8, 4, 4), (6, 9, 2, 3), (5, 3, 5, 3), (4, 4, 1, 1)])
def test_block_means_are_those_of_numpy(rows, width, down, across):
    rng = random.Random(0)
    pixels = [rng.random() for _ in range(rows * width)]
    blocks = np.reshape(pixels, (rows // down, down, width // across, across))
    assert block_means(pixels, width, across, down) == pytest.approx(blocks.mean(axis=(1, 3)).ravel())


def test_what_fills_no_block_is_left_out():
    assert block_means([1.0, 2.0, 9.0, 3.0, 4.0, 9.0, 9.0, 9.0, 9.0], 3, 2, 2) == [2.5]


@pytest.mark.parametrize(
    "pixels, width, across, down, message",
    [
        ([1.0] * 5, 2, 1, 1, "5 pixels are no rows of 2"),
        ([1.0] * 4, 2, 3, 1, "blocks of 3 by 1 do not fit a picture of 2 by 2 pixels"),
        ([1.0] * 4, 2, 1, 3, "blocks of 1 by 3 do not fit"),
        ([1.0] * 4, 2, 0, 1, "blocks of 0 by 1 do not fit"),
    ],
)
def test_blocks_that_do_not_fit(pixels, width, across, down, message):
    with pytest.raises(ValueError, match=message):
        block_means(pixels, width, across, down)


def test_more_ink_is_a_darker_character():
    lines = text_picture([0.0, 0.25, 1.0, 0.5, -3.0, 7.0], 3).splitlines()
    assert lines == ["  ::@@", "++  @@"]
    shades = " .:-=+*#%@"
    assert text_picture([i / 10 + 0.01 for i in range(10)], 10) == "".join(2 * shade for shade in shades)


def test_a_text_picture_of_no_rows_is_refused():
    with pytest.raises(ValueError, match="5 pixels are no rows of 2"):
        text_picture([0.0] * 5, 2)
