"""A drawing that fits on a page of A4 and can be read there."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from engine.graph import adjoints_of
from engine.value import Value

__all__ = ["picture"]

WIDTH, HEIGHT = 527.0, 640.0  # in points, what A4 has for a picture within its margins and beneath the head
SMALLEST_TEXT = 9.0  # in points
MOST_WHOLE = 80  # nodes; no graph of more was ever drawn legibly on a page without folding its groups


def picture(y: Value, gradients: Mapping[Value, float], roomy: bool = False) -> str | None:
    """The graph as SVG, as wide as the page allows and with no text below 9 points: from left to right if it fits, else
    downwards, else with as few groups closed as will do. None where nothing fits, or nothing can be drawn. `roomy` as
    `draw` takes it: with room for other numbers."""
    from engine.pictures.account import Account

    folding = Account(y).folding
    deepest = max([len(folding.frames(group)) for group in folding.groups], default=0)
    depths: list[Any] = [[]] if len(adjoints_of(y)) <= MOST_WHOLE else []
    for folded in [*depths, *range(deepest, 0, -1)]:
        for rankdir in ("LR", "TB"):
            svg = drawn(y, gradients, folded, rankdir, roomy)
            fitted = fit(svg) if svg else None
            if fitted:
                return fitted
    return None


def drawn(y: Value, gradients: Mapping[Value, float], folded: Any, rankdir: str, roomy: bool = False) -> str | None:
    """The SVG of one drawing without its titles, which are tooltips; None where there is no layout."""
    try:
        from engine.pictures.diagram import LayoutError
        from engine.pictures.draw import draw
    except ModuleNotFoundError:
        return None
    try:
        diagram = draw(y, folded=folded, rankdir=rankdir, gradients=gradients, roomy=roomy)
        svg: str = diagram.pipe("svg", encoding="utf-8")
    except (ModuleNotFoundError, LayoutError):
        return None
    svg = re.sub(r"<!--.*?-->\n?|<title>.*?</title>\n?", "", svg[svg.index("<svg") :], flags=re.DOTALL)
    return re.sub(r'(<g id="a_[^"]*"><a) [^>]*>', r"\1>", svg)


def fit(svg: str) -> str | None:
    """The drawing at its own size, or smaller if the page is; None where its text would be too small."""
    size = re.search(r'<svg width="([\d.]+)pt" height="([\d.]+)pt"', svg)
    texts = [float(text) for text in re.findall(r'font-size="([\d.]+)"', svg)]
    if size is None or not texts:
        return None
    width, height = float(size[1]), float(size[2])
    scale = min(1.0, WIDTH / width, HEIGHT / height)
    if scale * min(texts) < SMALLEST_TEXT:
        return None
    return svg.replace(size[0], f'<svg width="{scale * width:.1f}pt" height="{scale * height:.1f}pt"', 1)
