"""The Indonesian edition of the course: notebooks with the code of their originals, and words of their own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.notebooks.running import ROOT

if TYPE_CHECKING:
    from nbformat import NotebookNode

EDITIONS = ROOT / "notebooks" / "id"


def following(edition: NotebookNode, original: NotebookNode) -> NotebookNode:
    """The original with the words of the edition: what is new in the original comes with its own words, for somebody to
    translate."""
    from nbformat import from_dict

    words = {cell.id: cell.source for cell in edition.cells if cell.cell_type == "markdown"}
    followed = from_dict(original)
    for cell in followed.cells:
        if cell.cell_type == "markdown":
            cell.source = words.get(cell.id, cell.source)
    return followed
