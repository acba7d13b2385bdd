"""A user's picture becomes the numbers that the data would have for it, wherever, however large and in whichever
colours it was drawn."""

from __future__ import annotations

import os
import subprocess
import sys
from itertools import pairwise

import numpy as np
import pytest
from PIL import Image

from nn.data import load
from nn.data.faces import face_inputs
from nn.data.pictures import DIGIT_INK, clothes_inputs, digit_inputs, portrait_inputs, read_grey
from tests.nn.drawings import drawn

pytestmark = pytest.mark.slow  # pictures are read by Pillow, many times

READERS = [digit_inputs, clothes_inputs, portrait_inputs]


@pytest.fixture
def saved(tmp_path):
    def save(picture, name="picture.png", **options):
        picture.save(tmp_path / name, **options)
        return tmp_path / name

    return save


def far(one, other):
    """The largest difference of two rows of numbers."""
    return max(abs(a - b) for a, b in zip(one, other, strict=True))


@pytest.mark.parametrize("reader, count", [(digit_inputs, 64), (clothes_inputs, 49), (portrait_inputs, 56)])
def test_so_many_numbers_from_0_to_1(saved, reader, count):
    numbers = reader(saved(drawn(3)))
    assert len(numbers) == count
    assert all(type(number) is float and 0 <= number <= 1 for number in numbers)
    assert max(numbers) > 0.8


@pytest.mark.parametrize("digit", range(10))
def test_place_size_and_colours_of_a_digit_do_not_matter(saved, digit):
    plain = digit_inputs(saved(drawn(digit)))
    elsewhere = Image.new("L", (400, 260), 255)
    elsewhere.paste(drawn(digit), (170, 50))
    changed = {
        "light on dark": drawn(digit, ink=255, paper=0),
        "grey on grey": drawn(digit, ink=90, paper=170),
        "elsewhere": elsewhere,
    }
    for what, picture in changed.items():
        assert digit_inputs(saved(picture)) == plain, what
    large = drawn(digit, size=(800, 700), place=(250, 105, 300, 390), width=42)
    assert far(digit_inputs(saved(large)), plain) <= 0.5
    assert np.mean(np.abs(np.subtract(digit_inputs(saved(large)), plain))) < 0.04


def test_a_thin_digit_gets_as_much_ink_as_the_data_have(saved):
    ink = [np.mean(x) for x, _ in load("digits").train]
    for digit in range(10):
        for width in (3, 12, 24):
            share = np.mean(digit_inputs(saved(drawn(digit, width=width))))
            assert min(ink) - 0.05 < share < max(ink) + 0.05


def test_a_digit_of_the_data_comes_back(saved):
    """Training rows, enlarged to pictures of dark on light: the numbers come back but for what sheared edges lose."""
    rows = [x for x, _ in load("digits").train][:50]
    distances = []
    for x in rows:
        ink = Image.fromarray(np.uint8(np.reshape(x, (8, 8)) * 255)).resize((128, 128), Image.Resampling.BICUBIC)
        sheet = Image.new("L", (300, 240), 255)
        sheet.paste(ink.point([255 - level for level in range(256)]), (60, 70))
        distances.append(np.mean(np.abs(np.subtract(digit_inputs(saved(sheet)), x))))
    others = [np.mean(np.abs(np.subtract(a, b))) for a, b in pairwise(rows)]
    assert np.mean(distances) < np.mean(others) / 2


def test_leaning_makes_no_difference_to_a_stroke(saved):
    """The rows of the data begin, first and last, at the same column: a leaning stroke becomes an upright one."""
    for slant in (-0.4, 0.0, 0.5):
        rows = np.reshape(digit_inputs(saved(drawn(7, slant=slant))), (8, 8))
        edges = [8 - (np.cumsum(row) > 0).sum() for row in rows]
        assert abs(edges[0] - edges[7]) <= 1


def test_clothes_are_those_of_a_picture_as_in_the_data(saved):
    """A picture that fills its 28 by 28 pixels is only averaged; the same on a wider sheet is found."""
    rng = np.random.default_rng(0)
    piece = np.zeros((28, 28), np.uint8)
    piece[:, 5:23] = rng.integers(60, 256, (28, 18))
    means = piece.reshape(7, 4, 7, 4).mean(axis=(1, 3)).ravel() / 255
    assert clothes_inputs(saved(Image.fromarray(piece))) == pytest.approx(means)
    sheet = np.full((60, 90), 255, np.uint8)
    sheet[20:48, 50:78] = 255 - piece
    assert clothes_inputs(saved(Image.fromarray(sheet))) == pytest.approx(means)
    tripled = Image.fromarray(np.kron(piece, np.ones((3, 3), np.uint8)))
    assert clothes_inputs(saved(tripled)) == pytest.approx(means, abs=0.003)


def test_a_portrait_is_only_averaged(saved):
    pixels = np.random.default_rng(1).integers(0, 256, (112, 92), np.uint8)
    wanted = face_inputs(pixels.tobytes())
    assert portrait_inputs(saved(Image.fromarray(pixels), "face.pgm")) == wanted
    wide = np.zeros((224, 300), np.uint8)
    wide[:, 58:242] = np.kron(pixels, np.ones((2, 2), np.uint8))
    assert portrait_inputs(saved(Image.fromarray(wide))) == pytest.approx(wanted, abs=0.01)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "CMYK", "I", "F", "I;16"])
def test_kinds_of_picture(saved, mode):
    grey = drawn(5)
    picture = Image.fromarray(np.array(grey, np.uint16) * 257) if mode == "I;16" else grey.convert(mode)
    assert digit_inputs(saved(picture, "picture.tif")) == digit_inputs(saved(grey))


@pytest.mark.parametrize("ink", [0, 255], ids=["black", "white"])
def test_ink_on_nothing(saved, ink):
    opacity = drawn(5, ink=255, paper=0)
    picture = Image.merge("LA", (Image.new("L", opacity.size, ink), opacity))
    assert digit_inputs(saved(picture)) == digit_inputs(saved(drawn(5)))


def test_a_photograph_lying_on_its_side_is_turned(saved):
    exif = Image.Exif()
    exif[0x0112] = 6  # turn it by 90 degrees
    lying = drawn(7).convert("RGB").transpose(Image.Transpose.ROTATE_90)
    assert digit_inputs(saved(lying, "photo.png", exif=exif)) == digit_inputs(saved(drawn(7)))


def test_large_pictures_are_made_smaller(saved):
    assert read_grey(saved(Image.new("RGB", (3000, 1500), "white"))).size == (1000, 500)


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize(
    "content, message",
    [
        (b"", "is no picture that can be read"),
        (b"split,label\n", "is no picture that can be read"),
        (b"\x89PNG\r\n\x1a\n" + bytes(50), "is no picture that can be read"),
        (b"P5\n92 112\n255\nabc", "is no picture that can be read"),
        (b"P5\n9000 9000\n255\n", "is too large: 9000 by 9000 pixels; at most 50,000,000 are read"),
        (b"P5\n90000 90000\n255\n", "is too large"),
    ],
)
def test_a_file_that_is_no_picture(tmp_path, reader, content, message):
    file = tmp_path / "odd.png"
    file.write_bytes(content)
    with pytest.raises(ValueError, match=f"odd.png {message}"):
        reader(file)


FORMATS = ["PNG", "JPEG", "GIF", "BMP", "TIFF", "WEBP", "PPM"]


@pytest.mark.parametrize("kind", FORMATS)
def test_the_usual_formats(saved, kind):
    assert len(digit_inputs(saved(drawn(3), "picture", format=kind))) == 64


@pytest.mark.parametrize("kind", ["EPS", "PCX", "TGA", "ICNS", "SGI", "MSP", "PDF"])
def test_other_formats_are_not_opened(saved, monkeypatch, kind):
    """A PostScript file would be given to Ghostscript, another program."""
    monkeypatch.setattr(subprocess, "Popen", None)
    file = saved(drawn(3).convert("1" if kind == "MSP" else "RGB"), "picture.png", format=kind)
    with pytest.raises(ValueError, match=r"picture\.png is no picture that can be read, which is one of PNG, JPEG"):
        digit_inputs(file)


@pytest.mark.skipif(os.name != "posix", reason="Windows has no such files")
def test_a_device_is_no_picture():
    with pytest.raises(ValueError, match="/dev/zero is a device or a socket; a picture file is expected"):
        digit_inputs("/dev/zero")


@pytest.mark.parametrize("reader", [digit_inputs, clothes_inputs])
@pytest.mark.parametrize("grey", [0, 128, 255])
def test_a_blank_picture(saved, reader, grey):
    with pytest.raises(ValueError, match=r"picture\.png is blank: all of it is one grey"):
        reader(saved(Image.new("L", (50, 50), grey)))


@pytest.mark.parametrize("size", [(1, 1), (40, 1), (1, 40)])
def test_a_picture_of_one_line_is_no_crash(saved, size):
    picture = Image.new("L", size, 255)
    if size == (1, 1):
        with pytest.raises(ValueError, match="blank"):
            digit_inputs(saved(picture))
        return
    picture.putpixel((size[0] // 2, size[1] // 2), 0)
    assert len(digit_inputs(saved(picture))) == 64
    assert len(clothes_inputs(saved(picture))) == 49


def test_no_file_and_a_folder(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"there is no picture .*absent\.png"):
        digit_inputs(tmp_path / "absent.png")
    with pytest.raises(ValueError, match="is a folder; a picture file is expected"):
        digit_inputs(tmp_path)


@pytest.mark.parametrize("reader", READERS, ids=lambda reader: reader.__name__)
def test_without_pillow_the_error_names_the_extra(saved, reader):
    code = "import sys; sys.modules['PIL'] = None; import nn.data.pictures; "
    code += "getattr(nn.data.pictures, sys.argv[1])(sys.argv[2])"
    run = subprocess.run(
        [sys.executable, "-c", code, reader.__name__, str(saved(drawn(1)))], capture_output=True, text=True
    )
    assert (
        run.stderr.splitlines()[-1]
        == "ImportError: reading pictures needs Pillow: pip install pillow (or this project's extra pictures)"
    )


def test_the_data_are_as_digits_are_made():
    """Full height, so much ink, and the first and the last row beginning at the same column."""
    rows = np.array([x for x, _ in load("digits").train]).reshape(-1, 8, 8)
    assert rows.mean() == pytest.approx(DIGIT_INK, abs=5e-4)
    assert (rows[:, [0, 7]].max(axis=2) > 0).mean() > 0.98

    def begin(row):
        """Where the ink of a row of pixels begins; the first of them is full in its right part."""
        column = int((row > 0).argmax())
        return column + 1 - row[column]

    first, last = np.array([[begin(picture[0]), begin(picture[7])] for picture in rows]).T
    assert abs((first - last).mean()) < 0.02
    assert np.corrcoef(first, last)[0, 1] > 0.85
