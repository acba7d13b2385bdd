"""Tables, as plain text and as HTML: read by whatever prints rows of names and numbers."""

from __future__ import annotations

import html
from collections.abc import Sequence

__all__ = ["html_table", "text_table"]

Rows = Sequence[Sequence[str]]


def text_table(titles: Sequence[str], rows: Rows, align: str) -> str:
    """A table in plain text; `align` has one letter for each column, l or r."""
    lines = [titles, *rows]
    widths = [max(len(line[i]) for line in lines) for i in range(len(titles))]
    texts = [
        "  ".join(
            cell.rjust(width) if side == "r" else cell.ljust(width)
            for cell, width, side in zip(line, widths, align, strict=True)
        )
        for line in lines
    ]
    return "\n".join(
        [texts[0].rstrip(), "  ".join("-" * width for width in widths), *(text.rstrip() for text in texts[1:])]
    )


def html_table(titles: Sequence[str], rows: Rows, align: str) -> str:
    """The same table in HTML, every cell escaped."""
    sides = [f'style="text-align:{"right" if side == "r" else "left"}"' for side in align]

    def line(tag: str, cells: Sequence[str]) -> str:
        return (
            "<tr>"
            + "".join(f"<{tag} {side}>{html.escape(cell)}</{tag}>" for cell, side in zip(cells, sides, strict=True))
            + "</tr>"
        )

    body = "".join(line("td", row) for row in rows)
    return f"<table><thead>{line('th', titles)}</thead><tbody>{body}</tbody></table>"
