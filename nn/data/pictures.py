"""A user's picture, read with Pillow and made like the pictures that a network has learned from.

Each function takes the path of a picture file (see FORMATS) and gives numbers from 0 to 1, row by row. All
raise ImportError if Pillow is not installed, FileNotFoundError if there is no such file, ValueError if it holds no
picture, a huge one, or one on which nothing is drawn.
"""

from __future__ import annotations

import io
import warnings
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

from nn.data.faces import HEIGHT, WIDTH, face_inputs
from nn.data.pixels import block_means
from nn.user_files import read_whole

if TYPE_CHECKING:
    from PIL.Image import Image

__all__ = ["clothes_inputs", "digit_inputs", "portrait_inputs", "read_grey"]

FORMATS = ["PNG", "JPEG", "GIF", "BMP", "TIFF", "WEBP", "PPM"]
"""What is read, by Pillow's names. Others it would hand to programs of their own, such as PostScript."""
MOST_BYTES, MOST_PIXELS = 200_000_000, 50_000_000
LONGEST = 1000
"""Pixels of a side to which larger pictures are reduced first."""
FAINTEST = 40
"""Levels of grey, of 255, by which something differs from its background at least where it is darkest."""
FINE = 4
"""How many pixels are taken for one of the 32 by 32 of the data, so that strokes can be made thicker in small steps."""
DIGIT_WIDTH, DIGIT_HEIGHT = 20 * FINE, 32 * FINE
"""A written digit, before its strokes are made thicker: as high as these, and at most so wide."""
WIDENED = 1.25
"""A digit is made wider by at most so much."""
DIGIT_INK = 0.305
"""The share of all pixels that is ink, on average over the training rows."""


def digit_inputs(path: str | Path) -> list[float]:
    """A written digit as 64 numbers, 0 for paper and 1 for ink, made as those of the data set "digits" were.

    What differs from the background, light on dark or dark on light, is ink. It is cut out, sheared until its first and
    its last row begin at the same column, as they do in the data, brought to the size of these, centred, and its
    strokes made as thick as theirs. The numbers are the shares of ink in blocks of 4 by 4 pixels.
    """
    ink = _ink(path)  # first: its error says how to get Pillow
    from PIL import Image

    digit = _sheared(_cut_out(_bitmap(ink, max(ink.tobytes()) / 2)))
    width = min(max(round(WIDENED * digit.width * DIGIT_HEIGHT / digit.height), 1), DIGIT_WIDTH)
    digit = _bitmap(digit.resize((width, DIGIT_HEIGHT), Image.Resampling.BOX), 128)
    bitmap = _as_thick_as_the_data(_centred(digit, DIGIT_HEIGHT))
    return [share / 255 for share in block_means(bitmap.tobytes(), DIGIT_HEIGHT, 4 * FINE, 4 * FINE)]


def clothes_inputs(path: str | Path) -> list[float]:
    """A piece of clothing as 49 numbers, 0 for the background and 1 for what differs from it most, as in the data set
    "fashion".

    The piece is cut out, scaled until its longer side fills 28 pixels, centred in 28 by 28, and averaged in blocks of 4
    by 4.
    """
    ink = _ink(path)  # first: its error says how to get Pillow
    from PIL import Image

    piece = ink.crop(_bitmap(ink, FAINTEST / 2).getbbox())
    width, height = (max(round(28 * side / max(piece.size)), 1) for side in piece.size)
    canvas = _centred(piece.resize((width, height), Image.Resampling.BOX), 28)
    return [mean / 255 for mean in block_means(canvas.tobytes(), 28, 4, 4)]


def portrait_inputs(path: str | Path) -> list[float]:
    """A photograph of a face as 56 numbers from 0 (black) to 1 (white), as in the data set "faces".

    Nothing is looked for in it: as in those photographs the face is to fill the picture. What is too wide or too high
    for 92 by 112 pixels is cut off on both sides alike.
    """
    grey = read_grey(path)  # first: its error says how to get Pillow
    from PIL import Image, ImageOps

    if grey.size != (WIDTH, HEIGHT):
        grey = ImageOps.fit(grey, (WIDTH, HEIGHT), Image.Resampling.BOX)
    return face_inputs(grey.tobytes())


def read_grey(path: str | Path) -> Image:
    """A picture in 256 levels of grey, upright, no side longer than 1000 pixels; what is transparent in it is white
    or black paper."""
    path = Path(path)
    if not path.exists():
        raise FileNotFoundError(f"there is no picture {path}")
    grey = _grey(_opened(path))
    grey.thumbnail((LONGEST, LONGEST))
    return grey


def _grey(picture: Any) -> Image:
    if picture.mode[0] in "IF":  # more than 256 levels
        low, high = picture.getextrema()
        scale = 255 / ((high - low) or 1)
        return picture.convert("F").point(lambda level: level * scale - low * scale).convert("L")
    if picture.has_transparency_data:
        return _on_paper(*picture.convert("RGBA").convert("LA").split())
    return picture.convert("L")


def _opened(path: Path) -> Any:
    """The picture in a file, decoded and turned upright."""
    try:
        from PIL import Image, ImageOps, UnidentifiedImageError
    except ImportError:
        raise ImportError(
            "reading pictures needs Pillow: pip install pillow (or this project's extra pictures)"
        ) from None
    content = io.BytesIO(read_whole(path, "a picture file", MOST_BYTES))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            with Image.open(content, formats=FORMATS) as picture:
                if picture.width * picture.height > MOST_PIXELS:
                    raise Image.DecompressionBombError(f"{picture.width} by {picture.height} pixels")
                return ImageOps.exif_transpose(picture)
        except Image.DecompressionBombError as error:
            raise ValueError(f"{path} is too large: {error}; at most {MOST_PIXELS:,} are read") from None
        except UnidentifiedImageError:
            raise ValueError(f"{path} is no picture that can be read, which is one of {', '.join(FORMATS)}") from None
        except Exception as error:  # a broken file makes Pillow's decoders raise errors of many kinds
            raise ValueError(f"{path} is no picture that can be read: {error}") from None


def _on_paper(grey: Image, opacity: Image) -> Image:
    """A picture that is transparent in part, laid on white if it is dark where it is not, else on black."""
    from PIL import Image, ImageStat

    visible = _bitmap(opacity, 128)
    dark = visible.getbbox() is None or ImageStat.Stat(grey, visible).mean[0] < 128
    return Image.composite(grey, Image.new("L", grey.size, 255 if dark else 0), opacity)


def _ink(path: str | Path) -> Image:
    """How much each pixel differs from the background, which is the grey in the middle of those along the edges."""
    grey = read_grey(path)
    width, height = grey.size
    edges = (0, 0, width, 1), (0, height - 1, width, height), (0, 0, 1, height), (width - 1, 0, width, height)
    background = median(b"".join(grey.crop(edge).tobytes() for edge in edges))
    ink = grey.point([int(abs(level - background)) for level in range(256)])
    if max(ink.tobytes()) < FAINTEST:
        raise ValueError(f"{path} is blank: all of it is one grey, or nearly so")
    return ink


def _bitmap(ink: Image, threshold: float) -> Image:
    """255 where a level reaches the threshold, else 0."""
    return ink.point([255 * (level >= threshold) for level in range(256)])


def _cut_out(bitmap: Image) -> Image:
    return bitmap.crop(bitmap.getbbox())


def _centred(picture: Image, side: int) -> Image:
    """The picture in the middle of a black square."""
    from PIL import Image

    square = Image.new("L", (side, side))
    square.paste(picture, ((side - picture.width) // 2, (side - picture.height) // 2))
    return square


def _sheared(bitmap: Image) -> Image:
    """Its rows moved sideways, each in proportion to its height, until the first and the last begin at the same
    column."""
    from PIL import Image

    width, height = bitmap.size
    pixels = bitmap.tobytes()
    shift = pixels[-width:].index(255) - pixels[:width].index(255)
    wide = Image.new("L", (width + 2 * abs(shift), height))
    wide.paste(bitmap, (abs(shift), 0))
    from_where = (1, shift / max(height - 1, 1), 0, 0, 1, 0)
    return _cut_out(
        _bitmap(wide.transform(wide.size, Image.Transform.AFFINE, from_where, Image.Resampling.BILINEAR), 128)
    )


def _as_thick_as_the_data(digit: Image) -> Image:
    """Strokes thinner or thicker by some pixels, whatever has nearest to the share of ink of the data."""
    from PIL import ImageFilter

    thinner, thicker = [digit], [digit]
    for _ in range(FINE):
        thinner.append(thinner[-1].filter(ImageFilter.MinFilter(3)))
    for _ in range(4 * FINE):
        thicker.append(thicker[-1].filter(ImageFilter.MaxFilter(3)))
    wanted = DIGIT_INK * digit.width * digit.height
    return min(thinner + thicker, key=lambda version: abs(version.histogram()[255] - wanted))
