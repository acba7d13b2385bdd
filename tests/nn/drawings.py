"""Ten digits drawn by hand, as strokes that Pillow draws: what a user of `ask digits` might bring."""

from __future__ import annotations

from math import cos, radians, sin

from PIL import Image, ImageDraw

Points = list[tuple[float, float]]


def arc(x: float, y: float, wide: float, high: float, start: float, end: float) -> Points:
    """Points of an ellipse around (x, y), from angle to angle in degrees, 0 to the right and 90 down."""
    angles = [radians(start + (end - start) * i / 24) for i in range(25)]
    return [(x + wide * cos(angle), y + high * sin(angle)) for angle in angles]


STROKES: list[list[Points]] = [
    [arc(0.5, 0.5, 0.30, 0.48, -90, 270)],
    [[(0.3, 0.25), (0.55, 0.03), (0.55, 0.97)]],
    [[*arc(0.5, 0.28, 0.3, 0.26, -170, 40), (0.2, 0.97), (0.82, 0.97)]],
    [arc(0.47, 0.27, 0.28, 0.25, -150, 90) + arc(0.47, 0.74, 0.32, 0.24, -90, 150)],
    [[(0.6, 0.97), (0.6, 0.03), (0.15, 0.65), (0.85, 0.65)]],
    [[(0.78, 0.03), (0.28, 0.03), (0.24, 0.45), *arc(0.48, 0.67, 0.3, 0.29, -130, 150)]],
    [[(0.66, 0.03), (0.45, 0.2), (0.3, 0.42), *arc(0.5, 0.71, 0.27, 0.26, 180, 540)]],
    [[(0.15, 0.04), (0.82, 0.04), (0.42, 0.97)]],
    [arc(0.5, 0.26, 0.24, 0.23, 90, 450) + arc(0.5, 0.74, 0.29, 0.24, -90, 270)],
    [[*arc(0.5, 0.3, 0.27, 0.27, 0, 360), (0.77, 0.3), (0.66, 0.97)]],
]


def drawn(
    digit: int,
    size: tuple[int, int] = (200, 200),
    place: tuple[float, float, float, float] = (50, 35, 100, 130),
    width: int = 14,
    ink: int = 0,
    paper: int = 255,
    slant: float = 0.0,
) -> Image.Image:
    """A digit on a sheet of that size, within a box at `place` (left, top, width, height), leaning to the right by
    `slant`."""
    sheet = Image.new("L", size, paper)
    draw = ImageDraw.Draw(sheet)
    left, top, wide, high = place
    for stroke in STROKES[digit]:
        points = [(left + wide * (x + slant * (1 - y)), top + high * y) for x, y in stroke]
        draw.line(points, fill=ink, width=width)
        for x, y in points:
            draw.ellipse([x - width / 2, y - width / 2, x + width / 2, y + width / 2], fill=ink)
    return sheet
